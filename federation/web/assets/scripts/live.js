// Keeps a part of a page as it is now: asks again and again while somebody looks, and says in a few words what changed.
// Without this script the page is as it was when it was opened, and says so.
"use strict";

const MOST_SAID = 3;

for (const part of document.querySelectorAll("[data-live]")) {
  const said = document.querySelector("[data-live-said]");
  const asOf = document.querySelector("[data-live-time]");
  const seconds = Number(part.dataset.seconds);
  let tag = part.dataset.tag;
  let seen = part.dataset.time;
  let timer = 0;
  let lost = false;
  const words = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const clock = (when) =>
    new Intl.DateTimeFormat("ja-JP", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: part.dataset.zone }).format(when);
  const states = () => new Map([...part.querySelectorAll("[data-seat-state]")].map((cell) => [cell.dataset.seatState, cell.textContent]));

  /** Put what came in place of what is there; keep the keyboard and what is scrolled where they were. */
  function show(html) {
    const before = states();
    const focused = part.contains(document.activeElement) ? selector(document.activeElement) : null;
    const scrolled = [...part.querySelectorAll("[id]")].map((box) => [box.id, box.scrollLeft, box.scrollTop]);
    part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    for (const [id, left, top] of scrolled) document.getElementById(id)?.scrollTo(left, top);
    if (focused) part.querySelector(focused)?.focus({ preventScroll: true });
    const changed = [...states()].filter(([name, state]) => before.get(name) !== state).map(([name, state]) => `${name} ${state}`);
    return changed.slice(0, MOST_SAID).join("、") + (changed.length > MOST_SAID ? "…" : "");
  }

  const selector = (element) => (element.id ? `#${CSS.escape(element.id)}` : `a[href="${CSS.escape(element.getAttribute("href") ?? "")}"]`);

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: { "If-None-Match": `"${tag}"` }, cache: "no-store", redirect: "error" });
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      const time = clock(new Date(answer.headers.get("Date") ?? Date.now()));
      const changes = answer.status === 304 ? "" : show(await answer.text());
      tag = answer.headers.get("ETag")?.replace(/^W\/|"/g, "") ?? tag;
      seen = time;
      asOf.textContent = words(part.dataset.current, { time });
      // What is read aloud are changes alone; the time goes on without a word.
      if (changes || lost) said.textContent = changes;
      lost = false;
    } catch {
      if (!lost) said.textContent = words(part.dataset.lost, { time: seen });
      lost = true;
    }
  }

  const begin = () => { clearInterval(timer); timer = setInterval(ask, seconds * 1000); };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { ask(); begin(); } });
  begin();
}
