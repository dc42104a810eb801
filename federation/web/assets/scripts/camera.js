// Reads a pass by the device's camera, where the town allows it. Pictures stay in this page: they are neither sent nor kept.
"use strict";

const reader = document.querySelector("[data-camera]");
if (reader && navigator.mediaDevices?.getUserMedia) {
  const EVERY = 200;
  const PATIENCE = 60_000;
  const WIDTH = 640;
  const start = reader.querySelector("[data-camera-start]");
  const stop = reader.querySelector("[data-camera-stop]");
  const shown = reader.querySelector("video");
  const said = reader.querySelector("[data-camera-said]");
  const field = document.getElementById(reader.dataset.camera);
  const say = (name) => {
    said.textContent = name ? reader.querySelector(`template[data-word="${name}"]`).content.textContent : "";
  };
  let stream = null;
  let until = 0;

  function end(word = "") {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    shown.srcObject = null;
    shown.hidden = stop.hidden = true;
    start.hidden = false;
    say(word);
  }

  /** What the picture says, or nothing: most pictures hold no code, or one that is not sharp yet. */
  function read(decode, canvas) {
    const height = Math.round((WIDTH * shown.videoHeight) / shown.videoWidth);
    canvas.width = WIDTH;
    canvas.height = height;
    const paper = canvas.getContext("2d", { willReadFrequently: true });
    paper.drawImage(shown, 0, 0, WIDTH, height);
    try {
      return decode(paper.getImageData(0, 0, WIDTH, height));
    } catch {
      return "";
    }
  }

  async function look(decode, canvas) {
    if (!stream) return;
    const found = shown.videoWidth ? read(decode, canvas) : "";
    if (found) {
      end("read");
      field.value = found;
      field.form.requestSubmit();
    } else if (Date.now() > until) {
      end("nothing");
    } else {
      setTimeout(() => void look(decode, canvas), EVERY);
    }
  }

  start.addEventListener("click", async () => {
    say("");
    try {
      const [{ decodeQR }, opened] = await Promise.all([
        import(reader.dataset.cameraDecoder),
        navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false }),
      ]);
      stream = opened;
      until = Date.now() + PATIENCE;
      shown.srcObject = stream;
      shown.hidden = stop.hidden = false;
      start.hidden = true;
      stop.focus();
      say("reading");
      await shown.play();
      void look(decodeQR, document.createElement("canvas"));
    } catch {
      end("refused");
    }
  });
  stop.addEventListener("click", () => {
    end();
    start.focus();
  });
  addEventListener("pagehide", () => end());
  reader.hidden = false;
}
