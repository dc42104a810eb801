"""Following every member's feeds: what is right is indexed, what is not is shown to the operator and skipped.

A member speaks of its own desks only. Every row's key begins with the member, a site must bear the member's own 団体コード,
and addresses must stand on the member's own origin; so the worst a hostile feed can do is to misdescribe itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.feed import changed
from federation.messages.feed import FeedItem
from registry import catalogue
from registry.keepers import FEEDS, KEEPERS, Source
from registry.models import FeedFault, Freedom

__all__ = ["FEEDS", "KEEPERS", "MAX_FAULTS", "Source", "take"]

MAX_FAULTS = 200
"""So many unreadable items of one member are remembered; more of them say nothing new."""


def take(db: Session, source: Source, feed: str, items: Iterable[FeedItem], now: datetime) -> None:
    """Take a page's items in, those of a kind together: a town's desks cost a few statements, not a few each.

    One that cannot be read is noted and skipped; the last good copy stays, marked where it matters. Kinds this version does not
    know are skipped in silence: a newer node may publish more than we read.
    """
    # A thing stands once in a page; where a feed says it twice, its last word counts.
    things = {(item.kind, item.id): item for item in items}
    groups: dict[tuple[str, str], list[FeedItem]] = defaultdict(list)
    for item in things.values():
        groups[item.kind, item.state].append(item)
    for (kind, state), group in groups.items():
        keeper = KEEPERS.get((feed, kind))
        if keeper is None:
            continue
        faults: Mapping[str, BadInput] = {}
        if state == "deleted":
            keeper.drop(db, source, [item.id for item in group])
        else:
            faults = keeper.take(db, source, group)
        for item in group:
            if item.id in faults:
                _note_fault(db, source, feed, item, detail=faults[item.id].detail, now=now)
        taken = [item.id for item in group if item.id not in faults]
        _clear_faults(db, source, feed, kind, taken)
        if feed == "listings":
            for id_ in taken:
                changed(db, catalogue.FEED, kind, f"{source.member_id}:{id_}")


def _note_fault(db: Session, source: Source, feed: str, item: FeedItem, *, detail: str, now: datetime) -> None:
    name = {"member_id": source.member_id, "feed": feed, "kind": item.kind, "item_id": item.id}
    fault = db.get(FeedFault, tuple(name.values()))
    if fault is None:
        known = db.scalars(select(FeedFault.item_id).filter_by(member_id=source.member_id).limit(MAX_FAULTS)).all()
        if len(known) >= MAX_FAULTS:
            return
        fault = FeedFault(**name)
        db.add(fault)
    fault.detail, fault.seen_at = detail[:500], now
    freedom = db.get(Freedom, (source.member_id, item.id)) if item.kind == "free" else None
    if freedom is not None:
        freedom.doubtful = True
    db.flush()


def _clear_faults(db: Session, source: Source, feed: str, kind: str, ids: Collection[str]) -> None:
    mine = FeedFault.member_id == source.member_id, FeedFault.feed == feed, FeedFault.kind == kind
    wrong = set(db.scalars(select(FeedFault.item_id).where(*mine)))
    if cleared := wrong.intersection(ids):
        db.execute(delete(FeedFault).where(*mine, FeedFault.item_id.in_(cleared)))
