// Forms that make or use a passkey (WebAuthn). Without this script they stay hidden, and the other ways are there.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Options as the server wrote them, with the parts that the browser wants as bytes. */
function read(json) {
  const options = JSON.parse(json);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const each of list ?? []) each.id = bytes(each.id);
  }
  return options;
}

/** A credential as the server reads it. */
function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function answer(form) {
  const publicKey = read(form.dataset.options);
  const asked = { publicKey };
  const credential = await (form.dataset.passkey === "create"
    ? navigator.credentials.create(asked)
    : navigator.credentials.get(asked));
  form.elements.credential.value = written(credential);
  form.submit();
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      answer(form).catch(() => { failed.hidden = false; });
    });
  }
}
