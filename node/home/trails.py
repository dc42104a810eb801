"""What this home's audit log says of one trip: for its own auditors, and for the trip's host."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.messages.trail import MOST, Trail, TrailLine
from node.models.approvals import ApprovalTrip
from node.models.trips import Trip


def lines(db: Session, trip_id: str, *, before: int | None = None, limit: int = MOST) -> Sequence[AuditEntry]:
    """Return the log's lines on a trip and on its approval, newest first."""
    approval = select(ApprovalTrip.approval_id).where(ApprovalTrip.trip_id == trip_id)
    about = or_(AuditEntry.subject == trip_id, AuditEntry.subject.in_(approval))
    question = select(AuditEntry).where(about).order_by(AuditEntry.number.desc()).limit(limit)
    return db.scalars(question.where(AuditEntry.number < before) if before is not None else question).all()


def for_host(db: Session, host: str, trip_id: str, *, before: int | None = None) -> Trail | None:
    """Return what a host may read of its own visitor's trip; None for a trip that is none, or another host's."""
    trip = db.get(Trip, trip_id)
    if trip is None or trip.host != host:
        return None
    rows = lines(db, trip_id, before=before, limit=MOST + 1)
    shown = tuple(_line(row, trip_id) for row in rows[:MOST])
    return Trail(lines=shown, older=rows[MOST - 1].number if len(rows) > MOST else None)


def _line(row: AuditEntry, trip_id: str) -> TrailLine:
    # The reason of an approval, or of what was booked for a colleague, says whose it is: the host learns what was done, and when.
    reason = "" if "staff:" in row.reason else row.reason[:300]
    said = {"event": row.event[:100], "verdict": row.verdict, "reason": reason, "jti": row.jti[:300]}
    return TrailLine(number=row.number, at=row.at, role="home", booking=trip_id, **said)
