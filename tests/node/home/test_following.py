"""What a host does unasked reaches the trip, the attendance record and the person."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from federation import outbox
from federation.errors import PeerUnreachable
from federation.messages.booking import Alternative, Booking, Reason
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


@pytest.mark.parametrize(
    ("cause", "words"),
    [("agreement-ended", "協定が終了したため"), ("home-suspended", "所属団体の参加が停止されたため")],
)
def test_why_a_host_cancelled_is_told_to_the_person(
    town: Town, host: FakeHost, booked: str, person: SignedIn, storage: Storage, cause: str, words: str
) -> None:
    hear(town, host.changed(booked, state="cancelled", cause=cause))
    assert told(storage, person)[0].startswith(words)


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
    assert trip_now(booked).state == "confirmed"
    with town.storage.transaction(write=True) as db:
        following.ask_anew(db, HOST, frozenset(), now=town.clock())
    assert trip_now(booked).state == "asking"
    outbox.deliver(town.storage, asking.carriers(town), now=clock.pass_by(minutes=1))
    assert (trip_now(booked).state, list(host.bookings)) == ("confirmed", [booked])


def test_a_silent_host_does_not_hold_up_the_others(town: Town, booked: str) -> None:
    def source(_host: str) -> tuple[int, str, Callable[[str], object]]:
        raise PeerUnreachable("down")

    assert following.follow_all(town, source, now=town.clock()) == {HOST: "peer-unreachable"}  # type: ignore[arg-type]


OTHER_DESK = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"
WHY = Reason(code="closure-assembly", side="host", ja="議会", en="Assembly")


def moved(host: FakeHost, booked: str) -> Booking:
    """Let the host give the booking another desk of another room."""
    place = host.bookings[booked].places[0]
    place = place.model_copy(update={"desk": OTHER_DESK, "desk_name": "C-3", "room_name": "5階 会議室"})
    return host.changed(booked, places=(place,), cause="closure", reasons=(WHY,))


def test_a_move_by_the_host_is_shown_and_told_with_old_and_new(
    town: Town, host: FakeHost, booked: str, person: SignedIn, trip_now: Read, storage: Storage
) -> None:
    hear(town, moved(host, booked))
    trip = trip_now(booked)
    assert (trip.state, trip.desk_id) == ("confirmed", OTHER_DESK)
    desk = trips.desk_of(trip)
    assert (desk.name, desk.room_name) == ("C-3", "5階 会議室")
    with storage.transaction() as db:
        notice = notices.latest(db, person.staff_id)[0]
    assert (notice.facts["why"], notice.facts["old"], notice.facts["new"]) == (
        "議会",
        "千代田合同庁舎 4階 共用執務室 A-1",
        "千代田合同庁舎 5階 会議室 C-3",
    )


def test_a_moved_trip_looks_at_its_new_desk_once_its_host_can_be_asked(
    town: Town, host: FakeHost, booked: str, trip_now: Read
) -> None:
    hear(town, moved(host, booked))
    asking.look_again(town, booked)
    assert trips.desk_of(trip_now(booked)).name == "C-3"


def test_a_move_is_told_once(town: Town, host: FakeHost, booked: str, person: SignedIn, storage: Storage) -> None:
    booking = moved(host, booked)
    hear(town, booking)
    hear(town, booking)
    assert len(told(storage, person)) == 1


def test_what_the_host_proposes_instead_is_kept(town: Town, host: FakeHost, booked: str, trip_now: Read) -> None:
    place = host.bookings[booked].places[0]
    instead = Alternative(desk=OTHER_DESK, desk_name="C-3", start=place.start, end=place.end)
    hear(town, host.changed(booked, state="cancelled", cause="closure", alternatives=(instead,)))
    assert trips.alternatives_of(trip_now(booked)) == [instead]


def test_a_lifted_closure_tells_that_the_desk_can_be_had_again(
    town: Town, host: FakeHost, booked: str, person: SignedIn, trip_now: Read, storage: Storage
) -> None:
    hear(town, host.changed(booked, state="cancelled", cause="closure"))
    hear(town, host.changed(booked, state="cancelled", cause="closure-lifted"))
    assert trip_now(booked).state == "cancelled"
    assert told(storage, person)[0].startswith("施設の休止が解除され")
