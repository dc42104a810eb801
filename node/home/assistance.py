"""What our own people say of help they need in an evacuation or at the door (PEEP): theirs to say, to change and to take back.

No page shows it to anybody else of this town; the file for a 開示請求 holds it. A host is told only of who wants it told, with
their name, at the booking's first PUT.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput
from federation.messages.booking import ASSISTED
from federation.messages.booking import Assistance as Told
from node.models.assistance import Assistance

LONGEST = 200


def of(db: Session, staff_id: int) -> Assistance | None:
    """Return what somebody says of themselves, or None."""
    return db.get(Assistance, staff_id)


def told(db: Session, staff_id: int) -> Told | None:
    """Return what the hosts of somebody's bookings are told: nothing unless they said so."""
    said = of(db, staff_id)
    return Told(kinds=tuple(said.kinds), words=said.words) if said is not None and said.tells_hosts else None


def say(db: Session, staff_id: int, kinds: Sequence[str], words: str, *, tells_hosts: bool, now: datetime) -> None:
    """Keep what somebody says of themselves in place of what they said; raise ``BadInput`` (``kinds``) for nothing said.

    The log has that it was said and whether hosts are told, never what.
    """
    if not (kinds or words) or not set(kinds) <= set(ASSISTED):
        raise BadInput("neither a kind nor words", field="kinds")
    said = of(db, staff_id) or Assistance(staff_id=staff_id)
    said.kinds, said.words, said.tells_hosts = [kind for kind in ASSISTED if kind in kinds], words, tells_hosts
    said.changed_at = now
    db.add(said)
    db.flush()
    _log(db, staff_id, "told to hosts" if tells_hosts else "kept at home", now)


def take_back(db: Session, staff_id: int, *, now: datetime) -> bool:
    """Delete what somebody says of themselves; return whether there was anything. Doing it again changes nothing."""
    mine = delete(Assistance).where(Assistance.staff_id == staff_id).returning(Assistance.staff_id)
    gone = db.scalar(mine) is not None
    if gone:
        _log(db, staff_id, "taken back", now)
    return gone


def _log(db: Session, staff_id: int, reason: str, now: datetime) -> None:
    own = f"staff:{staff_id}"
    audit.record(db, event="assistance", actor=own, subject=own, verdict="allowed", reason=reason, now=now)
