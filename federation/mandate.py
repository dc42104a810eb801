"""The recovery key's mandate: which online keys may speak for the trust anchor, and how long.

Members pin the recovery key, which is kept offline and signs nothing else. Its newest word travels in every
configuration of the anchor, so that a planned rotation and the loss of the online key reach each member the same way,
also one that was away for months. Whoever has an online key alone cannot name another (OpenID Federation 1.1, 11.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from federation.errors import TokenRefused, TrustBroken
from federation.jwk import PublicKey, PublicKeys, parse_jwks
from federation.keys import KeyPair
from federation.tokens import ANCHOR_KEYS, Claims, peek

CARRIED_AS = "anchor_keys"
"""The parameter of ``federation_entity`` in the anchor's configuration that holds the mandate."""


@dataclass(frozen=True)
class Mandate:
    """Thumbprints of the keys that may sign for the anchor, each with the end of its term, None for no end."""

    issued: datetime
    terms: Mapping[str, datetime | None]

    def names(self, thumbprint: str, now: datetime) -> bool:
        """Say whether the key of this thumbprint may sign now."""
        until = self.terms.get(thumbprint, datetime.min.replace(tzinfo=UTC))
        return until is None or now < until


def draw_up(
    recovery: KeyPair, anchor: str, terms: Iterable[tuple[PublicKey, datetime | None]], *, now: datetime, last: str = ""
) -> str:
    """Sign which keys may speak for the anchor; ``last`` is the mandate so far, which this one must be newer than."""
    named = [key.jwk() | ({"exp": int(until.timestamp())} if until else {}) for key, until in terms]
    issued = int(now.timestamp())
    if last:
        issued = max(issued, int(peek(last).claims["iat"]) + 1)
    claims = {"iss": anchor, "sub": anchor, "iat": issued, "jwks": {"keys": [recovery.public_jwk(), *named]}}
    return ANCHOR_KEYS.sign(recovery, claims, now=now)


def carried(claims: Mapping[str, object]) -> str:
    """Return the mandate that a configuration's claims carry, unverified, or nothing."""
    metadata = claims.get("metadata")
    parameters = metadata.get("federation_entity") if isinstance(metadata, Mapping) else None
    found = parameters.get(CARRIED_AS, "") if isinstance(parameters, Mapping) else ""
    if not isinstance(found, str):
        raise TrustBroken(f"{CARRIED_AS} is no token")
    return found


def read(token: str, anchor: str, recovery: str, *, now: datetime) -> Mandate:
    """Verify a mandate by the pinned thumbprint of the recovery key; raise ``TrustBroken``."""
    try:
        claims = _verified(token, anchor, recovery, now)
        keys = parse_jwks(claims["jwks"])
    except TokenRefused as error:
        raise TrustBroken(f"mandate: {error.detail}") from None
    ends = {str(jwk.get("kid")): jwk["exp"] for jwk in claims["jwks"]["keys"] if "exp" in jwk}
    terms = {key.thumbprint: _end(ends[kid]) if kid in ends else None for kid, key in keys.items()}
    terms.pop(recovery, None)
    return Mandate(datetime.fromtimestamp(claims["iat"], UTC), terms)


def _verified(token: str, anchor: str, recovery: str, now: datetime) -> Claims:
    pinned = [key for key in parse_jwks(peek(token).claims.get("jwks")).values() if key.thumbprint == recovery]
    return ANCHOR_KEYS.verify(token, PublicKeys(pinned), now=now, issuer=anchor)


def _end(seconds: object) -> datetime:
    if type(seconds) is not int or not 0 < seconds < 2**33:
        raise TrustBroken("mandate: exp is not a time")
    return datetime.fromtimestamp(seconds, UTC)
