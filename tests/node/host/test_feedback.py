"""What visitors say: kept without them, made known from five on, a batch at a time, and forgotten."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.errors import FeedbackClosed, NotFound
from federation.feed import Feeds
from federation.messages.feedback import Feedback, FeedbackFacts
from federation.storage import Storage
from node.host import feedback, listings, visits
from node.host.homes import Home
from node.models.bookings import Booking
from node.models.feedback import FeedbackAnswer
from node.models.sites import Room
from tests.node.host.conftest import CHIBA, NOON, SAITAMA, TEN, Desks, Put, page, wish

MONTH = timedelta(days=30)
GOOD = Feedback(quiet="yes", network="yes", again="yes")


def visited(storage: Storage, put: Put, desk: str, *, hour: int = 0) -> str:
    """Book, come at once, and go after a quarter of an hour."""
    start = TEN + timedelta(hours=hour / 4)
    booking = put(wish(desk, start=start, end=start + timedelta(minutes=15)))
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking.id).places[0]
        visits.arrive(db, place, start)
        visits.leave(db, place, start + timedelta(minutes=14))
    return booking.id


def say(storage: Storage, booking: str, said: Feedback = GOOD, *, home: Home = SAITAMA, now: datetime = NOON) -> None:
    with storage.transaction(write=True) as db:
        feedback.take(db, home, booking, said, now=now)


def kept(storage: Storage) -> list[FeedbackAnswer]:
    with storage.transaction() as db:
        return list(db.scalars(select(FeedbackAnswer).order_by(FeedbackAnswer.id)))


def answered(db: Session, room: str, number: int, **said: Any) -> None:
    """Put answers into the table as they come to stand there."""
    words = {"quiet": "yes", "network": "yes", "again": "yes", **said}
    for one in range(number):
        id_ = f"{said.get('quiet', 'yes')}-{one}-{len(db.scalars(select(FeedbackAnswer.id)).all())}"
        db.add(FeedbackAnswer(id=id_, room_id=room, month=NOON.date().replace(day=1), note="", told=False, **words))
        db.flush()


def refresh(storage: Storage, now: datetime = NOON) -> int:
    with storage.transaction(write=True) as db:
        return feedback.refresh(db, now)


def told(storage: Storage, room: str) -> FeedbackFacts | None:
    with storage.transaction() as db:
        return listings.feedback_of(db.get_one(Room, room))


def test_an_answer_is_kept_by_room_and_month_and_names_nobody(storage: Storage, put: Put, desks: Desks) -> None:
    say(storage, visited(storage, put, desks.first), Feedback(quiet="no", network="so_so", again="yes", note=" 寒い "))
    (row,) = kept(storage)
    assert (row.room_id, row.month.isoformat(), row.quiet, row.network, row.again, row.note) == (
        desks.room, "2026-11-01", "no", "so_so", "yes", "寒い",
    )  # fmt: skip
    columns = set(FeedbackAnswer.__table__.columns.keys())
    assert not columns & {"booking_id", "home_id", "visitor_id", "sub", "given_at", "day"}


def test_a_second_answer_takes_the_place_of_the_first(storage: Storage, put: Put, desks: Desks) -> None:
    booking = visited(storage, put, desks.first)
    say(storage, booking)
    say(storage, booking, Feedback(quiet="no", network="no", again="no"))
    assert [row.quiet for row in kept(storage)] == ["no"]


def test_another_home_cannot_speak_of_it(storage: Storage, put: Put, desks: Desks) -> None:
    booking = visited(storage, put, desks.first)
    with pytest.raises(NotFound):
        say(storage, booking, home=CHIBA)
    assert kept(storage) == []


def test_nothing_is_said_before_the_end_nor_by_who_never_came(storage: Storage, put: Put, desks: Desks) -> None:
    booking = put(wish(desks.first))
    for now in (TEN, NOON + timedelta(hours=1)):
        with pytest.raises(FeedbackClosed):
            say(storage, booking.id, now=now)


def test_who_forgot_to_leave_may_speak_when_the_time_is_over(storage: Storage, put: Put, desks: Desks) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking.id).places[0], TEN)
    with pytest.raises(FeedbackClosed):
        say(storage, booking.id, now=NOON - timedelta(minutes=1))
    say(storage, booking.id, now=NOON)
    assert len(kept(storage)) == 1


def test_after_thirty_days_it_is_too_late(storage: Storage, put: Put, desks: Desks) -> None:
    booking, ended = visited(storage, put, desks.first), TEN + timedelta(minutes=14)
    with pytest.raises(FeedbackClosed):
        say(storage, booking, now=ended + MONTH)
    say(storage, booking, now=ended + MONTH - timedelta(seconds=1))


def test_of_which_booking_it_was_is_forgotten_once_none_can_take_its_place(
    storage: Storage, put: Put, desks: Desks
) -> None:
    say(storage, visited(storage, put, desks.first))
    for now, known in ((TEN + MONTH, True), (TEN + MONTH + timedelta(days=1), False)):
        with storage.transaction(write=True) as db:
            feedback.forget(db, now)
        assert [row.booking_hash is not None for row in kept(storage)] == [known]
        assert [row.hash_until is not None for row in kept(storage)] == [known]


def test_answers_are_forgotten_after_twelve_months(storage: Storage, desks: Desks) -> None:
    with storage.transaction(write=True) as db:
        answered(db, desks.room, 5)
    refresh(storage)
    for now, left in ((NOON.replace(year=2027), 5), (NOON.replace(year=2027, month=12, day=1), 0)):
        with storage.transaction(write=True) as db:
            feedback.forget(db, now)
        assert len(kept(storage)) == left
    refresh(storage, NOON.replace(year=2027, month=12, day=1))
    assert told(storage, desks.room) is None


def test_four_tell_nothing_and_five_do(storage: Storage, put: Put, desks: Desks, feeds: Feeds) -> None:
    for number in range(4):
        say(storage, visited(storage, put, desks.first, hour=number))
    assert (refresh(storage), told(storage, desks.room)) == (0, None)
    say(storage, visited(storage, put, desks.first, hour=4))
    assert refresh(storage) == 1
    assert told(storage, desks.room) == FeedbackFacts(answers=5, quiet="mostly", network="mostly", again="mostly")
    listed = {item.data["name"]: item.data.get("feedback") for item in page(storage, feeds, "listings") if item.data}
    assert (listed["A"]["answers"], listed["B"]["answers"], listed["C"]) == (5, 5, None)


def test_one_more_answer_shows_in_nothing_until_five_have_come(storage: Storage, desks: Desks) -> None:
    with storage.transaction(write=True) as db:
        answered(db, desks.room, 5)
    refresh(storage)
    before, tomorrow = told(storage, desks.room), NOON + timedelta(days=1)
    for _ in range(4):
        with storage.transaction(write=True) as db:
            answered(db, desks.room, 1, quiet="no")
        assert (refresh(storage, tomorrow), told(storage, desks.room)) == (0, before)
    with storage.transaction(write=True) as db:
        answered(db, desks.room, 1, quiet="no")
    assert refresh(storage, tomorrow - timedelta(seconds=1)) == 0
    assert refresh(storage, tomorrow) == 1
    assert told(storage, desks.room) == FeedbackFacts(answers=10, quiet="divided", network="mostly", again="mostly")


def test_a_note_is_read_by_month_and_deleted_for_good(storage: Storage, put: Put, desks: Desks) -> None:
    say(storage, visited(storage, put, desks.first), Feedback(quiet="no", network="no", again="no", note="椅子が低い"))
    with storage.transaction(write=True) as db:
        (note,) = feedback.notes(db)
        assert (note.site, note.room, note.words) == ("本庁舎", "31階 交流室", "椅子が低い")
        feedback.delete_note(db, note.id, by="staff:1", now=NOON)
        assert feedback.notes(db) == []
    assert [row.quiet for row in kept(storage)] == ["no"]
    with storage.transaction(write=True) as db:
        (line,) = db.scalars(select(AuditEntry).where(AuditEntry.event == "feedback-note-deleted"))
        assert (line.actor, line.subject) == ("staff:1", f"room:{desks.room}")
        with pytest.raises(NotFound):
            feedback.delete_note(db, note.id, by="staff:1", now=NOON)
