"""Visitors nobody announced: recorded by reception while their home cannot be reached, until home's booking takes over."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, contains_eager

from federation import municipality
from federation.errors import BadInput, Conflict, DeskKept, DeskTaken, MemberSuspended, NotFound
from federation.members import Member
from node.host import claims, opening, pools, untold, wholes
from node.host.spans import Span, common, without
from node.host.visitors import NAMES_KEPT
from node.models.bookings import Booking, Claim
from node.models.sites import Desk, Room, Site
from node.models.visits import WalkIn

MOST_SHOWN = 100
"""So many walk-ins a page lists."""


@dataclass(frozen=True)
class Vacant:
    """A desk that a walk-in may have from now on, and until when (UTC)."""

    desk: Desk
    until: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The site's own zone."""
        return ZoneInfo(self.desk.room.site.zone)


def vacant(db: Session, now: datetime, until: datetime, *, site_id: str | None = None) -> Sequence[Vacant]:
    """Return the desks that are open, free and not kept for own staff now, by site, room and name, looking up to ``until``.

    The number of statements does not grow with the desks.
    """
    offered = select(Desk).join(Desk.room).join(Room.site).where(Desk.published, Room.published, Site.published)
    offered = offered.options(contains_eager(Desk.room).contains_eager(Room.site)).order_by(
        Site.name, Site.id, Room.name, Room.id, Desk.name, Desk.id
    )
    desks = db.scalars(offered.where(Site.id == site_id) if site_id else offered).all()
    window = Span(now, until)
    opened, had = opening.open_of(db, desks, window), pools.when(db, desks, "walk_in", window, now)
    held = claims.taken(db, [desk.id for desk in desks], window)
    found = []
    for desk in desks:
        free = without(common([opened[desk.id], had[desk.id]]), held[desk.id])
        found += [Vacant(desk, span.end) for span in free if span.start <= now < span.end]
    return found


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
    untold.note(db, [desk.id])
    return walk_in


def leave(db: Session, walk_in_id: str, now: datetime, *, at: datetime | None = None) -> None:
    """Record that the walk-in has gone and free the desk; doing it again changes nothing.

    ``at`` is the true time where it is typed in afterwards. Raises ``NotFound``, or ``BadInput`` (``at``) for a time before
    they came or ahead of now.
    """
    walk_in = get(db, walk_in_id)
    claims.lock_desks(db, [walk_in.desk_id])
    if at is not None and not walk_in.arrived_at < at <= now:
        raise BadInput("left before coming", field="at")
    if walk_in.left_at is None:
        walk_in.left_at = at or max(now, walk_in.arrived_at + timedelta(microseconds=1))
        mine = update(Claim).where(Claim.walk_in_id == walk_in.id, Claim.live, Claim.end > walk_in.left_at)
        db.execute(mine.values(end=walk_in.left_at))
        untold.note(db, [walk_in.desk_id])


def get(db: Session, walk_in_id: str) -> WalkIn:
    """Return a walk-in; raise ``NotFound``."""
    walk_in = db.get(WalkIn, walk_in_id)
    if walk_in is None:
        raise NotFound("no such walk-in")
    return walk_in


def here(db: Session) -> Sequence[WalkIn]:
    """Return the walk-ins in the building whose home has not booked for them yet, in the order they came."""
    question = select(WalkIn).where(WalkIn.left_at.is_(None), WalkIn.booking_id.is_(None))
    return db.scalars(question.order_by(WalkIn.arrived_at)).all()


def unsettled(db: Session, now: datetime) -> Sequence[WalkIn]:
    """Return the walk-ins who are gone and whose towns never booked for them, the newest first, at most ``MOST_SHOWN``."""
    return db.scalars(_unsettled(now).order_by(WalkIn.arrived_at.desc(), WalkIn.id).limit(MOST_SHOWN)).all()


def count_unsettled(db: Session, now: datetime) -> int:
    """Count them."""
    return db.scalar(select(func.count()).select_from(_unsettled(now).subquery())) or 0


def _unsettled(now: datetime) -> Select[WalkIn]:
    """Ask for those who left, or came more than a day ago and were not seen leaving."""
    over = WalkIn.left_at.is_not(None) | (WalkIn.arrived_at < now - timedelta(days=1))
    return select(WalkIn).where(WalkIn.booking_id.is_(None), WalkIn.settled_at.is_(None), over)


def settle(db: Session, walk_in_id: str, how: str, *, by: str, now: datetime) -> WalkIn:
    """Write down how a walk-in was settled with their town; raise ``NotFound``, or ``Conflict`` where it is already."""
    walk_in = get(db, walk_in_id)
    claims.lock_desks(db, [walk_in.desk_id])
    db.refresh(walk_in)
    if walk_in.booking_id is not None or walk_in.settled_at is not None:
        raise Conflict("settled already")
    walk_in.settled_at, walk_in.settled_by, walk_in.settled_how = now, by, how
    return walk_in


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
