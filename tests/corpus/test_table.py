"""The table is whole, says why where a case is not tried, and agrees with the tests there are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.attacks import FORMS
from tests.corpus.cases import BY_ID, CASES, Case, Standing
from tests.corpus.tally import IN_NAME

TESTS = Path(__file__).parent.parent
CHAPTERS = {"J": 20, "A": 12, "F": 21, "O": 15, "D": 9, "T": 8, "S": 2, "X": 8}
_NAMED = re.compile(r"[JAFODTSX]\d\d(?= |$)")


def named(path: Path) -> Iterator[str]:
    """Yield the cases a file of tests names: texts that begin with one, docstrings aside, and names of tests."""
    tree = ast.parse(path.read_text())
    spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
            yield from _NAMED.findall(node.value[:4])
        if isinstance(node, ast.FunctionDef):
            yield from (found.upper() for found in IN_NAME.findall(node.name))


@pytest.fixture(scope="module")
def tried() -> set[str]:
    found = {id_ for path in TESTS.rglob("test_*.py") for id_ in named(path)}
    return (found | set(FORMS)) & BY_ID.keys()


def test_every_case_has_its_place() -> None:
    assert [each.id for each in CASES] == [
        f"{name}{n:02d}" for name, most in CHAPTERS.items() for n in range(1, most + 1)
    ]


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.sentence[:40])
def test_what_is_not_tried_says_why(each: Case) -> None:
    assert each.sentence
    assert each.spec
    assert (each.standing is Standing.TESTED) == (not each.reason)


def test_what_stands_as_tested_has_a_test_and_nothing_else_does(tried: set[str]) -> None:
    assert {each.id for each in CASES if each.standing is Standing.TESTED} == tried
