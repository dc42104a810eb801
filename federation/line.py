"""The line to another party: dialled through the guard, and cut at a deadline.

A socket's timeout starts anew with every byte, so a party that drips could hold a worker for hours (slowloris); only a
clock outside the exchange ends that.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from socket import SHUT_RDWR, socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from federation.address import AddressGuard

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0


class Brake:
    """Ends an exchange at its deadline, however slowly the other side drips (a timeout restarts with every byte)."""

    def __init__(self, guard: AddressGuard) -> None:
        self.guard = guard
        self.pulled = False
        self._lock = threading.Lock()
        self._line: socket | None = None
        self._left: list[socket] = []

    def watch(self, line: socket | None) -> None:
        """Hold this line, and cut it at once when the time is over already."""
        with self._lock:
            self._line = line
        if self.pulled:
            self.pull()

    def leave(self, line: socket) -> None:
        """Take a line over from a connection that closes: an answer without a length is read after that."""
        self._left.append(line)

    def release(self) -> None:
        """Let go of every line, at the end of the exchange."""
        self.watch(None)
        for line in self._left:
            line.close()

    def pull(self) -> None:
        """Cut the line that is held: whoever reads from it or writes to it comes back."""
        with self._lock:
            self.pulled = True
            if self._line is not None:
                _hang_up(self._line)


def _hang_up(line: socket) -> None:
    try:
        line.shutdown(SHUT_RDWR)
    except OSError:
        return  # The line is closed already, which is all that was wanted.


_brake: ContextVar[Brake | None] = ContextVar("brake", default=None)


def _held() -> Brake:
    """Return the brake of the present exchange; nothing is sent without one."""
    brake = _brake.get()
    if brake is None:
        raise RuntimeError("an exchange without a deadline")
    return brake


@contextmanager
def deadline(guard: AddressGuard, seconds: float) -> Iterator[Brake]:
    """Bound every exchange in the block: ``guard`` judges what is dialled, and after ``seconds`` the line is cut.

    Whoever reads an answer asks ``pulled`` afterwards: a cut line looks like the end of an answer without a length.
    """
    brake = Brake(guard)
    timer = threading.Timer(seconds, brake.pull)
    timer.daemon = True
    held = _brake.set(brake)
    timer.start()
    try:
        yield brake
    finally:
        timer.cancel()
        brake.release()
        _brake.reset(held)


class _GuardedHTTP(HTTPConnection):
    """A connection that dials only what the guard opens, and can be ended from outside."""

    scheme = "http"
    _line: socket | None = None

    def _new_conn(self) -> socket:
        brake = _held()
        dialled = brake.guard.open(self.scheme, self.host, self.port, CONNECT_SECONDS)
        dialled.settimeout(READ_SECONDS)
        # TLS takes the socket over, so the brake holds a second handle on the same line.
        self._line = dialled.dup()
        brake.watch(self._line)
        return dialled

    def request(self, *args: Any, **kwargs: Any) -> None:
        _held().watch(self._line)
        super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        line, self._line = self._line, None
        brake = _brake.get()
        if line is not None and brake is not None:
            brake.leave(line)
        elif line is not None:
            line.close()


class _GuardedHTTPS(_GuardedHTTP, HTTPSConnection):
    scheme = "https"


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


POOLS = {"http": _HTTPPool, "https": _HTTPSPool}
"""For a urllib3 pool manager: connections of these pools are guarded, and need a ``deadline`` around them."""
