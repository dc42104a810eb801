"""How the registry reads our feeds: its last report kept beside our own numbers, so that the page asks nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.feed import FeedEntry, PublishedFeed
from federation.messages.harvest import Fault, HarvestReport, Reading
from node.host.listings import LISTINGS, OFFERS
from node.models.harvest import HarvestHeard
from node.models.sites import Desk, Room, Site

FEEDS = (LISTINGS, OFFERS)
"""What the registry reads of a town."""
LATE = timedelta(minutes=10)
"""After so long without a complete reading, something is wrong that does not mend itself."""
OFTEN = 10
"""So many failures without one complete reading are the same: the registry tries once a minute."""
_ONE = 1


@dataclass(frozen=True)
class Health:
    """One feed: what it holds here, and how far the registry has read it; ``unread`` items are still to be fetched."""

    feed: str
    items: int
    tombstones: int
    number: int
    unread: int
    reading: Reading | None
    late: bool


@dataclass(frozen=True)
class Harvested:
    """All of it. ``heard_at`` is when the registry last said so, aware UTC; None when it never did."""

    feeds: tuple[Health, ...]
    faults: tuple[Fault, ...]
    heard_at: datetime | None

    @property
    def late(self) -> bool:
        """Whether the registry lags behind, in any feed."""
        return any(one.late for one in self.feeds)


def keep(db: Session, report: HarvestReport, now: datetime) -> None:
    """Keep what the registry has just said in place of what it said before."""
    row = db.get(HarvestHeard, _ONE) or HarvestHeard(id=_ONE)
    row.report, row.heard_at = report.text(), now
    db.add(row)


def harvested(db: Session, now: datetime) -> Harvested:
    """Return how it stands; four statements, however much is published."""
    row = db.get(HarvestHeard, _ONE)
    report = HarvestReport.read(row.report) if row is not None else None
    readings = {one.feed: one for one in report.readings} if report else {}
    feeds = tuple(_feeds(db, readings, now))
    return Harvested(feeds, report.faults if report else (), row.heard_at if row else None)


def names(db: Session, faults: Sequence[Fault]) -> Mapping[str, str]:
    """Return what the sites and desks that the registry could not take in are called here, by id; two statements."""
    ids = {fault.id for fault in faults}
    desks = select(Desk.id, Room.name, Desk.name).join(Room).where(Desk.id.in_(ids))
    return {
        **dict(db.execute(select(Site.id, Site.name).where(Site.id.in_(ids))).all()),
        **{id_: f"{room} {name}" for id_, room, name in db.execute(desks)},
    }


def _feeds(db: Session, readings: Mapping[str, Reading], now: datetime) -> Sequence[Health]:
    numbers = dict(db.execute(select(PublishedFeed.feed, PublishedFeed.number)).all())
    dead = FeedEntry.deleted_at.is_not(None)
    counts = {
        feed: (living, gone)
        for feed, living, gone in db.execute(
            select(FeedEntry.feed, func.count().filter(~dead), func.count().filter(dead))
            .where(FeedEntry.feed.in_(FEEDS))
            .group_by(FeedEntry.feed)
        )
    }
    return [
        Health(
            feed=feed,
            items=counts.get(feed, (0, 0))[0],
            tombstones=counts.get(feed, (0, 0))[1],
            number=numbers.get(feed, 0),
            unread=_unread(db, feed, readings.get(feed)),
            reading=readings.get(feed),
            late=_is_late(readings.get(feed), now),
        )
        for feed in FEEDS
    ]


def _unread(db: Session, feed: str, reading: Reading | None) -> int:
    after = reading.number if reading is not None else 0
    return db.scalar(select(func.count()).where(FeedEntry.feed == feed, FeedEntry.number > after)) or 0


def _is_late(reading: Reading | None, now: datetime) -> bool:
    """A town the registry has never spoken to is not late, nor one whose first reading has only begun: it may just have joined."""
    if reading is None:
        return False
    if reading.complete_at is None:
        return reading.failures >= OFTEN
    return now - reading.complete_at > LATE
