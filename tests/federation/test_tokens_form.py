"""J01 to J15: headers, keys, signatures and spellings that must be refused, with joserfc's opinion of each.

A row's last column is what joserfc says. Where it accepts, our table is the stricter one, on purpose and on record.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from federation import tokens
from federation.errors import TokenRefused
from federation.jwk import PublicKeys, from_base64url, parse_jwks, to_base64url
from tests.federation.forgery import (
    KEYS,
    PAIR,
    STRANGER,
    claims,
    compact,
    compact_rs256,
    forged,
    header,
    peer_accepts,
    raw_signature,
    to_json,
    verify,
)

NAME = "CLIENT_ASSERTION"
KIND = tokens.CLIENT_ASSERTION
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GOOD = forged(NAME)
HEAD, BODY, SIGNATURE = GOOD.split(".")


def with_alg(alg: object, signature: str = SIGNATURE) -> str:
    return f"{to_base64url(to_json(header(KIND, alg=alg)))}.{BODY}.{signature}"


def hmac_keyed_with(secret: bytes) -> str:
    message = f"{to_base64url(to_json(header(KIND, alg='HS256')))}.{BODY}"
    return f"{message}.{to_base64url(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def public(encoding: serialization.Encoding, layout: serialization.PublicFormat) -> bytes:
    return PAIR.private.public_key().public_bytes(encoding, layout)


def signed(raw: bytes) -> str:
    return f"{HEAD}.{BODY}.{to_base64url(raw)}"


def numbers(r: int, s: int) -> str:
    return signed(r.to_bytes(32) + s.to_bytes(32))


def genuine() -> tuple[bytes, int, int]:
    raw = from_base64url(SIGNATURE)
    return raw, int.from_bytes(raw[:32]), int.from_bytes(raw[32:])


def in_der() -> str:
    return signed(PAIR.private.sign(f"{HEAD}.{BODY}".encode(), ec.ECDSA(hashes.SHA256())))


def uncanonical(part: str) -> str:
    """Change bits of the last letter that carry nothing: the same bytes, spelled otherwise."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) ^ 1]


def spare_bits(payload: dict[str, Any]) -> str:
    """Return a token whose payload ends in a letter with bits to spare, and change those bits before signing."""
    while len(to_json(payload)) % 3 == 0:
        payload = {**payload, "jti": payload["jti"] + "x"}
    message = f"{HEAD}.{uncanonical(to_base64url(to_json(payload)))}"
    return f"{message}.{to_base64url(raw_signature(message.encode(), PAIR))}"


def resigned(head: bytes | str, body: bytes | str) -> str:
    """Sign parts that are already encoded, however badly."""
    message = b".".join(part.encode() if isinstance(part, str) else part for part in (head, body)).decode()
    return f"{message}.{to_base64url(raw_signature(message.encode(), PAIR))}"


SPKI, POINT = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.UncompressedPoint
PEM, DER, X962 = serialization.Encoding.PEM, serialization.Encoding.DER, serialization.Encoding.X962
JWK_TEXT = json.dumps(PAIR.public_jwk()).encode()
MALLEATED = numbers(genuine()[1], ORDER - genuine()[2])

ALGORITHMS = {
    **{f"J01 alg {alg!r}": (with_alg(alg), False) for alg in ("none", "None", "nOnE", "", ..., None, 0, ["ES256"])},
    "J01 alg none without a signature": (with_alg("none", ""), False),
    "J02 HS256 with the PEM": (hmac_keyed_with(public(PEM, SPKI)), False),
    "J02 HS256 with the DER": (hmac_keyed_with(public(DER, SPKI)), False),
    "J02 HS256 with the X9.62 point": (hmac_keyed_with(public(X962, POINT)), False),
    "J02 HS256 with the JWK": (hmac_keyed_with(JWK_TEXT), False),
    "J02 HS256 with the x-coordinate": (hmac_keyed_with(PAIR.public_jwk()["x"].encode()), False),
    "J02 HS256 with nothing": (hmac_keyed_with(b""), False),
    **{f"J03 alg {alg}": (with_alg(alg), False) for alg in ("RS256", "ES384", "ES512", "PS256", "EdDSA", "es256")},
}
SIGNATURES = {
    "J05 all zero": (signed(bytes(64)), False),
    "J05 r zero": (numbers(0, genuine()[2]), False),
    "J05 s zero": (numbers(genuine()[1], 0), False),
    "J05 r the order": (numbers(ORDER, genuine()[2]), False),
    "J05 s the order": (numbers(genuine()[1], ORDER), False),
    "J05 all ones": (signed(b"\xff" * 64), False),
    "J05 short": (signed(genuine()[0][:63]), False),
    "J05 long": (signed(genuine()[0] + b"\0"), False),
    "J05 DER": (in_der(), False),
    "J06 other key": (forged(NAME, pair=STRANGER), False),
    "J06 other header": (f"{to_base64url(to_json(header(KIND, typ=...)))}.{BODY}.{SIGNATURE}", False),
    "J06 other payload": (f"{HEAD}.{to_base64url(to_json(claims(NAME, jti='x')))}.{SIGNATURE}", False),
    "J06 empty": (f"{HEAD}.{BODY}.", False),
    "J06 truncated": (GOOD[:-4], False),
}
SHAPES = {
    "J07 nothing": ("", False),
    "J07 one part": (HEAD, False),
    "J07 two parts": (f"{HEAD}.{BODY}", False),
    "J07 four parts": (f"{GOOD}.{SIGNATURE}", False),
    "J07 five parts, as a JWE": (f"{HEAD}..{BODY}.{SIGNATURE}.{SIGNATURE}", False),
    "J07 JSON serialization": (json.dumps({"protected": HEAD, "payload": BODY, "signature": SIGNATURE}), False),
    "J07 detached": (f"{HEAD}..{SIGNATURE}", False),
    "J08 padding": (f"{HEAD}.{BODY}.{SIGNATURE}==", False),
    "J08 signature spelled otherwise": (f"{HEAD}.{BODY}.{uncanonical(SIGNATURE)}", False),
    "J08 payload spelled otherwise": (spare_bits(claims(NAME)), False),
    "J08 leading space": (" " + GOOD, False),
    "J08 trailing newline": (GOOD + "\n", False),
    "J08 newline inside": (f"{HEAD}.{BODY[:9]}\n{BODY[9:]}.{SIGNATURE}", False),
    "J08 standard alphabet": (GOOD.replace("-", "+").replace("_", "/") + "+/+/", False),
    "J08 full-width letter": (f"{HEAD}.{BODY}.Ａ{SIGNATURE[1:]}", False),
}
KEY_JWK = {name: STRANGER.public_jwk()[name] for name in ("kty", "crv", "x", "y")}
HEADERS: Mapping[str, tuple[dict[str, object], bool]] = {
    "J09 crit unknown": ({"crit": ["urn:x"], "urn:x": 1}, False),
    "J09 crit empty": ({"crit": []}, True),
    "J09 crit of registered names": ({"crit": ["alg"]}, True),
    "J09 crit exp": ({"crit": ["exp"], "exp": 1}, False),
    "J09 b64 false": ({"b64": False, "crit": ["b64"]}, False),
    "J09 b64 true": ({"b64": True, "crit": ["b64"]}, True),
    "J10 kid missing": ({"kid": ...}, True),
    "J10 kid null": ({"kid": None}, False),
    "J10 kid unknown": ({"kid": STRANGER.kid}, False),
    "J10 kid an object": ({"kid": {"kid": PAIR.kid}}, False),
    "J10 kid a list": ({"kid": [PAIR.kid]}, False),
    "J10 kid a path": ({"kid": "../../../../dev/null"}, False),
    "J10 kid SQL": ({"kid": "' OR 1=1 --"}, False),
    "J10 kid of 10 kB": ({"kid": "k" * 10_000}, False),
    "J11 jwk": ({"jwk": KEY_JWK}, True),
    "J11 jku": ({"jku": "https://evil.example/jwks"}, True),
    "J11 x5u": ({"x5u": "https://evil.example/x5u"}, True),
    "J11 x5c": ({"x5c": ["MIIB"]}, True),
    "J11 x5t": ({"x5t": "AAAA"}, True),
    "J11 x5t#S256": ({"x5t#S256": "AAAA"}, True),
    "J11 trust_chain": ({"trust_chain": [GOOD]}, False),
    "J11 cty": ({"cty": "JWT"}, True),
    "J15 zip": ({"zip": "DEF"}, False),
    "J15 enc": ({"enc": "A256GCM"}, False),
}
TWICE = to_json(claims(NAME))[:-1] + b',"aud":"https://evil.example"}'
ONE_EXP = to_json(claims(NAME, exp="@"))
PAYLOADS: Mapping[str, tuple[bytes, bool]] = {
    "J13 a claim twice": (TWICE.replace(b"evil.example", b"node.city.host.example"), True),
    "J13 twice within a claim": (to_json(claims(NAME))[:-1] + b',"x":{"a":1,"a":1}}', True),
    "J14 array": (b"[1]", False),
    "J14 string": (b'"iss"', False),
    "J14 number": (b"1", False),
    "J14 null": (b"null", False),
    "J14 no JSON": (b"{", False),
    "J14 invalid UTF-8": (to_json(claims(NAME))[:-1] + b',"x":"\xff"}', False),
    "J14 UTF-16": (to_json(claims(NAME)).decode().encode("utf-16"), True),
    "J14 byte order mark": (b"\xef\xbb\xbf" + to_json(claims(NAME)), True),
    "J14 lone surrogate": (to_json(claims(NAME))[:-1] + b',"x":"\\ud800"}', True),
    "J14 NUL": (to_json(claims(NAME))[:-1] + b',"x":"\\u0000"}', True),
    "J14 NUL in a name": (to_json(claims(NAME))[:-1] + b',"\\u0000":1}', True),
    "J14 exp NaN": (ONE_EXP.replace(b'"@"', b"NaN"), False),
    "J14 exp Infinity": (ONE_EXP.replace(b'"@"', b"Infinity"), False),
    "J14 exp 1e400": (ONE_EXP.replace(b'"@"', b"1e400"), False),
    "J14 exp of 5,000 digits": (ONE_EXP.replace(b'"@"', b"9" * 5000), False),
    "J14 exp fractional": (ONE_EXP.replace(b'"@"', str(claims(NAME)["exp"]).encode() + b".5"), True),
    "J14 a fraction elsewhere": (to_json(claims(NAME))[:-1] + b',"x":0.5}', True),
    "J15 nested nine deep": (to_json(claims(NAME))[:-1] + b',"x":' + b"[" * 9 + b"]" * 9 + b"}", True),
    "J15 nested 3,000 deep": (to_json(claims(NAME))[:-1] + b',"x":' + b"[" * 2800 + b"]" * 2800 + b"}", False),
}


def check(token: str, peer: bool) -> None:
    with pytest.raises(TokenRefused):
        verify(NAME, token)
    assert peer_accepts(NAME, token) is peer


@pytest.mark.parametrize("case", ALGORITHMS)
def test_no_algorithm_but_the_keys_own(case: str) -> None:
    check(*ALGORITHMS[case])


@pytest.mark.parametrize("case", SIGNATURES)
def test_no_signature_but_the_keys_own(case: str) -> None:
    check(*SIGNATURES[case])


@pytest.mark.parametrize("case", SHAPES)
def test_no_shape_but_three_canonical_parts(case: str) -> None:
    check(*SHAPES[case])


@pytest.mark.parametrize("case", HEADERS)
def test_no_header_but_alg_kid_and_typ(case: str) -> None:
    members, peer = HEADERS[case]
    check(compact(header(KIND, **members), claims(NAME)), peer)


@pytest.mark.parametrize("case", PAYLOADS)
def test_no_payload_but_one_plain_json_object(case: str) -> None:
    payload, peer = PAYLOADS[case]
    check(compact(header(KIND), payload), peer)


def test_a_header_member_twice_is_refused() -> None:
    head = to_json(header(KIND))[:-1] + b',"alg":"ES256"}'
    check(compact(head, claims(NAME)), peer=True)


@pytest.mark.parametrize("name", ["CLIENT_ASSERTION", "FEED_PAGE"])
@pytest.mark.parametrize("size", [5_000_000, 12_000_000])
def test_a_token_beyond_its_kinds_size_is_refused_before_it_is_read(name: str, size: int) -> None:
    token = forged(name, x="x" * size)
    if len(token) <= (tokens.FEED_PAGE if name == "FEED_PAGE" else KIND).max_size:
        assert verify(name, token)
        return
    with pytest.raises(TokenRefused, match="longer than"):
        verify(name, token)


def test_a_header_of_a_megabyte_is_refused_even_where_the_payload_might_be_so_large() -> None:
    with pytest.raises(TokenRefused):
        verify("FEED_PAGE", forged("FEED_PAGE", head={"typ": "x" * 1_000_000}))


def test_100_000_levels_are_refused_where_the_size_would_pass() -> None:
    deep = to_json(claims("FEED_PAGE"))[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(TokenRefused):
        verify("FEED_PAGE", compact(header(tokens.FEED_PAGE), deep))


@pytest.mark.parametrize("token", [None, 1, b"a.b.c", ["a.b.c"], {}, GOOD.encode()])
def test_what_is_no_text_is_refused(token: Any) -> None:
    with pytest.raises(TokenRefused):
        verify(NAME, token)


def test_a_mirrored_signature_is_the_same_token_so_replay_goes_by_jti() -> None:
    assert verify(NAME, MALLEATED).jti == verify(NAME, GOOD).jti
    assert peer_accepts(NAME, MALLEATED)


def other_curve(curve: ec.EllipticCurve, crv: str, size: int) -> dict[str, Any]:
    point = ec.generate_private_key(curve).public_key().public_numbers()
    x, y = (to_base64url(number.to_bytes(size)) for number in (point.x, point.y))
    return {"kty": "EC", "crv": crv, "x": x, "y": y, "kid": "k", "alg": "ES256", "use": "sig"}


FOREIGN_KEYS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "J04 P-384": lambda: other_curve(ec.SECP384R1(), "P-384", 48),
    "J04 secp256k1": lambda: other_curve(ec.SECP256K1(), "secp256k1", 32),
    "J04 secp256k1 called P-256": lambda: other_curve(ec.SECP256K1(), "P-256", 32),
    "J04 brainpool called P-256": lambda: other_curve(ec.BrainpoolP256R1(), "P-256", 32),
    "J19 use enc": lambda: {**PAIR.public_jwk(), "use": "enc"},
    "J19 revoked": lambda: {**PAIR.public_jwk(), "revoked": {"revoked_at": 1, "reason": "compromised"}},
    "J03 registered for ES384": lambda: {**PAIR.public_jwk(), "alg": "ES384"},
}


@pytest.mark.parametrize("case", FOREIGN_KEYS)
def test_a_key_outside_the_profile_never_becomes_a_key(case: str) -> None:
    with pytest.raises(TokenRefused):
        parse_jwks({"keys": [FOREIGN_KEYS[case]()]})


def test_the_kid_of_another_issuers_key_is_unknown_here() -> None:
    with pytest.raises(TokenRefused, match="kid"):
        verify(NAME, GOOD, PublicKeys([STRANGER.public]))


def test_a_key_taken_out_of_the_set_no_longer_speaks() -> None:
    assert verify(NAME, GOOD, PublicKeys([PAIR.public, STRANGER.public]))
    with pytest.raises(TokenRefused, match="kid"):
        verify(NAME, GOOD, PublicKeys([]))


# --- RS256, for ID tokens and only with keys read for it --------------------------------------------------------------

RSA_KEY = rsa.generate_private_key(65537, 2048)
RSA_NUMBERS = RSA_KEY.public_key().public_numbers()
RSA_JWK = {"kty": "RSA", "kid": "idp", "e": "AQAB", "n": to_base64url(RSA_NUMBERS.n.to_bytes(256)), "use": "sig"}
RSA_KEYS = parse_jwks({"keys": [RSA_JWK]}, algorithms=("ES256", "RS256"))


@pytest.mark.parametrize("name", ["ID_TOKEN", "UPSTREAM_ID_TOKEN"])
def test_an_id_token_may_be_signed_with_rs256(name: str) -> None:
    head = {"alg": "RS256", "kid": "idp", "typ": "JWT"}
    token = compact_rs256(head, claims(name), RSA_KEY)

    assert verify(name, token, RSA_KEYS).kid == "idp"
    assert peer_accepts(name, token, RSA_KEYS)


def test_no_other_kind_takes_rs256_even_with_such_a_key() -> None:
    head = {"alg": "RS256", "kid": "idp", "typ": "client-authentication+jwt"}
    with pytest.raises(TokenRefused, match="alg"):
        verify(NAME, compact_rs256(head, claims(NAME), RSA_KEY), RSA_KEYS)


def test_an_rsa_key_is_not_read_unless_asked_for() -> None:
    with pytest.raises(TokenRefused):
        parse_jwks({"keys": [RSA_JWK]})


@pytest.mark.parametrize(("alg", "kid"), [("RS256", PAIR.kid), ("ES256", "idp")], ids=["RS256", "ES256"])
def test_an_algorithm_the_kind_allows_still_needs_its_own_key(alg: str, kid: str) -> None:
    both = PublicKeys([*KEYS.values(), *RSA_KEYS.values()])
    token = compact({"alg": alg, "kid": kid, "typ": "JWT"}, claims("ID_TOKEN"))

    with pytest.raises(TokenRefused, match="alg differs"):
        verify("ID_TOKEN", token, both)
    assert not peer_accepts("ID_TOKEN", token, both)
