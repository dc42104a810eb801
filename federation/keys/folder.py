"""A ring's folder: opened, rotated with an overlap, and its keys revoked at once when they may be in other hands.

The folder holds ``{purpose}.json``, the terms of the keys, and for each of them one ``{purpose}-{kid}.pem``, or a
``.jwk`` with the public half when the key is of former times.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from federation import clock
from federation.jwk import PublicKey, parse_jwk
from federation.keys.pair import KeyPair, load, make, store, write_new
from federation.keys.ring import KeyRing, Reason, Revocation, RingKey

Purpose = Literal["federation", "protocol", "pass"]
PURPOSES: tuple[Purpose, ...] = ("federation", "protocol", "pass")

ANNOUNCE = timedelta(days=1)
"""Statements live a day, so after it everyone knows the new key before it signs (OpenID Federation 1.1, 11.2)."""
OVERLAP: dict[Purpose, timedelta] = {
    "federation": timedelta(days=2),
    "protocol": timedelta(days=2),
    "pass": timedelta(days=401),
}
"""How much longer an old key is published: as long as what it has signed may live."""


def open_ring(folder: Path, purpose: Purpose, *, clock: Callable[[], datetime] = clock.now) -> KeyRing:
    """Open the ring kept in ``folder``, making its first key when there is none."""
    if not _index(folder, purpose).exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            if not _index(folder, purpose).exists():
                _add(folder, purpose, (), clock(), timedelta(0))
    return KeyRing(_Folder(folder, purpose).read, clock)


def rotate(
    folder: Path,
    purpose: Purpose,
    *,
    now: datetime,
    announce: timedelta = ANNOUNCE,
    overlap: timedelta | None = None,
) -> KeyPair:
    """Make the next key: published at once, signing after ``announce``, the older ones published ``overlap`` longer.

    The private half of every key whose term has ended is deleted. Returns the new pair. Raises ``FileNotFoundError``
    when the ring has never been opened.
    """
    until = now + announce + (OVERLAP[purpose] if overlap is None else overlap)
    with _alone(folder):
        keys = _read_index(folder, purpose)
        ending = tuple(replace(key, until=min(key.until or until, until)) for key in keys)
        fresh = _add(folder, purpose, ending, now, announce)
        _bury(folder, purpose, ending, now)
    return fresh


def revoke(folder: Path, purpose: Purpose, *, now: datetime, reason: Reason = "compromised") -> KeyPair:
    """End every key of the ring now, and make one that signs at once; return it.

    All of them, since whoever has read one file of the folder may have read the others, the next key's too. Their
    private halves are deleted. Raises ``FileNotFoundError`` when the ring has never been opened.
    """
    with _alone(folder):
        keys = _read_index(folder, purpose)
        ended = tuple(replace(key, revoked=Revocation(now, reason)) if key.is_published(now) else key for key in keys)
        fresh = _add(folder, purpose, ended, now, timedelta(0))
        _bury(folder, purpose, ended, now)
    return fresh


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


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one command at a time change the folder: of two rotations neither forgets the other's key."""
    with os.fdopen(os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
    return tuple(_read_term(term, *_read_halves(folder, purpose, term["kid"])) for term in terms)


def _read_term(term: dict[str, Any], public: PublicKey, pair: KeyPair | None) -> RingKey:
    revoked = term.get("revoked")
    return RingKey(
        public,
        pair,
        datetime.fromisoformat(term["made"]),
        datetime.fromisoformat(term["signs_from"]),
        datetime.fromisoformat(term["until"]) if term["until"] else None,
        Revocation(datetime.fromisoformat(revoked["at"]), revoked["reason"]) if revoked else None,
    )


def _add(folder: Path, purpose: Purpose, keys: tuple[RingKey, ...], now: datetime, announce: timedelta) -> KeyPair:
    pair = make()
    store(_file(folder, purpose, pair.kid, "pem"), pair)
    terms = [_term(key) for key in (*keys, RingKey(pair.public, pair, now, now + announce))]
    # The index is replaced in one step, so a reader sees the ring before or after the change and never between.
    fresh = folder / f".{purpose}-{pair.kid}.json"
    write_new(fresh, json.dumps(terms, indent=1).encode())
    fresh.replace(_index(folder, purpose))
    return pair


def _term(key: RingKey) -> dict[str, object]:
    return {
        "kid": key.public.kid,
        "made": key.made.isoformat(),
        "signs_from": key.signs_from.isoformat(),
        "until": key.until.isoformat() if key.until else None,
    } | ({"revoked": {"at": key.revoked.at.isoformat(), "reason": key.revoked.reason}} if key.revoked else {})


def _bury(folder: Path, purpose: Purpose, keys: Iterable[RingKey], now: datetime) -> None:
    """Delete the private halves of the keys whose time is over."""
    for key in keys:
        if key.pair is None or key.is_published(now):
            continue
        public = _file(folder, purpose, key.public.kid, "jwk")
        if not public.exists():
            write_new(public, json.dumps(key.public.jwk()).encode())
        _file(folder, purpose, key.public.kid, "pem").unlink()
