"""A room booked as a whole takes its desks, and any desk taken takes the whole away; never both."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from federation.errors import BadInput, BookingRefused, DeskTaken, TachiyoriError
from federation.feed import Feeds
from federation.messages.booking import BookingChange
from federation.storage import Storage
from node.host import bookings, changes, claims, closures, lending, rounds, sites, vacancy, walk_ins
from node.host.passes import Passes
from node.host.spans import Span, snapped, without
from node.models.agreements import Agreement
from node.models.bookings import Booking, Claim
from node.models.opening import Closure
from node.models.sites import Desk, Room
from tests.contention import at_once
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOON, NOW, SAITAMA, TEN, Desks, Put, page, person, wish

DAY = Span(NOW, NOW + timedelta(hours=9))


@pytest.fixture
def whole(storage: Storage, desks: Desks) -> str:
    """The room with the two desks, offered as a whole."""
    with storage.transaction(write=True) as db:
        return lending.offer(db, db.get_one(Room, desks.room), capacity=6).id


def free(storage: Storage, *desk_ids: str) -> list[tuple[Span, ...]]:
    with storage.transaction() as db:
        rows = [db.get_one(Desk, desk_id) for desk_id in desk_ids]
        found = claims.free_of(db, rows, DAY)
        return [found[desk_id] for desk_id in desk_ids]


def test_a_whole_room_takes_all_its_desks(put: Put, desks: Desks, whole: str) -> None:
    assert put(wish(whole)).state == "confirmed"
    for desk in (desks.first, desks.second):
        with pytest.raises(DeskTaken):
            put(wish(desk, first=1))
    assert put(wish(desks.booth, first=2)).state == "confirmed"


def test_one_desk_taken_takes_the_whole_away_at_that_time_only(put: Put, desks: Desks, whole: str) -> None:
    put(wish(desks.second))
    with pytest.raises(DeskTaken):
        put(wish(whole, first=1))
    later = wish(whole, start=NOON, end=NOON + timedelta(hours=1), first=1)
    assert put(later).state == "confirmed"


@pytest.mark.parametrize("how", ["cancel", "move"])
def test_all_its_desks_are_free_again_with_it(
    put: Put, desks: Desks, whole: str, storage: Storage, passes: Passes, how: str
) -> None:
    booking = put(wish(whole))
    with storage.transaction(write=True) as db:
        if how == "cancel":
            bookings.cancel(db, passes, SAITAMA, booking.id, now=NOW)
        else:
            there = wish(desks.booth).places
            wanted = BookingChange(command=str(uuid4()), action="move", places=there)
            changes.change(db, passes, SAITAMA, booking.id, wanted, version=booking.version, now=NOW)
    assert free(storage, desks.first, desks.second, whole) == [free(storage, desks.first)[0]] * 3
    assert put(wish(desks.first, first=1)).state == "confirmed"


def test_nobody_came_and_all_its_desks_are_free_again(put: Put, desks: Desks, whole: str, storage: Storage) -> None:
    booking = put(wish(whole))
    with storage.transaction(write=True) as db:
        rounds.close_visits(db, NOON)
    with storage.transaction() as db:
        assert db.get_one(Booking, booking.id).state == "no_show"
        live = select(Claim.desk_id).where(Claim.live, Claim.end > NOON)
        assert db.scalars(live).all() == []


def test_the_feeds_of_the_whole_and_its_desks_move_together(
    put: Put, desks: Desks, whole: str, storage: Storage, feeds: Feeds
) -> None:
    def told() -> dict[str, object]:
        return {item.id: item.data.get("ranges") for item in page(storage, feeds, "offers") if item.kind == "free"}

    before = told()
    put(wish(desks.first))
    part = told()
    assert (part[desks.first] != before[desks.first], part[whole] != before[whole]) == (True, True)
    assert part[desks.second] == before[desks.second]
    put(wish(whole, start=NOON, end=NOON + timedelta(hours=1), first=1))
    assert told()[desks.second] != part[desks.second]


def test_its_listing_says_that_it_is_a_room_for_so_many(
    whole: str, desks: Desks, storage: Storage, feeds: Feeds
) -> None:
    (item,) = (item for item in page(storage, feeds, "listings") if item.id == whole)
    assert (item.data["kind"], item.data["capacity"]) == ("whole_room", 6)
    assert set(item.data["parts"]) == {desks.first, desks.second}


def test_it_counts_among_the_agreed_seats_for_all_its_desks(
    put: Put, desks: Desks, whole: str, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"seats_a_day": 2})
    put(wish(whole))
    with pytest.raises(BookingRefused):
        put(wish(desks.booth, first=1))


def test_more_desks_than_seats_are_agreed_are_not_lent_as_a_whole(put: Put, whole: str, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"seats_a_day": 1})
    with pytest.raises(BookingRefused):
        put(wish(whole))


def test_closing_one_desk_hits_who_booked_the_whole(put: Put, desks: Desks, whole: str, storage: Storage) -> None:
    booking = put(wish(whole))
    with storage.transaction(write=True) as db:
        place = sites.get_place(db, desks.first)
        closed = closures.close(db, place, TEN, NOON, template="inspection", now=NOW)
        assert [hit.booking_id for hit in closed.hits] == [booking.id]
        assert db.get_one(Booking, booking.id).state == "cancelled"
    with pytest.raises(DeskTaken):
        put(wish(whole, first=1))
    assert put(wish(desks.second, first=1)).state == "confirmed"
    with storage.transaction(write=True) as db:
        closures.lift(db, db.get_one(Closure, closed.closure.id), sites.get_place(db, desks.first), NOW)
    assert free(storage, whole) != [()]


def test_who_booked_a_whole_room_is_moved_to_a_whole_room(put: Put, desks: Desks, whole: str, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        booths = db.scalars(select(Room).where(Room.privacy == "private")).one()
        other = lending.offer(db, booths, capacity=8).id
    booking = put(wish(whole))
    with storage.transaction(write=True) as db:
        place = sites.get_place(db, desks.room)
        moves = {booking.id: (other,)}
        closures.close(db, place, TEN, NOON, template="assembly", moves=moves, now=NOW)
    with pytest.raises(DeskTaken):
        put(wish(desks.booth, first=1))


def test_somebody_at_the_door_and_the_whole_room_exclude_each_other(
    put: Put, desks: Desks, whole: str, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        desk = db.get_one(Desk, desks.first)
        walk_ins.record(db, desk, home_code=CHIBA.code, name="立寄 花子", until=NOON, now=NOW)
    with pytest.raises(DeskTaken):
        put(wish(whole))
    with storage.transaction(write=True) as db:
        room, until = db.get_one(Desk, whole), NOON + timedelta(hours=1)
        walk_ins.record(db, room, home_code=CHIBA.code, name="立寄 花子", until=until, now=NOON)
    with pytest.raises(DeskTaken):
        put(wish(desks.second, start=NOON, end=until))
    with storage.transaction() as db:
        assert vacancy.of_desk(db, whole, NOW).state == "taken"


def test_a_desk_that_comes_into_a_booked_room_belongs_to_the_booking(
    put: Put, desks: Desks, whole: str, storage: Storage
) -> None:
    put(wish(whole))
    with storage.transaction(write=True) as db:
        desk = sites.add_desk(db, db.get_one(Room, desks.room), {"name": "Z"})
        sites.publish(db, desk)
    with pytest.raises(DeskTaken):
        put(wish(desk.id, first=1))


def test_withdrawn_it_keeps_its_bookings_and_can_be_offered_again(
    put: Put, desks: Desks, whole: str, storage: Storage
) -> None:
    booking = put(wish(whole))
    with storage.transaction(write=True) as db:
        lending.withdraw(db, db.get_one(Room, desks.room))
        assert db.get_one(Booking, booking.id).state == "confirmed"
    with pytest.raises(BookingRefused):
        put(wish(whole, start=NOON, end=NOON + timedelta(hours=1), first=1))
    with storage.transaction(write=True) as db:
        again = lending.offer(db, db.get_one(Room, desks.room), capacity=4)
        assert (again.id, again.capacity) == (whole, 4)


@pytest.mark.parametrize("capacity", [0, -1, 1001])
def test_a_room_is_for_a_number_of_people_that_makes_sense(desks: Desks, storage: Storage, capacity: int) -> None:
    with pytest.raises(BadInput), storage.transaction(write=True) as db:
        lending.offer(db, db.get_one(Room, desks.room), capacity=capacity)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6), st.booleans()), max_size=5))
def test_what_is_free_of_the_whole_is_what_is_free_of_all_its_desks(
    put: Put, desks: Desks, whole: str, storage: Storage, wanted: list[tuple[int, int, bool]]
) -> None:
    quarter = timedelta(minutes=15)
    for number, (start, length, first) in enumerate(wanted):
        begins = NOW + start * quarter
        desk = desks.first if first else desks.second
        try:
            put(wish(desk, start=begins, end=begins + length * quarter, first=number))
        except TachiyoriError:
            continue
    one, two, both = free(storage, desks.first, desks.second, whole)
    assert both == snapped(without(one, without([DAY], two)))


def test_eight_clients_at_a_room_and_its_desks_never_get_both(
    desks: Desks, whole: str, storage: Storage, passes: Passes
) -> None:
    """Half of them want the whole room, half one of its desks, at one time."""

    def act(number: int) -> None:
        desk = whole if number % 2 else (desks.first, desks.second)[number // 2 % 2]
        with storage.transaction(write=True) as db:
            bookings.decide(db, passes, SAITAMA, str(uuid4()), wish(desk, first=number), now=NOW)

    raised = at_once(8, act)
    assert all(isinstance(error, DeskTaken) for error in raised), raised
    with storage.transaction() as db:
        held = [booking.places[0].desk_id for booking in db.scalars(select(Booking))]
        live = db.scalars(select(Claim.desk_id).where(Claim.live)).all()
    assert sorted(held) in ([whole], sorted([desks.first, desks.second]))
    assert len(live) == len(set(live))
    assert person(0)
