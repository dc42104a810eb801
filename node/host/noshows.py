"""Who does not come: the desk is offered to others after a grace, it counts for the next booking, and it may be disputed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from federation.errors import Conflict, NotFound, NotNow
from federation.rules.noshows import DAYS
from federation.storage import insert
from node.host import absences, claims, untold, visits
from node.host.answers import touched
from node.models.bookings import Booking, BookingPlace
from node.models.noshows import NoShowDispute, NoShowRule
from node.models.sites import Desk, Room, Site

DISPUTED_WITHIN = timedelta(days=14)
"""So long after their time a visitor may say that they came."""
AT_ONCE = 50
_BACK = timedelta(days=DAYS)


def lay_down(db: Session, site_id: str, *, grace_minutes: int | None, most: int | None) -> None:
    """Let a site do so from now on; raise ``NotFound`` for no site."""
    if db.get(Site, site_id) is None:
        raise NotFound("no such site")
    db.merge(NoShowRule(site_id=site_id, grace_minutes=grace_minutes, most=most))
    db.flush()


def release_absent(db: Session, now: datetime) -> int:
    """Offer the desks of those to others who have not come within their site's grace; a job. Returns how many places."""
    graces = {
        one.site_id: timedelta(minutes=one.grace_minutes) for one in absences.rules_of(db).values() if one.grace_minutes
    }
    if not graces:
        return 0
    due = (
        select(BookingPlace)
        .join(BookingPlace.booking)
        .join(Desk, Desk.id == BookingPlace.desk_id)
        .join(Room, Room.id == Desk.room_id)
        .where(Booking.state.in_(("confirmed", "checked_in")), Booking.frozen_at.is_(None))
        .where(BookingPlace.arrived_at.is_(None), BookingPlace.released_at.is_(None), Room.site_id.in_(graces))
        .where(BookingPlace.start <= now - min(graces.values()), BookingPlace.end > now)
        .order_by(BookingPlace.id)
    )
    late = [one for one in db.scalars(due).unique() if one.start + graces[one.desk.room.site_id] <= now][:AT_ONCE]
    if not late:
        return 0
    claims.lock_desks(db, [desk for place in late for desk in _desks_of(place.booking)])
    db.expire_all()
    released = [one for one in late if _is_absent(one)]
    for place in released:
        place.released_at = now
        claims.shorten(db, place, now)
        untold.note(db, [place.desk_id])
    for booking in {one.booking_id: one.booking for one in released}.values():
        _settle(db, booking, now)
    return len(released)


def _desks_of(booking: Booking) -> Iterable[str]:
    return (place.desk_id for place in booking.places)


def _is_absent(place: BookingPlace) -> bool:
    """Say so again under the locks: somebody may have come meanwhile, or cancelled."""
    live = place.booking.state in {"confirmed", "checked_in"} and place.booking.frozen_at is None
    return live and place.arrived_at is None and place.released_at is None


def _settle(db: Session, booking: Booking, now: datetime) -> None:
    booking.state = visits.state_of(booking, now)
    booking.cause = "no-show" if booking.state == "no_show" else booking.cause
    touched(db, booking, now)


@dataclass(frozen=True)
class Absence:
    """A booking nobody came to: whose, where, when, and what the visitor says to it. No name."""

    place: BookingPlace
    dispute: NoShowDispute | None


def latest(db: Session, now: datetime) -> Sequence[Absence]:
    """Return who did not come in the last 90 days, newest first, those that wait for an answer in front."""
    question = (
        select(BookingPlace, NoShowDispute)
        .join(BookingPlace.booking)
        .outerjoin(NoShowDispute, NoShowDispute.booking_id == Booking.id)
        .options(contains_eager(BookingPlace.booking))
        .options(joinedload(BookingPlace.desk).joinedload(Desk.room).joinedload(Room.site))
        .where(Booking.state == "no_show", BookingPlace.arrived_at.is_(None), BookingPlace.start > now - _BACK)
        .order_by(BookingPlace.start.desc(), BookingPlace.id)
        .limit(200)
    )
    found = [Absence(place, dispute) for place, dispute in db.execute(question)]
    return sorted(found, key=lambda one: one.dispute is None or one.dispute.struck is not None)


def waiting(db: Session) -> int:
    """Count the visitors who say that they came, and wait for an answer."""
    return db.scalar(select(func.count()).select_from(NoShowDispute).where(NoShowDispute.struck.is_(None))) or 0


def dispute(db: Session, booking: Booking, now: datetime) -> None:
    """Take the visitor's word that they did come; said again it is the same. Raises ``Conflict`` or ``NotNow``."""
    if booking.state != "no_show":
        raise Conflict(f"the booking is {booking.state}")
    if now > max(place.end for place in booking.places) + DISPUTED_WITHIN:
        raise NotNow("two weeks are over")
    row = insert(db, NoShowDispute).values(booking_id=booking.id, told_at=now, answered_by="")
    if db.scalar(row.on_conflict_do_nothing().returning(NoShowDispute.booking_id)) is not None:
        touched(db, booking, now)


def answer(db: Session, booking_id: str, *, struck: bool, by: str, now: datetime) -> None:
    """Answer a visitor: they did come (``struck``: it no longer counts), or it stays. Raises ``NotFound``, ``Conflict``.

    The same answer of two is one.
    """
    booking = db.get(Booking, booking_id)
    if booking is None:
        raise NotFound("no such booking")
    claims.lock_desks(db, _desks_of(booking))
    db.refresh(booking)
    row = db.get(NoShowDispute, booking_id, populate_existing=True)
    if row is None:
        raise NotFound("nobody disputes it")
    if row.struck is not None:
        if row.struck != struck:
            raise Conflict("answered otherwise meanwhile")
        return
    row.struck, row.answered_at, row.answered_by = struck, now, by
    touched(db, booking, now)
