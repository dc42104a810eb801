"""Counts which tests really ran, by what they need, so that a green run cannot hide an empty one.

With ``TACHIYORI_ALL=1`` (as CI sets it) a skip or an expected failure fails the run, and so does a need that no test met.
"""

import os
from collections import Counter

import pytest

NEEDS = ("sqlite", "postgresql", "browser", "peer")
_ran: Counter[str] = Counter()
_left_out: list[str] = []


def everything_must_run() -> bool:
    """Say whether this run may leave nothing out."""
    return os.environ.get("TACHIYORI_ALL") == "1"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note each test once: as run when its body ended, as left out when it was skipped or expected to fail."""
    if report.skipped or hasattr(report, "wasxfail"):
        _left_out.append(report.nodeid)
    elif report.when == "call":
        _ran.update(need for need in NEEDS if need in report.keywords)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts."""
    counts = ", ".join(f"{need} {_ran[need]}" for need in NEEDS)
    terminalreporter.write_line(f"census: {counts}, left out {len(_left_out)}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that had to be whole and was not; a run of chosen files is not asked to be whole."""
    if not everything_must_run() or hasattr(session.config, "workerinput"):
        return
    whole = session.config.args in ([], ["tests"])
    if _left_out or (whole and any(not _ran[need] for need in NEEDS)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
