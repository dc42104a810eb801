"""How long each kind of personal record is kept, and the record that it was deleted: by days, or by 年度.

Years are counted as document rules count them: from 1 April after the 年度 to which a record belongs. What belongs to an
incident that is open stays until it is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput
from federation.storage import insert
from federation.wording import phrase
from node.models.attendance import Attendance
from node.models.blocks import Block
from node.models.incidents import Incident
from node.models.notices import Notice
from node.models.retention import DeletionRecord, RetentionPeriod
from node.models.stafflists import PlannedList

Kind = Literal["names", "attendance", "notices", "incidents", "blocks", "lists", "audit", "assistance"]
SHOWN = 50
"""So many deletions a page lists."""
_JAPAN = ZoneInfo("Asia/Tokyo")
_APRIL = 4


@dataclass(frozen=True)
class Period:
    """One kind: what it is called, and its usual, least and greatest length, in days or in years after the 年度."""

    words: str
    unit: Literal["days", "years"]
    usual: int
    least: int
    most: int

    @property
    def is_fixed(self) -> bool:
        """Whether no town keeps it for another length."""
        return self.least == self.most


PERIODS: Mapping[Kind, Period] = {
    "names": Period(phrase("来庁者の氏名・所属、受付の記録、入館証、同行者、予約のない方の氏名"), "days", 7, 1, 90),
    "attendance": Period(phrase("自団体の職員の勤務実績"), "years", 3, 1, 30),
    "notices": Period(phrase("職員へのお知らせ"), "years", 1, 0, 5),
    "incidents": Period(phrase("終結した事故・トラブルの記録"), "years", 5, 1, 30),
    "blocks": Period(phrase("終わった利用停止"), "years", 3, 1, 30),
    "lists": Period(phrase("日付を指定した名簿の記録（件数と日付）"), "years", 3, 1, 30),
    "audit": Period(phrase("監査記録"), "years", 5, 1, 30),
    "assistance": Period(phrase("来庁者が伝えた、避難や入館で必要な手助け"), "days", 0, 0, 0),
}
"""Answers and notes of visitors (感想) are not among them: they carry no name, and always end after a year."""


ASKED_FOR: Mapping[str, str] = {"own": phrase("職員が自分で登録したもの（お気に入り、最寄り駅、メールアドレスなど）")}
"""What is deleted when a person asks for it, and has no period."""


@dataclass(frozen=True)
class Part:
    """Some records of one person: what they are called and how many; of what has to stay, why."""

    words: str
    count: int
    why: str = ""


@dataclass(frozen=True)
class Prospect:
    """What can be erased of a person now, and what has to stay."""

    goes: tuple[Part, ...]
    stays: tuple[Part, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to erase."""
        return not any(part.count for part in self.goes)


AUDITED = Part(
    phrase("監査記録"),
    0,
    phrase("保存期間（「保存期間と削除の記録」）が終わるまで、誰も書き換えられません。"),
)


def lengths(db: Session) -> dict[Kind, int]:
    """Return how long each kind is kept here."""
    own = {row.kind: row.length for row in db.scalars(select(RetentionPeriod))}
    return {kind: own.get(kind, period.usual) for kind, period in PERIODS.items()}


def choose(db: Session, kind: Kind, length: int, *, by: str, now: datetime) -> None:
    """Keep a kind for so long from now on; raise ``BadInput`` (the kind) outside its bounds."""
    period = PERIODS[kind]
    if not period.least <= length <= period.most:
        raise BadInput("outside the bounds", field=kind)
    said = {"length": length, "changed_at": now, "changed_by": by}
    row = insert(db, RetentionPeriod).values(kind=kind, **said)
    db.execute(row.on_conflict_do_update(index_elements=["kind"], set_=said))
    audit.record(
        db,
        event="retention-changed",
        actor=by,
        subject=kind,
        verdict="allowed",
        reason=f"{length} {period.unit}",
        now=now,
    )


def first_kept(years: int, today: date) -> date:
    """Return the first day whose records are still kept, where they are kept ``years`` after their 年度."""
    fiscal = today.year if today.month >= _APRIL else today.year - 1
    return date(fiscal - years, _APRIL, 1)


def names_until(db: Session, now: datetime) -> datetime:
    """Return up to which ``purge_after`` names are over: they are written down with the usual period."""
    return now - timedelta(days=lengths(db)["names"] - PERIODS["names"].usual)


def day_of(moment: datetime) -> date:
    """Return the day of a moment here."""
    return moment.astimezone(_JAPAN).date()


def held_back(db: Session) -> frozenset[str]:
    """Return the bookings of incidents that are open: what is kept of them stays."""
    return frozenset(
        db.scalars(select(Incident.booking_id).where(Incident.closed_at.is_(None), Incident.booking_id != ""))
    )


def delete_due(db: Session, now: datetime) -> None:
    """Delete what has been kept for its years, with a record of each kind; a job."""
    today, kept = day_of(now), lengths(db)
    days = {kind: first_kept(kept[kind], today) for kind in PERIODS if PERIODS[kind].unit == "years"}
    starts = {kind: datetime.combine(day, time(0), _JAPAN).astimezone(UTC) for kind, day in days.items()}
    held = held_back(db)
    worked = delete(Attendance).where(Attendance.day < days["attendance"], Attendance.trip_id.not_in(held))
    told = delete(Notice).where(Notice.told_at < starts["notices"])
    over = delete(Incident).where(Incident.closed_at < starts["incidents"])
    ended = delete(Block).where((Block.until_on < days["blocks"]) | (Block.ended_at < starts["blocks"]))
    listed = delete(PlannedList).where(PlannedList.over_at < starts["lists"])
    counts: dict[Kind, int] = {
        "attendance": len(db.scalars(worked.returning(Attendance.id)).all()),
        "notices": len(db.scalars(told.returning(Notice.id)).all()),
        "incidents": len(db.scalars(over.returning(Incident.id)).all()),
        "blocks": len(db.scalars(ended.returning(Block.id)).all()),
        "lists": len(db.scalars(listed.returning(PlannedList.id)).all()),
        "audit": audit.forget(db, before=_spared(db, starts["audit"])),
    }
    for kind, count in counts.items():
        note(db, kind, count, days[kind], now)


def _spared(db: Session, before: datetime) -> datetime:
    """Move the end of what the log forgets to before the oldest incident that is open."""
    oldest = db.scalar(select(func.min(Incident.happened_at)).where(Incident.closed_at.is_(None)))
    return min(before, oldest - timedelta(days=31)) if oldest is not None else before


def note(db: Session, kind: str, count: int, up_to: date, now: datetime, *, by: str = "") -> None:
    """Record that so many of a kind, of days before ``up_to``, were deleted; a job's of one day are one record."""
    if not count:
        return
    same = (DeletionRecord.kind == kind, DeletionRecord.up_to == up_to, DeletionRecord.by == "")
    known = db.scalar(select(DeletionRecord).where(*same).with_for_update()) if not by else None
    if known is not None:
        known.count, known.done_at = known.count + count, now
    else:
        db.add(DeletionRecord(kind=kind, count=count, up_to=up_to, done_at=now, by=by))
    db.flush()


def records(db: Session) -> Sequence[DeletionRecord]:
    """Return the newest deletions."""
    newest = select(DeletionRecord).order_by(DeletionRecord.done_at.desc(), DeletionRecord.id.desc())
    return db.scalars(newest.limit(SHOWN)).all()
