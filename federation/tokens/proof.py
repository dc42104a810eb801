"""DPoP proofs (RFC 9449): a caller shows, with each request, that it holds the key its token is bound to."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from federation.claims import (
    LEEWAY,
    ClaimsTable,
    check_table,
    check_times,
    identifier,
    moment,
    optional,
    seconds,
    short,
    text,
)
from federation.envelope import open_envelope, read_object
from federation.errors import TokenRefused
from federation.jwk import parse_jwk, to_base64url
from federation.keys import KeyPair
from federation.tokens import door
from federation.tokens.kind import check_header

TYP = "dpop+jwt"
WINDOW = timedelta(seconds=60)
MAX_SIZE = 4096

_TABLE: ClaimsTable = {
    "jti": identifier,
    "htm": short,
    "htu": text,
    "iat": seconds,
    "ath": optional(short),
    "nonce": optional(short),
}
_HEADER = frozenset({"alg", "typ", "jwk"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Proof:
    """A verified proof: ``jkt`` to compare with the token's binding, ``jti`` for the replay store until ``expires``."""

    jkt: str
    jti: str
    iat: datetime
    nonce: str | None = None

    @property
    def expires(self) -> datetime:
        """The moment from which the same proof would be refused for its age; until then its jti is remembered."""
        return self.iat + WINDOW + LEEWAY


def sign_dpop_proof(
    key: KeyPair, *, method: str, url: str, now: datetime, access_token: str | None = None, nonce: str | None = None
) -> str:
    """Make a proof for one request; ``access_token`` is the token sent with it, ``nonce`` what the server asked for."""
    claims: dict[str, object] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": _without_query(url),
        "iat": int(now.timestamp()),
    }
    if access_token is not None:
        claims["ath"] = _digest(access_token)
    if nonce is not None:
        claims["nonce"] = nonce
    inside = {name: value for name, value in key.public_jwk().items() if name in {"kty", "crv", "x", "y"}}
    return door.sign(json.dumps(claims, separators=(",", ":")).encode(), key, {"typ": TYP, "jwk": inside})


def verify_dpop_proof(
    proof: str, *, method: str, url: str, now: datetime, access_token: str | None = None, nonce: str | None = None
) -> Proof:
    """Check a proof against the request it came with (RFC 9449, 4.3); raise ``TokenRefused`` or ``TokenExpired``.

    ``url`` is the configured URL of the endpoint, never one put together from Host or X-Forwarded headers. With
    ``access_token`` the proof must name its hash, and the caller still compares ``jkt`` with the token's ``cnf``.
    With ``nonce`` the proof must carry exactly this one. Whether the jti is new is for the replay store to say.
    """
    try:
        claims, jkt = _open(proof)
        check_times(claims, now=now, max_age=WINDOW)
        _check_request(claims, method=method, url=url, access_token=access_token)
    except TokenRefused:
        raise
    except Exception as error:
        raise TokenRefused(f"{TYP}: {type(error).__name__}") from error
    if nonce is not None and claims.get("nonce") != nonce:
        raise TokenRefused("the proof lacks the nonce that was asked for")
    return Proof(jkt, str(claims["jti"]), moment(claims["iat"]), claims.get("nonce"))


def _open(proof: object) -> tuple[dict[str, Any], str]:
    envelope = open_envelope(proof, max_size=MAX_SIZE, header_members=_HEADER)
    check_header(envelope, typ=TYP)
    key = parse_jwk(envelope.header.get("jwk"), named=False)
    claims = read_object(door.verify(envelope, key), depth=4)
    check_table(claims, _TABLE)
    return claims, key.thumbprint


def _check_request(claims: Mapping[str, Any], *, method: str, url: str, access_token: str | None) -> None:
    if claims["htm"] != method:
        raise TokenRefused("the proof is for another method")
    if _without_query(claims["htu"]) != _without_query(url):
        raise TokenRefused("the proof is for another URL")
    if access_token is not None and not hmac.compare_digest(str(claims.get("ath", "")), _digest(access_token)):
        raise TokenRefused("the proof is for another access token, or for none")


def _digest(access_token: str) -> str:
    return to_base64url(hashlib.sha256(access_token.encode("ascii")).digest())


def _without_query(url: str) -> str:
    """Return scheme, host, port and path in one spelling, query and fragment ignored (RFC 9449, 4.3; RFC 3986, 6.2)."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise TokenRefused("not an http URL")
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path or '/'}"
