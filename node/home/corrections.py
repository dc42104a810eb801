"""訂正: what we hold to be true beside the times a host has recorded. The host's stay; the newest correction counts."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.wording import phrase
from node import notices
from node.models.attendance import Attendance, AttendanceCorrection

MOST = 20
"""So many corrections one day bears."""
LONGEST_REASON = 300
_ABOUT = timedelta(hours=12)
_TOLD = phrase("勤務実績が訂正されました：%(site)s %(day)s。理由：%(reason)s")


def get(db: Session, attendance_id: int) -> Attendance:
    """Return a day of the record; raise ``NotFound``."""
    found = db.get(Attendance, attendance_id)
    if found is None:
        raise NotFound("no such day")
    return found


def correct(
    db: Session,
    row: Attendance,
    arrived_at: datetime | None,
    left_at: datetime | None,
    reason: str,
    *,
    by: str,
    now: datetime,
) -> AttendanceCorrection:
    """Write a correction beside the host's times; a time that is None is as the host has it. The person is told.

    Raises ``BadInput`` (``arrived``, ``left``, ``reason``) for times that cannot be, and without a reason.
    """
    if not reason.strip():
        raise BadInput("a reason is needed", field="reason")
    if arrived_at is None and left_at is None:
        raise BadInput("no time is corrected", field="arrived")
    for field, at in (("arrived", arrived_at), ("left", left_at)):
        if at is not None and not row.start - _ABOUT <= at <= min(now, row.end + _ABOUT):
            raise BadInput("not of that day, or ahead of now", field=field)
    begun, ended = arrived_at or row.arrived_at, left_at or row.left_at
    if begun is not None and ended is not None and begun >= ended:
        raise BadInput("left before coming", field="left")
    if len(row.corrections) >= MOST:
        raise BadInput("corrected too often", field="reason")
    made = AttendanceCorrection(arrived_at=arrived_at, left_at=left_at, reason=reason.strip(), at=now, by=by)
    row.corrections.append(made)
    db.flush()
    notices.tell(
        db,
        row.staff_id,
        _TOLD,
        now=now,
        link=f"/bookings/{row.trip_id}",
        kind="other",
        site=row.site_name,
        day=row.day.isoformat(),
        reason=made.reason,
    )
    return made


def times(row: Attendance) -> tuple[datetime | None, datetime | None]:
    """Return when somebody came and left as it counts: by the newest correction, else as the host has it."""
    newest = row.corrections[-1] if row.corrections else None
    if newest is None:
        return row.arrived_at, row.left_at
    return newest.arrived_at or row.arrived_at, newest.left_at or row.left_at
