"""What the operator sees: every member with its freshness, clock, errors and standing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.members import Member
from registry import reading
from registry.membership import standing
from registry.models import Admission, Desk, FeedFault, FeedReading, Suspension

FRESH = timedelta(minutes=5)
CLOCK_TOLERATED = 10.0
"""Seconds two clocks may differ; beyond them tokens are refused."""


@dataclass(frozen=True)
class Watched:
    """One member as the console shows it. ``offset`` is how many seconds its clock is ahead, None when unknown."""

    member: Member
    thumbprint: str
    listings: FeedReading | None
    offers: FeedReading | None
    faults: int
    desks: int
    suspension: Suspension | None
    now: datetime

    @property
    def complete_at(self) -> datetime | None:
        """When both feeds had been read to their ends; None before that."""
        moments = [reading.complete_at for reading in (self.listings, self.offers) if reading is not None]
        return min((moment for moment in moments if moment), default=None) if all(moments) else None

    @property
    def fresh(self) -> bool:
        """Say whether what is indexed of this member is of now."""
        return self.complete_at is not None and self.now - self.complete_at <= FRESH

    @property
    def errors(self) -> list[str]:
        """Return what went wrong last, in the words of the log."""
        readings = [("listings", self.listings), ("offers", self.offers)]
        found = [f"{name}: {reading.error}" for name, reading in readings if reading is not None and reading.error]
        return ([self.member.trouble] if self.member.trouble else []) + found

    @property
    def offset(self) -> float | None:
        """Return the clock's offset as of the last ping."""
        known = [r.clock_offset_seconds for r in (self.offers, self.listings) if r is not None]
        return next((seconds for seconds in known if seconds is not None), None)

    @property
    def clock_is_off(self) -> bool:
        """Say whether the clock differs by more than is tolerated."""
        return self.offset is not None and abs(self.offset) > CLOCK_TOLERATED

    @property
    def expired(self) -> bool:
        """Say whether the member's statements have run out."""
        return self.member.expires <= self.now

    @property
    def needs_attention(self) -> bool:
        """Say whether somebody should look."""
        return bool(self.errors or self.faults or self.clock_is_off or self.expired or not self.fresh)


def watched(db: Session, now: datetime) -> list[Watched]:
    """Return all members, those that need attention first; the number of statements does not grow with them."""
    members = db.scalars(select(Member).where(~Member.gone).order_by(Member.code)).all()
    ids = [member.id for member in members]
    feeds, faults, desks = reading.readings(db, ids), _counted(db, FeedFault), _counted(db, Desk)
    keys, stopped = dict(db.execute(select(Admission.member_id, Admission.thumbprint)).all()), standing.standing_all(db)
    rows = [
        Watched(
            member=member,
            thumbprint=keys.get(member.id, ""),
            listings=feeds.get((member.id, "listings")),
            offers=feeds.get((member.id, "offers")),
            faults=faults.get(member.id, 0),
            desks=desks.get(member.id, 0),
            suspension=stopped.get(member.id),
            now=now,
        )
        for member in members
    ]
    return sorted(rows, key=lambda row: (row.suspension is None, not row.needs_attention, row.member.code))


def _counted(db: Session, table: type[FeedFault] | type[Desk]) -> dict[int, int]:
    return dict(db.execute(select(table.member_id, func.count()).group_by(table.member_id)).all())


def faults(db: Session, member_id: int) -> list[FeedFault]:
    """Return the items of a member's feeds that could not be taken, newest first."""
    question = select(FeedFault).where(FeedFault.member_id == member_id).order_by(FeedFault.seen_at.desc())
    return list(db.scalars(question))
