"""Telling a person something: a row in the portal, in the same transaction as what happened."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from node import letters
from node.models.notices import Notice

INTERVALS = frozenset({"when", "was"})
"""Facts that travel as an ISO 8601 interval, for the reader's page or letter to write."""
SHOWN = 50
"""How many notices a page lists, newest first."""


@dataclass(frozen=True)
class Told:
    """A notice as a page shows it: a marked sentence, its facts, a path to go to, and when it was told."""

    words: str
    facts: Mapping[str, str | int]
    link: str
    told_at: datetime
    read: bool


def tell(
    db: Session,
    staff_id: int,
    words: str,
    *,
    now: datetime,
    link: str = "",
    kind: str = "other",
    trip: str = "",
    **facts: str | int,
) -> None:
    """Leave a notice for a person. ``words`` is a sentence marked with ``phrase``, ``facts`` fill its places.

    To who wants notices of its ``kind`` (``letters.KINDS``) by mail, it goes there too, with what they need of the ``trip``.
    """
    written = json.dumps(facts, ensure_ascii=False)
    db.add(Notice(staff_id=staff_id, words=words, facts=written, link=link, told_at=now))
    letters.promise(db, staff_id, kind, words, now=now, facts=facts, trip=trip, link=link)


def latest(db: Session, staff_id: int) -> Sequence[Told]:
    """Return a person's notices, newest first."""
    rows = db.scalars(
        select(Notice).where(Notice.staff_id == staff_id).order_by(Notice.told_at.desc(), Notice.id.desc()).limit(SHOWN)
    )
    return [_told(row) for row in rows]


def about(db: Session, staff_id: int, link: str) -> Sequence[Told]:
    """Return what the person was told that leads to ``link``, oldest first."""
    there = (Notice.staff_id == staff_id, Notice.link == link)
    rows = db.scalars(select(Notice).where(*there).order_by(Notice.told_at, Notice.id).limit(SHOWN))
    return [_told(row) for row in rows]


def _told(row: Notice) -> Told:
    return Told(row.words, json.loads(row.facts), row.link, row.told_at, row.read_at is not None)


def unread(db: Session, staff_id: int) -> int:
    """Count what the person has not seen yet."""
    of_mine = select(func.count()).where(Notice.staff_id == staff_id, Notice.read_at.is_(None))
    return db.scalar(of_mine) or 0


def mark_read(db: Session, staff_id: int, *, now: datetime) -> None:
    """Remember that the person has seen everything told so far."""
    db.execute(update(Notice).where(Notice.staff_id == staff_id, Notice.read_at.is_(None)).values(read_at=now))
