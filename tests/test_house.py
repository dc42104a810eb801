"""The house watches itself: sizes, names, and what may never be committed."""

import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from node.views.acts import ACTS
from node.views.pages import PAGES

ROOT = Path(__file__).parent.parent
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "service", "services"}


def sources(*packages: str) -> list[Path]:
    return [path for package in packages for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts]


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize(
    "path", sources("federation", "node", "registry"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_is_one_noun_of_at_most_300_lines(path: Path) -> None:
    if "migrations" not in path.parts:
        assert len(path.read_text().splitlines()) <= 300


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert not [path for path in sources("federation", "node", "registry", "tests") if path.stem in DRAWERS]


def test_every_module_says_what_it_is() -> None:
    silent = [
        path
        for path in sources("federation", "node", "registry")
        if path.stat().st_size and '"""' not in path.read_text()[:200]
    ]
    assert not [path for path in silent if "migrations" not in path.parts]


def test_no_commit_names_a_package_registry_or_a_place_on_this_machine() -> None:
    hosts = re.compile(r"npmj[s]\.org|pythonhoste[d]|pyp[i]\.org|deb\.debia[n]\.org|/wor[k]/(main|shared)")
    texts = {path: path.read_bytes() for path in tracked()}
    assert not [path for path, text in texts.items() if hosts.search(text.decode("utf-8", "replace"))]


def test_no_merge_is_left_half_done() -> None:
    marks = re.compile(rb"^(<{7} |={7}$|>{7} )", re.MULTILINE)
    assert not [path for path in tracked() if marks.search(path.read_bytes())]


def test_nothing_is_promised_for_later_in_the_code() -> None:
    marks = re.compile(r"\b(TO[D]O|FIXM[E]|XX[X]|HAC[K])\b|NotImplementedErro[r]")
    assert not [
        path for path in sources("federation", "node", "registry", "tests", "deploy") if marks.search(path.read_text())
    ]


def test_the_messages_stand_in_the_documentation_of_the_day() -> None:
    day = (ROOT / "docs/design.md").read_text()
    assert all(step in day for step in ("publish", "feed", "index", "search", "ask", "decide", "arrive"))


@pytest.mark.parametrize("page", ["asvs", "fapi", "security"])
def test_a_list_that_names_its_tests_names_tests_there_are(page: str) -> None:
    text = (ROOT / f"docs/{page}.md").read_text()
    functions, files = re.findall(r"\btest_\w+(?=`)", text), re.findall(r"[\w/]*\btest_\w+\.py", text)
    there = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sources("tests")}
    assert files or functions
    assert not [name for name in functions if not any(f"def {name}(" in text for text in there.values())]
    assert not [name for name in files if not any(f"/{path}".endswith(f"/{name}") for path in there)]


def test_a_test_skips_itself_only_for_a_part_the_machine_lacks() -> None:
    lacking = {"tests/databases.py", "tests/chromium.py"}
    calls = re.compile(r"pytest\.ski[p]\(")
    skipping = {path.relative_to(ROOT).as_posix() for path in sources("tests") if calls.search(path.read_text())}
    assert not skipping - lacking


def test_no_file_holds_an_unfinished_merge() -> None:
    marks = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)
    assert not [path for path in tracked() if marks.search(path.read_bytes())]


def test_decisions_are_numbered_one_after_the_other() -> None:
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [page.read_text().partition(" ")[2].partition(".")[0] for page in pages] == [
        str(number) for number, _ in enumerate(pages, 1)
    ]


def test_every_page_that_changes_something_is_named_in_the_audit_log() -> None:
    app = Flask("pages")
    for blueprint, _audience in PAGES:
        app.register_blueprint(blueprint)
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert set(ACTS) == changing, "node/views/acts.py has words for each page that changes something, and no others"
