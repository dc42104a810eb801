"""One fetch at a time for each member, seldom, and few at once: an unsigned token is enough to ask for one."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus

from federation.errors import PeerRefused, TachiyoriError

log = logging.getLogger(__name__)

COOLDOWN = timedelta(seconds=30)
ABSENT = timedelta(seconds=60)
"""How long the registry's answer that it knows no such member stands (OpenID Federation 1.1, 18.1)."""
AT_ONCE = 2
WAITING = 4
"""So many threads wait for what others fetch; more are refused at once, since silent members must not hold them all."""
PATIENCE = 5.0


class Outcome(Enum):
    """What came of a fetch."""

    FRESH = "fresh"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass
class _Flight:
    landed: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome = Outcome.FAILED


class Flights:
    """The fetches of one process: who asks for what is being fetched waits for it instead of fetching again."""

    def __init__(self) -> None:
        """Begin with nothing fetched."""
        self._lock = threading.Lock()
        self._starting = threading.BoundedSemaphore(AT_ONCE)
        self._waiting = threading.BoundedSemaphore(WAITING)
        self._flying: dict[str, _Flight] = {}
        self._landed: dict[str, tuple[datetime, Outcome]] = {}

    def fetch(self, name: str, now: datetime, fetch: Callable[[], None]) -> bool:
        """Fetch unless it was done lately; say whether what is known of ``name`` is fresh, by this fetch or the last.

        Only names of the members table come here, so what is remembered is bounded by it.
        """
        with self._lock:
            flight = self._flying.get(name)
            lately = flight is None and self._lately(name, now)
            if flight is None and (lately or not self._starting.acquire(blocking=False)):
                return lately and self._landed[name][1] is Outcome.FRESH
            started = None if flight else self._flying.setdefault(name, _Flight())
        if started is not None:
            return self._fly(name, now, started, fetch)
        return flight is not None and self._wait(flight)

    def _lately(self, name: str, now: datetime) -> bool:
        at, outcome = self._landed.get(name, (None, Outcome.FAILED))
        return at is not None and now < at + (ABSENT if outcome is Outcome.ABSENT else COOLDOWN)

    def _fly(self, name: str, now: datetime, flight: _Flight, fetch: Callable[[], None]) -> bool:
        try:
            flight.outcome = _outcome(name, fetch)
        finally:
            with self._lock:
                self._landed[name] = (now, flight.outcome)
                del self._flying[name]
            self._starting.release()
            flight.landed.set()
        return flight.outcome is Outcome.FRESH

    def _wait(self, flight: _Flight) -> bool:
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return flight.landed.wait(PATIENCE) and flight.outcome is Outcome.FRESH
        finally:
            self._waiting.release()


def _outcome(name: str, fetch: Callable[[], None]) -> Outcome:
    """Fetch, and say what came of it; why not is for the log."""
    try:
        fetch()
    except TachiyoriError as error:
        log.warning("members: %s was not refetched: %s", name, error.detail)
        absent = isinstance(error, PeerRefused) and error.answered == HTTPStatus.NOT_FOUND
        return Outcome.ABSENT if absent else Outcome.FAILED
    return Outcome.FRESH
