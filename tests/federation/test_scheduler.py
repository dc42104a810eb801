"""The scheduler: each job in its rhythm, none on top of itself, none stopping another."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from federation.scheduler import Job, Scheduler

QUICK, NEVER = timedelta(milliseconds=10), timedelta(days=10)


@contextmanager
def running(*jobs: Job) -> Iterator[Scheduler]:
    scheduler = Scheduler(jobs)
    thread = scheduler.start()
    yield scheduler
    scheduler.stop()
    thread.join(5)
    assert not thread.is_alive()


def soon(condition: Callable[[], object]) -> bool:
    """Whether ``condition`` comes true within five seconds."""
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)
    return bool(condition())


def test_a_job_runs_again_and_again() -> None:
    runs = list[int]()
    with running(Job("count", lambda: runs.append(1), QUICK)):
        assert soon(lambda: len(runs) >= 5)


def test_a_job_that_raises_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    runs = list[int]()

    def stumble() -> None:
        runs.append(1)
        raise ValueError("not today")

    with caplog.at_level(logging.ERROR), running(Job("stumble", stumble, QUICK)):
        assert soon(lambda: len(runs) >= 2)
    assert "the job stumble failed" in caplog.text


def test_a_slow_job_does_not_hold_up_another_nor_overtake_itself() -> None:
    release, slow, quick = threading.Event(), list[int](), list[int]()

    def wait() -> None:
        slow.append(1)
        release.wait(5)

    with running(Job("slow", wait, QUICK), Job("quick", lambda: quick.append(1), QUICK)):
        assert soon(lambda: slow and len(quick) >= 5)
        assert len(slow) == 1
        release.set()


def test_a_lane_whose_jobs_are_all_slow_holds_up_no_other() -> None:
    release, waiting, quick = threading.Event(), list[int](), list[int]()

    def wait() -> None:
        waiting.append(1)
        release.wait(5)

    slow = [Job(f"slow {number}", wait, QUICK, "one town") for number in range(9)]
    with running(*slow, Job("status", lambda: quick.append(1), QUICK, "another town")):
        assert soon(lambda: len(waiting) == 4 and len(quick) >= 5)
        assert len(waiting) == 4
        release.set()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every job begin as late as its jitter allows, so that only a nudge can bring it forward."""
    monkeypatch.setattr("federation.scheduler.random.uniform", lambda _early, late: late)


@pytest.mark.usefixtures("late")
def test_a_nudge_brings_a_job_forward() -> None:
    ran = threading.Event()
    with running(Job("rare", ran.set, NEVER)) as scheduler:
        assert not ran.is_set()
        scheduler.nudge("rare")
        assert ran.wait(5)


@pytest.mark.usefixtures("late")
def test_a_nudge_while_it_runs_makes_it_run_once_more() -> None:
    release, runs = threading.Event(), list[int]()

    def wait() -> None:
        runs.append(1)
        release.wait(5)

    with running(Job("rare", wait, NEVER)) as scheduler:
        scheduler.nudge("rare")
        assert soon(lambda: runs)
        scheduler.nudge("rare")
        release.set()
        assert soon(lambda: len(runs) == 2)


def test_a_job_nobody_knows_is_not_nudged() -> None:
    with pytest.raises(KeyError):
        Scheduler([]).nudge("unknown")


def test_the_callers_own_event_stops_it() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=Scheduler([]).run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_jobs_of_one_period_do_not_all_start_together() -> None:
    jobs = [Job(str(number), lambda: None, timedelta(minutes=1)) for number in range(20)]
    first = Scheduler(jobs, clock=lambda: 100.0)._due.values()
    assert all(100 <= due <= 106 for due in first)
    assert len(set(first)) > 1
