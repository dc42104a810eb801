"""異動・退職の名簿: a staff list taken over whole, today or on the day from which it holds, with all that follows from it.

Who is not on it leaves; whose 所属 changes takes their bookings along; who may approve what waits is told. A list that waits
is compared anew on its day, and nobody leaves by it who was added after it was sent.
"""

import uuid
import zlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, NotFound, TachiyoriError, TooMany
from federation.storage import Storage
from federation.wording import phrase
from node import leaving, notices
from node.home import transfers
from node.home.wishes import JAPAN
from node.models.staff import StaffRole
from node.models.stafflists import PlannedList
from node.people import signin, stafflist
from node.people import staff as directory
from node.people.staff import Difference
from node.people.stafflist import StaffList

PAGE = "/personnel/staff"
MOST = 5
"""So many lists may wait at once."""
FARTHEST = timedelta(days=400)
KEPT = 10
"""So many that are over are shown."""
_DONE = phrase(
    "%(day)s付けの名簿を取り込みました（追加%(joining)s名、変更%(changing)s名、うち異動%(moving)s名、退職・転出%(leaving)s名）。"
)
_FAILED = phrase("%(day)s付けの名簿を取り込めませんでした。差分を確認し、もう一度取り込んでください。")


def take_over(
    db: Session, listed: StaffList, *, effective: date, by: int | None, sent_at: datetime | None = None, now: datetime
) -> Difference:
    """Make the directory equal to a list and let everything follow that can at once; the rest is a job's.

    Raises ``BadInput`` and ``OwnRoles`` as ``directory.take_over`` does, before anything is changed.
    """
    before = transfers.approvers(db, now=now)
    done = directory.take_over(db, listed, effective=effective, by=by, sent_at=sent_at, now=now)
    counts = f"joining {len(done.joining)}, changing {len(done.changing)}, leaving {len(done.leaving)}"
    who = "operator" if by is None else f"staff:{by}"
    audit.record(db, event="staff-list", actor=who, subject="own staff", verdict="allowed", reason=counts, now=now)
    transfers.follow(db, done.moving, now=now)
    leaving.follow_departures(db, now=now)
    transfers.tell_new(db, before, now=now)
    return done


def plan(db: Session, content: bytes, listed: StaffList, *, effective: date, by: int, now: datetime) -> PlannedList:
    """Keep a list until its day.

    Raises ``BadInput`` while a line is wrong, for a day that is over or too far away, ``OwnRoles``, and ``TooMany``.
    """
    directory.refuse_wrong(db, listed, by)
    if not _today(now) < effective <= _today(now) + FARTHEST:
        raise BadInput("a day that is none", field="effective")
    if len(waiting(db)) >= MOST:
        raise TooMany(f"{MOST} lists wait", retry_after=24 * 3600)
    row = PlannedList(
        id=str(uuid.uuid4()),
        effective=effective,
        content=zlib.compress(content),
        people=len(listed.lines),
        made_at=now,
        by_id=by,
    )
    db.add(row)
    db.flush()
    _log(db, row, f"staff:{by}", "planned", now)
    return row


def waiting(db: Session) -> Sequence[PlannedList]:
    """Return the lists that wait, the soonest first."""
    theirs = select(PlannedList).where(PlannedList.state == "waiting")
    return db.scalars(theirs.order_by(PlannedList.effective, PlannedList.made_at)).all()


def over(db: Session) -> Sequence[PlannedList]:
    """Return the lists that have been taken over, withdrawn or failed, newest first."""
    theirs = select(PlannedList).where(PlannedList.state != "waiting")
    return db.scalars(theirs.order_by(PlannedList.over_at.desc(), PlannedList.id).limit(KEPT)).all()


def get(db: Session, list_id: str) -> PlannedList:
    """Return a list that waits; raise ``NotFound`` for any other."""
    row = db.get(PlannedList, list_id)
    if row is None or row.state != "waiting":
        raise NotFound("no list that waits")
    return row


def read(row: PlannedList) -> StaffList:
    """Return what a list that waits says."""
    return stafflist.read(zlib.decompress(row.content))


def withdraw(db: Session, list_id: str, *, by: int, now: datetime) -> None:
    """Let a list come to nothing; raises ``NotFound`` for one that waits no more."""
    row = get(db, list_id)
    _is_over(db, row, "withdrawn", now)
    _log(db, row, f"staff:{by}", "withdrawn", now)


def carry_out(storage: Storage, *, now: datetime) -> int:
    """Take over the lists whose day has come, each in a transaction of its own; how many. A job."""
    with storage.transaction() as db:
        due = [row.id for row in waiting(db) if row.effective <= _today(now)]
    for list_id in due:
        with storage.transaction(write=True) as db:
            _carry_out(db, list_id, now)
    return len(due)


def _carry_out(db: Session, list_id: str, now: datetime) -> None:
    """Take one list over, once; what keeps it from being taken over is told to 人事担当, who can send it again."""
    first = update(PlannedList).where(PlannedList.id == list_id, PlannedList.state == "waiting").values(state="done")
    if not db.scalars(first.returning(PlannedList.id)).all():
        return
    row = db.get_one(PlannedList, list_id, populate_existing=True)
    by = None if signin.has_left(row.by, now) else row.by_id
    day = {"day": row.effective.isoformat()}
    try:
        done = take_over(db, read(row), effective=row.effective, by=by, sent_at=row.made_at, now=now)
    except (TachiyoriError, zlib.error):
        _is_over(db, row, "failed", now)
        _tell(db, _FAILED, now, **day)
        return
    _is_over(db, row, "done", now)
    counts = {name: str(len(getattr(done, name))) for name in ("joining", "changing", "moving", "leaving")}
    _tell(db, _DONE, now, **day, **counts)


def _is_over(db: Session, row: PlannedList, state: str, now: datetime) -> None:
    row.state, row.over_at, row.content = state, now, b""
    db.flush()


def _tell(db: Session, words: str, now: datetime, **facts: str) -> None:
    for staff_id in db.scalars(select(StaffRole.staff_id).where(StaffRole.role == "personnel")).all():
        notices.tell(db, staff_id, words, now=now, link=PAGE, **facts)


def _log(db: Session, row: PlannedList, who: str, what: str, now: datetime) -> None:
    said = f"{what}: {row.people} people from {row.effective.isoformat()}"
    audit.record(db, event="planned-list", actor=who, subject=row.id, verdict="allowed", reason=said, now=now)


def _today(now: datetime) -> date:
    return now.astimezone(JAPAN).date()
