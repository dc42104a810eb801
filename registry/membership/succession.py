"""One member takes another's place: towns that merge, a town that moves to another domain. An operator's decision.

The registry says it in the successor's statement, for good: whoever was away reads it later, and moves what it has.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation import audit, feed
from federation.errors import BadInput, NotAMember
from federation.members import Member, find
from federation.replaced import Replaced, dumps, loads
from registry import catalogue, emergencies
from registry.membership.anchor import Seal
from registry.membership.standing import publish
from registry.membership.statements import FEED
from registry.models import Admission, FeedReading


def replace(db: Session, seal: Seal, old: str, new: str, *, by: str, now: datetime) -> Member:
    """Let one member take another's place, both known by entity id, and publish it; return the successor.

    Raises ``NotAMember`` when either is none, and ``BadInput`` when they are the same.
    """
    if old == new:
        raise BadInput("a member cannot take its own place", field="by")
    successor = _live(db, new)
    admission = db.get_one(Admission, successor.id)
    admission.replaces = dumps([*take_place(db, old, by=by, now=now, successor=new), *loads(admission.replaces)])
    publish(db, seal, successor.id, now)
    return successor


def take_place(db: Session, old: str, *, by: str, now: datetime, successor: str) -> Sequence[Replaced]:
    """End a member's standing for its successor's sake; return whom the successor replaces by that, all before it too."""
    member = _live(db, old)
    former = loads(db.get_one(Admission, member.id).replaces)
    member.gone, member.status = True, "invalid"
    catalogue.note_member(db, member.id)
    emergencies.note_member(db, member.id)
    feed.changed(db, FEED, "member", member.entity_id)
    db.execute(delete(Admission).where(Admission.member_id == member.id))
    db.execute(delete(FeedReading).where(FeedReading.member_id == member.id))
    subject = f"{member.entity_id} {member.code}"
    audit.record(db, event="replace", actor=by, subject=subject, verdict="allowed", reason=successor, now=now)
    db.flush()
    return [Replaced(member.entity_id, member.code), *former]


def stands_again(db: Session, entity_id: str) -> None:
    """Let nobody replace a member that an operator has admitted anew."""
    for admission in db.scalars(select(Admission).where(Admission.replaces != "[]")):
        admission.replaces = dumps(one for one in loads(admission.replaces) if one.entity_id != entity_id)


def _live(db: Session, entity_id: str) -> Member:
    member = find(db, entity_id)
    if member is None or member.gone:
        raise NotAMember(entity_id)
    return member
