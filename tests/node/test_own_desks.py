"""Our own staff at our own desks: the same path as everybody's, without a wire."""

from datetime import timedelta

import pytest

from federation.errors import DeskTaken, NotAMember, NotFound
from node.home import asking, attendance, trips
from node.models.trips import Trip
from node.people import assurance
from node.people import staff as directory
from node.people.signin import SignedIn
from node.pings import Pings
from tests.node.pair import DESK_CODE, HOST, Pair
from tests.node.test_two_towns import END, START, booked


def book_own(towns: Pair) -> tuple[str, SignedIn]:
    """Have one of the host's own staff book the host's desk."""
    town, now = towns.host, towns.clock()
    with town.storage.transaction(write=True) as db:
        mine = directory.add(db, number="1", name="千代田 花子", section="管財課", now=now)
    person = SignedIn(mine.id, 1, assurance.ONE_FACTOR, now)
    site, desk = town.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(mine.id, HOST, "千代田区", site, desk, START, END, "satellite", "2", "3")
    return asking.submit(town, wish, person, now=now), person


def own_trip(towns: Pair, trip_id: str) -> Trip:
    with towns.host.storage.transaction() as db:
        return db.get_one(Trip, trip_id)


def test_one_of_our_own_books_without_an_agreement_and_without_a_wire(towns: Pair) -> None:
    trip_id, _person = book_own(towns)
    assert own_trip(towns, trip_id).state == "confirmed"
    assert towns.wire.passed == []


def test_a_visitor_and_one_of_our_own_contend_for_one_desk(towns: Pair) -> None:
    booked(towns)
    with pytest.raises(DeskTaken):
        book_own(towns)


def test_arriving_and_leaving_stand_in_our_own_attendance(towns: Pair) -> None:
    trip_id, person = book_own(towns)
    towns.clock.now = START
    asking.arrive(towns.host, trip_id, person.staff_id, DESK_CODE, now=towns.clock())
    towns.clock.pass_by(minutes=30)
    asking.leave(towns.host, trip_id, person.staff_id, now=towns.clock())
    Pings(towns.host).send()
    with towns.host.storage.transaction() as db:
        (row,) = attendance.of_days(db, START.date(), START.date() + timedelta(days=1))
    assert (row.staff.name, row.state) == ("千代田 花子", "completed")


def test_cancelling_frees_the_desk_at_once(towns: Pair) -> None:
    trip_id, person = book_own(towns)
    asking.cancel(towns.host, trip_id, person.staff_id, now=towns.clock())
    assert own_trip(towns, trip_id).state == "cancelled"
    assert towns.host.hosts(HOST).get_booking(trip_id).state == "cancelled"


def test_our_own_word_on_a_desk_is_the_hosts(towns: Pair) -> None:
    book_own(towns)
    word = towns.host.hosts(HOST).availability(towns.desk, START, END)
    assert word.free == ()
    with pytest.raises(NotFound):
        towns.host.hosts(HOST).listing("00000000-0000-4000-8000-000000000000")


def test_a_host_the_registry_does_not_know_is_nobody(towns: Pair) -> None:
    with pytest.raises(NotAMember):
        towns.home.hosts("https://node.elsewhere.example")
