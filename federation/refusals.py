"""Refusals in the audit log: each one of a party that proved who it is, and of everybody else as many as a disk can bear.

A stranger may say any name, so what a stranger is refused is written down as said, with a limit: the first few hundred
at once, and one in ten seconds for ever. What goes beyond is counted, and the count is a line of its own.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from federation import audit
from federation.envelope import shown
from federation.storage import Storage

BURST = 300
"""So many refusals of strangers are written down one by one before they are folded."""
PERIOD = timedelta(seconds=10)
"""How long it takes until one more may be: 8,640 lines a day, about 3 MB, whatever anybody sends."""


class Refusals:
    """Writes refusals down, each in a transaction of its own. Safe to share between threads; each process has its own."""

    def __init__(self, storage: Storage, clock: Callable[[], datetime]) -> None:
        """Take where the log is, and a clock giving aware UTC."""
        self._storage = storage
        self._clock = clock
        self._lock = threading.Lock()
        self._left, self._since, self._folded = float(BURST), clock(), 0

    def of_party(self, event: str, party: str, reason: str, *, subject: str = "", jti: str = "") -> None:
        """Write down what a party was refused that has proved who it is; ``reason`` is the error's code."""
        line = {"event": event, "actor": party, "subject": subject or party, "reason": reason, "jti": jti}
        with self._storage.transaction(write=True) as db:
            audit.record(db, **line, verdict="refused", now=self._clock())

    def of_stranger(self, event: str, said: object, reason: str) -> None:
        """Write down, or count, what somebody was refused who only says who they are."""
        folded = self._admit(self._clock())
        if folded is None:
            return
        if folded:
            self.of_party("refusals", "strangers", f"{folded} more, not listed")
        self.of_party(event, "stranger", reason, subject=shown(said))

    def _admit(self, now: datetime) -> int | None:
        """Return how many were folded since the last line, or None when this one is folded too."""
        with self._lock:
            grown = max((now - self._since) / PERIOD, 0.0)
            self._left, self._since = min(self._left + grown, float(BURST)), max(now, self._since)
            if self._left < 1:
                self._folded += 1
                return None
            self._left -= 1
            folded, self._folded = self._folded, 0
            return folded
