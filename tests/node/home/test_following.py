"""What a host does unasked reaches the trip, the attendance record and the person."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from federation import outbox
from federation.errors import PeerUnreachable
from federation.messages.booking import Booking
from federation.messages.feed import FeedItem
from federation.storage import Storage
from node import notices
from node.home import asking, attendance, following, trips
from node.models.attendance import Attendance
from node.models.trips import Trip
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import HOST, FakeHost
from tests.node.home.conftest import Clock

Read = Callable[[str], Trip]


@pytest.fixture
def booked(town: Town, wish: Callable[..., trips.Wish], person: SignedIn) -> str:
    return asking.submit(town, wish(), person, now=town.clock())


def hear(town: Town, booking: Booking, host: str = HOST) -> None:
    item = FeedItem(state="updated", kind="booking", id=booking.id, modified=booking.version, data=booking.wire())
    with town.storage.transaction(write=True) as db:
        following.take(db, host, item, now=town.clock())


def told(storage: Storage, person: SignedIn) -> list[str]:
    with storage.transaction() as db:
        return [notice.words for notice in notices.latest(db, person.staff_id)]


def test_a_closure_by_the_host_cancels_the_trip_and_tells_the_person(
    town: Town, host: FakeHost, booked: str, person: SignedIn, trip_now: Read, storage: Storage
) -> None:
    hear(town, host.changed(booked, state="cancelled", cause="closure"))
    assert trip_now(booked).state == "cancelled"
    assert told(storage, person)[0].startswith("施設が休止となったため")


def test_a_closure_frees_the_persons_time(
    town: Town, host: FakeHost, booked: str, person: SignedIn, wish: Callable[..., trips.Wish]
) -> None:
    hear(town, host.changed(booked, state="cancelled", cause="closure"))
    asking.submit(town, wish(hours=1), person, now=town.clock())


def test_an_older_word_does_not_undo_a_newer_one(town: Town, host: FakeHost, booked: str, trip_now: Read) -> None:
    old = host.bookings[booked]
    hear(town, host.changed(booked, state="checked_in"))
    hear(town, old)
    assert trip_now(booked).state == "checked_in"


def test_a_host_cannot_speak_of_another_hosts_booking(town: Town, host: FakeHost, booked: str, trip_now: Read) -> None:
    hear(town, host.changed(booked, state="cancelled"), host="https://elsewhere.example")
    assert trip_now(booked).state == "confirmed"


def test_the_day_is_written_into_the_attendance_record(
    town: Town, host: FakeHost, clock: Clock, booked: str, storage: Storage
) -> None:
    place = host.bookings[booked].places[0]
    came = place.model_copy(update={"arrived_at": clock.pass_by(hours=4), "left_at": clock.pass_by(minutes=90)})
    hear(town, host.changed(booked, state="completed", places=(came,)))
    with storage.transaction() as db:
        row = db.scalars(select(Attendance)).one()
        assert (row.section, row.site_name, attendance.minutes(row)) == ("企画課", "千代田合同庁舎", 90)
        assert "012345,立寄 太郎,企画課,サテライト勤務" in attendance.as_csv([row]).decode("utf-8-sig")


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(
    town: Town, host: FakeHost, booked: str, storage: Storage
) -> None:
    hear(town, host.changed(booked, state="no_show"))
    with storage.transaction(write=True) as db:
        row = db.scalars(select(Attendance)).one()
        row.site_name = "=HYPERLINK(1)"
        assert b"'=HYPERLINK" in attendance.as_csv([row])


def test_a_host_that_forgot_after_a_restore_is_asked_again(
    town: Town, host: FakeHost, clock: Clock, booked: str, trip_now: Read
) -> None:
    host.bookings.clear()
    with town.storage.transaction(write=True) as db:
        following.ask_anew(db, HOST, frozenset({("booking", booked)}), now=town.clock())
    assert trip_now(booked).state == "asking"
    outbox.deliver(town.storage, asking.carriers(town), now=clock.pass_by(minutes=1))
    assert (trip_now(booked).state, list(host.bookings)) == ("confirmed", [booked])


def test_a_silent_host_does_not_hold_up_the_others(town: Town, booked: str) -> None:
    def source(_host: str) -> tuple[int, str, Callable[[str], object]]:
        raise PeerUnreachable("down")

    assert following.follow_all(town, source, now=town.clock()) == {HOST: "peer-unreachable"}  # type: ignore[arg-type]
