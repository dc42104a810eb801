"""How long a host keeps what help a visitor needs: as long as their places say, and in a roll call until it ends."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from federation.messages.booking import Assistance, BookingRequest, Visitor
from federation.storage import Storage
from node.host import assistance, reception, rollcall, visits
from node.models.assistance import ToldAssistance
from node.models.bookings import Booking
from tests.node.host.conftest import NOW, TEN, Desks, Put, person, wish

MIDNIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=NOW.tzinfo)


def named(desk: str) -> BookingRequest:
    helped = Assistance(kinds=("hearing", "from-a-newer-version"), words="筆談で")
    return wish(desk, visitors=(Visitor(sub=person(), name="井上 彩", assistance=helped),))


def left(storage: Storage, now: datetime) -> int:
    with storage.transaction(write=True) as db:
        assistance.purge(db, now)
        return len(db.scalars(select(ToldAssistance)).all())


def test_it_is_kept_of_who_told_it_and_of_nobody_else(put: Put, desks: Desks, storage: Storage) -> None:
    put(named(desks.first))
    put(wish(desks.second, first=1, visitors=(Visitor(sub=person(1), name="別 の人"),)))
    with storage.transaction() as db:
        (row,) = db.scalars(select(ToldAssistance))
    assert (row.kinds, row.words) == (["hearing", "from-a-newer-version"], "筆談で")


def test_a_visit_that_ends_at_midnight_ends_its_own_day(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(named(desks.first))
    with storage.transaction(write=True) as db:
        db.get_one(Booking, booking.id).places[0].end = MIDNIGHT
    assert left(storage, MIDNIGHT - timedelta(seconds=1)) == 1
    assert left(storage, MIDNIGHT) == 0


def test_a_visit_of_another_day_keeps_it_until_then(put: Put, desks: Desks, storage: Storage) -> None:
    booking, later = put(named(desks.first)), timedelta(days=7)
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking.id).places[0]
        place.start, place.end = place.start + later, place.end + later
    assert left(storage, MIDNIGHT) == 1
    assert left(storage, MIDNIGHT + later) == 0


@pytest.mark.parametrize(("hours", "kept"), [(9, 1), (25, 0)])
def test_an_open_roll_call_keeps_it_of_who_is_in_the_building_for_a_day(
    put: Put, desks: Desks, storage: Storage, hours: int, kept: int
) -> None:
    booking, began = put(named(desks.first)), TEN + timedelta(hours=12)
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking.id).places[0], TEN)
        rollcall.begin(db, by="staff:7", now=began)
    assert left(storage, began + timedelta(hours=hours)) == kept


def test_an_open_roll_call_does_not_keep_it_of_who_never_came(put: Put, desks: Desks, storage: Storage) -> None:
    put(named(desks.first))
    with storage.transaction(write=True) as db:
        rollcall.begin(db, by="staff:7", now=TEN)
    assert left(storage, MIDNIGHT) == 0


def test_after_the_day_nobody_is_shown_it_even_before_the_job_came(put: Put, desks: Desks, storage: Storage) -> None:
    put(named(desks.first))
    with storage.transaction(write=True) as db:
        guests = reception.today(db, TEN, by="staff:7")
        assert [row.words for row in assistance.of(db, guests, TEN).values()] == ["筆談で"]
        assert assistance.of(db, guests, MIDNIGHT) == {}


def test_where_no_name_is_shown_it_is_not_either(put: Put, desks: Desks, storage: Storage) -> None:
    put(named(desks.first))
    with storage.transaction() as db:
        assert assistance.of(db, reception.seats_today(db, TEN), TEN) == {}
