"""Tokens as a forger would make them: any header over any bytes, signed by hand and by no library under test.

``ACCEPTED`` holds, for each kind, claims that its table accepts; ``peer_accepts`` asks joserfc for a second opinion,
with a registry per kind whose header limits stand here.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jws as peer_jws
from joserfc import jwt as peer_jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry

from federation import tokens
from federation.claims import Claims
from federation.jwk import PublicKeys, to_base64url
from federation.keys import KeyPair, make
from federation.tokens import TokenKind
from federation.tokens.upstream import BACK_CHANNEL_LOGOUT

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
IAT = int(NOW.timestamp())
HOME = "https://node.city.home.example"
HOST = "https://node.city.host.example"
PAIR = make()
STRANGER = make()
KEYS = PublicKeys([PAIR.public])
JKT = PAIR.kid

_ONCE = {"iss": HOME, "aud": HOST, "iat": IAT, "exp": IAT + 60, "jti": "4JhJCNR6JKF2sP9S"}
_SIGNED = {"iss": HOME, "iat": IAT}
_PERSON = {"sub": "8c0e-pairwise", "acr": "https://tachiyori.example/acr/2", "auth_time": IAT - 60}
_ACCESS = {**_ONCE, "iss": HOST, "client_id": HOME, "cnf": {"jkt": JKT}}

KINDS: Mapping[str, TokenKind] = {
    name: kind for name in tokens.__all__ if isinstance(kind := getattr(tokens, name), TokenKind)
}
ACCEPTED: Mapping[str, dict[str, Any]] = {
    "ENTITY_STATEMENT": {
        **_SIGNED,
        "sub": HOME,
        "exp": IAT + 86400,
        "jwks": KEYS.jwks(),
        "metadata": {"federation_entity": {"organization_name": "帰宅町"}},
        "authority_hints": ["https://registry.example"],
    },
    "TRUST_MARK": {**_SIGNED, "sub": HOST, "exp": IAT + 86400, "trust_mark_type": "https://registry.example/mark"},
    "TRUST_MARK_DELEGATION": {**_SIGNED, "sub": HOST, "trust_mark_type": "https://registry.example/mark"},
    "TRUST_MARK_STATUS": {**_SIGNED, "trust_mark": "a.b.c", "status": "active"},
    "RESOLVE_RESPONSE": {**_SIGNED, "sub": HOST, "exp": IAT + 60, "metadata": {}, "trust_chain": ["a.b.c"]},
    "ANCHOR_KEYS": {**_SIGNED, "sub": HOME, "jwks": {"keys": [PAIR.public_jwk()]}},
    "HISTORICAL_KEYS": {**_SIGNED, "keys": [{**PAIR.public_jwk(), "exp": IAT}]},
    "STATUS_LIST": {**_SIGNED, "sub": HOME + "/status", "exp": IAT + 600, "status_list": {"bits": 2, "lst": "eNo"}},
    "CLIENT_ASSERTION": {**_ONCE, "sub": HOME},
    "REQUEST_OBJECT": {**_ONCE, "client_id": HOME},
    "VISIT_GRANT": {**_ONCE, **_PERSON, "client_id": HOME, "cnf": {"jkt": JKT}},
    "PERSON_TOKEN": {**_ACCESS, **_PERSON, "exp": IAT + 300},
    "USERINFO_TOKEN": {**_ACCESS, **_PERSON, "scope": "openid profile", "exp": IAT + 300},
    "NODE_TOKEN": {**_ACCESS, "sub": HOME, "scope": "search feed", "exp": IAT + 600},
    "ID_TOKEN": {**_ONCE, **_PERSON, "nonce": "n-0S6_WzA2Mj"},
    "UPSTREAM_ASSERTION": {**_ONCE, "iss": "desks", "sub": "desks", "aud": HOST + "/realms/staff"},
    "UPSTREAM_LOGOUT_TOKEN": {
        **_ONCE,
        "iss": HOME + "/realms/staff",
        "sub": "8c0e",
        "events": {BACK_CHANNEL_LOGOUT: {}},
    },
    "UPSTREAM_ID_TOKEN": {**_ONCE, "iss": HOME + "/realms/staff", "sub": "8c0e", "nonce": "n-0S6_WzA2Mj"},
    "PASS": {**_ONCE, "iss": HOST, "booking": "5b1c", "version": 1, "desk": HOST + "/desks/1"},
    "EVENT": {
        **{name: value for name, value in _ONCE.items() if name != "exp"},
        "events": {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}},
    },
    "AGREEMENT": {
        **_SIGNED,
        "aud": HOST,
        "side": "home",
        "agreement": "5b1c",
        "version": 1,
        "terms": {"since": "2026-04-01"},
        "digest": "0" * 64,
    },
    "MONTHLY_REPORT": {**_SIGNED, "aud": HOST, "month": "2026-10"},
    "ROLL_CALL": {**_SIGNED, "aud": HOST, "report": {"part": 1}},
    "FEED_PAGE": {**_SIGNED, "page": {"items": [{"data": {"latitude": 35.68}}]}},
}


def header(kind: TokenKind, **changes: object) -> dict[str, object]:
    """Return the header a good token of the kind has, with changes; a change to ``...`` leaves the member out."""
    members = {"alg": "ES256", "kid": PAIR.kid, "typ": kind.typ, **changes}
    return {name: value for name, value in members.items() if value is not ...}


def claims(name: str, **changes: object) -> dict[str, Any]:
    """Return accepted claims of a kind, with changes; a change to ``...`` leaves the claim out."""
    members = {**ACCEPTED[name], **changes}
    return {member: value for member, value in members.items() if value is not ...}


def to_json(value: object) -> bytes:
    """Return compact JSON; bytes pass as they are."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()


def raw_signature(message: bytes, pair: KeyPair) -> bytes:
    """Sign with ES256 and return r and s as 64 octets."""
    r, s = decode_dss_signature(pair.private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def compact(head: object, payload: object, *, pair: KeyPair = PAIR) -> str:
    """Return a compact JWS over any header and payload."""
    message = f"{to_base64url(to_json(head))}.{to_base64url(to_json(payload))}"
    return f"{message}.{to_base64url(raw_signature(message.encode(), pair))}"


def compact_rs256(head: object, payload: object, key: rsa.RSAPrivateKey) -> str:
    """Return a compact JWS with RS256."""
    message = f"{to_base64url(to_json(head))}.{to_base64url(to_json(payload))}"
    return f"{message}.{to_base64url(key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def forged(name: str, head: Mapping[str, object] | None = None, pair: KeyPair = PAIR, **changes: object) -> str:
    """Return a token of a kind whose header and claims have been changed after the table was asked."""
    return compact(header(KINDS[name], **(head or {})), claims(name, **changes), pair=pair)


def verify(name: str, token: str, keys: PublicKeys = KEYS, *, now: datetime = NOW, **expected: object) -> Claims:
    """Verify as the rightful recipient would."""
    kind, accepted = KINDS[name], ACCEPTED[name]
    return kind.verify(token, keys, now=now, issuer=accepted["iss"], audience=accepted.get("aud"), **expected)


def peer_accepts(name: str, token: str, keys: PublicKeys = KEYS, *, now: datetime = NOW) -> bool:
    """Say whether joserfc, asked as its manual says, takes the token: signature, header, iss, aud, exp, nbf, iat."""
    kind, accepted = KINDS[name], ACCEPTED[name]
    registry = JWSRegistry(algorithms=list(kind.algorithms))
    registry.max_header_length = 4096
    registry.max_payload_length = kind.max_size
    serialized: KeySetSerialization = {"keys": [dict(key.jwk()) for key in keys.values()]}
    times = {claim: {"essential": True} for claim in ("exp", "iat") if claim in accepted}
    parties = {claim: {"essential": True, "value": accepted[claim]} for claim in ("iss", "aud") if claim in accepted}
    rules = peer_jwt.JWTClaimsRegistry(int(now.timestamp()), leeway=10, **times, **parties)  # type: ignore[arg-type]
    try:
        decoded = peer_jwt.decode(token, KeySet.import_key_set(serialized), registry=registry)
        rules.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, OverflowError, RecursionError):
        return False
    return True


def peer_signature_holds(token: str, jwk: dict[str, Any]) -> bool:
    """Say whether joserfc takes a DPoP proof's signature, with the key from its header."""
    registry = JWSRegistry(algorithms=["ES256"])
    registry.max_header_length = 1024
    try:
        peer_jws.deserialize_compact(token, KeySet.import_key_set({"keys": [jwk]}).keys[0], registry=registry)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def digest(text: str) -> str:
    """Return what ``ath`` says of an access token (RFC 9449, 4.1)."""
    return to_base64url(hashlib.sha256(text.encode()).digest())
