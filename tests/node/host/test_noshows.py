"""Who does not come: the grace, the desk that others may have, the next booking, and the visitor's word."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BookingRefused, Conflict, DeskTaken, NotFound, NotNow
from federation.feed import Feeds
from federation.messages.booking import BookingRequest
from federation.rules import FewNoShows
from federation.storage import Storage
from node.host import noshows, rounds, visits
from node.models.bookings import Booking
from tests.contention import at_once
from tests.node.host.conftest import NOON, NOW, TEN, Desks, Put, page, wish

LATE = TEN + timedelta(minutes=30)
DAY = timedelta(days=1)


@pytest.fixture
def strict(storage: Storage, desks: Desks) -> None:
    """The site keeps a desk for half an hour, and takes nobody after two unused bookings."""
    with storage.transaction(write=True) as db:
        noshows.lay_down(db, desks.site, grace_minutes=30, most=2)


def late(*desks: str, **changes: Any) -> BookingRequest:
    """Ask for desks when the others should have come already."""
    return wish(*desks, **changes).model_copy(update={"not_after": NOON})


def release(storage: Storage, now: object = LATE) -> int:
    with storage.transaction(write=True) as db:
        return noshows.release_absent(db, now)  # type: ignore[arg-type]


def arrive(storage: Storage, booking_id: str, now: object, at: object = None) -> None:
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking_id).places[0], now, at=at)  # type: ignore[arg-type]


def state(storage: Storage, booking_id: str) -> tuple[str, str]:
    with storage.transaction() as db:
        booking = db.get_one(Booking, booking_id)
        return booking.state, booking.cause


def stays_away(put: Put, storage: Storage, desk: str, days: int) -> str:
    """Book so many days before the others, and do not come."""
    then = NOW - timedelta(days=days)
    made = put(wish(desk, start=TEN - timedelta(days=days), end=NOON - timedelta(days=days)), now=then)
    with storage.transaction(write=True) as db:
        rounds.close_visits(db, NOON - timedelta(days=days))
    return made.id


@pytest.mark.usefixtures("strict")
def test_after_the_grace_the_desk_is_anybodys_at_once(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    assert release(storage, LATE - timedelta(seconds=1)) == 0
    assert (release(storage), release(storage)) == (1, 0)
    assert state(storage, booking.id) == ("no_show", "no-show")
    free = {item.id: item.data["ranges"][0]["start"] for item in page(storage, feeds, "offers") if item.kind == "free"}
    assert free[desks.first] <= "2026-11-24T01:30:00Z"
    assert put(late(desks.first, start=LATE, first=1), now=LATE).state == "confirmed"


def test_a_site_without_a_rule_keeps_the_desk(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    assert release(storage, NOON - timedelta(minutes=1)) == 0
    assert state(storage, booking.id)[0] == "confirmed"


@pytest.mark.usefixtures("strict")
def test_who_came_keeps_the_desk(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    arrive(storage, booking.id, TEN + timedelta(minutes=29))
    assert release(storage) == 0


@pytest.mark.usefixtures("strict")
def test_of_a_team_only_the_desk_of_who_is_missing_goes(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first, desks.second))
    arrive(storage, booking.id, TEN)
    assert release(storage) == 1
    assert state(storage, booking.id)[0] == "checked_in"
    assert put(late(desks.second, start=LATE, first=5), now=LATE).state == "confirmed"


@pytest.mark.usefixtures("strict")
def test_who_comes_late_has_the_desk_back_while_nobody_else_has_it(put: Put, desks: Desks, storage: Storage) -> None:
    first, second = put(wish(desks.first)), put(wish(desks.second, first=1))
    release(storage)
    put(late(desks.second, start=LATE + timedelta(minutes=15), first=2), now=LATE)
    arrive(storage, first.id, LATE + timedelta(minutes=5))
    assert state(storage, first.id) == ("checked_in", "")
    with pytest.raises(DeskTaken):
        arrive(storage, second.id, LATE + timedelta(minutes=5))
    with pytest.raises(DeskTaken):
        put(late(desks.first, start=LATE + timedelta(minutes=15), first=3), now=LATE)


@pytest.mark.usefixtures("strict")
def test_an_arrival_of_before_is_typed_in_though_somebody_else_has_the_desk(
    put: Put, desks: Desks, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    release(storage)
    put(late(desks.first, start=LATE, first=2), now=LATE)
    arrive(storage, booking.id, NOON, at=TEN + timedelta(minutes=5))
    assert state(storage, booking.id)[0] == "completed"


@pytest.mark.usefixtures("strict")
def test_coming_and_letting_go_at_once_leave_one_truth(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    acts = (lambda: arrive(storage, booking.id, LATE), lambda: release(storage))
    assert at_once(2, lambda number: acts[number]()) == []
    assert state(storage, booking.id) == ("checked_in", "")


@pytest.mark.usefixtures("strict")
def test_too_many_are_refused_with_what_changes_it(put: Put, desks: Desks, storage: Storage) -> None:
    stays_away(put, storage, desks.first, 4)
    assert put(wish(desks.second)).state == "confirmed"
    stays_away(put, storage, desks.first, 5)
    with pytest.raises(BookingRefused) as refused:
        put(wish(desks.first, start=TEN + DAY, end=NOON + DAY))
    said = repr(refused.value.reasons)
    assert all(words in said for words in ("too-many-no-shows", "2回", "2027-02-"))
    assert put(wish(desks.booth, first=7)).state == "confirmed"


@pytest.mark.usefixtures("strict")
def test_what_the_host_strikes_does_not_count(put: Put, desks: Desks, storage: Storage) -> None:
    for days in (4, 5):
        missed = stays_away(put, storage, desks.first, days)
    with storage.transaction(write=True) as db:
        noshows.dispute(db, db.get_one(Booking, missed), NOW)
        noshows.dispute(db, db.get_one(Booking, missed), NOW)
        assert noshows.waiting(db) == 1
        noshows.answer(db, missed, struck=True, by="staff:1", now=NOW)
    with storage.transaction(write=True) as db:
        noshows.answer(db, missed, struck=True, by="staff:2", now=NOW)
        with pytest.raises(Conflict):
            noshows.answer(db, missed, struck=False, by="staff:2", now=NOW)
    assert put(wish(desks.first)).state == "confirmed"


def test_only_who_did_not_come_disputes_and_not_for_ever(put: Put, desks: Desks, storage: Storage) -> None:
    coming, missed = put(wish(desks.first)), stays_away(put, storage, desks.second, 5)
    with storage.transaction(write=True) as db:
        with pytest.raises(Conflict):
            noshows.dispute(db, db.get_one(Booking, coming.id), NOW)
        with pytest.raises(NotNow):
            noshows.dispute(db, db.get_one(Booking, missed), NOW + timedelta(days=10))
        with pytest.raises(NotFound):
            noshows.answer(db, missed, struck=True, by="staff:1", now=NOW)


@given(count=st.integers(0, 60), most=st.none() | st.integers(1, 50))
def test_the_bound_is_the_number_itself(count: int, most: int | None) -> None:
    assert bool(FewNoShows(count, most).judge(None)) == (most is None or count < most)  # type: ignore[arg-type]
