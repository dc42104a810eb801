"""Who of our own people booked elsewhere and did not come: for the 所属長 who may have to ask why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.rules.noshows import DAYS
from node.models.attendance import Attendance
from node.models.staff import Staff
from node.models.trips import Trip

__all__ = ["DAYS", "Missed", "of_everybody"]

_MOST = 1000


@dataclass(frozen=True)
class Missed:
    """One person, and the days on which they did not come, newest first, each with how it stands with their word."""

    staff: Staff
    days: tuple[tuple[Attendance, str], ...]

    @property
    def counts(self) -> int:
        """How many of them count: what a host has struck does not."""
        return sum(dispute != "struck" for _row, dispute in self.days)


def of_everybody(db: Session, *, now: datetime) -> Sequence[Missed]:
    """Return everybody who did not come in the last 90 days, most often first."""
    question = (
        select(Attendance, Trip.dispute)
        .join(Trip, Trip.id == Attendance.trip_id)
        .where(Attendance.state == "no_show", Attendance.start > now - timedelta(days=DAYS))
        .order_by(Attendance.start.desc(), Attendance.id)
        .limit(_MOST)
    )
    by_person: dict[int, list[tuple[Attendance, str]]] = {}
    for row, dispute in db.execute(question):
        by_person.setdefault(row.staff_id, []).append((row, dispute))
    found = [Missed(rows[0][0].staff, tuple(rows)) for rows in by_person.values()]
    return sorted(found, key=lambda one: (-one.counts, one.staff.number))
