"""受入側の承認: bookings under an agreement that asks for the 施設担当者's own yes, and those the host calls off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from federation.errors import BookingLapsed, Conflict, NotFound
from federation.members import Member
from federation.messages.booking import OCCUPYING
from node.host import claims
from node.host.alternatives import instead_of
from node.host.answers import touched
from node.host.bookings import as_asked
from node.host.holding import end
from node.host.homes import Home
from node.host.terms import Asked
from node.models.bookings import Booking, BookingPlace
from node.models.sites import Desk, Room


@dataclass(frozen=True)
class Waiting:
    """A booking that waits for our yes: whose, where, when, and until when the desk is kept."""

    booking_id: str
    town: str
    where: str
    seats: int
    start: datetime
    end: datetime
    zone: ZoneInfo
    hold_until: datetime | None


def waiting(db: Session, now: datetime) -> Sequence[Waiting]:
    """Return the bookings that wait, the earliest first; three statements, however many there are."""
    around = joinedload(BookingPlace.desk).joinedload(Desk.room).joinedload(Room.site)
    question = select(Booking).where(Booking.state == "requested").options(selectinload(Booking.places).options(around))
    found = [one for one in db.scalars(question).all() if one.places and max(place.end for place in one.places) > now]
    towns = {
        row.id: row.name for row in db.scalars(select(Member).where(Member.id.in_({one.home_id for one in found})))
    }
    return sorted((_waiting(one, towns.get(one.home_id, "")) for one in found), key=lambda one: one.start)


def _waiting(booking: Booking, town: str) -> Waiting:
    first = booking.places[0]
    room = first.desk.room
    return Waiting(
        booking_id=booking.id,
        town=town,
        where=f"{room.site.name} {room.name} {first.desk.name}",
        seats=len(booking.places),
        start=min(place.start for place in booking.places),
        end=max(place.end for place in booking.places),
        zone=ZoneInfo(room.site.zone),
        hold_until=booking.hold_until,
    )


def approve(db: Session, booking_id: str, now: datetime) -> Booking:
    """Say yes. The desks have been held since the request, so that nothing is judged again.

    Raises ``NotFound``, ``Conflict`` where the booking no longer waits, ``BookingLapsed`` once its time has come.
    """
    booking = _locked(db, booking_id, "requested")
    if booking.hold_until is not None and booking.hold_until <= now:
        raise BookingLapsed("the request ran out")
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
    place, member = booking.places[0], db.get(Member, booking.home_id)
    home = Home(None, "", "") if member is None else Home(member.id, member.entity_id, member.code)
    kind, besides = (booking.work_kind, booking.confidentiality), booking.id
    asked = Asked(home, (as_asked(place),), *kind, besides=besides, agreed=booking.agreement_id)
    found = instead_of(db, asked, place.desk, now, avoid=[place.desk_id])
    booking.alternatives = [one.wire() for one in found]
