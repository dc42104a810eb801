"""What this host's audit log says of one visitor or one booking, for that visitor's home: roles, and never a name."""

import re
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.messages.trail import MOST, Role, Trail, TrailLine
from node.host import judged
from node.host.answers import find_booking
from node.host.homes import Home
from node.models.bookings import BookingPlace, Visitor
from node.models.staff import StaffRole
from node.models.visits import WalkIn

VIEWS = frozenset({
    "manifest.viewed", "door-note", "badge-back", "walk-in", "roll-call-answer", "visit.arrive", "visit.leave",
    "card.compared", "roll-call-found",
})  # fmt: skip
"""The events in which somebody at this town had a visitor's name or card before them."""
ASKING = ("trail.asked", "views.asked")
"""That somebody read the log is in the log, and not in what they read."""
_BY_PLACE = frozenset({"door-note", "badge-back", "roll-call-answer"})
"""Those whose subject is the number of a place, or the id of a walk-in."""
_STAFF = re.compile("staff:([0-9]{1,9})")
_LATEST = 500
"""So many of a visitor's latest bookings are looked at."""


def views(db: Session, home: Home, sub: str, *, before: int | None = None) -> Trail:
    """Return who had the name or card of the home's visitor ``sub`` before them; nothing where there is no such visitor."""
    theirs = select(BookingPlace.booking_id).join(Visitor).where(Visitor.home_id == home.id, Visitor.sub == sub)
    bookings = db.scalars(theirs.order_by(BookingPlace.id.desc()).limit(_LATEST)).all()
    return _read(db, home, bookings, AuditEntry.event.in_(VIEWS), before)


def of_booking(db: Session, home: Home, uuid: str, *, before: int | None = None) -> Trail:
    """Return everything the log has on one booking of the home's; of any other, what it has on the home's own requests."""
    booking = find_booking(db, home, uuid)
    if booking is None:
        return _read(db, home, [uuid], None, before, known=False)
    found = _read(db, home, [booking.id], None, before)
    return found.model_copy(update={"agreement": judged.rested_on(db, booking)})


def lines(db: Session, booking_id: str, *, limit: int) -> Sequence[AuditEntry]:
    """Return the log's lines on one booking and on its people at the door, newest first: for our own auditors."""
    keys = _keys(db, [booking_id])
    about = AuditEntry.event.not_in(ASKING) & _about([booking_id], keys)
    return db.scalars(select(AuditEntry).where(about).order_by(AuditEntry.number.desc()).limit(limit)).all()


def _read(
    db: Session,
    home: Home,
    bookings: Collection[str],
    events: ColumnElement[bool] | None,
    before: int | None,
    *,
    known: bool = True,
) -> Trail:
    keys = _keys(db, bookings) if known else {}
    about = _about(bookings, keys)
    if not known:
        # A booking that is none of the home's: all it may read are the lines of its own requests.
        about &= AuditEntry.actor == home.entity_id
    question = (
        select(AuditEntry)
        .where(about, AuditEntry.event.not_in(ASKING))
        .order_by(AuditEntry.number.desc())
        .limit(MOST + 1)
    )
    if events is not None:
        question = question.where(events)
    if before is not None:
        question = question.where(AuditEntry.number < before)
    rows = db.scalars(question).all()
    shown, roles = rows[:MOST], _roles(db, rows)
    lines = tuple(_line(row, keys, frozenset(bookings), _role(row.actor, roles, home)) for row in shown)
    return Trail(lines=lines, older=shown[-1].number if len(rows) > MOST else None)


def _about(bookings: Collection[str], keys: Mapping[str, str]) -> ColumnElement[bool]:
    at_door = AuditEntry.event.in_(_BY_PLACE) & AuditEntry.subject.in_(keys)
    walked_in = AuditEntry.subject.in_([key for key in keys if not key.isdigit()])
    return or_(AuditEntry.subject.in_(bookings), at_door, walked_in)


def _keys(db: Session, bookings: Collection[str]) -> Mapping[str, str]:
    """Return how the door knows the people of these bookings, each with the booking."""
    places = db.execute(
        select(BookingPlace.id, BookingPlace.booking_id).where(BookingPlace.booking_id.in_(bookings))
    ).all()
    walked_in = db.execute(select(WalkIn.id, WalkIn.booking_id).where(WalkIn.booking_id.in_(bookings))).all()
    return {str(key): str(booking) for key, booking in (*places, *walked_in)}


def _roles(db: Session, rows: Sequence[AuditEntry]) -> Mapping[str, frozenset[str]]:
    ids = {int(found[1]) for row in rows if (found := _STAFF.fullmatch(row.actor))}
    roles: dict[str, frozenset[str]] = {}
    for staff_id, role in db.execute(select(StaffRole.staff_id, StaffRole.role).where(StaffRole.staff_id.in_(ids))):
        roles[f"staff:{staff_id}"] = roles.get(f"staff:{staff_id}", frozenset()) | {role}
    return roles


def _role(actor: str, roles: Mapping[str, frozenset[str]], home: Home) -> Role:
    """Say as what somebody acted, by what they may do here now."""
    if actor == home.entity_id:
        return "home"
    held = roles.get(actor, frozenset())
    return "reception" if "reception" in held else "site_admin" if "site_admin" in held else "host"


def _line(row: AuditEntry, keys: Mapping[str, str], bookings: Collection[str], role: Role) -> TrailLine:
    booking = row.subject if row.subject in bookings else keys.get(row.subject)
    return TrailLine(
        number=row.number,
        at=row.at,
        event=row.event[:100],
        role=role,
        booking=booking,
        verdict=row.verdict,
        reason=row.reason[:300],
        jti=row.jti[:300],
    )
