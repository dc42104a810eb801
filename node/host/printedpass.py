"""A pass as it is printed: the signed token without what its host knows by itself, in letters that every reader can type.

A QR code of version 10 holds no signed JSON of this length, and a reader that acts as a keyboard types lower case wrongly
where Caps Lock is on. So the claims stand as bytes, in base 32 (RFC 4648, section 6, unpadded: capitals and digits). Before
it is verified the token is built again, byte by byte, so what is believed is the signature of ``visit-pass+jwt`` as ever.
"""

import base64
import binascii
import json
import re
import struct
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from federation.errors import TokenRefused
from federation.jwk import PublicKeys
from federation.tokens import PASS

_PRINTED = re.compile("[A-Z2-7]{200,280}")
_KID = 6
"""Bytes of the key's thumbprint: they choose among a host's few keys, and prove nothing."""
_SIGNATURE = 64
_FORM = b"\x01"
_HEAD = struct.Struct(f">{_KID}s16s16sIII16s")
"""kid, booking, desk, version, iat, exp, jti; then the card's digest where there is one, and the signature."""
_LETTERS = 8


def printed(token: str) -> str:
    """Return a signed pass as it is printed. Raises ``ValueError`` for a token that is no pass of ``Passes.issue``."""
    header, payload, signature = (_bytes(part) for part in token.split("."))
    claims = json.loads(payload)
    head = _HEAD.pack(
        _bytes(json.loads(header)["kid"])[:_KID],
        UUID(claims["booking"]).bytes,
        UUID(claims["desk"]).bytes,
        claims["version"],
        claims["iat"],
        claims["exp"],
        _bytes(claims["jti"]),
    )
    return _written(_FORM + head + _bytes(claims.get("card", "")) + signature)


def is_printed(text: str) -> bool:
    """Say whether a text has the form of a printed pass."""
    return _PRINTED.fullmatch(text) is not None


def signed(text: str, issuer: str, keys: PublicKeys) -> str:
    """Return the token that a printed pass stands for; raise ``TokenRefused`` for what is none. Nothing is verified yet."""
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % _LETTERS))
        form, packed = raw[:1], raw[1 : 1 + _HEAD.size]
        card, signature = raw[1 + _HEAD.size : -_SIGNATURE], raw[-_SIGNATURE:]
        kid, booking, desk, version, iat, exp, jti = _HEAD.unpack(packed)
    except (binascii.Error, struct.error) as error:
        raise TokenRefused(f"not a printed pass: {error}") from None
    if form != _FORM or _written(raw) != text:
        raise TokenRefused("a printed pass of another form")
    key = next((one for one in keys if _bytes(one)[:_KID] == kid), None)
    if key is None:
        raise TokenRefused("the key of this pass is not among ours")
    ids = {"booking": str(UUID(bytes=booking)), "desk": str(UUID(bytes=desk))}
    claims = claims_of(issuer, **ids, version=version, exp=exp, card=_text(card))
    header = _json({"alg": "ES256", "kid": key, "typ": PASS.typ})
    return ".".join(map(_text, (header, _json({**claims, "iat": iat, "jti": _text(jti)}), signature)))


def claims_of(issuer: str, *, booking: str, version: int, desk: str, exp: object, card: str) -> dict[str, object]:
    """Return the claims of a pass in the order in which they are signed; ``card`` is left out where it is empty."""
    addressed = {"iss": issuer, "aud": issuer, "booking": booking, "version": version, "desk": desk, "exp": exp}
    return {**addressed, "card": card} if card else addressed


def _written(raw: bytes) -> str:
    return base64.b32encode(raw).rstrip(b"=").decode()


def _json(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
