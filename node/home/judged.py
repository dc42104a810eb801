"""What was judged of a trip at its home, as far as it is kept: conditions, approval, consent and corrections; no operator's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from node.home import houserules
from node.home.wishes import JAPAN
from node.models.approvals import Approval, ApprovalTrip, Deputy
from node.models.attendance import Attendance, AttendanceCorrection
from node.models.conditions import HomeConditions
from node.models.staff import Staff
from node.models.trips import Trip

Decider = Literal["superior", "deputy", "personnel", ""]
"""所属長, who stood in for somebody, 人事担当; empty where nobody can say any more."""


@dataclass(frozen=True)
class Approved:
    """An approval: its state, whose it had to be, who gave it and when, or the days of the 包括承認 that covered it."""

    state: str
    whose: str
    asked_at: datetime
    decided_at: datetime | None
    decider: Decider
    reason: str
    standing: tuple[date, date] | None


@dataclass(frozen=True)
class Judged:
    """``at`` is when the wish was judged last: when it was asked for, or moved. ``conditions`` is the version of then, None
    where there was none.
    """

    at: datetime
    conditions: int | None
    approval: Approved | None
    consented_at: datetime | None
    corrections: Sequence[AttendanceCorrection]


def of(db: Session, trip: Trip) -> Judged:
    """Read what is kept. Roles are those of today, since the list of staff keeps no others."""
    moved = select(func.max(AuditEntry.at)).where(
        AuditEntry.subject == trip.id, AuditEntry.event == "trip-move", AuditEntry.verdict == "allowed"
    )
    at = db.scalar(moved) or trip.asked_at
    then = select(HomeConditions.id).where(HomeConditions.changed_at <= at).order_by(HomeConditions.id.desc()).limit(1)
    found = select(Approval).join(ApprovalTrip).where(ApprovalTrip.trip_id == trip.id).limit(1)
    approval = db.scalar(found)
    day = db.scalar(select(Attendance).where(Attendance.trip_id == trip.id))
    return Judged(
        at,
        db.scalar(then),
        _approved(db, approval) if approval is not None else None,
        houserules.confirmed_at(db, trip.staff_id, trip.host, trip.consent_version) if trip.consent_version else None,
        tuple(day.corrections) if day is not None else (),
    )


def _approved(db: Session, row: Approval) -> Approved:
    covered = (row.standing.from_on, row.standing.until_on) if row.standing is not None else None
    return Approved(row.state, row.whose, row.asked_at, row.decided_at, _decider(db, row), row.reason, covered)


def _decider(db: Session, row: Approval) -> Decider:
    by, person = row.by, row.staff
    if by is None or row.decided_at is None:
        return ""
    is_named = bool(person.approver) and person.approver == by.number
    is_chief = not person.approver and "manager" in by.role_names and bool(by.section) and by.section == person.section
    if row.whose == "superior" and (is_named or is_chief):
        return "superior"
    if "personnel" in by.role_names:
        return "personnel"
    return "deputy" if _stood_in(db, by, row.decided_at) else ""


def _stood_in(db: Session, by: Staff, at: datetime) -> bool:
    day = at.astimezone(JAPAN).date()
    on = (Deputy.deputy_id == by.id, Deputy.from_on <= day, Deputy.until_on >= day)
    return bool(db.scalar(select(exists().where(*on))))
