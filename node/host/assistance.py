"""Help that visitors need in an evacuation or at the door (PEEP), as their homes told it, for who looks after them that day.

Kept apart from names and shown only beside one, so that each look is in the log. It goes with the site's own day on which
the visitor's last place ends, or as soon as the booking stands no more. An incident does not keep it; a roll call that is
still open does, of whoever is in the building.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages import booking as wire
from federation.messages.booking import OCCUPYING
from node.host.opening import moment
from node.host.reception import Guest
from node.models.assistance import ToldAssistance
from node.models.bookings import Booking, BookingPlace, Visitor
from node.models.rollcalls import RollCall

_LONGEST_ROLL_CALL = timedelta(days=1)
"""One that nobody has ended by then was forgotten."""
_STANDING = OCCUPYING | {"completed", "no_show"}


def remember(db: Session, booking: Booking, told: Collection[wire.Visitor], visitors: Mapping[str, Visitor]) -> None:
    """Keep what a home told of those who have a place in the booking; the caller has made sure that names are agreed."""
    said = {visitors[one.sub].id: one.assistance for one in told if one.sub in visitors and one.assistance}
    for visitor_id, one in said.items():
        db.add(ToldAssistance(booking_id=booking.id, visitor_id=visitor_id, kinds=list(one.kinds), words=one.words))


def of(db: Session, guests: Iterable[Guest], now: datetime) -> Mapping[str, ToldAssistance]:
    """Return what these visitors need, by key, where their name is shown; what is due is not given out any more."""
    keys = [int(one.key) for one in guests if one.name and one.key.isdigit()]
    if not keys:
        return {}
    question = (
        select(BookingPlace.id, ToldAssistance)
        .join(
            ToldAssistance,
            (ToldAssistance.booking_id == BookingPlace.booking_id)
            & (ToldAssistance.visitor_id == BookingPlace.visitor_id),
        )
        .where(BookingPlace.id.in_(keys))
    )
    found = {str(key): row for key, row in db.execute(question)}
    due = _due(db, found.values(), now)
    return {key: row for key, row in found.items() if row not in due}


def purge(db: Session, now: datetime) -> int:
    """Delete what is due, and return how much it was. A job."""
    due = _due(db, db.scalars(select(ToldAssistance)).all(), now)
    for row in due:
        db.delete(row)
    db.flush()
    return len(due)


def _due(db: Session, rows: Iterable[ToldAssistance], now: datetime) -> Collection[ToldAssistance]:
    """Return those whose last day is over. A booking that moved has other days, so they are reckoned from its places."""
    kept = {(row.booking_id, row.visitor_id): row for row in rows}
    if not kept:
        return ()
    bookings = {booking_id for booking_id, _visitor in kept}
    places = select(BookingPlace).join(Booking).where(BookingPlace.booking_id.in_(bookings))
    called = _is_called(db, now)
    needed = {
        (place.booking_id, place.visitor_id)
        for place in db.scalars(places.where(Booking.state.in_(_STANDING)))
        if now < _end_of_day(place) or (called and place.arrived_at is not None and place.left_at is None)
    }
    return tuple(row for key, row in kept.items() if key not in needed)


def _end_of_day(place: BookingPlace) -> datetime:
    zone = ZoneInfo(place.desk.room.site.zone)
    last = (place.end - timedelta(microseconds=1)).astimezone(zone)
    return moment(last.date(), 1440, zone)


def _is_called(db: Session, now: datetime) -> bool:
    open_one = select(RollCall.id).where(RollCall.ended_at.is_(None), RollCall.begun_at > now - _LONGEST_ROLL_CALL)
    return db.scalar(open_one.limit(1)) is not None
