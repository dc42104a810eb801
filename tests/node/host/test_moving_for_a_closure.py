"""Whom a closure hits gets another desk, if one is proposed and still free; and many clients at one closing."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation.errors import DeskTaken, TachiyoriError
from federation.feed import Feeds
from federation.messages.listing import Slots
from federation.storage import Storage
from node.config import Config
from node.host import bookings, closures, pools, sites, timetables
from node.host.closures import Closed
from node.host.homes import Home
from node.host.passes import Passes
from node.host.pools import Kept
from node.host.spans import Span
from node.models.agreements import Agreement
from node.models.bookings import Booking, Claim
from node.models.opening import Closure
from node.models.sites import Room, Site
from tests.contention import at_once
from tests.node import agreed
from tests.node.host.conftest import NOON, NOW, SAITAMA, SITE, TEN, Desks, Put, page, wish


def close(storage: Storage, place_id: str, moves: dict[str, tuple[str, ...]] | None = None, **more: Any) -> Closed:
    with storage.transaction(write=True) as db:
        place = sites.get_place(db, place_id)
        return closures.close(db, place, TEN, NOON, template="assembly", moves=moves or {}, now=NOW, **more)


def look(storage: Storage, place_id: str) -> tuple[closures.Hit, ...]:
    with storage.transaction() as db:
        return closures.preview(db, sites.get_place(db, place_id), TEN, NOON, NOW)


def add(storage: Storage, room_id: str, name: str, **facts: Any) -> str:
    with storage.transaction(write=True) as db:
        desk = sites.add_desk(db, db.get_one(Room, room_id), {"name": name, **facts})
        sites.publish(db, desk)
        return desk.id


def beside(storage: Storage, config: Config, **where: float) -> str:
    """Add a second building with one open desk; return the desk."""
    with storage.transaction(write=True) as db:
        site = sites.add_site(db, config, {**SITE, "name": "第二庁舎", **where})
        room = sites.add_room(db, site, {"name": "1階", "privacy": "open"})
        desk = sites.add_desk(db, room, {"name": "D"})
        for one in (site, room, desk):
            sites.publish(db, one)
        return desk.id


def test_a_moved_booking_keeps_its_time_and_its_home_hears_the_new_desk_and_why(
    put: Put, desks: Desks, storage: Storage, feeds: Feeds
) -> None:
    booking = put(wish(desks.first))
    closed = close(storage, desks.room, {booking.id: (desks.booth,)})
    (item,) = page(storage, feeds, "visits:17")
    (place,) = item.data["places"]
    assert (closed.moved, item.data["state"], place["desk"], place["room_name"]) == (
        1,
        "confirmed",
        desks.booth,
        "個室",
    )
    assert (item.data["cause"], item.data["reasons"][0]["ja"]) == ("closure", "議会")
    assert item.data["version"] == booking.version + 1


def test_the_new_desk_is_held_and_the_old_one_let_go(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    close(storage, desks.room, {booking.id: (desks.booth,)})
    with storage.transaction() as db:
        held = select(Claim.desk_id).where(Claim.live, Claim.place_id.is_not(None))
        assert db.scalars(held).all() == [desks.booth]


def test_the_same_room_is_proposed_before_another_room(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    (hit,) = look(storage, desks.first)
    assert [one.desk_ids for one in hit.options] == [(desks.second,), (desks.booth,)]
    assert hit.proposed == hit.options[0]


def test_nothing_less_private_or_with_less_is_proposed(put: Put, desks: Desks, storage: Storage) -> None:
    booth = put(wish(desks.booth))
    monitor = add(storage, desks.room, "M", features=["monitor"])
    put(wish(monitor, first=1))
    with_booth, with_monitor = (hit for place in (desks.booth, monitor) for hit in look(storage, place))
    assert (with_booth.booking_id, with_booth.options, with_monitor.options) == (booth.id, (), ())


def test_no_desk_is_proposed_to_two_at_one_time(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    put(wish(desks.second, first=1))
    proposed = [hit.proposed for hit in look(storage, desks.room)]
    assert [one.desk_ids if one else None for one in proposed] == [(desks.booth,), None]


def test_several_people_of_one_booking_move_together(put: Put, desks: Desks, storage: Storage) -> None:
    more = {add(storage, desks.room, name) for name in ("X", "Y")}
    with storage.transaction() as db:
        booths = db.scalars(select(Room.id).where(Room.privacy == "private")).one()
    other = add(storage, booths, "Z")
    booking = put(wish(*sorted(more)))
    with storage.transaction(write=True) as db:
        sites.withdraw(db, sites.get_place(db, desks.first))
        sites.withdraw(db, sites.get_place(db, desks.second))
    (hit,) = look(storage, desks.room)
    assert hit.proposed is not None
    assert set(hit.proposed.desk_ids) == {desks.booth, other}
    close(storage, desks.room, {booking.id: hit.proposed.desk_ids})
    with storage.transaction() as db:
        assert {place.desk_id for place in db.get_one(Booking, booking.id).places} == {desks.booth, other}


def test_a_team_moves_to_desks_side_by_side(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction() as db:
        booths = db.scalars(select(Room.id).where(Room.privacy == "private")).one()
    spots = {"J": 0.1, "K": 0.9, "L": 0.2, "M": 0.5}
    added = {name: add(storage, booths, name, plan_x=x, plan_y=0.1) for name, x in spots.items()}
    put(wish(desks.first, desks.second))
    (hit,) = look(storage, desks.room)
    assert hit.proposed is not None
    assert set(hit.proposed.desk_ids) == {added["J"], added["L"]}


def test_who_moves_alone_sits_beside_the_colleague_who_stays(put: Put, desks: Desks, storage: Storage) -> None:
    spots = {"J": 0.1, "K": 0.9, "L": 0.2, "M": 0.8}
    added = {name: add(storage, desks.room, name, plan_x=x, plan_y=0.1) for name, x in spots.items()}
    put(wish(added["K"], added["J"]))
    (hit,) = look(storage, added["J"])
    assert hit.proposed is not None
    assert hit.proposed.desk_ids == (added["M"],)


def test_a_person_keeps_the_time_and_the_new_desk_its_half_days(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        booths = db.scalars(select(Room).where(Room.privacy == "private")).one()
        timetables.choose_slots(db, booths, "half_day")
    moving = put(wish(desks.first))
    close(storage, desks.first, {moving.id: (desks.booth,)})
    with storage.transaction() as db:
        (place,) = db.get_one(Booking, moving.id).places
        assert (place.desk_id, place.start, place.end) == (desks.booth, TEN, NOON)
    with pytest.raises(TachiyoriError):
        put(wish(desks.booth, start=NOW, end=TEN, first=1))


def test_a_half_day_desk_that_somebody_has_for_a_part_is_no_option(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.booth, start=NOW, end=TEN))
    put(wish(desks.first, first=1))
    with storage.transaction(write=True) as db:
        booths = db.scalars(select(Room).where(Room.privacy == "private")).one()
        timetables.choose_slots(db, booths, "half_day")
        sites.withdraw(db, sites.get_place(db, desks.second))
    (hit,) = look(storage, desks.first)
    assert hit.options == ()


@pytest.mark.parametrize("units", ["60", "half_day", "day"])
def test_what_those_who_lose_their_desk_are_told_can_be_booked(
    put: Put, desks: Desks, storage: Storage, units: Slots
) -> None:
    booking = put(wish(desks.first, start=TEN + timedelta(minutes=15), end=TEN + timedelta(minutes=45)))
    with storage.transaction(write=True) as db:
        timetables.choose_slots(db, db.get_one(Site, desks.site), units)
    close(storage, desks.first)
    with storage.transaction() as db:
        told = db.get_one(Booking, booking.id).alternatives
    assert {one["desk"] for one in told} >= {desks.second, desks.booth}
    for number, one in enumerate(told, start=1):
        start, end = (datetime.fromisoformat(one[name]) for name in ("start", "end"))
        put(wish(one["desk"], start=start, end=end, first=number * 10))


def test_own_staff_move_to_a_desk_that_their_room_keeps_for_them(put: Put, desks: Desks, storage: Storage) -> None:
    own = Home(None, "https://node.tokyo.example", "130001")
    with storage.transaction(write=True) as db:
        pools.set_rules(db, desks.room, dict.fromkeys(range(7), Kept(own=2)))
    put(wish(desks.first), home=own)
    (hit,) = look(storage, desks.first)
    assert hit.options[0].desk_ids == (desks.second,)


def test_when_the_whole_building_closes_the_one_next_door_is_proposed(
    put: Put, desks: Desks, storage: Storage, config: Config
) -> None:
    near = beside(storage, config)
    beside(storage, config, lat=36.0, lon=139.0)
    put(wish(desks.first))
    (hit,) = look(storage, desks.site)
    assert [one.desk_ids for one in hit.options] == [(near,)]
    assert [one.desk for one in hit.alternatives] == [near, desks.first]


def test_no_building_is_proposed_that_the_agreement_does_not_name(
    put: Put, desks: Desks, storage: Storage, config: Config
) -> None:
    beside(storage, config)
    put(wish(desks.first))
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"site_ids": [desks.site]})
    (hit,) = look(storage, desks.site)
    assert hit.options == ()


def test_a_proposed_desk_that_was_taken_meanwhile_undoes_the_whole_closing(
    put: Put, desks: Desks, storage: Storage
) -> None:
    moving, other = put(wish(desks.first)), put(wish(desks.second, first=1))
    put(wish(desks.booth, first=2))
    with pytest.raises(DeskTaken) as refusal:
        close(storage, desks.room, {moving.id: (desks.booth,)})
    assert refusal.value.field == moving.id
    with storage.transaction() as db:
        assert db.scalar(select(Closure)) is None
        assert {db.get_one(Booking, one.id).state for one in (moving, other)} == {"confirmed"}


def test_two_cannot_move_to_one_desk(put: Put, desks: Desks, storage: Storage) -> None:
    one, two = put(wish(desks.first)), put(wish(desks.second, first=1))
    with pytest.raises(DeskTaken):
        close(storage, desks.room, {one.id: (desks.booth,), two.id: (desks.booth,)})


def test_a_closed_desk_is_no_way_out(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with pytest.raises(DeskTaken):
        close(storage, desks.room, {booking.id: (desks.second,)})


def test_an_assembly_of_several_weeks_is_one_registration(put: Put, desks: Desks, storage: Storage) -> None:
    week = timedelta(weeks=1)
    later = put(wish(desks.first, start=TEN + week, end=NOON + week))
    closed = close(storage, desks.room, more=(Span(TEN + week, NOON + week), Span(TEN + 2 * week, NOON + 2 * week)))
    assert [hit.booking_id for hit in closed.hits] == [later.id]
    with storage.transaction() as db:
        every = db.scalars(select(Closure).order_by(Closure.start)).all()
        assert len({one.series for one in every}) == 1
        assert [one.start for one in every] == [TEN, TEN + week, TEN + 2 * week]
        assert db.get_one(Booking, later.id).closure_id == every[1].id


def test_lifting_tells_those_who_were_cancelled_that_the_desk_can_be_had_again(
    put: Put, desks: Desks, storage: Storage, feeds: Feeds
) -> None:
    put(wish(desks.first))
    closed = close(storage, desks.room)
    with storage.transaction(write=True) as db:
        place = sites.get_place(db, desks.room)
        closures.lift(db, db.get_one(Closure, closed.closure.id), place, NOW)
    (item,) = page(storage, feeds, "visits:17")
    assert (item.data["state"], item.data["cause"]) == ("cancelled", "closure-lifted")
    assert put(wish(desks.first)).state == "confirmed"


def test_nobody_slips_in_while_a_place_is_being_closed(
    put: Put, desks: Desks, storage: Storage, passes: Passes
) -> None:
    """Seven book each of three desks and one closes the room, moving whom it can: no desk has two, no closed one any."""
    first = put(wish(desks.first, first=50))

    def act(number: int) -> None:
        if number == 3:
            close(storage, desks.room, {first.id: (desks.booth,)})
            return
        desk = (desks.first, desks.second, desks.booth)[number % 3]
        with storage.transaction(write=True) as db:
            bookings.decide(db, passes, SAITAMA, str(uuid4()), wish(desk, first=number), now=NOW)

    raised = at_once(8, act)
    assert all(isinstance(error, TachiyoriError) for error in raised), raised
    with storage.transaction() as db:
        room = {desks.first, desks.second}
        closed = db.scalar(select(Closure)) is not None
        live = [(one.desk_id, one.place_id) for one in db.scalars(select(Claim).where(Claim.live))]
        assert len(live) == len({desk for desk, _ in live})
        if closed:
            assert all(place is None for desk, place in live if desk in room)
        booths = [place for desk, place in live if desk == desks.booth]
        assert len(booths) == 1
