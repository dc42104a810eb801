// The door without a connection: tells a genuine pass from a false one by the host's public keys, and keeps who came and went
// until the server has written it down. Neither list nor records name a person. Times are kept in UTC.
"use strict";

const door = (() => {
  const LIST = "tachiyori-door-list";
  const RECORDS = "tachiyori-door-records";
  const REFUSED = "tachiyori-door-refused";
  const EVERY = 15_000;
  const AT_ONCE = 300;
  const PASS_IS_LONGER_THAN = 40;
  const PATIENCE = 10_000;
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  const COOKIE = "tachiyori-door-waiting";
  const isRecord = (one) => Boolean(one) && ["id", "key", "what", "at"].every((name) => typeof one[name] === "string") && !Number.isNaN(Date.parse(one.at));
  const isList = (one) => Boolean(one) && Array.isArray(one.expected) && Array.isArray(one.keys) && typeof one.issuer === "string";
  const trouble = new Set();

  function put(name, text) {
    try {
      localStorage.setItem(name, text);
      return true;
    } catch {
      return false;
    }
  }

  /** What is kept under a name. What nobody can read is laid aside as it is, and said; what can be read of it stays in use. */
  function read(name, otherwise) {
    let text = null;
    try {
      text = localStorage.getItem(name);
    } catch {
      trouble.add("full");
    }
    if (text === null) return otherwise;
    let value = null;
    try {
      value = JSON.parse(text);
    } catch {
      // Laid aside below.
    }
    const sound = name === LIST ? (isList(value) ? value : null) : Array.isArray(value) ? value.filter(isRecord) : null;
    if (sound !== null && (name === LIST || sound.length === value.length)) return sound;
    trouble.add("damaged");
    put(`${name}-damaged`, text);
    if (sound === null) localStorage.removeItem(name);
    else put(name, JSON.stringify(sound));
    return sound ?? otherwise;
  }

  /** Keep something; false where the device has no room, even after the list, which the server has too, was given up. */
  function write(name, value) {
    const text = JSON.stringify(value);
    let kept = put(name, text);
    if (!kept && name !== LIST) {
      try {
        localStorage.removeItem(LIST);
      } catch {
        // There is no storage at all.
      }
      kept = put(name, text);
    }
    trouble[kept ? "delete" : "add"]("full");
    if (name === RECORDS) tellOfWaiting(kept ? value.length : 0);
    return kept;
  }

  /** Tell the server's own pages how many records wait here, so that signing out warns of them. */
  function tellOfWaiting(count) {
    const age = count ? 30 * 24 * 60 * 60 : 0;
    document.cookie = `${COOKIE}=${count}; Path=/; SameSite=Strict; Max-Age=${age}${location.protocol === "https:" ? "; Secure" : ""}`;
  }

  /** A short code as it was meant: case, width, hyphens and blanks do not count, O is 0, I and L are 1. */
  const folded = (typed) =>
    typed.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");

  /** Whether the last letter of a code is the check over the others (H. Michael Damm's, over the field of 32 elements). */
  function isSound(code) {
    let sum = 0;
    for (const letter of code) {
      sum = (sum ^ ALPHABET.indexOf(letter)) << 1;
      if (sum & 0b100000) sum ^= 0b100101;
    }
    return code.length === 6 && sum === 0;
  }

  /** What was typed or read: on the list, genuine but not on it, or false; and the places it stands for. */
  async function check(typed, list) {
    const held = passes.inHand(typed);
    if (held.shown.length > PASS_IS_LONGER_THAN) {
      const claims = await passes.claimsOf(held.shown, list);
      if (!claims) return { verdict: "false", places: [] };
      const places = claims.exp * 1000 > Date.now() ? list.expected.filter((one) => one.booking === claims.booking) : [];
      const card = claims.card && held.salt ? { card: claims.card, held } : null;
      if (places.length) return { verdict: "on_list", places, card, why: used(places) || (places.some((one) => !one.desk || one.desk === claims.desk) ? "" : "moved") };
      return { verdict: "not_on_list", places, why: dayOf(claims) };
    }
    const code = folded(typed);
    const places = list.expected.filter((one) => one.code && one.code === code);
    return { verdict: places.length ? "on_list" : "no_code", places, why: places.length ? used(places) : isSound(code) ? "" : "typing" };
  }

  const used = (places) => (places.length && places.every((one) => asItIs(one).arrived_at) ? "used" : "");

  /** Whether a genuine pass that is not on the list is of a day gone by or still to come; it ends with its day. */
  function dayOf(claims) {
    const left = claims.exp * 1000 - Date.now();
    return left <= 0 ? "over" : left > 24 * 60 * 60 * 1000 ? "later" : "unknown";
  }

  /** A place as it is once what waits here has been written down. */
  function asItIs(place) {
    const mine = read(RECORDS, []).filter((one) => one.key === place.key);
    const at = (what) => mine.find((one) => one.what === what)?.at;
    return { ...place, arrived_at: place.arrived_at ?? at("arrive"), left_at: place.left_at ?? at("leave") };
  }

  function record({ key, where }, what, at) {
    return write(RECORDS, [...read(RECORDS, []), { id: crypto.randomUUID(), key, where, what, at: at.toISOString() }]);
  }

  let token = "";
  const url = (path) => `/reception/offline/${path}${location.search}`;

  /** Take today's list along. Where the server does not answer, or asks to sign in, the old one stays. */
  async function takeAlong() {
    const answer = await fetch(url("list"), { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return "signed-out";
    if (!answer.ok) return "away";
    const { form_token, ...list } = await answer.json();
    token = form_token;
    write(LIST, list);
    return "connected";
  }

  /** Hand in what waits. What the server has answered waits no more; what it has refused is shown until somebody has seen it. */
  async function handIn() {
    const waiting = read(RECORDS, []).slice(0, AT_ONCE);
    if (!waiting.length) return;
    const headers = { "Content-Type": "application/json", "X-Form-Token": token };
    const body = JSON.stringify({ records: waiting.map(({ id, key, what, at }) => ({ id, key, what, at })) });
    const answer = await fetch(url("records"), { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return;
    const { answers } = await answer.json();
    const told = new Map(answers.map((one) => [one.id, one]));
    const refused = waiting.filter((one) => told.get(one.id)?.verdict === "refused");
    write(REFUSED, [...read(REFUSED, []), ...refused.map((one) => ({ ...one, why: told.get(one.id).why }))]);
    write(RECORDS, read(RECORDS, []).filter((one) => !told.has(one.id)));
  }

  let busy = false;
  /** Hand in and take along, one at a time in all windows of this browser. */
  async function meet() {
    if (busy) return null;
    busy = true;
    try {
      return await (navigator.locks?.request("tachiyori-door", meetAlone) ?? meetAlone());
    } catch {
      return "away";
    } finally {
      busy = false;
    }
  }

  async function meetAlone() {
    const state = await takeAlong();
    if (state !== "connected" || !read(RECORDS, []).length) return state;
    await handIn();
    return takeAlong();
  }

  tellOfWaiting(read(RECORDS, []).length);
  return { LIST, RECORDS, REFUSED, EVERY, trouble, read, write, check, asItIs, record, meet };
})();

const shown = document.querySelector("[data-door]");
if (shown) {
  const say = (name) => shown.querySelector(`template[data-word="${name}"]`).content.textContent;
  const clock = (when) => new Intl.DateTimeFormat("ja-JP", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: shown.dataset.zone }).format(new Date(when));
  const at = (name) => shown.querySelector(`[data-at="${name}"]`);
  const words = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  let checked = null;

  function line(element, text) {
    const made = document.createElement(element);
    made.textContent = text;
    return made;
  }

  function button(label, press) {
    const made = line("button", label);
    made.className = "dads-button";
    made.type = "button";
    made.dataset.type = "outline";
    made.dataset.size = "lg";
    made.addEventListener("click", press);
    return made;
  }

  /** The moment somebody typed in afterwards, today by this device's clock; now where nothing was typed, null for what is no time. */
  function moment() {
    const typed = at("time").value.normalize("NFKC").trim();
    if (!typed) return new Date();
    const found = /^([01]?\d|2[0-3]):?([0-5]\d)$/.exec(typed);
    const when = new Date();
    if (found) when.setHours(Number(found[1]), Number(found[2]), 0, 0);
    return found && when <= new Date() ? when : null;
  }

  function press(place, what) {
    const when = moment();
    at("time-error").hidden = when !== null;
    at("time").toggleAttribute("aria-invalid", when === null);
    if (when === null) {
      at("time").focus();
      return;
    }
    if (!door.record(place, what, when)) {
      show();
      return;
    }
    at("time").value = "";
    at("said").textContent = words(say(what === "arrive" ? "arrived" : "left"), { where: place.where, time: clock(when) });
    show();
    at("code").focus();
    void meet();
  }

  function person(place) {
    const it = door.asItIs(place);
    const made = document.createElement("div");
    made.className = "dads-verdict__person";
    const facts = document.createElement("div");
    facts.append(line("p", `${clock(it.start)}〜${clock(it.end)}`), line("p", it.where));
    facts.firstChild.className = "dads-verdict__name";
    made.append(facts);
    if (!it.admitted) made.append(line("p", say("suspended")));
    else if (it.left_at) made.append(line("p", words(say("gone"), { time: clock(it.left_at) })));
    else if (it.arrived_at) made.append(line("p", words(say("here"), { time: clock(it.arrived_at) })), button(say("leave"), () => press(place, "leave")));
    else made.append(button(say("arrive"), () => press(place, "arrive")));
    return made;
  }

  function show(state) {
    const list = door.read(door.LIST, null);
    const waiting = door.read(door.RECORDS, []);
    const refused = door.read(door.REFUSED, []);
    at("list").textContent = list ? words(say("as-of"), { time: clock(list.as_of), count: list.expected.length }) : say("no-list");
    if (state) at("state").textContent = say(state);
    at("trouble").hidden = !door.trouble.size;
    at("trouble").textContent = [...door.trouble].map(say).join("");
    at("waiting").textContent = words(say("waiting"), { count: waiting.length });
    at("refused").hidden = !refused.length;
    at("refused-list").replaceChildren(
      ...refused.map((one) => {
        const row = line("li", words(say("refused"), { where: one.where, time: clock(one.at), what: say(one.what), why: one.why }));
        row.append(button(say("seen"), () => {
          door.write(door.REFUSED, door.read(door.REFUSED, []).filter((other) => other.id !== one.id));
          show();
          at("code").focus();
        }));
        return row;
      }),
    );
    for (const part of shown.querySelectorAll("[data-verdict]")) part.hidden = part.dataset.verdict !== checked?.verdict;
    if (!checked) return;
    const open = shown.querySelector(`[data-verdict="${checked.verdict}"]`);
    for (const why of open.querySelectorAll("[data-why]")) why.hidden = why.dataset.why !== checked.why;
    for (const time of open.querySelectorAll("[data-as-of]")) time.textContent = list ? clock(list.as_of) : "";
    open.querySelector("[data-people]")?.replaceChildren(...checked.places.map(person));
    at("card").hidden = !checked.card;
    if (checked.card) at("card-name").textContent = words(say("card-name"), { name: checked.card.held.name });
  }

  at("compare").addEventListener("click", async () => {
    const number = at("card-number").value;
    const met = number.trim() && (await passes.isMet(checked.card.card, checked.card.held, number));
    at("card-said").textContent = say(met ? "card-met" : "card-differs");
  });

  async function meet() {
    const state = await door.meet();
    if (state) show(state);
  }

  shown.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const list = door.read(door.LIST, null);
    const typed = at("code").value.replace(/\s/g, "");
    at("card-said").textContent = at("card-number").value = "";
    checked = typed && list ? await door.check(typed, list) : null;
    at("said").textContent = "";
    show();
    at("code").select();
  });
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker
      .register("/reception/offline.js", { scope: "/reception/offline" })
      .then(() => navigator.serviceWorker.ready)
      .then(() => { at("kept").textContent = say("kept"); })
      .catch(() => { at("kept").textContent = say("not-kept"); });
  }
  window.addEventListener("storage", () => show());
  window.addEventListener("online", () => void meet());
  setInterval(() => void meet(), door.EVERY);
  show();
  void meet();
} else if (door.read(door.RECORDS, []).length) {
  // Another page of the reception, with a connection: what waits is handed in from here too.
  void door.meet();
}
