"""Booking for a colleague: who may, who is told, whose booking it is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from federation import outbox
from federation.audit import AuditEntry
from federation.errors import DeskTaken, NotFound, PersonElsewhere
from federation.storage import Storage
from node import notices
from node.home import asking, behalf, trips
from node.models.staff import Staff
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW, Clock

Make = Callable[..., trips.Wish]


@pytest.fixture
def by(storage: Storage, person: SignedIn) -> Staff:
    """The person, who serves in 企画課."""
    with storage.transaction() as db:
        return directory.get(db, person.staff_id)


@pytest.fixture
def colleague(storage: Storage, person: SignedIn) -> Staff:
    """Somebody else of 企画課."""
    with storage.transaction(write=True) as db:
        return directory.add(db, number="777", name="隣席 一郎", section="企画課", now=NOW)


def told(storage: Storage, staff_id: int) -> list[str]:
    with storage.transaction() as db:
        return [each.words.partition("：")[0] for each in notices.latest(db, staff_id)]


def test_one_books_for_ones_own_section_and_superiors_for_everybody(
    storage: Storage, by: Staff, colleague: Staff, person: SignedIn
) -> None:
    with storage.transaction() as db:
        found = [
            behalf.find_colleague(db, by, number, now=NOW) for number in ("777", "000001", "012345", "nobody", "\0")
        ]
    assert [one.id if one else None for one in found] == [colleague.id, None, None, None, None]
    with storage.transaction(write=True) as db:
        superior = directory.add(db, number="1", name="部長", section="総務課", roles=("staff", "manager"), now=NOW)
        directory.get(db, colleague.id).left_on = NOW.date()
        found = [behalf.find_colleague(db, superior, number, now=NOW) for number in ("000001", "777")]
    assert [one.number if one else None for one in found] == ["000001", None]


def test_nobody_books_for_those_without_a_section_by_having_none(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        one, other = (directory.add(db, number=number, name="無所属", now=NOW) for number in ("8", "9"))
        assert behalf.find_colleague(db, one, other.number, now=NOW) is None


def test_the_booking_is_the_colleagues_and_they_are_told_who_asked(
    town: Town,
    host: FakeHost,
    wish: Make,
    by: Staff,
    colleague: Staff,
    storage: Storage,
    trip_now: Callable[[str], Trip],
) -> None:
    trip_id = behalf.submit(town, wish(staff_id=colleague.id), by, now=town.clock())
    assert (trip_now(trip_id).state, trip_now(trip_id).staff_id, host.persons) == ("confirmed", colleague.id, [None])
    assert told(storage, colleague.id) == ["%(by)sさんが、あなたの予約を申し込みました"]
    with storage.transaction() as db:
        assert [trip.id for trip in behalf.of(db, by.id, now=town.clock())] == [trip_id]
        who = behalf.booked_by(db, trip_id)
        line = db.scalars(select(AuditEntry).where(AuditEntry.event == "booked-for")).one()
    assert who is not None
    assert (who.id, line.actor, line.subject) == (by.id, f"staff:{by.id}", trip_id)


def test_a_colleague_is_in_one_place_at_a_time_whoever_asks(
    town: Town, wish: Make, by: Staff, colleague: Staff, person: SignedIn
) -> None:
    asking.submit(town, wish(), person, now=town.clock())
    behalf.submit(town, wish(staff_id=colleague.id), by, now=town.clock())
    with pytest.raises(PersonElsewhere):
        behalf.submit(town, wish(staff_id=colleague.id, host="https://h2.example"), by, now=town.clock())


def test_a_refusal_is_said_to_who_asked_alone(
    town: Town, host: FakeHost, wish: Make, by: Staff, colleague: Staff, storage: Storage
) -> None:
    host.no = DeskTaken("taken")
    with pytest.raises(DeskTaken):
        behalf.submit(town, wish(staff_id=colleague.id), by, now=town.clock())
    assert told(storage, colleague.id) == []


def test_a_silent_host_is_asked_again_and_the_colleague_hears_of_both(
    town: Town, host: FakeHost, wish: Make, by: Staff, colleague: Staff, storage: Storage, clock: Clock
) -> None:
    host.down = True
    behalf.submit(town, wish(staff_id=colleague.id), by, now=town.clock())
    host.down = False
    clock.pass_by(minutes=1)
    outbox.deliver(town.storage, asking.carriers(town), now=town.clock())
    assert told(storage, colleague.id) == ["予約が確定しました", "%(by)sさんが、あなたの予約を申し込みました"]


def test_who_asked_takes_it_back_and_nobody_else_does(
    town: Town,
    wish: Make,
    by: Staff,
    colleague: Staff,
    person: SignedIn,
    trip_now: Callable[[str], Trip],
    storage: Storage,
) -> None:
    trip_id = behalf.submit(town, wish(staff_id=colleague.id), by, now=town.clock())
    own = asking.submit(town, replace(wish(hours=4)), person, now=town.clock())
    for id_, who in ((trip_id, colleague), (own, by), ("nothing", by)):
        with pytest.raises(NotFound):
            behalf.take_back(town, id_, who, now=town.clock())
    behalf.take_back(town, trip_id, by, now=town.clock())
    assert trip_now(trip_id).state == "cancelled"
    assert told(storage, colleague.id)[0].startswith("%(by)sさんが、あなたのために申し込んだ予約を取り消しました")
