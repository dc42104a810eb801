"""Runs the jobs of an app in its own process: each in its rhythm, none on top of itself, none stopping another.

Every job may run twice at once without harm, so nothing here coordinates processes.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

_log = logging.getLogger(__name__)

_JITTER = 0.1
"""By which part of its period a run may come early or late, so that towns do not all call at the full minute."""


@dataclass(frozen=True)
class Job:
    """A plain function that takes nothing, and how long to wait from one start to the next.

    Jobs of one ``lane`` share its few threads and may hold up each other; those of another lane they never do.
    """

    name: str
    function: Callable[[], object]
    period: timedelta
    lane: str = ""


class Scheduler:
    """Runs ``jobs`` on a few threads for each lane until it is told to stop."""

    def __init__(self, jobs: Iterable[Job], *, workers: int = 4, clock: Callable[[], float] = time.monotonic) -> None:
        """``workers`` is the number of threads of a lane; they are made when first needed. ``clock`` counts seconds and never goes back. Each job first runs within a tenth of its period."""
        self.jobs = {job.name: job for job in jobs}
        self._workers = workers
        self._clock = clock
        self._due = {job.name: clock() + _scatter(job, 0.0) for job in self.jobs.values()}
        self._running: dict[str, Future[None]] = {}
        self._change = threading.Condition()
        self._stop = threading.Event()

    def start(self) -> threading.Thread:
        """Run in a thread of its own, until ``stop``; the process does not wait for it at its end."""
        thread = threading.Thread(target=self.run, args=(self._stop,), name="scheduler", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """Start no further job; ``start``'s thread ends when the running ones have."""
        self._stop.set()
        self._wake()

    def nudge(self, name: str) -> None:
        """Run the job as soon as may be: at once, or again after its present run. KeyError for an unknown name."""
        job = self.jobs[name]
        with self._change:
            self._due[job.name] = self._clock()
            self._change.notify_all()

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop`` is set, which is looked at once a second, or at once after ``stop()``."""
        with ExitStack() as stack:
            pools = {lane: stack.enter_context(self._pool(lane)) for lane in {job.lane for job in self.jobs.values()}}
            while not stop.is_set():
                with self._change:
                    for job in map(self.jobs.__getitem__, self._ready()):
                        self._begin(pools[job.lane], job)
                    self._change.wait(self._pause())

    def _pool(self, lane: str) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._workers, thread_name_prefix=f"job {lane}".rstrip())

    def _ready(self) -> list[str]:
        now = self._clock()
        return [name for name, due in self._due.items() if due <= now and name not in self._running]

    def _pause(self) -> float:
        """Seconds until the next job that is not running is due, one at most."""
        waiting = [due for name, due in self._due.items() if name not in self._running]
        return max(0.0, min([1.0, *(due - self._clock() for due in waiting)]))

    def _begin(self, pool: ThreadPoolExecutor, job: Job) -> None:
        self._due[job.name] = self._clock() + _scatter(job, 1.0)
        future = self._running[job.name] = pool.submit(_run, job)
        future.add_done_callback(lambda _done: self._ended(job.name))

    def _ended(self, name: str) -> None:
        with self._change:
            self._running.pop(name, None)
            self._change.notify_all()

    def _wake(self) -> None:
        with self._change:
            self._change.notify_all()


def _scatter(job: Job, periods: float) -> float:
    """Seconds until the run after ``periods`` periods, a little early or late but never in the past."""
    return job.period.total_seconds() * max(0.0, periods + random.uniform(-_JITTER, _JITTER))  # noqa: S311 - not a secret.


def _run(job: Job) -> None:
    """A job that raises is logged, and runs again in its time."""
    try:
        job.function()
    except Exception:  # noqa: BLE001 - whatever it was, the other jobs go on.
        _log.exception("the job %s failed", job.name)
