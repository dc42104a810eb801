"""座席の不具合: what visitors report of the desk they sit at, until a 施設担当者 has seen to it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from federation.errors import BadInput, NotFound, TooMany
from federation.wording import phrase
from node.models.problems import DeskProblem
from node.models.sites import Desk, Room

KINDS: Mapping[str, str] = {
    "broken": phrase("机・いす・設備の故障"),
    "network": phrase("通信がつながらない"),
    "occupied": phrase("ほかの人が使っている"),
    "dirty": phrase("汚れている"),
    "other": phrase("その他"),
}
LONGEST = 300
MOST_OPEN = 20
"""So many open reports one desk bears; who reads them has enough by then."""
SHOWN = 100


def report(db: Session, desk_id: str, *, kind: str, words: str = "", by: str, now: datetime) -> DeskProblem:
    """Write down what is wrong with a desk; the same again while it is open is the same report.

    ``by`` names a home or a number of our own staff, and nobody. Raises ``BadInput`` (``kind``, ``words``), ``NotFound`` or ``TooMany``.
    """
    if kind not in KINDS:
        raise BadInput("no such kind", field="kind")
    if len(words) > LONGEST:
        raise BadInput("too long", field="words")
    if db.scalar(select(Desk.id).where(Desk.id == desk_id).with_for_update()) is None:
        raise NotFound("no such desk")
    open_here = (DeskProblem.desk_id == desk_id, DeskProblem.done_at.is_(None))
    same = select(DeskProblem).where(*open_here, DeskProblem.kind == kind, DeskProblem.words == words)
    known = db.scalars(same.limit(1)).first()
    if known is not None:
        return known
    if (db.scalar(select(func.count()).where(*open_here)) or 0) >= MOST_OPEN:
        raise TooMany("enough is known of this desk")
    made = DeskProblem(id=str(uuid.uuid4()), desk_id=desk_id, kind=kind, words=words, told_at=now, told_by=by)
    db.add(made)
    db.flush()
    return made


def waiting(db: Session) -> int:
    """Count the reports nobody has seen to."""
    return db.scalar(select(func.count()).where(DeskProblem.done_at.is_(None))) or 0


def open_ones(db: Session) -> Sequence[tuple[DeskProblem, Desk]]:
    """Return the reports nobody has seen to, oldest first, with their desks."""
    question = select(DeskProblem, Desk).join(Desk, Desk.id == DeskProblem.desk_id).where(DeskProblem.done_at.is_(None))
    question = question.options(joinedload(Desk.room).joinedload(Room.site)).order_by(
        DeskProblem.told_at, DeskProblem.id
    )
    return [(one, desk) for one, desk in db.execute(question.limit(SHOWN))]


def see_to(db: Session, problem_id: str, *, by: str, now: datetime) -> None:
    """Say that it is seen to; said again it changes nothing. Raises ``NotFound``."""
    found = db.get(DeskProblem, problem_id)
    if found is None:
        raise NotFound("no such report")
    if found.done_at is None:
        found.done_at, found.done_by = now, by
        db.flush()
