"""Nonces for DPoP proofs (RFC 9449, 8): a proof is fresh by our clock, not by the caller's, and none is made in advance.

Nothing is stored: a nonce is a keyed digest of the present slot of time, so every worker gives and knows the same one.
The slot before counts too, so that a caller learns of the new one from an answer and not from a refusal.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from federation.errors import NonceNeeded
from federation.jwk import to_base64url

HEADER = "DPoP-Nonce"
SLOT = timedelta(minutes=2)


class Nonces:
    """The nonces of one party; ``secret`` is its own, shared by its workers and by nobody else."""

    def __init__(self, secret: str) -> None:
        """Derive the key, so that nothing else made with the secret can be mistaken for a nonce."""
        self._key = hmac.digest(secret.encode(), b"tachiyori dpop nonce", hashlib.sha256)

    def current(self, now: datetime) -> str:
        """Return the nonce to give out now."""
        return self._of(_slot(now))

    def check(self, nonce: str | None, now: datetime) -> None:
        """Raise ``NonceNeeded`` unless ``nonce`` is of this slot or the one before."""
        good = [hmac.compare_digest((nonce or "").encode(), self._of(_slot(now) - age).encode()) for age in (0, 1)]
        if not any(good):
            raise NonceNeeded(
                "the proof has no nonce of ours" if nonce is None else "the proof's nonce is not ours now"
            )

    def _of(self, slot: int) -> str:
        return to_base64url(hmac.digest(self._key, slot.to_bytes(8, "big"), hashlib.sha256)[:16])


def _slot(now: datetime) -> int:
    return int(now.timestamp() // SLOT.total_seconds())
