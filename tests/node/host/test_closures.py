"""Closing a place: who is hit, what they are told, and what the database then refuses."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from federation.errors import BadInput, BookingRefused, DeskTaken
from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host import closures, sites
from node.host.closures import Closed
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
