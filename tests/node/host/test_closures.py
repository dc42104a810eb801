"""Closing a place: who is hit, what they are told, and what the database then refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.errors import BadInput, BookingRefused, Conflict, DeskTaken
from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host import claims, closures, sites
from node.host.closures import Closed
from node.host.spans import Span
from node.models.bookings import Booking, BookingPlace
from node.models.opening import Closure
from node.models.sites import Room
from tests.node.host.conftest import NOON, NOW, TEN, Desks, Put, page, wish

Close = Callable[..., Closed]


@pytest.fixture
def close(storage: Storage) -> Close:
    def close(place_id: str, start: object = TEN, end: object = NOON, template: str = "early_voting") -> Closed:
        with storage.transaction(write=True) as db:
            place = sites.get_place(db, place_id)
            return closures.close(db, place, start, end, template=template, now=NOW)  # type: ignore[arg-type]

    return close


def test_a_closed_desk_cannot_be_booked(put: Put, desks: Desks, close: Close) -> None:
    close(desks.first)
    with pytest.raises(DeskTaken):
        put(wish(desks.first))


def test_a_closed_room_leaves_the_other_rooms_open(put: Put, desks: Desks, close: Close) -> None:
    close(desks.room)
    with pytest.raises(DeskTaken):
        put(wish(desks.second))
    assert put(wish(desks.booth)).state == "confirmed"


def test_those_booked_are_cancelled_with_alternatives(
    put: Put, desks: Desks, close: Close, storage: Storage, feeds: Feeds
) -> None:
    booking = put(wish(desks.first))
    (hit,) = close(desks.room).hits
    assert (hit.booking_id, hit.home_id, hit.shortened) == (booking.id, 17, False)
    (item,) = page(storage, feeds, "visits:17")
    assert (item.data["state"], item.data["cause"]) == ("cancelled", "closure")
    assert item.data["alternatives"][0]["desk"] == desks.booth


def test_who_is_not_concerned_stays_booked(put: Put, desks: Desks, close: Close, storage: Storage) -> None:
    put(wish(desks.booth))
    put(wish(desks.first, start=NOON, end=NOON + timedelta(hours=1), first=1))
    assert close(desks.room).hits == ()


def test_a_preview_names_the_hits_and_changes_nothing(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with storage.transaction() as db:
        hits = closures.preview(db, sites.get_place(db, desks.room), TEN, NOON, NOW)
        assert db.get_one(Booking, booking.id).state == "confirmed"
    assert [hit.booking_id for hit in hits] == [booking.id]
    assert [one.desk for one in hits[0].alternatives] == [desks.booth, desks.first]
    assert hits[0].alternatives[1].start == NOON


def test_a_visit_under_way_ends_when_the_closure_begins(put: Put, desks: Desks, close: Close, storage: Storage) -> None:
    booking = put(wish(desks.first, start=NOW))
    with storage.transaction(write=True) as db:
        row = db.get_one(Booking, booking.id)
        row.state, row.places[0].arrived_at = "checked_in", NOW
    (hit,) = close(desks.site).hits
    with storage.transaction() as db:
        row = db.get_one(Booking, booking.id)
        assert (hit.shortened, row.state, row.places[0].end) == (True, "checked_in", TEN)


def test_closures_may_overlap_and_end_one_by_one(put: Put, desks: Desks, close: Close, storage: Storage) -> None:
    whole, part = close(desks.site).closure, close(desks.first, TEN, NOON + timedelta(hours=1)).closure
    with storage.transaction(write=True) as db:
        closures.lift(db, db.get_one(Closure, part.id), sites.get_place(db, desks.first), NOW)
    with pytest.raises(DeskTaken):
        put(wish(desks.first))
    with storage.transaction(write=True) as db:
        closures.lift(db, db.get_one(Closure, whole.id), sites.get_place(db, desks.site), NOW)
    assert put(wish(desks.first)).state == "confirmed"


def test_a_new_desk_in_a_closed_room_is_closed_too(
    put: Put, desks: Desks, close: Close, storage: Storage, config: Config
) -> None:
    close(desks.room)
    with storage.transaction(write=True) as db:
        desk = sites.add_desk(db, db.get_one(Room, desks.room), {"name": "Z"})
        sites.publish(db, desk)
    with pytest.raises(DeskTaken):
        put(wish(desk.id))


def test_the_offer_shrinks_at_once(desks: Desks, close: Close, storage: Storage, feeds: Feeds) -> None:
    close(desks.site, NOW, NOW + timedelta(weeks=10), "disaster")
    ranges = [item.data.get("ranges") for item in page(storage, feeds, "offers") if item.kind == "free"]
    assert ranges == [None, None, None]


@pytest.mark.parametrize(
    ("start", "end", "template", "field"),
    [
        (NOON, TEN, "other", "end"),
        (NOW - timedelta(days=2), NOW, "other", "end"),
        (TEN, NOON, "because", "template"),
    ],
)
def test_a_closure_makes_sense(
    desks: Desks, close: Close, start: object, end: object, template: str, field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        close(desks.room, start, end, template)
    assert refusal.value.field == field


def test_weekends_are_closed_without_any_closure(put: Put, desks: Desks) -> None:
    saturday = NOW + timedelta(days=4)
    with pytest.raises(BookingRefused):
        put(wish(desks.first, start=saturday, end=saturday + timedelta(hours=1)))


def test_no_place_is_left_behind(put: Put, desks: Desks, close: Close, storage: Storage) -> None:
    put(wish(desks.first, desks.booth))
    close(desks.room)
    assert put(wish(desks.booth, first=7)).state == "confirmed"
    with storage.transaction() as db:
        assert db.query(BookingPlace).count() == 3


Change = Callable[..., Closed]


@pytest.fixture
def change(storage: Storage) -> Change:
    def change(closed: Closed, start: datetime = TEN, end: datetime = NOON, **facts: Any) -> Closed:
        with storage.transaction(write=True) as db:
            closure = db.get_one(Closure, closed.closure.id)
            facts = {"template": closure.template, "now": NOW, **facts}
            return closures.change(db, closure, start, end, **facts)

    return change


def test_a_longer_closure_hits_who_came_after_it(put: Put, desks: Desks, close: Close, change: Change) -> None:
    later = put(wish(desks.first, start=NOON, end=NOON + timedelta(hours=1)))
    closed = close(desks.room)
    longer = change(closed, end=NOON + timedelta(hours=1))
    assert [hit.booking_id for hit in longer.hits] == [later.id]
    with pytest.raises(DeskTaken):
        put(wish(desks.first, start=NOON, end=NOON + timedelta(hours=1), first=1))


def test_a_shorter_closure_gives_time_back_and_tells_those_it_had_ended(
    put: Put, desks: Desks, close: Close, change: Change, storage: Storage
) -> None:
    early, late = (
        put(wish(desks.first, start=start, end=start + timedelta(hours=1), first=number))
        for number, start in enumerate((TEN, TEN + timedelta(hours=1)))
    )
    assert change(close(desks.first), start=TEN + timedelta(hours=1)).hits == ()
    with storage.transaction() as db:
        assert [db.get_one(Booking, one.id).cause for one in (early, late)] == ["closure-lifted", "closure"]
    assert put(wish(desks.first, end=TEN + timedelta(hours=1), first=2)).state == "confirmed"
    with pytest.raises(DeskTaken):
        put(wish(desks.first, start=TEN + timedelta(hours=1), first=3))


def test_other_words_hit_nobody_and_free_nobody(
    put: Put, desks: Desks, close: Close, change: Change, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    closed = close(desks.first)
    assert change(closed, template="assembly", note="臨時会のため").hits == ()
    with storage.transaction() as db:
        closure, ended = db.get_one(Closure, closed.closure.id), db.get_one(Booking, booking.id)
        assert (closure.template, closure.note, ended.cause) == ("assembly", "臨時会のため", "closure")


def test_what_is_over_or_lifted_is_not_changed(desks: Desks, close: Close, change: Change, storage: Storage) -> None:
    closed = close(desks.first)
    with pytest.raises(Conflict):
        change(closed, end=NOON + timedelta(days=1), now=NOON + timedelta(hours=1))
    with storage.transaction(write=True) as db:
        closures.lift(db, db.get_one(Closure, closed.closure.id), sites.get_place(db, desks.first), NOW)
    with pytest.raises(Conflict):
        change(closed)


@given(starts=st.integers(0, 12), length=st.integers(1, 12))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_changed_closure_takes_exactly_its_new_time(
    desks: Desks, close: Close, change: Change, storage: Storage, starts: int, length: int
) -> None:
    start = TEN + timedelta(minutes=15 * starts)
    end = start + timedelta(minutes=15 * length)
    closed = close(desks.first)
    change(closed, start, end)
    with storage.transaction(write=True) as db:
        held = claims.taken(db, {desks.first}, Span(NOW, NOW + timedelta(days=1)))[desks.first]
        assert [(span.start, span.end) for span in held] == [(start, end)]
        closures.lift(db, db.get_one(Closure, closed.closure.id), sites.get_place(db, desks.first), NOW)
