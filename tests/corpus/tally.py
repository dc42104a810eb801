"""Counts the corpus: which cases were tried in this run, and whether that is what the table says.

A test names its cases by ``@case``, by the id of a parameter or by its own name. An unknown case ends the run at collection. A whole run
fails when a case stands as tested and no test of it passed; ``--cases`` lists every case with its tests.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.census import everything_must_run
from tests.corpus.cases import BY_ID, CASES, Standing

_IN_PARAMETER = re.compile(r"[\[-]([JAFODTSX]\d\d)(?= |-|\]|$)")
IN_NAME = re.compile(r"test_([jafodtsx]\d\d)_")
_passed: defaultdict[str, set[str]] = defaultdict(set)
_collected: defaultdict[str, set[str]] = defaultdict(set)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer ``--cases``."""
    parser.addoption("--cases", action="store_true", help="list the cases of the negative corpus with their tests")


def cases_of(item: pytest.Item) -> Iterator[str]:
    """Yield the cases a test names."""
    for mark in item.iter_markers("case"):
        yield from mark.args
    yield from _IN_PARAMETER.findall(item.name)
    yield from (found.upper() for found in IN_NAME.findall(item.name))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tie each test to its cases; the report carries them to whichever process counts."""
    for item in items:
        for id_ in sorted(set(cases_of(item))):
            if id_ not in BY_ID:
                raise pytest.UsageError(f"{item.nodeid} names a case nobody knows: {id_}")
            item.user_properties.append(("case", id_))
            _collected[id_].add(item.nodeid.partition("[")[0])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note each test that passed under its cases."""
    if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
        for name, id_ in report.user_properties:
            if name == "case":
                _passed[str(id_)].add(report.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the three counts, and the list where it was asked for."""
    if config.getoption("--cases"):
        for each in CASES:
            terminalreporter.write_line(f"{each.id} {each.standing.value}: {each.sentence} ({each.spec}) {each.reason}")
            for test in sorted(_collected[each.id]):
                terminalreporter.write_line(f"      {test}")
    count = {standing: sum(each.standing is standing for each in CASES) for standing in Standing}
    terminalreporter.write_line("corpus: " + ", ".join(f"{number} {each.value}" for each, number in count.items()))
    untried = _untried(config)
    if untried:
        terminalreporter.write_line(f"corpus: said to be tested, and no test passed: {' '.join(untried)}", red=True)


def _untried(config: pytest.Config) -> list[str]:
    """Return the cases that a whole run should have tried and did not."""
    if not everything_must_run() or hasattr(config, "workerinput") or config.args not in ([], ["tests"]):
        return []
    return [each.id for each in CASES if each.standing is Standing.TESTED and not _passed[each.id]]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a whole run in which a case that stands as tested was not."""
    if _untried(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
