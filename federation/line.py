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

    def watch(self, line: socket | None) -> None:
        with self._lock:
            self._line = line
        if self.pulled:
            self.pull()

    def pull(self) -> None:
        with self._lock:
            self.pulled = True
            if self._line is not None:
                _hang_up(self._line)


def _hang_up(line: socket) -> None:
    try:
        line.shutdown(SHUT_RDWR)
    except OSError:
        return  # The line is closed already, which is all that was wanted.


_brake: ContextVar[Brake] = ContextVar("brake")


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
        brake.watch(None)
        _brake.reset(held)


class _GuardedHTTP(HTTPConnection):
    """A connection that dials only what the guard opens, and can be ended from outside."""

    scheme = "http"
    _line: socket | None = None

    def _new_conn(self) -> socket:
        brake = _brake.get()
        dialled = brake.guard.open(self.scheme, self.host, self.port, CONNECT_SECONDS)
        dialled.settimeout(READ_SECONDS)
        # TLS takes the socket over, so the brake holds a second handle on the same line.
        self._line = dialled.dup()
        brake.watch(self._line)
        return dialled

    def request(self, *args: Any, **kwargs: Any) -> None:
        _brake.get().watch(self._line)
        super().request(*args, **kwargs)

    def close(self) -> None:
        super().close()
        if self._line is not None:
            self._line.close()
            self._line = None


class _GuardedHTTPS(_GuardedHTTP, HTTPSConnection):
    scheme = "https"


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


POOLS = {"http": _HTTPPool, "https": _HTTPSPool}
"""For a urllib3 pool manager: connections of these pools are guarded, and need a ``deadline`` around them."""
