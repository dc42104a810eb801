"""A person at home reads who at the host had their name before them, over the protocol."""

from datetime import UTC, datetime, timedelta

import pytest

from federation import audit
from federation.errors import PeerUnreachable
from node.home import asking, trips, viewed
from node.host import door, reception
from node.models.bookings import Booking
from node.people import staff as directory
from tests.node.pair import HOST, Pair

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def booked(towns: Pair) -> str:
    """A visit of today that the host's guard has seen on the list, at the door, and written a note of."""
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(
        towns.person.staff_id, HOST, "千代田区", site, desk, START, START + timedelta(hours=2), "satellite", "2", "3"
    )
    trip_id = asking.submit(towns.home, wish, towns.person, now=towns.clock())
    towns.clock.now = START
    with towns.host.storage.transaction(write=True) as db:
        guard = directory.add(db, number="000007", name="守衛 一郎", roles=("staff", "reception"), now=START)
        by = f"staff:{guard.id}"
        place = db.get_one(Booking, trip_id).places[0]
        reception.today(db, START, by=by)
        door.note(db, str(place.id), door.Noted("7"), by=by, now=START)
        audit.record(db, event="door-note", actor=by, subject=str(place.id), verdict="allowed", now=START)
    return trip_id


def seen(towns: Pair) -> list[tuple[str, str | None, str | None]]:
    found = viewed.at_host(towns.home, towns.person.staff_id, HOST)
    return [(line.event, line.role, line.booking) for line in found.lines]


def test_each_look_is_told_with_role_and_reason_and_without_the_name_of_who_looked(towns: Pair, booked: str) -> None:
    assert seen(towns) == [("door-note", "reception", booked), ("manifest.viewed", "reception", booked)]
    assert "守衛" not in viewed.at_host(towns.home, towns.person.staff_id, HOST).text()


def test_what_the_host_calls_its_guard_stays_there(towns: Pair, booked: str) -> None:
    assert "staff:" not in viewed.at_host(towns.home, towns.person.staff_id, HOST).text()


def test_somebody_else_of_the_home_reads_nothing_of_it(towns: Pair, booked: str) -> None:
    with towns.home.storage.transaction(write=True) as db:
        other = directory.add(db, number="000008", name="別 の人", now=START).id
    assert viewed.at_host(towns.home, other, HOST).lines == ()


def test_the_whole_of_a_booking_holds_the_homes_own_requests(towns: Pair, booked: str) -> None:
    lines = towns.home.hosts(HOST).trail(booked).lines
    assert ("booking.put", "home") in {(line.event, line.role) for line in lines}
    assert [line.number for line in lines] == sorted((line.number for line in lines), reverse=True)


def test_older_lines_follow(towns: Pair, booked: str) -> None:
    newest = viewed.at_host(towns.home, towns.person.staff_id, HOST).lines[0]
    rest = viewed.at_host(towns.home, towns.person.staff_id, HOST, before=newest.number).lines
    assert [line.event for line in rest] == ["manifest.viewed"]


def test_a_host_that_is_down_is_no_empty_answer(towns: Pair, booked: str) -> None:
    towns.wire.down.add(HOST)
    with pytest.raises(PeerUnreachable):
        viewed.at_host(towns.home, towns.person.staff_id, HOST)
