"""Somebody at the door whose home is out of reach, and the booking that comes later."""

from datetime import timedelta

import pytest

from federation.errors import BadCheckDigit, BadInput, Conflict, DeskTaken
from federation.storage import Storage
from node.host import claims, rounds, walk_ins
from node.models.bookings import Booking
from node.models.sites import Desk
from node.models.visits import WalkIn
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, wish


def walk_in(storage: Storage, desk: str, home_code: str = "110001", name: str = "埼玉 太郎") -> str:
    """Record one from nine to noon."""
    with storage.transaction(write=True) as db:
        found = db.get_one(Desk, desk)
        return walk_ins.record(db, found, home_code=home_code, name=name, until=NOON, now=NOW).id


def test_a_walk_in_takes_a_free_desk(desks: Desks, storage: Storage) -> None:
    walk_in(storage, desks.first)
    with storage.transaction() as db:
        assert [one.name for one in walk_ins.here(db)] == ["埼玉 太郎"]
        free = claims.availability(db, SAITAMA, desks.first, NOW, NOON, now=NOW).free
    assert free == ()
    with pytest.raises(DeskTaken):
        walk_in(storage, desks.first)


def test_a_walk_in_does_not_take_a_booked_desk(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    with pytest.raises(DeskTaken):
        walk_in(storage, desks.first)


def test_its_own_homes_booking_takes_over(put: Put, desks: Desks, storage: Storage) -> None:
    came = walk_in(storage, desks.first)
    booking = put(wish(desks.first, start=NOW))
    assert (booking.state, booking.places[0].arrived_at) == ("checked_in", NOW)
    with storage.transaction() as db:
        assert walk_ins.here(db) == []
        row = db.get_one(WalkIn, came)
        assert (row.booking_id, row.name) == (booking.id, "")


def test_another_homes_booking_does_not(put: Put, desks: Desks, storage: Storage) -> None:
    walk_in(storage, desks.first, home_code="120006")
    with pytest.raises(DeskTaken):
        put(wish(desks.first))


def test_who_leaves_frees_the_desk(put: Put, desks: Desks, storage: Storage) -> None:
    came = walk_in(storage, desks.first, home_code="120006")
    for moment in (TEN, NOON):
        with storage.transaction(write=True) as db:
            walk_ins.leave(db, came, moment)
    assert put(wish(desks.first)).state == "confirmed"
    with storage.transaction() as db:
        assert db.get_one(WalkIn, came).left_at == TEN
        assert db.query(Booking).count() == 1


def test_names_of_walk_ins_go_too(desks: Desks, storage: Storage) -> None:
    walk_in(storage, desks.first)
    with storage.transaction(write=True) as db:
        assert rounds.purge_names(db, NOON + timedelta(days=7)) == 1


def test_a_walk_in_has_a_town_a_name_and_an_end(desks: Desks, storage: Storage) -> None:
    with pytest.raises(BadCheckDigit):
        walk_in(storage, desks.first, home_code="110000")
    with pytest.raises(BadInput) as refusal:
        walk_in(storage, desks.first, name=" ")
    assert refusal.value.field == "name"


def test_who_is_gone_and_has_no_booking_is_settled_otherwise(desks: Desks, storage: Storage) -> None:
    came = walk_in(storage, desks.first)
    with storage.transaction(write=True) as db:
        assert walk_ins.count_unsettled(db, TEN) == 0
        walk_ins.leave(db, came, TEN)
        assert [one.id for one in walk_ins.unsettled(db, TEN)] == [came]
        walk_ins.settle(db, came, "電話で確認", by="staff:1", now=NOON)
        assert walk_ins.count_unsettled(db, NOON) == 0
    with storage.transaction(write=True) as db, pytest.raises(Conflict):
        walk_ins.settle(db, came, "もう一度", by="staff:1", now=NOON)


def test_who_was_not_seen_leaving_is_asked_about_a_day_later(desks: Desks, storage: Storage) -> None:
    walk_in(storage, desks.first)
    with storage.transaction() as db:
        counts = [walk_ins.count_unsettled(db, NOW + timedelta(hours=hours)) for hours in (23, 25)]
    assert counts == [0, 1]


def test_whose_home_booked_is_settled(put: Put, desks: Desks, storage: Storage) -> None:
    walk_in(storage, desks.first)
    put(wish(desks.first, start=NOW))
    with storage.transaction() as db:
        assert walk_ins.count_unsettled(db, NOW + timedelta(days=2)) == 0
