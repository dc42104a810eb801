"""来週もいつもの席: one press, and what is said where the desk cannot be had."""

from datetime import UTC, datetime

import pytest

from federation.errors import DeskTaken
from federation.messages.booking import Alternative, HouseRules, Quote, Reason
from federation.storage import Storage
from node.models.trips import Trip
from tests.node.fakehost import DESK, FakeHost
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person

NEXT_WEEK = "2026年12月1日(火) 13:00〜15:00"


def booked(person: Person) -> str:
    return person.books(confidentiality="3C", work_kind="between_trips").headers["Location"]


def test_one_press_on_the_start_page_books_the_same_desk_a_week_later(person: Person, storage: Storage) -> None:
    first = booked(person)
    assert f"{first}/again" in person.opens("/").text
    second = person.sends(f"{first}/again", {"day": "2026-12-01"}, shown_on="/").headers["Location"]
    assert NEXT_WEEK in person.reads(second)
    with storage.transaction() as db:
        trip = db.get_one(Trip, second.rpartition("/")[2])
    assert (trip.state, trip.work_kind, trip.confidentiality) == ("confirmed", "between_trips", "3C")


def test_a_past_booking_is_made_again_for_the_next_week_that_lies_ahead(person: Person, clock: Clock) -> None:
    first = booked(person)
    clock.pass_by(days=16)
    person.signs_in()
    assert "2026年12月15日(火) 13:00〜15:00" in person.reads(person.sends(f"{first}/again").headers["Location"])


def test_a_taken_desk_leads_to_what_would_do_instead_with_what_was_declared(person: Person, host: FakeHost) -> None:
    first = booked(person)
    other = Alternative(
        desk="5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009",
        desk_name="A-2",
        start=datetime(2026, 12, 1, 4, tzinfo=UTC),
        end=datetime(2026, 12, 1, 6, tzinfo=UTC),
    )
    taken = Reason(code=DeskTaken.code, side="host", ja="予約済みです", en="Taken")
    host.quoted = Quote(allowed=False, outcome="refused", reasons=(taken,), alternatives=(other,))
    answer = person.sends(f"{first}/again")
    page = person.opens(answer.headers["Location"]).text
    assert all(words in page for words in ("いつもの席は、この日時では予約できません", "A-2", "予約済みです"))
    assert '<option value="3C" selected' in page
    assert len(host.bookings) == 1


def test_rules_that_are_new_are_read_before_anything_is_booked(person: Person, host: FakeHost) -> None:
    first = booked(person)
    host.quoted = Quote(allowed=True, outcome="confirmed", house_rules=HouseRules(version="4", ja="新しい注意"))
    page = person.reads(person.sends(f"{first}/again").headers["Location"])
    assert all(words in page for words in ("利用上の注意が新しくなっています", "新しい注意", "確認しました"))
    assert len(host.bookings) == 1


def test_a_desk_lost_to_a_race_is_said_on_the_same_page(person: Person, host: FakeHost) -> None:
    first = booked(person)
    host.no = DeskTaken("a race")
    assert "/book?desk=" in person.sends(f"{first}/again").headers["Location"]


def test_the_second_press_finds_the_person_booked_already(person: Person, host: FakeHost) -> None:
    first = booked(person)
    for _ in range(2):
        answer = person.sends(f"{first}/again", {"day": "2026-12-01"})
    assert "すでに別の予約があります" in person.reads(answer.headers["Location"])
    assert len(host.bookings) == 2


@pytest.mark.parametrize("day", ["昨日", "2020-01-01", "2999-01-01", "\0", "2026-13-01"])
def test_a_day_that_is_none_is_answered_in_words(person: Person, day: str) -> None:
    answer = person.sends(f"{booked(person)}/again", {"day": day})
    assert answer.status_code == 400
    assert "日付" in answer.text or "過ぎた" in answer.text or "8週間" in answer.text


def test_nobody_repeats_a_colleagues_booking(person: Person) -> None:
    assert person.sends("/bookings/5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009/again").status_code == 404


def test_it_is_asked_for_with_the_desks_own_address(person: Person, host: FakeHost) -> None:
    person.sends(f"{booked(person)}/again")
    assert {place.desk for each in host.bookings.values() for place in each.places} == {DESK.id}
