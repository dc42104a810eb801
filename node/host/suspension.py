"""When the registry suspends a home: its bookings freeze, and end after a day; they thaw where the word is taken back.

Whoever is on site stays in the roll call, and past visits are settled all the same.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.members import Member
from node.host import claims
from node.host.answers import touched
from node.host.holding import end
from node.models.bookings import Booking

GRACE = timedelta(hours=24)
_WAITING = ("held", "requested", "confirmed")


def follow_suspensions(db: Session, now: datetime) -> int:
    """Freeze, thaw or end the bookings still to come as the newest status list says; a job. Returns how many changed.

    Only a signed word suspends: a home whose status is unknown keeps what it had.
    """
    suspended = set(db.scalars(select(Member.id).where(Member.status == "suspended")))
    concerned = _concerned(db, suspended)
    claims.lock_desks(db, [place.desk_id for booking in concerned for place in booking.places])
    for booking in concerned:
        db.refresh(booking)
    return sum(_follow(db, booking, booking.home_id in suspended, now) for booking in concerned)


def _concerned(db: Session, suspended: set[int]) -> Sequence[Booking]:
    question = select(Booking).where(Booking.state.in_(_WAITING))
    question = question.where(Booking.home_id.in_(suspended) | Booking.frozen_at.is_not(None))
    return db.scalars(question.order_by(Booking.id)).all()


def _follow(db: Session, booking: Booking, is_suspended: bool, now: datetime) -> bool:
    if booking.state not in _WAITING:
        return False
    if not is_suspended:
        booking.frozen_at = None
        touched(db, booking, now)
        return True
    if booking.frozen_at is None:
        booking.frozen_at = now
        touched(db, booking, now)
        return True
    if booking.frozen_at <= now - GRACE:
        end(db, booking, "cancelled", "home-suspended", now)
        return True
    return False
