"""Something fetched from the provider and kept for a while: one caller fetches, and nobody makes us hammer the provider."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from federation.errors import UpstreamDown, UpstreamWrong

T = TypeVar("T")

FRESH = timedelta(hours=1)
STALE = timedelta(days=1)
"""So long a copy serves while no fresh one can be fetched."""
PAUSE = timedelta(seconds=10)
"""So long a failed fetch is not tried again."""
COOLDOWN = timedelta(seconds=30)
"""So often a copy is fetched anew before its time, as for a ``kid`` it lacks."""
PATIENCE = 2.0
"""So many seconds the others wait for the one that fetches: a silent provider leaves threads for everybody else."""


class Kept(Generic[T]):
    """A copy of what ``fetch`` returns. Safe to share between threads: one fetches, and the others wait, though not for long."""

    def __init__(self, fetch: Callable[[], T]) -> None:
        """Take what fetches; it raises ``UpstreamDown`` or ``UpstreamWrong``."""
        self._fetch = fetch
        self._lock = threading.Lock()
        self._copy: tuple[T, datetime] | None = None
        self._failed: tuple[UpstreamDown | UpstreamWrong, datetime] | None = None

    def get(self, now: datetime) -> T:
        """Return the copy, fetched within the hour, or a day where the provider is away; else raise what fetching raised."""
        try:
            with self._alone():
                if self._copy is not None and now < self._copy[1] + FRESH:
                    return self._copy[0]
                return self._fetched(now)
        except UpstreamDown:
            copy = self._copy
            if copy is None or now >= copy[1] + STALE:
                raise
            return copy[0]

    def renewed(self, now: datetime) -> T:
        """Return a copy fetched at most 30 s ago."""
        with self._alone():
            if self._copy is not None and now < self._copy[1] + COOLDOWN:
                return self._copy[0]
            return self._fetched(now)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise UpstreamDown("others are waiting for the provider already", retry_after=5)
        try:
            yield
        finally:
            self._lock.release()

    def _fetched(self, now: datetime) -> T:
        if self._failed is not None and now < self._failed[1] + PAUSE:
            raise type(self._failed[0])(self._failed[0].detail)
        try:
            copy = self._fetch()
        except (UpstreamDown, UpstreamWrong) as error:
            self._failed = (error, now)
            raise
        self._copy, self._failed = (copy, now), None
        return copy
