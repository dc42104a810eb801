"""災害時臨時開放 and 臨時閉鎖: what members declare of their own sites, checked and handed on to all the others.

A member speaks of its own sites, once of each, of no more than ``MOST`` at a time and for seven days at most. Whose word it
is comes from the member's row, so that nobody declares anything in another's name.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.feed import Renderer, changed, singly
from federation.members import Member, find
from federation.messages.base import Message
from federation.messages.emergency import LONGEST, EmergencyEntry, EmergencyNotice
from registry.models import Emergency

FEED, KIND = "emergencies", "emergency"
MOST = 50
"""So many sites of one member: a prefecture's branch offices, and no flood."""
_SLACK = timedelta(minutes=5)
"""What a member's clock may be ahead of ours."""


def keep(db: Session, member_id: int, notice: EmergencyNotice, now: datetime) -> None:
    """Keep what a member says of one site; raises ``BadInput`` for what ends too late, or is one too many."""
    if notice.until > now + LONGEST + _SLACK:
        raise BadInput(f"an emergency ends within {LONGEST.days} days", field="until")
    row = db.get(Emergency, (member_id, notice.site_id))
    if row is None:
        held = select(func.count()).select_from(Emergency).where(Emergency.member_id == member_id)
        if (db.scalar(held) or 0) >= MOST:
            raise BadInput(f"more than {MOST} emergencies of one member", field="site_id")
        row = Emergency(member_id=member_id, id=notice.site_id)
        db.add(row)
    row.data = notice.wire()
    db.flush()
    _note(db, member_id, notice.site_id)


def drop(db: Session, member_id: int, site_id: str) -> None:
    """Forget what a member said of a site."""
    row = db.get(Emergency, (member_id, site_id[:36]))
    if row is not None:
        db.delete(row)
        db.flush()
        _note(db, member_id, site_id[:36])


def forget(db: Session, now: datetime) -> None:
    """Drop those that are over."""
    for row in db.scalars(select(Emergency)).all():
        if EmergencyNotice.read(json.dumps(row.data)).until <= now:
            drop(db, row.member_id, row.id)


def note_member(db: Session, member_id: int) -> None:
    """Note that all a member has declared may read otherwise now, as after a suspension."""
    for id_ in db.scalars(select(Emergency.id).where(Emergency.member_id == member_id)):
        _note(db, member_id, id_)


def _note(db: Session, member_id: int, site_id: str) -> None:
    """Note the item; its id names the member by its address, so that a tombstone says whose word it takes back."""
    changed(db, FEED, KIND, f"{db.get_one(Member, member_id).entity_id} {site_id}")


def _render(db: Session, name: str) -> Message | None:
    entity_id, _, site_id = name.partition(" ")
    member = find(db, entity_id)
    row = db.get(Emergency, (member.id, site_id)) if member is not None else None
    if row is None or member is None or member.gone or member.status != "valid":
        return None
    return EmergencyEntry.read(json.dumps({**row.data, "entity_id": member.entity_id}))


RENDERERS: dict[str, Renderer] = {KIND: singly(_render)}
