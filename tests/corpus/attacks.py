"""What is tried on every kind of token, wherever one is taken: J01 to J17 (RFC 7515, 7519, 8725).

Each function makes the forged token of a good draft, changing nothing but what is attacked.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from federation.jwk import from_base64url, to_base64url
from federation.keys import make
from tests.corpus.draft import Attack, Draft
from tests.federation.forgery import to_json

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
STRANGER = make()
_SHORT_RSA = rsa.generate_private_key(65537, 1024)
_RSA = rsa.generate_private_key(65537, 2048)
_SPKI, _POINT = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.UncompressedPoint
_PEM, _DER, _X962 = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.Encoding.X962
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def headed(**members: Any) -> Attack:
    """Change the header."""
    return lambda draft: draft.headed(**members).text()


def claiming(**claims: Any) -> Attack:
    """Change claims; a draft that lacks one of them is left alone."""
    return lambda draft: draft.claiming(**claims).text() if claims.keys() <= draft.claims.keys() else None


def saying(**claims: Any) -> Attack:
    """Add claims, or change them."""
    return lambda draft: draft.claiming(**claims).text()


def later(name: str, seconds: int, **further: int) -> Attack:
    """Set a claim, and further ones, to so many seconds from now."""
    at = {name: seconds, **further}
    return lambda draft: draft.claiming(**{claim: int(time.time()) + offset for claim, offset in at.items()}).text()


def spelled(change: Callable[[str, str, str], str]) -> Attack:
    """Take the signed token apart and put it together otherwise."""

    def attack(draft: Draft) -> str:
        head, payload, signature = draft.text().split(".")
        return change(head, payload, signature)

    return attack


def payload(change: Callable[[bytes], bytes]) -> Attack:
    """Sign other bytes than the claims' own."""
    return lambda draft: draft.over(change(to_json(draft.claims)))


def appended(members: bytes) -> Attack:
    """Sign the claims with this JSON after them."""
    return payload(lambda claims: claims[:-1] + members + b"}")


def number(digits: bytes) -> Attack:
    """Write ``iat`` as these digits."""
    return lambda draft: draft.over(to_json({**draft.claims, "iat": "@"}).replace(b'"@"', digits))


def _hmac(secret: Callable[[Draft], bytes]) -> Attack:
    def attack(draft: Draft) -> str:
        head, body, _ = draft.headed(alg="HS256").text().split(".")
        return f"{head}.{body}.{to_base64url(hmac.digest(secret(draft), f'{head}.{body}'.encode(), hashlib.sha256))}"

    return attack


def _public(encoding: serialization.Encoding, layout: serialization.PublicFormat) -> Attack:
    return _hmac(lambda draft: draft.key.private.public_key().public_bytes(encoding, layout))


def _rs256(key: rsa.RSAPrivateKey) -> Attack:
    def attack(draft: Draft) -> str:
        head, body, _ = draft.headed(alg="RS256").text().split(".")
        return f"{head}.{body}.{to_base64url(key.sign(f'{head}.{body}'.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    return attack


def _signature(change: Callable[[int, int], bytes]) -> Attack:
    def attack(draft: Draft) -> str:
        head, body, signature = draft.text().split(".")
        raw = from_base64url(signature)
        return f"{head}.{body}.{to_base64url(change(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])))}"

    return attack


def _signed_by(curve: ec.EllipticCurve) -> Attack:
    def attack(draft: Draft) -> str:
        head, body, _ = draft.text().split(".")
        signature = ec.generate_private_key(curve).sign(f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
        return f"{head}.{body}.{to_base64url(signature)}"

    return attack


def _in_der(draft: Draft) -> str:
    head, body, _ = draft.text().split(".")
    return f"{head}.{body}.{to_base64url(draft.key.private.sign(f'{head}.{body}'.encode(), ec.ECDSA(hashes.SHA256())))}"


def _numbers(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


def _uncanonical(part: str) -> str:
    return part[:-1] + _ALPHABET[_ALPHABET.index(part[-1]) ^ 1]


def _spare_bits(draft: Draft) -> str:
    claims = dict(draft.claims)
    while len(to_json(claims)) % 3 == 0:
        claims["x"] = claims.get("x", "") + "x"
    return draft.spelled(to_base64url(to_json(draft.head)), _uncanonical(to_base64url(to_json(claims))))


def _kid(value: Any) -> Attack:
    return lambda draft: draft.headed(kid=value).text() if "kid" in draft.head or value is not ... else None


def _typ_missing(draft: Draft) -> str | None:
    # A client assertion may come without: RFC 7523bis names a typ that older clients do not know.
    return None if draft.head["typ"] == "client-authentication+jwt" else draft.headed(typ=...).text()


def _twice(draft: Draft) -> str:
    name = next(iter(draft.claims))
    return draft.over(to_json(draft.claims)[:-1] + b"," + to_json({name: draft.claims[name]})[1:])


def _beyond(draft: Draft) -> str | None:
    return draft.claiming(exp=draft.claims["iat"] + 500 * 86400).text() if "exp" in draft.claims else None


def _ended(seconds: int) -> Attack:
    def attack(draft: Draft) -> str:
        now = int(time.time())
        ending = {"exp": now - seconds} if "exp" in draft.claims else {}
        return draft.claiming(iat=now - 10 * 86400 if not ending else now - seconds - 50, **ending).text()

    return attack


_JWK = {name: STRANGER.public_jwk()[name] for name in ("kty", "crv", "x", "y")}

FORMS: Mapping[str, Mapping[str, Attack]] = {
    "J01": {
        **{f"alg {alg!r}": headed(alg=alg) for alg in ("none", "None", "nOnE", "", ..., None, 0, ["ES256"])},
        "none, unsigned": lambda draft: draft.headed(alg="none").text().rpartition(".")[0] + ".",
    },
    "J02": {
        "PEM": _public(_PEM, _SPKI),
        "DER": _public(_DER, _SPKI),
        "point": _public(_X962, _POINT),
        "JWK": _hmac(lambda draft: json.dumps(draft.key.public_jwk()).encode()),
        "x": _hmac(lambda draft: draft.key.public_jwk()["x"].encode()),
        "empty": _hmac(lambda _draft: b""),
    },
    "J03": {
        **{alg: headed(alg=alg) for alg in ("ES384", "ES512", "PS256", "EdDSA", "es256")},
        "RS256": _rs256(_RSA),
    },
    "J04": {
        "P-384": _signed_by(ec.SECP384R1()),
        "secp256k1": _signed_by(ec.SECP256K1()),
        "RSA-1024": _rs256(_SHORT_RSA),
    },
    "J05": {
        "zeros": _signature(lambda _r, _s: bytes(64)),
        "r 0": _signature(lambda _r, s: _numbers(0, s)),
        "s 0": _signature(lambda r, _s: _numbers(r, 0)),
        "r n": _signature(lambda _r, s: _numbers(ORDER, s)),
        "s n": _signature(lambda r, _s: _numbers(r, ORDER)),
        "ones": _signature(lambda _r, _s: b"\xff" * 64),
        "short": _signature(lambda r, s: _numbers(r, s)[:63]),
        "long": _signature(lambda r, s: _numbers(r, s) + b"\0"),
        "DER": _in_der,
    },
    "J06": {
        "another key": lambda draft: draft.by(STRANGER).text(),
        "another header": spelled(lambda head, body, sig: f"{to_base64url(from_base64url(head) + b' ')}.{body}.{sig}"),
        "another payload": spelled(lambda head, body, sig: f"{head}.{to_base64url(from_base64url(body) + b' ')}.{sig}"),
        "empty": spelled(lambda head, body, _sig: f"{head}.{body}."),
        "cut": spelled(lambda head, body, sig: f"{head}.{body}.{sig[:-4]}"),
    },
    "J07": {
        "nothing": lambda _draft: "",
        "one part": spelled(lambda head, _body, _sig: head),
        "two parts": spelled(lambda head, body, _sig: f"{head}.{body}"),
        "four parts": spelled(lambda head, body, sig: f"{head}.{body}.{sig}.{sig}"),
        "JWE": spelled(lambda head, body, sig: f"{head}..{body}.{sig}.{sig}"),
        "JSON": spelled(lambda head, body, sig: json.dumps({"protected": head, "payload": body, "signature": sig})),
        "detached": spelled(lambda head, _body, sig: f"{head}..{sig}"),
    },
    "J08": {
        "padding": spelled(lambda head, body, sig: f"{head}.{body}.{sig}=="),
        "signature": spelled(lambda head, body, sig: f"{head}.{body}.{_uncanonical(sig)}"),
        "payload": _spare_bits,
        "space": spelled(lambda head, body, sig: f"{head}.{body[:9]} {body[9:]}.{sig}"),
        "alphabet": spelled(lambda head, body, sig: f"{head}.{body}.{sig}".replace("-", "+").replace("_", "/") + "+/+/"),
    },
    "J09": {
        "unknown": headed(crit=["urn:x"], **{"urn:x": 1}),
        "empty": headed(crit=[]),
        "registered": headed(crit=["alg"]),
        "exp": headed(crit=["exp"], exp=1),
        "b64 false": headed(b64=False, crit=["b64"]),
    },
    "J10": {
        "missing": _kid(...),
        "null": _kid(None),
        "unknown": _kid(STRANGER.kid),
        "object": _kid({"kid": "k"}),
        "path": _kid("../../../../dev/null"),
        "SQL": _kid("' OR 1=1 --"),
        "10 kB": _kid("k" * 3000 * 3),
    },
    "J12": {
        "missing": _typ_missing,
        **{f"typ {typ!r}": headed(typ=typ) for typ in ("", "jwt", None, 1, ["at+jwt"], "text/at+jwt", "at+jwt;x=1")},
    },
    "J13": {
        "header": lambda draft: draft.of(to_json(draft.head)[:-1] + b',"alg":"ES256"}', to_json(draft.claims)),
        "payload": _twice,
        "inside": appended(b',"x":{"a":1,"a":1}'),
    },
    "J14": {
        "array": payload(lambda _claims: b"[1]"),
        "string": payload(lambda _claims: b'"iss"'),
        "null": payload(lambda _claims: b"null"),
        "no JSON": payload(lambda _claims: b"{"),
        "not UTF-8": appended(b',"x":"\xff"'),
        "UTF-16": payload(lambda claims: claims.decode().encode("utf-16")),
        "mark": payload(lambda claims: b"\xef\xbb\xbf" + claims),
        "surrogate": appended(b',"x":"\\ud800"'),
        "NUL": appended(b',"x":"\\u0000"'),
        "NaN": number(b"NaN"),
        "1e400": number(b"1e400"),
        "digits": number(b"9" * 500),
        "true": number(b"true"),
        "text": number(b'"1"'),
    },
    "J15": {
        "deep": appended(b',"x":' + b"[" * 1000 + b"]" * 1000),
        "zip": headed(zip="DEF"),
        "long header": headed(typ="x" * 5000),
        "enc": headed(enc="A256GCM"),
    },
    "J16": {
        "past": _ended(30),
        "long past": _ended(3600),
        "missing": claiming(exp=...),
        "beyond": _beyond,
        "before iat": lambda draft: draft.claiming(exp=draft.claims["iat"] - 1).text() if "exp" in draft.claims else None,
    },
    "J17": {
        "nbf": lambda draft: later("nbf", 60)(draft) if "jwk" not in draft.head else None,
        "iat": lambda draft: draft.claiming(
            iat=int(time.time()) + 3600, **({"exp": int(time.time()) + 3630} if "exp" in draft.claims else {})
        ).text(),
    },
    "J18": {
        "missing": claiming(jti=...),
        "empty": claiming(jti=""),
        "number": claiming(jti=1),
        "long": claiming(jti="j" * 129),
    },
}  # fmt: skip


def injected(bait: str) -> Mapping[str, Attack]:
    """Return the headers that name a key of the attacker's, or an address where one would be found (J11)."""
    by_stranger: Mapping[str, Mapping[str, Any]] = {
        "jku": {"jku": f"{bait}/jwks"},
        "x5u": {"x5u": f"{bait}/x5u"},
        "x5c": {"x5c": ["MIIB"]},
        "x5t": {"x5t": "AAAA"},
        "x5t#S256": {"x5t#S256": "AAAA"},
        "trust_chain": {"trust_chain": ["a.b.c"]},
        "kid": {"kid": f"{bait}/jwks#k"},
    }
    attacks: dict[str, Attack] = {
        name: lambda draft, members=members: draft.by(STRANGER).headed(**members).text()  # type: ignore[misc]
        for name, members in by_stranger.items()
    }
    attacks["jwk"] = lambda draft: draft.by(STRANGER).headed(jwk=_JWK).text() if "kid" in draft.head else None
    return attacks
