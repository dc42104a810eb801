"""One member in another's place: everything here that refers to the old one moves to the new one, once and wholly.

The registry's signed word alone moves anything (``federation.replaced``). It is read again with each statement, so all of
this finds nothing to do the second time. One transaction, with the statement itself.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation import audit, cursors, outbox
from federation.members import Member
from node.home import succession as at_home
from node.host import succession as at_host
from node.models.bookings import OWN_TOWN

_OWN_CURSOR = -1


@dataclass(frozen=True)
class Party:
    """A member as rows refer to it: by number as a home, by number as a feed's publisher, by name and by code."""

    home: int
    cursor: int
    entity_id: str
    code: str


def party_of(member: Member, own_entity_id: str) -> Party:
    """Return how rows refer to a member; to this town itself they do so by numbers of its own."""
    if member.entity_id == own_entity_id:
        return Party(OWN_TOWN, _OWN_CURSOR, member.entity_id, member.code)
    return Party(member.id, member.id, member.entity_id, member.code)


def move(db: Session, old: Party, new: Party, *, by: str, now: datetime) -> int:
    """Move people, bookings, agreements, trips and promises over; return how many rows, and log it when there were any."""
    moved = (
        at_host.move_people(db, old.home, new.home)
        + at_host.move_bookings(db, old.home, new.home)
        + at_host.move_terms(db, old.code, new.code)
        + at_host.move_endings(db, old.entity_id, new.entity_id)
        + at_home.move_trips(db, old.entity_id, new.entity_id)
        + at_home.move_subjects(db, old.entity_id, new.entity_id)
        + outbox.readdress(db, old.entity_id, new.entity_id)
    )
    cursors.hand_over(db, old.cursor, new.cursor)
    if moved:
        reason = f"{old.entity_id} {old.code} is replaced by {new.entity_id} {new.code}: {moved} rows"
        audit.record(
            db, event="replaced", actor=by, subject=new.entity_id, verdict="allowed", reason=reason[:500], now=now
        )
    return moved
