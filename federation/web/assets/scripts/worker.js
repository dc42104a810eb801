// Keeps one page and its parts for the time without connection. What is asked of the server by the page goes to the server.
"use strict";

const PAGE = "/reception/offline";
const PARTS = ["parts"];
const KEPT = `door-${PARTS.join().length}-${PARTS.join("|").split("").reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)}`;
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((kept) => kept.addAll([PAGE, ...PARTS].map((path) => new Request(path, { cache: "reload", redirect: "error" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("door-") && name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/** The page as the server has it now, where it answers in time; else as it was kept, whichever building was asked for. */
async function page(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status < 500) return answer;
  } catch {
    // No connection, or too slow a one.
  }
  return (await kept.match(PAGE)) ?? Response.error();
}

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== self.location.origin || event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && pathname === PAGE) event.respondWith(page(event.request));
  else if (PARTS.includes(pathname)) event.respondWith(caches.match(event.request).then((found) => found ?? fetch(event.request)));
});
