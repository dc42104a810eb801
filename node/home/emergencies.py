"""What other towns have declared in a disaster, as the registry hands it on: kept, and shown until it ends by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.follow import Followed, each, follow
from federation.members import REGISTRY, Member
from federation.messages.emergency import LONGEST, EmergencyEntry
from federation.messages.feed import FeedItem
from federation.remote_registry import RemoteRegistry
from node.models.emergencies import EmergencyKind, HeardEmergency
from node.town import Town

FEED, KIND = "emergencies", "emergency"
MOST = 2000
"""So many are kept of all towns together; beyond them a registry is not believed."""
_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Declared:
    """One site as people read of it: whose, until when, and where desks are searched for."""

    town: str
    code: str
    entity_id: str
    site_id: str
    site: str
    kind: EmergencyKind
    reason: str
    extra_desks: int
    since: datetime
    until: datetime


def refresh(town: Town, now: datetime) -> Followed:
    """Read the registry's feed of emergencies on to its end; a job. Raises what ``federation.follow.follow`` does."""
    registry = RemoteRegistry(town.peer, town.config.registry)
    return follow(
        town.storage,
        source=REGISTRY,
        feed=FEED,
        first=registry.emergencies_feed,
        fetch=registry.feed_page,
        apply=each(lambda db, item: take(db, item, now)),
        kinds={KIND},
        held=MOST,
        now=now,
        most=100,
    )


def take(db: Session, item: FeedItem, now: datetime) -> None:
    """Take in one item. One that cannot be read takes away what was known of its site, and is no reason to stop reading."""
    entity_id, _, site_id = item.id.partition(" ")
    said = _read(item, now)
    if said is None or (said.entity_id, said.site_id) != (entity_id, site_id):
        db.execute(delete(HeardEmergency).filter_by(entity_id=entity_id, site_id=site_id))
        return
    row = db.get(HeardEmergency, (entity_id, site_id))
    if row is None:
        row = HeardEmergency(entity_id=entity_id, site_id=site_id)
        db.add(row)
    row.kind, row.site_name, row.reason = said.kind, said.site_name, said.reason
    row.extra_desks, row.since, row.until, row.heard_at = said.extra_desks, said.since, said.until, now


def _read(item: FeedItem, now: datetime) -> EmergencyEntry | None:
    if item.state == "deleted" or item.data is None:
        return None
    try:
        said = EmergencyEntry.model_validate(item.data, strict=False)
    except (ValueError, BadInput):
        return None
    return said if said.until <= now + LONGEST + _SLACK else None


def standing(db: Session, now: datetime) -> Sequence[Declared]:
    """Return what stands now at towns that are members, the newest first; one statement.

    The town's name is the registry's, by the statement we verified; an end that has come needs nobody's word.
    """
    rows = db.execute(
        select(HeardEmergency, Member.name, Member.code)
        .join(Member, Member.entity_id == HeardEmergency.entity_id)
        .where(HeardEmergency.until > now, ~Member.gone, Member.status == "valid")
        .order_by(HeardEmergency.since.desc(), HeardEmergency.entity_id, HeardEmergency.site_id)
        .limit(MOST)
    )
    return [
        Declared(
            town=name,
            code=code,
            entity_id=row.entity_id,
            site_id=row.site_id,
            site=row.site_name,
            kind=row.kind,
            reason=row.reason,
            extra_desks=row.extra_desks,
            since=row.since,
            until=row.until,
        )
        for row, name, code in rows
    ]


def forget(db: Session, now: datetime) -> None:
    """Drop what is over."""
    db.execute(delete(HeardEmergency).where(HeardEmergency.until <= now))
