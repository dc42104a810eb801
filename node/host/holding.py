"""Holding desks and letting go of them: what a booking's state means for claims and feeds."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages.booking import State
from node.host import claims, untold
from node.host.answers import touched
from node.models.bookings import Booking, BookingPlace


def end(db: Session, booking: Booking, state: State, cause: str, now: datetime) -> None:
    """End a booking: it holds nothing more, and its home is told by the feed. ``cause`` is one of ``answers.CAUSES``."""
    booking.state = state
    booking.cause = cause
    release(db, booking.places)
    touched(db, booking, now)


def rehouse(db: Session, booking: Booking, targets: Mapping[int, str], cause: str, now: datetime) -> None:
    """Give some places of a booking (by id) other desks at the same time; its home is told by the feed.

    The caller holds the locks of the old desks and the new ones, and has seen that these are free.
    """
    moved = [place for place in booking.places if place.id in targets]
    release(db, moved)
    for place in moved:
        place.desk_id = targets[place.id]
    db.flush()
    for place in moved:
        db.refresh(place)
    hold(db, moved)
    booking.cause = cause
    touched(db, booking, now)


def release(db: Session, places: Collection[BookingPlace]) -> None:
    """Let go of the places' claims and note the desks."""
    claims.release(db, places)
    untold.note(db, (place.desk_id for place in places))


def hold(db: Session, places: Collection[BookingPlace]) -> None:
    """Claim the desks for the places and note them; the database refuses what is taken."""
    for place in places:
        claims.hold(db, place)
    untold.note(db, (place.desk_id for place in places))
    db.flush()


def lapse_expired(db: Session, now: datetime, desk_ids: Collection[str] | None = None) -> int:
    """Let go of holds whose time is over, of these desks or of all; the caller holds the desks' locks. Returns how many."""
    expired = select(Booking).where(Booking.state.in_(("held", "requested")), Booking.hold_until <= now)
    if desk_ids is not None:
        # Said as a list and not as EXISTS: SQLite would look at every place of the host, one by one.
        there = select(BookingPlace.booking_id).where(BookingPlace.desk_id.in_(tuple(desk_ids)))
        expired = expired.where(Booking.id.in_(there))
    found = db.scalars(expired.order_by(Booking.id)).all()
    for booking in found:
        end(db, booking, "lapsed", "lapsed", now)
    return len(found)
