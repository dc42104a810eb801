"""庁内異動: what follows a person to their new 所属 - who pays for what is booked, and who approves what still waits."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from federation.wording import phrase
from node.home import needs
from node.models.approvals import Approval
from node.models.staff import Staff
from node.models.trips import Trip

LOOKED_AT = 500
"""So many questions are looked at, those asked first; the others' new approvers find theirs in the portal."""
_AT_ONCE = 500
_NOW_YOURS = phrase(
    "人事異動により、%(name)sさんの予約の承認があなたに移りました：%(site)s %(when)s。座席の確保の期限までに決めてください。"
)


def approvers(db: Session, *, now: datetime) -> Mapping[str, frozenset[int]]:
    """Return who may decide what waits, by the question's id, as the staff list is now."""
    return {row.id: _who(db, row, now) for row in _asked(db)}


def tell_new(db: Session, before: Mapping[str, frozenset[int]], *, now: datetime) -> int:
    """Tell those who may decide what they could not decide ``before``; how many were told."""
    told = 0
    for row in _asked(db):
        for staff_id in sorted(_who(db, row, now) - before.get(row.id, frozenset())):
            needs.tell(db, staff_id, row.trips[0], _NOW_YOURS, now=now, name=row.staff.name, approval=row.id)
            told += 1
    return told


def follow(db: Session, numbers: Collection[str], *, now: datetime) -> None:
    """Let the new 所属 of people (by 職員番号) pay for what they have booked and not yet begun."""
    for some in _batches(numbers):
        people: dict[str, list[int]] = defaultdict(list)
        for staff_id, section in db.execute(select(Staff.id, Staff.section).where(Staff.number.in_(some))):
            people[section].append(staff_id)
        for section, ids in sorted(people.items()):
            db.execute(update(Trip).where(Trip.staff_id.in_(ids), Trip.start > now).values(section=section))


def _batches(numbers: Collection[str]) -> Iterator[Sequence[str]]:
    ordered = sorted(numbers)
    return (ordered[first : first + _AT_ONCE] for first in range(0, len(ordered), _AT_ONCE))


def _asked(db: Session) -> Sequence[Approval]:
    waiting = select(Approval).where(Approval.state == "asked").options(selectinload(Approval.trips))
    return db.scalars(waiting.order_by(Approval.asked_at, Approval.id).limit(LOOKED_AT)).all()


def _who(db: Session, row: Approval, now: datetime) -> frozenset[int]:
    return frozenset(one.id for one in needs.who(db, row, now))
