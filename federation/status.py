"""The registry's one status list: two bits a member, signed every minute (Token Status List, draft-ietf-oauth-status-list)."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from federation.errors import TrustBroken
from federation.keys import KeyRing
from federation.tokens import STATUS_LIST

Status = Literal["valid", "invalid", "suspended"]

BITS = 2
LIFE = timedelta(minutes=10)
TTL = timedelta(minutes=1)
MAX_MEMBERS = 20_000
_MAX_BYTES = MAX_MEMBERS * BITS // 8
_VALUES: dict[Status, int] = {"valid": 0, "invalid": 1, "suspended": 2}
_NAMES: dict[int, Status] = {value: name for name, value in _VALUES.items()}


def status_list(
    *, issuer: str, federation: KeyRing, uri: str, statuses: Mapping[int, Status], now: datetime, life: timedelta = LIFE
) -> str:
    """Sign the list; an index nobody has reads as invalid, so that a number from nowhere is never a member."""
    claims = {
        "iss": issuer,
        "sub": uri,
        "ttl": int(TTL.total_seconds()),
        "status_list": {"bits": BITS, "lst": _pack(statuses)},
    }
    return STATUS_LIST.sign(federation.current, claims, now=now, life=life)


def _pack(statuses: Mapping[int, Status]) -> str:
    count = max(statuses, default=-1) + 1
    if count > MAX_MEMBERS:
        raise ValueError(f"{count} members are more than a status list holds")
    packed = bytearray(b"\x55" * -(-count * BITS // 8))
    for index, status in statuses.items():
        place, shift = index // 4, index % 4 * BITS
        packed[place] = packed[place] & ~(3 << shift) | _VALUES[status] << shift
    return base64.urlsafe_b64encode(zlib.compress(bytes(packed), 9)).rstrip(b"=").decode()


@dataclass(frozen=True)
class StatusList:
    """A status list that was verified: issued and expiring when, and its bits."""

    issued: datetime
    expires: datetime
    packed: bytes

    def status(self, index: int) -> Status:
        """Return the status at ``index``; raise ``TrustBroken`` for one outside the list, or a value of nobody's."""
        place, shift = index // 4, index % 4 * BITS
        if not 0 <= place < len(self.packed):
            raise TrustBroken(f"status index {index} is outside the list")
        value = self.packed[place] >> shift & 3
        if value not in _NAMES:
            raise TrustBroken(f"status {value} at {index}")
        return _NAMES[value]


def read_status_list(claims: Mapping[str, object], uri: str) -> StatusList:
    """Read verified claims as the status list that stands at ``uri``; raise ``TrustBroken``."""
    body, issued, expires = claims.get("status_list"), claims.get("iat"), claims.get("exp")
    if claims.get("sub") != uri or not isinstance(body, dict) or body.get("bits") != BITS:
        raise TrustBroken("not the status list of this address, or not of two bits")
    if type(issued) is not int or type(expires) is not int:
        raise TrustBroken("a status list without its times")
    return StatusList(
        datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC), _unpack(body.get("lst"))
    )


def _unpack(text: object) -> bytes:
    """Decompress at most what the largest list needs, whatever the input would grow to."""
    if not isinstance(text, str) or not text.isascii():
        raise TrustBroken("lst is not text")
    try:
        deflated = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        inflater = zlib.decompressobj()
        packed = inflater.decompress(deflated, _MAX_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise TrustBroken(f"lst: {error}") from None
    if not inflater.eof or inflater.unused_data:
        raise TrustBroken("lst is too long, cut off, or followed by something")
    return packed
