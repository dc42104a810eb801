"""個人情報の利用停止: a visitor's names stay where they are and are shown to nobody, until it is lifted."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation import audit
from federation.storage import insert
from node.models.bookings import Visitor
from node.models.withheld import Withheld


def of(db: Session, visitor: Visitor) -> Withheld | None:
    """Return since when and why a visitor's names are not used, or None."""
    return db.get(Withheld, visitor.id)


def among(db: Session, visitor_ids: Collection[int]) -> frozenset[int]:
    """Return those of the visitors whose names are not used."""
    if not visitor_ids:
        return frozenset()
    return frozenset(db.scalars(select(Withheld.visitor_id).where(Withheld.visitor_id.in_(visitor_ids))))


def standing(db: Session) -> Sequence[tuple[Withheld, Visitor]]:
    """Return all whose names are not used, the latest first."""
    rows = db.execute(select(Withheld, Visitor).join(Visitor).order_by(Withheld.since.desc(), Withheld.visitor_id))
    return [(row[0], row[1]) for row in rows]


def stop(db: Session, visitor: Visitor, reason: str, *, by: str, now: datetime) -> bool:
    """Use a visitor's names no more; return whether that is new. The first reason stays."""
    row = insert(db, Withheld).values(visitor_id=visitor.id, since=now, by=by, reason=reason)
    is_new = db.scalar(row.on_conflict_do_nothing().returning(Withheld.visitor_id)) is not None
    if is_new:
        audit.record(db, event="use-stopped", actor=by, subject=visitor.sub, verdict="allowed", reason=reason, now=now)
    return is_new


def lift(db: Session, visitor: Visitor, *, by: str, now: datetime) -> bool:
    """Use a visitor's names again; return whether they were not used."""
    mine = delete(Withheld).where(Withheld.visitor_id == visitor.id).returning(Withheld.visitor_id)
    was = db.scalar(mine) is not None
    if was:
        audit.record(db, event="use-resumed", actor=by, subject=visitor.sub, verdict="allowed", now=now)
    return was
