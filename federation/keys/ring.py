"""The keys of one purpose, past, present and next: which signs now, which others may still accept, which are history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from federation import clock
from federation.jwk import PublicKey, PublicKeys
from federation.keys.pair import KeyPair

Reason = Literal["unspecified", "compromised", "superseded"]
"""Why a key was revoked, in the words of OpenID Federation 1.1, 8.7.3."""


@dataclass(frozen=True)
class Revocation:
    """When a key ended before its time, and why. From ``at`` on nothing it signs is believed."""

    at: datetime
    reason: Reason


@dataclass(frozen=True)
class RingKey:
    """One key's term: it is published from ``made`` to ``until`` (for ever if None) and signs from ``signs_from``.

    Of a key that has been retired or revoked the private half is gone, and ``pair`` is None.
    """

    public: PublicKey
    pair: KeyPair | None
    made: datetime
    signs_from: datetime
    until: datetime | None = None
    revoked: Revocation | None = None

    def is_published(self, now: datetime) -> bool:
        """Say whether others should still accept the key at ``now``."""
        return self.revoked is None and (self.until is None or now < self.until)


class KeyRing:
    """The keys of one purpose. Reads the clock, since a rotation takes effect by time."""

    def __init__(self, read: Callable[[], tuple[RingKey, ...]], clock: Callable[[], datetime] = clock.now) -> None:
        """Take a source of the ring's keys, asked every time, so that a rotation by command is seen at once."""
        self._read = read
        self._clock = clock

    @property
    def current(self) -> KeyPair:
        """The pair to sign with now: of those whose time has come, the newest."""
        now = self._clock()
        able = [(key.signs_from, key.pair) for key in self._read() if key.pair is not None and key.is_published(now)]
        ready = [(since, pair) for since, pair in able if since <= now]
        # A clock that was set back finds no key whose time has come; then the first of them signs.
        return max(ready, key=_since)[1] if ready else min(able, key=_since)[1]

    @property
    def others(self) -> tuple[PublicKey, ...]:
        """The other published keys: one announced but not yet used, and ones just retired."""
        current, now = self.current.kid, self._clock()
        return tuple(key.public for key in self._read() if key.is_published(now) and key.public.kid != current)

    def public(self) -> PublicKeys:
        """Return every published key, to verify our own tokens with."""
        return PublicKeys([self.current.public, *self.others])

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the JWK set to publish, the current key first."""
        return self.public().jwks()

    def terms(self) -> list[tuple[PublicKey, datetime | None]]:
        """Return every published key with the end of its term, None for no end."""
        now = self._clock()
        return [(key.public, key.until) for key in self._read() if key.is_published(now)]

    def ours(self) -> frozenset[str]:
        """Return the thumbprints of all keys that were ever of this ring, those of former times too."""
        return frozenset(key.public.kid for key in self._read())

    def historical(self) -> list[dict[str, object]]:
        """Return the former keys as OpenID Federation 1.1, 8.7 lists them: JWK, ``iat``, ``exp`` and ``revoked``.

        A key that a rotation has retired was superseded; one that was compromised says so, and since when.
        """
        now = self._clock()
        return [_former(key) for key in self._read() if not key.is_published(now)]


def ring_of(pair: KeyPair) -> KeyRing:
    """Return a ring of one pair that is never rotated: for a key from the environment, and for tests."""
    start = datetime.min.replace(tzinfo=UTC)
    keys = (RingKey(pair.public, pair, start, start),)
    return KeyRing(lambda: keys)


def _former(key: RingKey) -> dict[str, object]:
    ended = key.revoked or Revocation(key.until or key.made, "superseded")
    end = min(key.until or ended.at, ended.at)
    return {
        **key.public.jwk(),
        "iat": int(key.made.timestamp()),
        "exp": int(end.timestamp()),
        "revoked": {"revoked_at": int(ended.at.timestamp()), "reason": ended.reason},
    }


def _since(term: tuple[datetime, KeyPair]) -> datetime:
    return term[0]
