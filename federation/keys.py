"""Our own key pairs: made, kept as files of mode 0600, rotated with an overlap, published as JWK sets.

Only P-256 for ES256. A party has one ring per purpose, so that no key speaks in two roles (OpenID Federation 1.1,
3.1.1). What others publish is read in ``federation.jwk``, whose names are offered here too.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from federation import clock
from federation.jwk import (
    PublicKey,
    PublicKeys,
    from_base64url,
    from_cryptography,
    parse_jwk,
    parse_jwks,
    thumbprint,
    to_base64url,
)

__all__ = [
    "KeyPair",
    "KeyRing",
    "PublicKey",
    "PublicKeys",
    "Purpose",
    "RingKey",
    "from_base64url",
    "load",
    "make",
    "open_ring",
    "parse_jwk",
    "parse_jwks",
    "parse_pem",
    "ring_of",
    "rotate",
    "store",
    "thumbprint",
    "to_base64url",
]

Purpose = Literal["federation", "protocol", "pass"]

_OVERLAP: dict[Purpose, timedelta] = {
    "federation": timedelta(days=2),
    "protocol": timedelta(days=2),
    "pass": timedelta(days=401),
}


@dataclass(frozen=True)
class KeyPair:
    """A P-256 key pair. ``kid`` is the RFC 7638 thumbprint; the private key never shows in a log."""

    kid: str
    private: ec.EllipticCurvePrivateKey = field(repr=False, compare=False)

    @cached_property
    def public(self) -> PublicKey:
        """The half that others may see, ready to verify with."""
        return from_cryptography(self.private.public_key())

    def public_jwk(self) -> dict[str, str]:
        """Return the public JWK with kid, ``alg: ES256`` and ``use: sig``."""
        return self.public.jwk()


def make() -> KeyPair:
    """Make a new pair from the operating system's randomness."""
    return _pair(ec.generate_private_key(ec.SECP256R1()))


def parse_pem(pem: bytes) -> KeyPair:
    """Read an unencrypted PKCS#8 PEM, as a file or the environment holds it; raise ``ValueError`` if it is not P-256."""
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("the key file holds no elliptic curve key")  # noqa: TRY004 - The content is wrong, not a type in our code.
    return _pair(private)


def load(path: Path) -> KeyPair:
    """Read a key file; raise ``PermissionError`` when group or others may touch it, ``ValueError`` if it is no P-256."""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} must be readable by its owner only (chmod 600)")
    return parse_pem(path.read_bytes())


def store(path: Path, pair: KeyPair) -> None:
    """Write the pair as PKCS#8 PEM with mode 0600; raise ``FileExistsError`` rather than overwrite a key."""
    pem = pair.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_new(path, pem)


@dataclass(frozen=True)
class RingKey:
    """One key's term: it is published from ``made`` to ``until`` (for ever if None) and signs from ``signs_from``.

    Of a key that has been retired the private half is gone, and ``pair`` is None.
    """

    public: PublicKey
    pair: KeyPair | None
    made: datetime
    signs_from: datetime
    until: datetime | None = None

    def is_published(self, now: datetime) -> bool:
        """Say whether others should still accept the key at ``now``."""
        return self.until is None or now < self.until


class KeyRing:
    """The keys of one purpose, past, present and next. Reads the clock, since a rotation takes effect by time."""

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

    def historical(self) -> list[dict[str, object]]:
        """Return the retired keys as OpenID Federation 1.1, 8.7 lists them: JWK, ``iat`` and ``exp`` in seconds."""
        now = self._clock()
        return [
            {**key.public.jwk(), "iat": int(key.made.timestamp()), "exp": int(key.until.timestamp())}
            for key in self._read()
            if key.until is not None and key.until <= now
        ]


def ring_of(pair: KeyPair) -> KeyRing:
    """Return a ring of one pair that is never rotated: for a key from the environment, and for tests."""
    start = datetime.min.replace(tzinfo=UTC)
    keys = (RingKey(pair.public, pair, start, start),)
    return KeyRing(lambda: keys)


def open_ring(folder: Path, purpose: Purpose, *, clock: Callable[[], datetime] = clock.now) -> KeyRing:
    """Open the ring kept in ``folder``, making its first key when there is none.

    The folder holds ``{purpose}.json``, the terms of the keys, and for each of them one ``{purpose}-{kid}.pem``, or a
    ``.jwk`` with the public half when the key has been retired.
    """
    index = _index(folder, purpose)
    if not index.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _add(folder, purpose, (), clock(), timedelta(0))
    return KeyRing(_Folder(folder, purpose).read, clock)


def rotate(
    folder: Path,
    purpose: Purpose,
    *,
    now: datetime,
    announce: timedelta = timedelta(days=1),
    overlap: timedelta | None = None,
) -> KeyPair:
    """Make the next key: published at once, signing after ``announce``, the older ones published ``overlap`` longer.

    Statements live 24 h, so after one day everyone knows the new key before it signs (OpenID Federation 1.1, 11.2).
    The overlap is 2 days, and for passes as long as a pass may live. The private half of every key whose term has ended
    is deleted. Returns the new pair. Raises ``FileNotFoundError`` when the ring has never been opened.
    """
    until = now + announce + (_OVERLAP[purpose] if overlap is None else overlap)
    keys = _read_index(folder, purpose)
    ending = tuple(replace(key, until=min(key.until or until, until)) for key in keys)
    fresh = _add(folder, purpose, ending, now, announce)
    for key in ending:
        if key.pair is not None and not key.is_published(now):
            _write_new(_file(folder, purpose, key.public.kid, "jwk"), json.dumps(key.public.jwk()).encode())
            _file(folder, purpose, key.public.kid, "pem").unlink()
    return fresh


def _since(term: tuple[datetime, KeyPair]) -> datetime:
    return term[0]


def _pair(private: ec.EllipticCurvePrivateKey) -> KeyPair:
    return KeyPair(from_cryptography(private.public_key()).kid, private)


class _Folder:
    """Reads a ring's folder again only when its index has changed."""

    def __init__(self, folder: Path, purpose: Purpose) -> None:
        self._folder, self._purpose = folder, purpose
        self._seen: tuple[tuple[int, int], tuple[RingKey, ...]] | None = None

    def read(self) -> tuple[RingKey, ...]:
        status = _index(self._folder, self._purpose).stat()
        version = (status.st_mtime_ns, status.st_ino)
        if self._seen is None or self._seen[0] != version:
            self._seen = (version, _read_index(self._folder, self._purpose))
        return self._seen[1]


def _index(folder: Path, purpose: Purpose) -> Path:
    return folder / f"{purpose}.json"


def _file(folder: Path, purpose: Purpose, kid: str, kind: Literal["pem", "jwk"]) -> Path:
    return folder / f"{purpose}-{kid}.{kind}"


def _read_halves(folder: Path, purpose: Purpose, kid: str) -> tuple[PublicKey, KeyPair | None]:
    try:
        pair = load(_file(folder, purpose, kid, "pem"))
    except FileNotFoundError:
        # The public half is written before the pair is deleted, so whoever misses the one finds the other.
        return parse_jwk(json.loads(_file(folder, purpose, kid, "jwk").read_text(encoding="utf-8"))), None
    return pair.public, pair


def _read_index(folder: Path, purpose: Purpose) -> tuple[RingKey, ...]:
    terms = json.loads(_index(folder, purpose).read_text(encoding="utf-8"))
    return tuple(
        RingKey(
            *_read_halves(folder, purpose, term["kid"]),
            datetime.fromisoformat(term["made"]),
            datetime.fromisoformat(term["signs_from"]),
            datetime.fromisoformat(term["until"]) if term["until"] else None,
        )
        for term in terms
    )


def _add(folder: Path, purpose: Purpose, keys: tuple[RingKey, ...], now: datetime, announce: timedelta) -> KeyPair:
    pair = make()
    store(_file(folder, purpose, pair.kid, "pem"), pair)
    terms = [_term(key) for key in (*keys, RingKey(pair.public, pair, now, now + announce))]
    # The index is replaced in one step, so a reader sees the ring before or after the rotation and never between.
    fresh = folder / f".{purpose}-{pair.kid}.json"
    _write_new(fresh, json.dumps(terms, indent=1).encode())
    fresh.replace(_index(folder, purpose))
    return pair


def _term(key: RingKey) -> dict[str, str | None]:
    return {
        "kid": key.public.kid,
        "made": key.made.isoformat(),
        "signs_from": key.signs_from.isoformat(),
        "until": key.until.isoformat() if key.until else None,
    }


def _write_new(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
