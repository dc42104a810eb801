"""How long somebody may stay: every end that is offered is accepted, and what is accepted of those asked for is offered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation.errors import TachiyoriError
from federation.messages.booking import BookingChange, Place
from federation.storage import Storage
from node.host import changes, closures, lengths, pools, sites, timetables
from node.host.passes import Passes
from node.host.pools import Kept
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace
from node.models.sites import Site
from tests.node import agreed
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, person, wish

EVENING = NOW + timedelta(hours=8, minutes=15)
HALF = timedelta(minutes=30)


def offered(storage: Storage, booking_id: str, now: datetime = NOW) -> Sequence[datetime]:
    with storage.transaction() as db:
        places = db.scalars(select(BookingPlace).where(BookingPlace.booking_id == booking_id)).all()
        return lengths.ends_of(db, SAITAMA, places, now)[places[0].id]


def is_accepted(storage: Storage, passes: Passes, booking_id: str, end: datetime) -> bool:
    """Ask to stay until ``end``, and undo it."""
    with storage.transaction() as db:
        booking = db.get_one(Booking, booking_id)
        (place,) = booking.places
        version, longer = booking.version, Place(desk=place.desk_id, start=place.start, end=end, sub=person())
    wanted = BookingChange(command=str(uuid4()), action="extend", places=(longer,))
    with storage.transaction(write=True) as db:
        try:
            changes.change(db, passes, SAITAMA, booking_id, wanted, version=version, now=NOW)
        except TachiyoriError:
            return False
        finally:
            db.rollback()
    return True


def some_day(storage: Storage, put: Put, desks: Desks, case: str) -> None:
    """Let something stand in the way of staying."""
    with storage.transaction(write=True) as db:
        desk, room = sites.get_place(db, desks.first), desks.room
        if case == "closure":
            closures.close(db, desk, NOON + 2 * HALF, EVENING, template="other", now=NOW)
        elif case == "pool":
            pools.set_rules(db, room, {1: Kept(own=2)})
        elif case == "hours":
            timetables.set_week(db, desk, [(1, 540, 750)], NOW)
        elif case == "agreement":
            agreed.amend(db, db.scalars(select(Agreement)).one(), {"weekdays": [0]})
        elif case in {"30", "60", "half_day", "day"}:
            timetables.choose_slots(db, db.get_one(Site, desks.site), case)  # type: ignore[arg-type]  # One of the words listed above.
    if case == "colleague":
        put(wish(desks.first, start=NOON + HALF, end=EVENING, first=1))
    elif case == "myself":
        put(wish(desks.booth, start=NOON + HALF, end=EVENING))


@pytest.mark.parametrize(
    ("case", "ends"),
    [
        ("nothing", [NOON + HALF, NOON + 2 * HALF, NOON + 4 * HALF]),
        ("closure", [NOON + HALF, NOON + 2 * HALF]),
        ("colleague", [NOON + HALF]),
        ("hours", [NOON + HALF]),
        ("pool", []),
        ("agreement", []),
        ("30", [NOON + HALF, NOON + 2 * HALF, NOON + 4 * HALF]),
        ("60", [NOON + 2 * HALF, NOON + 4 * HALF]),
        ("half_day", [EVENING]),
        ("day", [EVENING]),
    ],
)
def test_what_is_offered_is_accepted(
    put: Put, desks: Desks, storage: Storage, passes: Passes, case: str, ends: list[datetime]
) -> None:
    booking = put(wish(desks.first))
    some_day(storage, put, desks, case)
    found = offered(storage, booking.id)
    assert list(found) == ends
    asked = {*ends, *(TEN + HALF * number for number in range(5, 15)), EVENING}
    accepted = {end for end in asked if is_accepted(storage, passes, booking.id, end)}
    assert set(ends) <= accepted
    if not ends:
        assert accepted == set()


def test_nobody_stays_into_another_visit_of_their_own(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    some_day(storage, put, desks, "myself")
    with storage.transaction() as db:
        every = db.scalars(select(BookingPlace).order_by(BookingPlace.start)).all()
        found = lengths.ends_of(db, SAITAMA, every, NOW)
        mine = next(place for place in every if place.booking_id == booking.id)
        assert list(found[mine.id]) == [NOON + HALF]
