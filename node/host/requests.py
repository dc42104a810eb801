"""What the host's own 施設担当者 decides: requests that wait for a yes, and bookings that have to be called off."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import Conflict, NotFound
from federation.messages.booking import OCCUPYING
from node.host import claims
from node.host.alternatives import instead_of
from node.host.answers import touched
from node.host.bookings import as_asked
from node.host.holding import end
from node.models.bookings import Booking


def waiting(db: Session) -> Sequence[Booking]:
    """Return the bookings that wait for this host's yes, the most urgent first."""
    question = select(Booking).where(Booking.state == "requested")
    return db.scalars(question.order_by(Booking.hold_until, Booking.id)).all()


def approve(db: Session, booking_id: str, now: datetime) -> Booking:
    """Say yes. The desks have been held since the request, so that nothing is judged again. Raises ``Conflict``."""
    booking = _locked(db, booking_id, "requested")
    booking.state = "confirmed"
    booking.hold_until = None
    touched(db, booking, now)
    return booking


def refuse(db: Session, booking_id: str, now: datetime) -> Booking:
    """Say no; home is told what would do instead. Raises ``Conflict`` where the booking no longer waits."""
    booking = _locked(db, booking_id, "requested")
    end(db, booking, "refused", "host", now)
    _offer_instead(db, booking, now)
    return booking


def call_off(db: Session, booking_id: str, now: datetime) -> Booking:
    """Cancel a booking on the host's own word; home is told what would do instead. Raises ``Conflict`` once it is over."""
    booking = _locked(db, booking_id, *sorted(OCCUPYING - {"checked_in"}))
    end(db, booking, "cancelled", "host", now)
    _offer_instead(db, booking, now)
    return booking


def _locked(db: Session, booking_id: str, *states: str) -> Booking:
    booking = db.get(Booking, booking_id)
    if booking is None:
        raise NotFound("no such booking")
    claims.lock_desks(db, [place.desk_id for place in booking.places])
    db.refresh(booking)
    if booking.state not in states:
        raise Conflict(f"the booking is {booking.state}")
    return booking


def _offer_instead(db: Session, booking: Booking, now: datetime) -> None:
    place = booking.places[0]
    found = instead_of(db, as_asked(place), place.desk, now, avoid=[place.desk_id])
    booking.alternatives = [one.wire() for one in found]
