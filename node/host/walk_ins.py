"""Visitors nobody announced: recorded by reception while their home cannot be reached, until home's booking takes over."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation import municipality
from federation.errors import BadInput, DeskKept, DeskTaken, MemberSuspended, NotFound
from federation.members import Member
from node.host import claims, listings, pools, wholes
from node.host.spans import Span
from node.host.visitors import NAMES_KEPT
from node.models.bookings import Booking, Claim
from node.models.sites import Desk
from node.models.visits import WalkIn


def record(
    db: Session, desk: Desk, *, home_code: str, name: str, section: str = "", until: datetime, now: datetime
) -> WalkIn:
    """Give a desk to somebody at the door from now until ``until``, for the town with this code.

    Raises ``BadInput`` with the field, ``BadMunicipalityCode``, ``MemberSuspended``, ``DeskKept`` where it is kept for own
    staff then, or ``DeskTaken`` where somebody holds it.
    """
    municipality.parse(home_code)
    suspended = select(Member.id).where(Member.code == home_code, Member.status == "suspended", ~Member.gone)
    if db.scalar(suspended) is not None:
        raise MemberSuspended(home_code)
    if not name.strip():
        raise BadInput("a name is needed", field="name")
    if until <= now:
        raise BadInput("the end lies ahead", field="until")
    claims.lock_desks(db, [desk.id])
    if not any(
        one.contains(Span(now, until)) for one in pools.when(db, [desk], "walk_in", Span(now, until), now)[desk.id]
    ):
        raise DeskKept("kept for own staff", field="desk")
    if claims.taken(db, [desk.id], Span(now, until))[desk.id]:
        raise DeskTaken("somebody holds the desk", field="desk")
    walk_in = WalkIn(id=str(uuid.uuid4()), home_code=home_code, name=name, section=section, desk_id=desk.id)
    walk_in.arrived_at, walk_in.purge_after = now, until + NAMES_KEPT
    db.add(walk_in)
    db.flush()
    claims.hold_at_the_door(db, walk_in, now, until)
    listings.free_changed(db, desk.id)
    return walk_in


def leave(db: Session, walk_in_id: str, now: datetime) -> None:
    """Record that the walk-in has gone and free the desk; doing it again changes nothing. Raises ``NotFound``."""
    walk_in = db.get(WalkIn, walk_in_id)
    if walk_in is None:
        raise NotFound("no such walk-in")
    claims.lock_desks(db, [walk_in.desk_id])
    if walk_in.left_at is None:
        walk_in.left_at = max(now, walk_in.arrived_at + timedelta(microseconds=1))
        mine = update(Claim).where(Claim.walk_in_id == walk_in.id, Claim.live, Claim.end > walk_in.left_at)
        db.execute(mine.values(end=walk_in.left_at))
        listings.free_changed(db, walk_in.desk_id)


def here(db: Session) -> Sequence[WalkIn]:
    """Return the walk-ins in the building whose home has not booked for them yet, in the order they came."""
    question = select(WalkIn).where(WalkIn.left_at.is_(None), WalkIn.booking_id.is_(None))
    return db.scalars(question.order_by(WalkIn.arrived_at)).all()


def take_over(db: Session, booking: Booking, home_code: str) -> None:
    """Let a home's booking stand for its own walk-ins at the same desks and times; the caller holds the desks' locks.

    The arrival stays as reception saw it. The name in the walk-in is deleted: the booking's manifest has it now.
    """
    for place in booking.places:
        found = (
            select(WalkIn)
            .join(Claim, Claim.walk_in_id == WalkIn.id)
            .where(WalkIn.home_code == home_code, WalkIn.booking_id.is_(None), Claim.live)
            .where(
                Claim.desk_id.in_(wholes.all_of(db, [place.desk_id])), Claim.start < place.end, Claim.end > place.start
            )
        )
        for walk_in in db.scalars(found.distinct().order_by(WalkIn.arrived_at)).all():
            walk_in.booking_id, walk_in.name, walk_in.section = booking.id, "", ""
            place.arrived_at, place.left_at = walk_in.arrived_at, walk_in.left_at
            db.execute(update(Claim).where(Claim.walk_in_id == walk_in.id).values(live=False))
            booking.state = "checked_in" if walk_in.left_at is None else "completed"
