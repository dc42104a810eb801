"""The rounds of the harvest: whose feed is due, reading it, and how that went."""

import logging
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from federation import carriage
from federation.carriage import Carried
from federation.cursors import FeedCursor
from federation.errors import BadInput, TachiyoriError
from federation.feed import Followed, follow
from federation.follow import Fetch
from federation.members import Member
from federation.messages.feed import FeedPage
from federation.messages.harvest import MOST_FAULTS, Fault, HarvestReport, Reading
from federation.positions import position
from federation.tokens import peek
from federation.trust import VerifiedMember
from registry.bureau import Bureau
from registry.harvest import KEEPERS, Source, take
from registry.membership import statements
from registry.models import FeedFault, FeedReading

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)
AT_ONCE = 8
_BATCH = 64
_ENDPOINTS = {"listings": "listings_feed", "offers": "offers_feed"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """One feed of one member that is to be read now; ``fresh`` when the member said that it has moved."""

    source: Source
    feed: str
    fresh: bool


def pinged(db: Session, member_id: int, feed: str, now: datetime, offset: float | None) -> None:
    """Have a member's feed read at once; ``offset`` is how far its clock is ahead, in seconds, where that is known."""
    values: dict[str, object] = {"due_at": now, "pinged": True}
    if offset is not None:
        values["clock_offset_seconds"] = offset
    db.execute(update(FeedReading).filter_by(member_id=member_id, feed=feed).values(values))


def claim(db: Session, now: datetime, period: timedelta) -> list[Due]:
    """Return the feeds that are due, and put their next reading off by about ``period``: no other worker reads them too."""
    claimed = []
    for reading, member in db.execute(_due(now, _BATCH).with_for_update(of=FeedReading, skip_locked=True)):
        claimed.append(Due(Source(member.id, member.entity_id, member.code, now), reading.feed, reading.pinged))
        reading.due_at, reading.tried_at, reading.pinged = now + _scattered(period), now, False
    return claimed


def _due(now: datetime, most: int) -> Select[FeedReading, Member]:
    return (
        select(FeedReading, Member)
        .join(Member, Member.id == FeedReading.member_id)
        .where(FeedReading.due_at <= now, Member.status == "valid", ~Member.gone)
        .order_by(FeedReading.due_at)
        .limit(most)
    )


def _scattered(length: timedelta) -> timedelta:
    """About as long, so that the members are not all read at the full minute."""
    return length * random.uniform(0.8, 1.2)  # noqa: S311 - not a secret.


def harvest(bureau: Bureau) -> int:
    """Read every feed that is due, a few at once, and return how many were; a job."""
    if not _anything_due(bureau):
        return 0
    with bureau.storage.transaction(write=True) as db:
        claimed = claim(db, bureau.clock(), bureau.config.harvest_every)
    if not claimed:
        return 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="harvest") as pool:
        list(pool.map(lambda due: read(bureau, due), claimed))
    return len(claimed)


def _anything_due(bureau: Bureau) -> bool:
    """Look without a lock first: it is asked twice a second, and mostly nothing is."""
    with bureau.storage.transaction() as db:
        return db.execute(_due(bureau.clock(), 1)).first() is not None


def read(bureau: Bureau, due: Due) -> None:
    """Read one feed to its end and note how that went; what fails is noted and never raised."""
    try:
        member = bureau.members.verified(due.source.entity_id, bureau.clock())
        followed = _follow(bureau, due, member, lambda url: _page(bureau, member, due, url))
        error = "" if followed.end else "the end was not reached yet"
    except TachiyoriError as refused:
        error = f"{refused.code}: {refused.detail}"
    except Exception as broken:  # noqa: BLE001 - One member's feed must not stop the others'.
        _log.exception("the %s feed of %s failed", due.feed, due.source.entity_id)
        error = type(broken).__name__
    with bureau.storage.transaction(write=True) as db:
        note(db, due, error[:500], bureau.clock())


def note(db: Session, due: Due, error: str, now: datetime) -> None:
    """Write down how a reading went."""
    reading = db.get_one(FeedReading, (due.source.member_id, due.feed))
    reading.error = error
    if error:
        # Soon again at first, since most troubles are a restart; seldom when it lasts.
        pause = min(FIRST_PAUSE * 2 ** min(reading.failures, 10), LONGEST_PAUSE)
        reading.failures, reading.due_at = reading.failures + 1, now + _scattered(pause)
        _log.warning("the %s feed of %s: %s", due.feed, due.source.entity_id, error)
    else:
        reading.failures, reading.complete_at = 0, now


def take_carried(bureau: Bureau, content: bytes) -> tuple[Source, Carried]:
    """Read a feed that came as a file, as if its member had been asked when it was made; return whose it is and what it holds.

    Raises ``NotAMember`` and ``MemberSuspended`` as for any member, ``TrustBroken`` or ``TokenRefused`` for what the member
    has not signed, and ``BadInput`` for a file that is cut off, or older than what was read last.
    """
    configuration, *lines = carriage.lines_of(content)
    entity_id, now = str(peek(configuration).claims.get("iss", "")), bureau.clock()
    with bureau.storage.transaction(write=True) as db:
        row = statements.get_member(db, entity_id)
        source = Source(row.id, row.entity_id, row.code, now)
        statements.take_configuration(db, bureau.seal, row.id, configuration, now)
    member = bureau.members.verified(entity_id, now)
    carried = carriage.read(lines, member.protocol_keys, issuer=entity_id, now=now)
    due = Due(source, carried.feed, fresh=True)
    with bureau.storage.transaction() as db:
        reading = readings(db, [source.member_id]).get((source.member_id, carried.feed))
        if reading is None:
            raise BadInput(f"feed {carried.feed[:50]!r}", field="file")
        if reading.complete_at is not None and carried.made_at < reading.complete_at:
            raise BadInput("what was read last is newer than this file", field="file")
    followed = _follow(bureau, due, member, carried.fetch)
    with bureau.storage.transaction(write=True) as db:
        note(db, due, "" if followed.end else "the end was not reached", carried.made_at)
    return source, carried


def _follow(bureau: Bureau, due: Due, member: VerifiedMember, fetch: Fetch) -> Followed:
    return follow(
        bureau.storage,
        source=due.source.member_id,
        feed=due.feed,
        first=member.endpoint("desk_exchange", _ENDPOINTS[due.feed]),
        fetch=fetch,
        apply=lambda db, items: take(db, due.source, due.feed, items, bureau.clock()),
        kinds={kind for feed, kind in KEEPERS if feed == due.feed},
        now=bureau.clock(),
        most=200,
    )


def _page(bureau: Bureau, member: VerifiedMember, due: Due, url: str) -> FeedPage:
    """Fetch a page: listings as anybody may, offers as the registry alone."""
    token_endpoint = member.token_endpoint if due.feed == "offers" else None
    return bureau.peer.feed_page(url, audience=member.entity_id, token_endpoint=token_endpoint, no_cache=due.fresh)


def readings(db: Session, member_ids: Sequence[int]) -> dict[tuple[int, str], FeedReading]:
    """Return how the reading of these members' feeds goes, by member and feed."""
    rows = db.scalars(select(FeedReading).where(FeedReading.member_id.in_(member_ids)))
    return {(row.member_id, row.feed): row for row in rows}


def report(db: Session, member_id: int, now: datetime) -> HarvestReport:
    """Return how this member's feeds are read, for the member itself; three statements."""
    cursors = {row.feed: row for row in db.scalars(select(FeedCursor).where(FeedCursor.member_id == member_id))}
    rows = db.scalars(select(FeedReading).where(FeedReading.member_id == member_id).order_by(FeedReading.feed)).all()
    faults = (
        select(FeedFault).where(FeedFault.member_id == member_id).order_by(FeedFault.seen_at.desc(), FeedFault.item_id)
    )
    return HarvestReport(
        as_of=now,
        readings=tuple(
            Reading(
                feed=row.feed,
                number=_read_up_to(cursors.get(row.feed)),
                complete_at=row.complete_at,
                tried_at=row.tried_at,
                failures=row.failures,
                error=row.error[:300],
            )
            for row in rows
        ),
        faults=tuple(
            Fault(feed=row.feed, kind=row.kind, id=row.item_id, detail=row.detail, seen_at=row.seen_at)
            for row in db.scalars(faults.limit(MOST_FAULTS))
        ),
    )


def _read_up_to(cursor: FeedCursor | None) -> int:
    return (position(cursor.next)[1] or 0) if cursor is not None else 0
