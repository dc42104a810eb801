"""The server of one port: granian with its workers, run by ``federation.web.serving`` as a process of its own.

Only the parent starts it: ``python -m federation.web.listening TARGET ADDRESS PORT WORKERS THREADS PARENT``.
"""

import ctypes
import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from federation.web import logs

_PR_SET_PDEATHSIG = 1
_KILL_AFTER = 10
"""Seconds a worker has to finish its requests before it is killed."""


def die_with(parent: int, number: signal.Signals) -> None:
    """Ask the kernel for signal ``number`` when the process ``parent`` dies, and leave at once if it is dead already."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def main(target: str, address: str, *numbers: str) -> None:
    """Listen until told to stop; the numbers are port, workers, threads and parent. A worker that ends is replaced."""
    port, workers, threads, parent = map(int, numbers)
    die_with(parent, signal.SIGTERM)
    logs.set_up()
    # Loaded before the workers are forked: they share its memory, and a replacement answers at once.
    importlib.import_module(target.partition(":")[0])
    server = Granian(
        target,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=_KILL_AFTER,
        # Its warnings are advice about threads and cores; a worker's end is an error.
        log_level=LogLevels.error,
    )
    server.serve(target_loader=_Application(os.getpid()))


class _Application:
    """Called by granian in each new worker: binds the worker's life to this process's and makes its application."""

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def __call__(self, target: str) -> Callable[..., Any]:
        die_with(self._parent, signal.SIGKILL)
        module, _, factory = target.partition(":")
        application: Callable[..., Any] = getattr(importlib.import_module(module), factory)()
        # Some 200,000 objects live as long as the worker. Looking through them all is a pause of 150 ms for whoever asks then,
        # once in thousands of requests; those of a request are few.
        gc.collect()
        gc.freeze()
        return application


if __name__ == "__main__":
    main(*sys.argv[1:])
