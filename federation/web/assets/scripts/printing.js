// A computer beside a printer: waits until a list is due, opens it, prints it, and waits again. It keeps nothing.
"use strict";

const EVERY = 20_000;
const PATIENCE = 10_000;
const SHOWN_AT_MOST = 60_000;
const waits = document.querySelector("[data-print-wait]");
const list = document.querySelector("[data-print-list]");

async function look() {
  const say = (name) => document.querySelector(`template[data-word="${name}"]`).content.textContent.replace("{time}", new Date().toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit" }));
  try {
    const answer = await fetch(waits.dataset.printWait, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 403) {
      waits.textContent = say("ended");
      return;
    }
    if (!answer.ok) throw new Error(answer.statusText);
    const { due } = await answer.json();
    if (due) {
      location.assign(waits.dataset.printList);
      return;
    }
    waits.textContent = say("waiting");
  } catch {
    waits.textContent = say("away");
  }
  setTimeout(look, EVERY);
}

let over = false;
/** Tell the server that the list went to the printer, and go back to waiting; untold, it is printed once more. */
async function told() {
  if (over) return;
  over = true;
  const token = list.querySelector("[name=form_token]").value;
  try {
    await fetch(location.pathname, { method: "POST", headers: { "X-Form-Token": token }, signal: AbortSignal.timeout(PATIENCE) });
  } finally {
    location.replace(list.dataset.printList);
  }
}

if (waits) void look();
else if (list) {
  addEventListener("afterprint", () => void told(), { once: true });
  addEventListener("load", async () => {
    await document.fonts.ready;
    print();
    // A browser that does not say when it has printed must not leave names on a screen where nobody sits.
    setTimeout(() => void told(), SHOWN_AT_MOST);
  });
}
