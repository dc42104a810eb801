"""Reading the audit log by page: what fits, a page at a time, and nothing a browser would take for something else."""

import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from federation import audit
from federation.messages.booking import BookingChange
from federation.storage import Storage
from node.people import staff as directory
from node.views.deeds import WORDS
from tests.node.home.conftest import NOW
from tests.node.views.conftest import Person, plain

PAGE = "/personnel/log"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def lines(storage: Storage, person: Person) -> None:
    """Sixty refusals of a town, and one line of the person at the keyboard."""
    assert person.opens("/").status_code == 200
    with storage.transaction(write=True) as db:
        for number in range(60):
            when = NOW + timedelta(minutes=number)
            audit.record(
                db, event=f"event-{number:02}", actor="https://home.example", subject="s", verdict="refused", now=when
            )
        found = directory.find(db, "012345")
        assert found is not None
        who = f"staff:{found.id}"
        audit.record(db, event="of-staff", actor=who, subject="s", verdict="allowed", now=NOW)


@pytest.mark.usefixtures("lines")
def test_fifty_lines_make_a_page_and_the_next_goes_on(person: Person) -> None:
    page = person.opens(f"{PAGE}?who=https://home.example").text
    assert ("event-59" in page, "event-10" in page, "event-09" in page) == (True, True, False)
    (older,) = [part.split('"')[0].replace("&amp;", "&") for part in page.split('rel="next" href="')[1:]]
    assert ("event-09" in person.reads(older), "event-10" in person.reads(older)) == (True, False)


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("who=012345", "of-staff", "event-59"),
        ("verdict=allowed&who=012345", "of-staff", "event-59"),
        ("day=2020-01-01", "条件に合う記録はありません", "event-59"),
    ],
)
def test_it_is_read_by_person_verdict_and_day(person: Person, query: str, seen: str, unseen: str) -> None:
    page = person.reads(f"{PAGE}?{query}")
    assert (seen in page, unseen in page) == (True, False)


@pytest.mark.usefixtures("lines")
def test_our_people_are_named_though_the_log_does_not_name_them(person: Person) -> None:
    page = person.reads(f"{PAGE}?who=012345")
    assert ("（012345）" in page, "staff:" in page) == (True, False)


@pytest.mark.parametrize("query", ["day=never", "before=x", "who=%1b%5b2J"])
def test_what_cannot_be_asked_is_said(person: Person, query: str) -> None:
    answer = person.opens(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert "監査記録" in plain(answer)


def test_hostile_words_are_shown_as_they_are_spelt(person: Person, storage: Storage) -> None:
    evil = "<script>\u202e\x1b[2J"
    with storage.transaction(write=True) as db:
        audit.record(db, event="x", actor=evil, subject=evil, verdict="refused", reason=evil, now=NOW)
    page = person.opens(PAGE).text
    assert r"&lt;script&gt;\u202e\x1b[2J" in page
    assert not any(letter in page for letter in ("\u202e", "\x1b", "<script>\\"))


def test_every_event_that_is_written_down_has_a_name() -> None:
    written = "".join(path.read_text() for package in ("federation", "node") for path in (ROOT / package).rglob("*.py"))
    asked = {f"booking.{action}" for action in get_args(BookingChange.model_fields["action"].annotation)}
    named = set(re.findall(r'(?:event=|_logged\()"([a-z.-]+)"', written))
    assert set(WORDS) == named | asked


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("page staff.mark_read", "お知らせを既読にする操作"),
        ("page staff.search", "ページの表示"),
        ("page gone.away", "page gone.away"),
    ],
)
def test_what_was_done_by_a_page_is_said_in_words(person: Person, storage: Storage, event: str, words: str) -> None:
    with storage.transaction(write=True) as db:
        audit.record(db, event=event, actor="a", subject="s", verdict="allowed", now=NOW)
    page = person.reads(PAGE)
    assert words in page
    assert (event in page) == (event == words)
