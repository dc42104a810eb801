"""代理: who decides in somebody's place while they are away, from one day to another."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, NotFound, TooMany
from federation.wording import phrase
from node import notices
from node.home import needs
from node.home.wishes import JAPAN
from node.models.approvals import Deputy
from node.models.staff import Staff
from node.people import staff as directory
from node.people.signin import has_left

LONGEST = timedelta(days=366)
MOST = 20
"""So many days of absence one person may have entered at once."""
_NAMED = phrase("%(by)sさんが、あなたを承認の代理に指定しました：%(from_on)sから%(until_on)sまで。")
_ENDED = phrase("%(by)sさんが、承認の代理の指定を終了しました。")


def appoint(db: Session, by: Staff, number: str, from_on: date, until_on: date, *, now: datetime) -> Deputy:
    """Let the person with a 職員番号 decide in the place of ``by`` on the days [from_on, until_on].

    Raises ``BadInput`` with the field for nobody who serves, oneself, or a period that is none, over or longer than
    ``LONGEST``, and ``TooMany``.
    """
    other = directory.find(db, number.strip()[:32])
    if other is None or other.id == by.id or has_left(other, now):
        raise BadInput("nobody who could stand in", field="number")
    if not from_on <= until_on <= from_on + LONGEST or until_on < now.astimezone(JAPAN).date():
        raise BadInput("a period that is none", field="until_on")
    directory.lock(db, by.id)
    if len(of(db, by, now=now)) >= MOST:
        raise TooMany(f"staff {by.id} has {MOST} absences", retry_after=24 * 3600)
    row = Deputy(staff_id=by.id, deputy_id=other.id, from_on=from_on, until_on=until_on, made_at=now)
    db.add(row)
    db.flush()
    days = {"from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
    notices.tell(db, other.id, _NAMED, now=now, link=needs.PAGE, by=by.name, **days)
    _log(db, row, by, f"appointed for {from_on.isoformat()} to {until_on.isoformat()}", now)
    return row


def of(db: Session, person: Staff, *, now: datetime) -> Sequence[Deputy]:
    """Return who stands in for somebody, and for whom they stand in, now and to come; soonest first."""
    today = now.astimezone(JAPAN).date()
    theirs = or_(Deputy.staff_id == person.id, Deputy.deputy_id == person.id)
    question = select(Deputy).where(theirs, Deputy.ended_at.is_(None), Deputy.until_on >= today)
    return db.scalars(question.order_by(Deputy.from_on, Deputy.id)).all()


def end(db: Session, deputy_id: int, by: Staff, *, now: datetime) -> None:
    """Be back early; raises ``NotFound`` for anybody else's absence."""
    row = db.get(Deputy, deputy_id)
    if row is None or row.staff_id != by.id:
        raise NotFound(f"deputy {deputy_id}")
    if row.ended_at is None:
        row.ended_at = now
        notices.tell(db, row.deputy_id, _ENDED, now=now, by=by.name)
        _log(db, row, by, "ended", now)


def _log(db: Session, row: Deputy, by: Staff, reason: str, now: datetime) -> None:
    who, whom = f"staff:{by.id}", f"staff:{row.deputy_id}"
    audit.record(db, event="deputy", actor=who, subject=whom, verdict="allowed", reason=reason, now=now)
