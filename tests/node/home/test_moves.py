"""日時・座席の変更: one booking, one of two times, whatever fails on the way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation import outbox
from federation.errors import (
    BadInput,
    BookingRefused,
    DeskTaken,
    NotFound,
    PeerUnreachable,
    PersonElsewhere,
    PreconditionFailed,
    TachiyoriError,
)
from federation.messages.booking import Quote
from federation.storage import Storage
from node.home import asking, budgets, conditions, history, moves, persontime, trips
from node.models.mail import TripReminder
from node.models.trips import PersonTime, Trip
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW, Clock

Make = Callable[..., trips.Wish]
Read = Callable[[str], Trip]
LATER = 3
"""Hours after the first wish, which is two hours long."""


@pytest.fixture
def booked(town: Town, wish: Make, person: SignedIn) -> str:
    return asking.submit(town, wish(), person, now=town.clock())


def lay_down(storage: Storage, person: SignedIn, **laid: Any) -> None:
    nothing = dict.fromkeys(("privacy", "work_kinds", "host_codes", "employments_barred"), ())
    usual: dict[str, Any] = {"days_a_week": None, "limit_yen": None}
    with storage.transaction(write=True) as db:
        conditions.lay_down(db, **{**nothing, **usual, **laid}, by=person.staff_id, now=NOW)


def moved(town: Town, trip_id: str, to: trips.Wish, command: str = "") -> None:
    with town.storage.transaction() as db:
        version = db.get_one(Trip, trip_id).version
    moves.move(town, trip_id, to, command or str(uuid4()), version=version, now=town.clock())


def settled(town: Town, clock: Clock) -> int:
    clock.pass_by(minutes=3)
    return outbox.deliver(town.storage, moves.carriers(town), now=clock()).done


def is_free(storage: Storage, at: trips.Wish) -> bool:
    with storage.transaction() as db:
        return persontime.find_elsewhere(db, at.staff_id, at.start, at.end) is None


@pytest.mark.parametrize("hours", [1, LATER, 24 * 10])
def test_the_booking_is_at_the_other_time_and_the_old_one_is_free(
    town: Town, booked: str, wish: Make, trip_now: Read, storage: Storage, hours: int
) -> None:
    moved(town, booked, wish(hours=hours))
    trip = trip_now(booked)
    assert (trip.start, trip.end, trip.version, trip.state) == (
        wish(hours=hours).start,
        wish(hours=hours).end,
        2,
        "confirmed",
    )
    assert not is_free(storage, wish(hours=hours))
    assert is_free(storage, replace(wish(), end=min(wish().end, trip.start)))


def test_the_history_says_from_where_to_where(town: Town, booked: str, wish: Make, storage: Storage) -> None:
    moved(town, booked, wish(hours=LATER))
    with storage.transaction() as db:
        steps = history.of(db, db.get_one(Trip, booked))
    assert [step.facts.get("was") for step in steps][1:] == ["2026-11-24T04:00:00Z/2026-11-24T06:00:00Z"]


def test_it_is_reminded_of_anew(town: Town, booked: str, wish: Make, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        db.add(TripReminder(trip_id=booked, reminded_at=NOW))
    moved(town, booked, wish(hours=24))
    with storage.transaction() as db:
        assert db.scalar(select(TripReminder)) is None


def test_one_command_moves_once(town: Town, host: FakeHost, booked: str, wish: Make, trip_now: Read) -> None:
    command = str(uuid4())
    moved(town, booked, wish(hours=LATER), command)
    moved(town, booked, wish(hours=LATER), command)
    assert (trip_now(booked).version, host.bookings[booked].version) == (2, 2)


def test_nobody_moves_into_another_booking_of_theirs(
    town: Town, host: FakeHost, booked: str, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    asking.submit(town, wish(hours=LATER), person, now=town.clock())
    with pytest.raises(PersonElsewhere):
        moved(town, booked, wish(hours=LATER + 1))
    assert trip_now(booked).start == wish().start
    assert host.bookings[booked].version == 1


@pytest.mark.parametrize("no", [DeskTaken("taken"), BookingRefused("rules"), PreconditionFailed("changed")])
@pytest.mark.parametrize("hours", [1, LATER])
def test_where_the_host_says_no_the_booking_stands_and_only_its_time_is_taken(
    town: Town,
    host: FakeHost,
    booked: str,
    wish: Make,
    trip_now: Read,
    storage: Storage,
    no: TachiyoriError,
    hours: int,
) -> None:
    host.no = no
    with pytest.raises(type(no)):
        moved(town, booked, wish(hours=hours))
    assert (trip_now(booked).start, trip_now(booked).state) == (wish().start, "confirmed")
    assert not is_free(storage, wish())
    assert is_free(storage, wish(hours=hours + 2 - hours % 2))


@pytest.mark.parametrize("hours", [1, LATER, 24 * 10])
@pytest.mark.parametrize("lost", ["down", "deaf"])
def test_in_doubt_both_times_are_taken_until_the_host_has_said(
    town: Town,
    host: FakeHost,
    clock: Clock,
    booked: str,
    wish: Make,
    trip_now: Read,
    storage: Storage,
    lost: str,
    hours: int,
) -> None:
    setattr(host, lost, True)
    with pytest.raises(PeerUnreachable):
        moved(town, booked, wish(hours=hours))
    assert not is_free(storage, wish())
    assert not is_free(storage, wish(hours=hours))
    setattr(host, lost, False)
    assert settled(town, clock) == 1
    came = wish(hours=hours) if lost == "deaf" else wish()
    assert (trip_now(booked).start, trip_now(booked).end) == (came.start, came.end)
    with storage.transaction() as db:
        assert [(one.start, one.end) for one in db.scalars(select(PersonTime))] == [(came.start, came.end)]


def test_the_hosts_feed_may_be_quicker_than_its_answer(
    town: Town, host: FakeHost, clock: Clock, booked: str, wish: Make, storage: Storage
) -> None:
    host.deaf = True
    with pytest.raises(PeerUnreachable):
        moved(town, booked, wish(hours=LATER))
    with storage.transaction(write=True) as db:
        known = trips.locked(db, booked)
        assert known is not None
        trips.follow(db, known, host.bookings[booked], now=clock(), unasked=True)
    host.deaf = False
    assert settled(town, clock) == 1
    with storage.transaction() as db:
        told = [step.words for step in history.of(db, db.get_one(Trip, booked))][1:]
    assert told == ["予約を変更しました：%(old)s %(was)s から %(new)s %(when)s"]


def test_a_host_that_moves_somebody_cannot_say_that_they_did(
    town: Town, host: FakeHost, clock: Clock, booked: str, storage: Storage
) -> None:
    place = host.bookings[booked].places[0].model_copy(update={"desk": str(uuid4()), "desk_name": "Z-9"})
    word = host.changed(booked, places=(place,), cause="moved")
    with storage.transaction(write=True) as db:
        known = trips.locked(db, booked)
        assert known is not None
        trips.follow(db, known, word, now=clock(), unasked=True)
        told = [step.words for step in history.of(db, known)][1:]
    assert len(told) == 1
    assert told[0].startswith("受入団体の都合により")


def test_what_changed_since_the_page_was_shown_is_looked_at_first(
    town: Town, host: FakeHost, booked: str, wish: Make
) -> None:
    with pytest.raises(PreconditionFailed):
        moves.move(town, booked, wish(hours=LATER), str(uuid4()), version=7, now=town.clock())
    assert host.bookings[booked].version == 1


def test_a_visit_that_has_begun_is_not_moved(town: Town, clock: Clock, booked: str, wish: Make) -> None:
    clock.now = wish().start
    with pytest.raises(moves.NotMovable):
        moved(town, booked, wish(hours=LATER))


def test_a_promise_that_comes_late_changes_nothing(
    town: Town, clock: Clock, booked: str, wish: Make, trip_now: Read
) -> None:
    moved(town, booked, wish(hours=LATER))
    moved(town, booked, wish(hours=LATER + 5))
    assert settled(town, clock) == 2
    assert trip_now(booked).start == wish(hours=LATER + 5).start


def test_what_somebody_still_decides_or_is_over_is_not_moved(
    town: Town, host: FakeHost, booked: str, wish: Make, storage: Storage
) -> None:
    for state in ("held", "asking", "checked_in", "cancelled", "completed"):
        with storage.transaction(write=True) as db:
            db.get_one(Trip, booked).state = state
        with pytest.raises(moves.NotMovable):
            moved(town, booked, wish(hours=LATER))
    assert host.bookings[booked].version == 1


def test_what_needs_an_approval_is_not_taken_by_a_move(
    town: Town, booked: str, wish: Make, person: SignedIn, storage: Storage
) -> None:
    lay_down(storage, person, approval=conditions.Approving("superior"))
    with pytest.raises(moves.NeedsApproval):
        moved(town, booked, wish(hours=LATER))


def test_the_budget_pays_for_the_one_that_comes_of_it(
    town: Town, wish: Make, person: SignedIn, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        budgets.set_yen(db, "企画課", 2026, 500, by=person.staff_id, now=NOW)
    trip_id = asking.submit(town, replace(wish(), price_yen=400), person, now=town.clock())
    with storage.transaction(write=True) as db:
        db.get_one(Trip, trip_id).price_yen = 400
    moved(town, trip_id, replace(wish(hours=LATER), price_yen=500))
    with pytest.raises(BookingRefused):
        moved(town, trip_id, replace(wish(hours=LATER + 3), price_yen=501))


def test_only_ones_own_and_only_at_the_same_host(town: Town, booked: str, wish: Make) -> None:
    with pytest.raises(NotFound):
        moved(town, booked, wish(staff_id=1, hours=LATER))
    with pytest.raises(BadInput):
        moved(town, booked, wish(host="https://node.other.example", hours=LATER))


def test_the_host_is_asked_as_if_the_booking_were_not_there(
    town: Town, host: FakeHost, booked: str, wish: Make, trip_now: Read
) -> None:
    host.quoted = Quote(allowed=True, outcome="confirmed", price_yen=300)
    forecast = moves.foresee(town, trip_now(booked), wish(hours=1))
    assert (forecast.outcome, forecast.price_yen, host.quotes[-1].besides) == ("free", 300, booked)


def test_the_day_it_is_on_counts_once(
    town: Town, booked: str, wish: Make, person: SignedIn, storage: Storage, trip_now: Read
) -> None:
    lay_down(storage, person, days_a_week=1)
    assert moves.foresee(town, trip_now(booked), wish(hours=24)).is_bookable
