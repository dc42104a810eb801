// Passes (利用証) told genuine or false by their host's public keys, without a server: RFC 7515, RFC 8725.
"use strict";

const passes = (() => {
  const SIGNATURE = 64;
  const HEAD = { kid: 6, booking: 16, desk: 16, version: 4, iat: 4, exp: 4, jti: 16 };
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const SALT_LETTERS = 26;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (raw) => btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const object = (part) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(part)));
  const part = (members) => text(new TextEncoder().encode(JSON.stringify(members)));
  const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const number = (raw) => new DataView(raw.buffer, raw.byteOffset, 4).getUint32(0);
  const uuid = (raw) => hex(raw).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

  /** Base 32 without padding (RFC 4648, section 6). */
  function fromLetters(typed) {
    const found = [];
    let held = 0;
    let bits = 0;
    for (const letter of typed) {
      held = ((held << 5) | LETTERS.indexOf(letter)) & 0xffff;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        found.push((held >> bits) & 0xff);
      }
    }
    return Uint8Array.from(found);
  }

  /** The signed token that a printed pass stands for, built again as its host signed it; null where no key is its own. */
  function signed(printed, list) {
    const raw = fromLetters(printed);
    const head = {};
    let from = 1;
    for (const [name, size] of Object.entries(HEAD)) {
      head[name] = raw.subarray(from, from + size);
      from += size;
    }
    const card = raw.subarray(from, raw.length - SIGNATURE);
    const jwk = list.keys.find((one) => hex(bytes(one.kid)).startsWith(hex(head.kid)));
    if (raw[0] !== 1 || raw.length < from + SIGNATURE || !jwk) return null;
    const claims = {
      iss: list.issuer,
      aud: list.issuer,
      booking: uuid(head.booking),
      version: number(head.version),
      desk: uuid(head.desk),
      exp: number(head.exp),
      ...(card.length ? { card: text(card) } : {}),
      iat: number(head.iat),
      jti: text(head.jti),
    };
    return [part({ alg: "ES256", kid: jwk.kid, typ: "visit-pass+jwt" }), part(claims), text(raw.subarray(-SIGNATURE))].join(".");
  }

  /** The claims of a pass that is genuine; null for a false one. */
  async function claimsOf(shown, list) {
    try {
      const parts = (/^[A-Z2-7]+$/.test(shown) ? (signed(shown, list) ?? "") : shown).split(".");
      if (parts.length !== 3) return null;
      const header = object(parts[0]);
      if (Object.keys(header).sort().join() !== "alg,kid,typ") return null;
      if (header.alg !== "ES256" || header.typ.toLowerCase().replace(/^application\//, "") !== "visit-pass+jwt") return null;
      const jwk = list.keys.find((one) => one.kid === header.kid);
      if (!jwk || jwk.kty !== "EC" || jwk.crv !== "P-256") return null;
      const key = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      const words = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
      if (!(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes(parts[2]), words))) return null;
      const claims = object(parts[1]);
      return claims.iss === list.issuer && claims.aud === list.issuer ? claims : null;
    } catch {
      return null;
    }
  }

  /** What a reader typed, without blanks and what a keyboard's state made of it; then the pass, and what its holder adds to it. */
  function inHand(typed) {
    const meant = typed.normalize("NFKC").replace(/\s/g, "");
    if (meant.includes(".")) return { shown: meant };
    const [shown, salt, name] = meant.toUpperCase().split("-");
    if (salt?.length !== SALT_LETTERS) return { shown: meant.toUpperCase() };
    try {
      return { shown, salt: fromLetters(salt), name: name ? new TextDecoder("utf-8", { fatal: true }).decode(fromLetters(name)) : "" };
    } catch {
      return { shown: meant.toUpperCase() };
    }
  }

  const folded = (words) => words.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

  /** Whether a card with this name and number is the one a pass was signed for. */
  async function isMet(card, { salt, name }, number) {
    const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const made = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${folded(name)}\0${folded(number)}`));
    return text(new Uint8Array(made).subarray(0, 16)) === card;
  }

  return { claimsOf, inHand, isMet };
})();
