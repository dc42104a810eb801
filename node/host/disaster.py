"""A declared disaster: members last known good are honoured while the registry is silent, for so long and no longer.

It prolongs what the registry signed and takes nothing back: who is known to be suspended stays so. It ends by itself.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit, trust
from federation.errors import BadInput, NotFound
from node.models.disasters import Disaster

LONGEST = trust.DISASTER.days
"""So many days at most, and never beyond as many days after a member's own statement expired."""


def declare(db: Session, *, days: int, reason: str, by: str, now: datetime) -> Disaster:
    """Honour members last known good for some days, in place of what was declared before; raises ``BadInput``."""
    if not 1 <= days <= LONGEST:
        raise BadInput(f"{days} days", field="days")
    if not reason.strip():
        raise BadInput("a reason is needed", field="reason")
    earlier = standing(db, now)
    if earlier is not None:
        earlier.until = now
    made = Disaster(since=now, until=now + timedelta(days=days), reason=reason.strip()[:300], declared_by=by)
    db.add(made)
    db.flush()
    _record(db, "disaster-declared", by, f"{days} days: {made.reason}", now)
    return made


def end(db: Session, *, by: str, now: datetime) -> None:
    """End it before its time; raises ``NotFound`` where none stands."""
    standing_now = standing(db, now)
    if standing_now is None:
        raise NotFound("no disaster is declared")
    standing_now.until = now
    _record(db, "disaster-ended", by, "", now)


def standing(db: Session, now: datetime) -> Disaster | None:
    """Return the declaration in force, or None."""
    in_force = select(Disaster).where(Disaster.since <= now, Disaster.until > now)
    return db.scalar(in_force.order_by(Disaster.since.desc()).limit(1))


def grace(db: Session, now: datetime) -> timedelta:
    """Say how long beyond its expiry the registry's word holds now, for ``federation.members``."""
    return trust.DISASTER if standing(db, now) is not None else timedelta(0)


def _record(db: Session, event: str, by: str, reason: str, now: datetime) -> None:
    audit.record(db, event=event, actor=by, subject="members", verdict="allowed", reason=reason, now=now)
