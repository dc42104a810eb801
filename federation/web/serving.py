"""Running an installation: one parent that holds the data folder, tends one server per port, and runs the jobs.

The tree is parent → one ``federation.web.listening`` per port → its workers. A worker that dies is replaced by its
server, a server that dies by the parent; and since a server outlives its parent by default, every child asks the kernel
to be told of its parent's death (prctl(2), PR_SET_PDEATHSIG).
"""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from federation.errors import AlreadyRunning, PortTaken, ServerFailed

Background = Callable[[threading.Event], None]

PATIENCE = 10.0
"""Seconds a port may stay taken at the start: the workers of a killed parent need a moment to go."""
GRACE = 15.0
"""Seconds the servers have to finish what they are answering once they are told to stop."""
_SETTLED = 10.0
_LONGEST_PAUSE = 30.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listener:
    """Where to listen. A proxy stands in front, so the loopback address is the default."""

    port: int
    address: str = "127.0.0.1"

    def is_free(self) -> bool:
        """Say whether nobody listens there. The server itself would share a taken port in silence (SO_REUSEPORT)."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.address, self.port))
            except OSError:
                return False
            return True

    def is_answered(self) -> bool:
        """Say whether somebody accepts connections there."""
        try:
            socket.create_connection((self.address, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def wait_until_free(self, patience: float = PATIENCE) -> None:
        """Return once the port is free; raise ``PortTaken`` when it is still taken after ``patience`` seconds."""
        deadline = time.monotonic() + patience
        while not self.is_free():
            if time.monotonic() >= deadline:
                raise PortTaken(f"{self.address}:{self.port}", facts={"port": self.port})
            time.sleep(0.1)


@dataclass(frozen=True)
class Installation:
    """What is run: ``target`` is ``module:function``, called without arguments in each worker, and returns a WSGI application.

    ``data`` and ``further`` are the folders held while it runs, one for each town served. ``threads`` is the number of
    requests one worker answers at once; the database pool is to be as large.
    """

    data: Path
    target: str
    listeners: Sequence[Listener]
    workers: int = 2
    threads: int = 8
    further: Sequence[Path] = ()


def serve(installation: Installation, background: Background | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then let the requests under way finish and return.

    ``background`` runs in a thread of this process until the event it is given is set (the scheduler's ``run``).
    Raises ``AlreadyRunning`` when another process serves one of the folders, ``PortTaken`` when a port is not free, and
    ``ServerFailed`` when a server cannot start or the background ends by itself.
    """
    with ExitStack() as held:
        for folder in sorted({installation.data, *installation.further}):
            held.enter_context(claimed(folder))
        for listener in installation.listeners:
            listener.wait_until_free()
        stop = threading.Event()
        held.enter_context(stopped_by_signals(stop))
        _Parent(installation, stop).run(background)


@contextmanager
def claimed(data: Path) -> Iterator[None]:
    """Hold the data folder for this process; raise ``AlreadyRunning`` with the holder's process id.

    The lock belongs to the open file (flock(2)), so it ends with the process however that ends, and a file that was left
    behind means nothing.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "serve.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(str(data), facts={"folder": str(data), "pid": file.read().strip() or "?"}) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set ``stop`` at SIGTERM or SIGINT while the block runs; only the main thread may do this."""

    def tell(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Parent:
    """Tends the servers and the background until told to stop."""

    def __init__(self, installation: Installation, stop: threading.Event) -> None:
        self._stop = stop
        self._servers = [_Server(installation, listener) for listener in installation.listeners]
        self._failed = threading.Event()

    def run(self, background: Background | None) -> None:
        thread = threading.Thread(target=self._run_background, args=(background,), name="background")
        try:
            # Servers are started by the main thread, whose end is the process's end: the kernel watches the thread.
            for server in self._servers:
                server.start()
            thread.start()
            self._tend()
        finally:
            self._stop.set()
            self._end()
            if thread.ident:
                thread.join(GRACE)
        if self._failed.is_set():
            raise ServerFailed("the background ended by itself", facts={"what": "jobs"})

    def _run_background(self, background: Background | None) -> None:
        if background is None:
            return
        # Jobs tell others to come and read, so the doors are open before they begin.
        while not all(server.listener.is_answered() for server in self._servers):
            if self._stop.wait(0.1):
                return
        try:
            background(self._stop)
        except Exception:  # noqa: BLE001 - Whatever it was, the process must end and say so.
            _log.exception("the background failed")
        if not self._stop.is_set():
            self._failed.set()
            self._stop.set()

    def _tend(self) -> None:
        while not self._stop.wait(0.2):
            for server in self._servers:
                server.tend()

    def _end(self) -> None:
        for server in self._servers:
            server.ask_to_stop()
        deadline = time.monotonic() + GRACE
        for server in self._servers:
            server.wait(max(0.1, deadline - time.monotonic()))


@dataclass
class _Server:
    """One granian on one port, started again when it ends unasked."""

    installation: Installation
    listener: Listener
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    settled: bool = False
    again_at: float | None = field(default=None)

    def start(self) -> None:
        given, at = self.installation, self.listener
        arguments = (given.target, at.address, at.port, given.workers, given.threads, os.getpid())
        command = [sys.executable, "-m", "federation.web.listening", *map(str, arguments)]
        # A process group of its own keeps Ctrl-C for the parent, which then stops all in order.
        self.process = subprocess.Popen(command, process_group=0)  # noqa: S603 - Our own interpreter and module.
        self.started, self.again_at = time.monotonic(), None

    def tend(self) -> None:
        """Start the server again if it has ended: at once, then after pauses that double up to half a minute."""
        now = time.monotonic()
        if self.again_at is not None:
            if now >= self.again_at:
                self.start()
        elif self.process is not None and self.process.poll() is not None:
            self._ended(now)
        elif now - self.started > _SETTLED:
            self.settled, self.failures = True, 0

    def _ended(self, now: float) -> None:
        where = f"{self.listener.address}:{self.listener.port}"
        if not self.settled:
            raise ServerFailed(f"{where} ended while starting", facts={"what": where})
        self.again_at = now + min(2.0**self.failures - 1, _LONGEST_PAUSE)
        self.failures += 1
        _log.error("the server on %s ended by itself and is started again", where)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for the end, and after ``seconds`` force it; its workers go with it."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
