"""包括承認: giving and ending the permissions that approve a stay beforehand, by period, places and hours."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, Forbidden, NotFound, TooMany
from federation.wording import phrase
from node import notices
from node.home import superiors
from node.home.wishes import JAPAN
from node.models.approvals import StandingApproval
from node.models.staff import Staff

LONGEST = timedelta(days=366)
"""A permission ends within a year, so that somebody thinks of it again every 年度."""
MOST = 200
"""So many one approver may have given at once."""
_GIVEN = phrase(
    "%(by)sさんが、あなたに包括承認を与えました：%(from_on)sから%(until_on)sまで。範囲内の予約に承認は要りません。"
)
_TAKEN = phrase("%(by)sさんが、あなたへの包括承認を終了しました。これからの予約には承認が必要です。")


@dataclass(frozen=True)
class Scope:
    """When and where a permission holds: days of the site, both inclusive, minutes after midnight, 団体コード, sites."""

    from_on: date
    until_on: date
    from_minute: int = 0
    until_minute: int = 24 * 60
    host_codes: Sequence[str] = ()
    site_ids: Sequence[str] = ()


def give(db: Session, by: Staff, person: Staff | None, scope: Scope, *, now: datetime) -> StandingApproval:
    """Give a person, or all of one's own 所属, a permission.

    Raises ``Forbidden`` for whom ``by`` does not approve, ``BadInput`` for a period that is none, over, or longer than
    ``LONGEST``, and ``TooMany``.
    """
    today = now.astimezone(JAPAN).date()
    _refuse_others(db, by, person, today)
    if not scope.from_on <= scope.until_on <= scope.from_on + LONGEST or scope.until_on < today:
        raise BadInput("a period that is none", field="until_on")
    if not 0 <= scope.from_minute < scope.until_minute <= 24 * 60:
        raise BadInput("hours that are none", field="until")
    if len(of(db, by, now=now)) >= MOST:
        raise TooMany(f"staff {by.id} has given {MOST}", retry_after=24 * 3600)
    row = StandingApproval(
        id=str(uuid.uuid4()),
        section=person.section if person else by.section,
        staff_id=person.id if person else None,
        from_on=scope.from_on,
        until_on=scope.until_on,
        from_minute=scope.from_minute,
        until_minute=scope.until_minute,
        host_codes=list(scope.host_codes),
        site_ids=list(scope.site_ids),
        by_id=by.id,
        made_at=now,
    )
    db.add(row)
    db.flush()
    _log(db, row, by, "given", now)
    if person is not None:
        days = {"from_on": scope.from_on.isoformat(), "until_on": scope.until_on.isoformat()}
        notices.tell(db, person.id, _GIVEN, now=now, kind="other", by=by.name, **days)
    return row


def _refuse_others(db: Session, by: Staff, person: Staff | None, today: date) -> None:
    if person is None:
        allowed = bool(by.section) and "manager" in by.role_names
    else:
        allowed = by.id in {one.id for one in superiors.of(db, person, "superior", escalated=False, today=today)}
    if not allowed:
        raise Forbidden(f"staff {by.id} approves nobody there")


def of(db: Session, by: Staff, *, now: datetime) -> Sequence[StandingApproval]:
    """Return what somebody has given and still holds, soonest to end first."""
    mine = (StandingApproval.by_id == by.id, *_standing(now))
    return db.scalars(
        select(StandingApproval).where(*mine).order_by(StandingApproval.until_on, StandingApproval.id)
    ).all()


def for_person(db: Session, person: Staff, *, now: datetime) -> Sequence[StandingApproval]:
    """Return what holds for somebody, theirs alone and their section's, soonest to end first."""
    everybody = StandingApproval.staff_id.is_(None) & (StandingApproval.by_id != person.id)
    theirs = (StandingApproval.section == person.section, or_(StandingApproval.staff_id == person.id, everybody))
    question = select(StandingApproval).where(*theirs, *_standing(now))
    return db.scalars(question.order_by(StandingApproval.until_on, StandingApproval.id)).all()


def end(db: Session, standing_id: str, by: Staff, *, now: datetime) -> None:
    """End what one has given; what was booked under it stays approved. Raises ``NotFound`` for anybody else's."""
    row = db.get(StandingApproval, standing_id)
    if row is None or row.by_id != by.id:
        raise NotFound(f"standing approval {standing_id[:40]}")
    ended = update(StandingApproval).where(StandingApproval.id == row.id, StandingApproval.ended_at.is_(None))
    if not db.scalars(ended.values(ended_at=now).returning(StandingApproval.id)).all():
        return
    _log(db, row, by, "ended", now)
    if row.staff_id is not None:
        notices.tell(db, row.staff_id, _TAKEN, now=now, kind="other", by=by.name)


def _standing(now: datetime) -> tuple[ColumnElement[bool], ...]:
    today = now.astimezone(JAPAN).date()
    return StandingApproval.ended_at.is_(None), StandingApproval.until_on >= today


def _log(db: Session, row: StandingApproval, by: Staff, what: str, now: datetime) -> None:
    whom = f"staff:{row.staff_id}" if row.staff_id else "a section"
    reason = f"{what} for {whom}, {row.from_on.isoformat()} to {row.until_on.isoformat()}"
    who = f"staff:{by.id}"
    audit.record(db, event="standing-approval", actor=who, subject=row.id, verdict="allowed", reason=reason, now=now)
