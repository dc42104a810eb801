"""What visitors say of a visit: taken in without a name, made known from five answers up, kept for a year.

What is published of a room moves only with a batch of new answers and at most once a day, so that one more answer shows in
nothing. Notes are for this town's own people alone.
"""

import hashlib
import uuid as uuids
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import FeedbackClosed, NotFound
from federation.messages.feedback import GIVEN_WITHIN, SHOWN_FROM, STEP, Feedback, FeedbackFacts, Tap, facts_of
from federation.storage import insert
from node.host import listings, visits
from node.host.answers import get_booking
from node.host.homes import Home
from node.models.bookings import Booking, BookingPlace
from node.models.feedback import FeedbackAnswer
from node.models.sites import Room, Site

TOLD_EVERY = timedelta(days=1)
"""What is published of a room is put together anew at most so often."""
_MONTHS = 12
"""So many whole months are kept beside the present one."""
MOST_NOTES = 200
_VISITED = frozenset({"confirmed", "checked_in", "completed"})


@dataclass(frozen=True)
class Note:
    """What somebody wrote of a room, and in which month they were there."""

    id: str
    site: str
    room: str
    month: date
    words: str


# --- From a home ------------------------------------------------------------------------------------------------


def take(db: Session, home: Home, uuid: str, said: Feedback, *, now: datetime) -> None:
    """Keep what the home's visitor says of one visit, in place of what they said before.

    A booking of several people has one answer, for the room of the first who came. Raises ``FeedbackClosed`` before the
    visit's end and 30 days after it, ``NotFound`` or ``BookingGone`` for what is no booking of that home.
    """
    booking = get_booking(db, home, uuid)
    place = _visited(booking, now)
    if place is None:
        raise FeedbackClosed("nobody came, or the visit is not over")
    ended = _ended(booking)
    if now >= ended + GIVEN_WITHIN:
        raise FeedbackClosed(f"the visit ended at {ended}")
    room, words = place.desk.room, {"quiet": said.quiet, "network": said.network, "again": said.again}
    kept = {**words, "note": said.note.strip(), "told": False}
    fresh = {
        "id": str(uuids.uuid4()),
        "room_id": room.id,
        "month": ended.astimezone(ZoneInfo(room.site.zone)).date().replace(day=1),
        "booking_hash": hashlib.sha256(booking.id.encode()).hexdigest(),
        "hash_until": _next_midnight(ended + GIVEN_WITHIN),
    }
    row = insert(db, FeedbackAnswer).values(**fresh, **kept)
    db.execute(row.on_conflict_do_update(index_elements=["booking_hash"], set_=kept))


def _visited(booking: Booking, now: datetime) -> BookingPlace | None:
    """Return the first place where somebody came, once everybody has gone; None before, and where nobody came."""
    if booking.state not in _VISITED or visits.state_of(booking, now) != "completed":
        return None
    return next((place for place in booking.places if place.arrived_at is not None), None)


def _ended(booking: Booking) -> datetime:
    return max(place.left_at or place.end for place in booking.places if place.arrived_at is not None)


def _next_midnight(moment: datetime) -> datetime:
    """Return the end of the day, since the moment itself would tell when the visit ended."""
    return datetime.combine(moment.astimezone(UTC).date() + timedelta(days=1), time(0), tzinfo=UTC)


# --- To everybody -----------------------------------------------------------------------------------------------


def refresh(db: Session, now: datetime) -> int:
    """Put together anew what is published of rooms with enough new answers, and return of how many. A job.

    What stands for fewer answers than may be shown, or was put together longer ago than answers are kept, is taken back.
    """
    fresh = func.sum(case((FeedbackAnswer.told, 0), else_=1))
    counts = {
        room: (total, new)
        for room, total, new in db.execute(
            select(FeedbackAnswer.room_id, func.count(), fresh).group_by(FeedbackAnswer.room_id)
        )
    }
    due = [room.id for room in _rooms(db, counts) if is_due(*counts[room.id], room.feedback_at, now)]
    told = _gathered(db, due)
    for room in _rooms(db, told):
        facts = facts_of(told[room.id])
        room.feedback, room.feedback_at = facts.wire() if facts else {}, now
    over = [room for room in _told_rooms(db) if room.id not in told and _is_over(room, counts.get(room.id), now)]
    for room in over:
        room.feedback, room.feedback_at = {}, None
    listings.said_changed(db, {*told, *(room.id for room in over)})
    return len(told) + len(over)


def is_due(total: int, new: int, told_at: datetime | None, now: datetime) -> bool:
    """Say whether a room with so many answers, so many of them not yet in what is published, is to be told of anew."""
    return total >= SHOWN_FROM and new >= STEP and (told_at is None or now >= told_at + TOLD_EVERY)


def _is_over(room: Room, counted: tuple[int, int] | None, now: datetime) -> bool:
    too_few = counted is None or counted[0] < SHOWN_FROM
    return too_few or room.feedback_at is None or room.feedback_at.date() < _oldest(now)


def _gathered(db: Session, rooms: Sequence[str]) -> dict[str, list[tuple[Tap, Tap, Tap]]]:
    """Mark the answers of these rooms as told, and return just those, so that none is marked that is not counted."""
    columns = (FeedbackAnswer.room_id, FeedbackAnswer.quiet, FeedbackAnswer.network, FeedbackAnswer.again)
    marked = update(FeedbackAnswer).where(FeedbackAnswer.room_id.in_(rooms)).values(told=True).returning(*columns)
    found: dict[str, list[tuple[Tap, Tap, Tap]]] = defaultdict(list)
    for room, quiet, network, again in db.execute(marked):
        found[room].append((quiet, network, again))
    return found


def _rooms(db: Session, ids: Iterable[str]) -> Sequence[Room]:
    return db.scalars(select(Room).where(Room.id.in_(tuple(ids))).order_by(Room.id)).all()


def _told_rooms(db: Session) -> Sequence[Room]:
    return db.scalars(select(Room).where(Room.feedback_at.is_not(None)).order_by(Room.id)).all()


# --- To our own people ------------------------------------------------------------------------------------------


def published(db: Session) -> Sequence[tuple[str, str, FeedbackFacts]]:
    """Return site, room and what is published of it, for the rooms of which anything is."""
    told = select(Room).where(Room.feedback_at.is_not(None)).order_by(Room.name, Room.id)
    return [(room.site.name, room.name, facts) for room in db.scalars(told) if (facts := listings.feedback_of(room))]


def notes(db: Session) -> Sequence[Note]:
    """Return what visitors wrote, the newest months first and in no order within a month; ``MOST_NOTES`` at most."""
    columns = (FeedbackAnswer.id, Site.name, Room.name, FeedbackAnswer.month, FeedbackAnswer.note)
    written = select(*columns).join(Room, Room.id == FeedbackAnswer.room_id).join(Site, Site.id == Room.site_id)
    newest = written.where(FeedbackAnswer.note != "").order_by(FeedbackAnswer.month.desc(), FeedbackAnswer.id)
    return [Note(*row) for row in db.execute(newest.limit(MOST_NOTES))]


def delete_note(db: Session, answer_id: str, *, by: str, now: datetime) -> None:
    """Delete what somebody wrote; their answers stay. Raises ``NotFound`` where there is none."""
    emptied = update(FeedbackAnswer).where(FeedbackAnswer.id == answer_id, FeedbackAnswer.note != "").values(note="")
    room = db.scalar(emptied.returning(FeedbackAnswer.room_id))
    if room is None:
        raise NotFound("no such note")
    audit.record(db, event="feedback-note-deleted", actor=by, subject=f"room:{room}", verdict="allowed", now=now)


def forget(db: Session, now: datetime) -> None:
    """Forget of which booking an answer is once none can take its place, and every answer after a year. Part of a job."""
    ended = update(FeedbackAnswer).where(FeedbackAnswer.hash_until <= now)
    db.execute(ended.values(booking_hash=None, hash_until=None))
    db.execute(delete(FeedbackAnswer).where(FeedbackAnswer.month < _oldest(now)))


def _oldest(now: datetime) -> date:
    """Return the first day of the oldest month that is kept."""
    months = now.year * 12 + now.month - 1 - _MONTHS
    return date(months // 12, months % 12 + 1, 1)
