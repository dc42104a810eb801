"""The reading end of every feed: follow it from where we stood, page by page, and miss nothing.

Where we stand is stored in the transaction that takes the page in, so a killed reader neither loses nor repeats one.
Protocol section 4; RPDE 1.0.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from federation.cursors import FeedCursor, FeedMet
from federation.errors import FeedEpochGone, PeerAnsweredBadly
from federation.messages.feed import FeedItem, FeedPage
from federation.storage import Storage, insert

Fetch = Callable[[str], FeedPage]
"""From a page's address to the page; called with no transaction open. Raises FeedEpochGone for a 410."""
Apply = Callable[[Session, Sequence[FeedItem]], None]
"""Take a page's items in, in their order; an item may come again and must then do no harm."""
Sweep = Callable[[Session, frozenset[tuple[str, str]]], None]
"""Put away the things (kind, id) that were held and that a reading from the beginning did not meet."""

TOMBSTONES_STAND = timedelta(days=7)
"""After a longer absence a tombstone may be missed, and all is read again (RPDE 1.0)."""


_AT_ONCE = 500
"""So many tombstones of a sweep are applied together."""

MOST_HELD = 100_000
"""So many things one feed may name: more than any town has desks, and a bound on what a hostile one makes us keep."""


@dataclass(frozen=True)
class Followed:
    """How far one call came: pages and items taken in, and whether the feed's end was reached."""

    pages: int
    items: int
    end: bool


def each(apply: Callable[[Session, FeedItem], None]) -> Apply:
    """Take items in one after the other; what one raises says at which."""

    def apply_each(db: Session, items: Sequence[FeedItem]) -> None:
        for item in items:
            try:
                apply(db, item)
                db.flush()
            except Exception as error:
                error.add_note(f"at {item.kind} {item.id}, change {item.modified}")
                raise

    return apply_each


def follow(
    storage: Storage,
    *,
    source: int,
    feed: str,
    first: str,
    fetch: Fetch,
    apply: Apply,
    sweep: Sweep | None = None,
    kinds: Collection[str] | None = None,
    held: int = MOST_HELD,
    now: datetime,
    most: int = 1000,
    seconds: float = 60.0,
) -> Followed:
    """Read ``feed`` of party ``source`` on to its end, ``most`` pages at a time and no page begun after ``seconds``.

    ``source`` is the local id of the member (0 for the registry), ``first`` the feed's address. Without ``sweep``,
    what a new reading did not meet goes to ``apply`` as tombstones. Things that are none of ``kinds`` are passed over and
    not remembered; a feed that names more than ``held`` raises ``PeerAnsweredBadly``. Whatever ``fetch`` or ``apply`` raise is noted
    on the cursor, undoes the page at hand only, and is raised again. Two readers at once do no harm: the slower
    one's page is dropped.
    """
    reading = _Reading(storage, source, feed, first, apply, sweep, kinds, held, now)
    try:
        return _read(reading, fetch, most, time.monotonic() + seconds)
    except Exception as error:
        reading.note_failure(error)
        raise


def _read(reading: "_Reading", fetch: Fetch, most: int, until: float) -> Followed:
    place = reading.resume()
    pages = items = 0
    end = False
    # Without a clock a feed that never ends, a page every few seconds, would keep its reader from everybody else.
    while pages < most and not end and time.monotonic() < until:
        try:
            page = fetch(place.next)
        except FeedEpochGone:
            place = reading.restart(place)
            continue
        end = _checked(page, reading.first, place.next)
        if not reading.take(place, page, end):
            return Followed(pages, items, end=False)
        place = _Place(place.cursor, page.next, place.run)
        pages, items = pages + 1, items + len(page.items)
    return Followed(pages, items, end)


def _checked(page: FeedPage, first: str, own: str) -> bool:
    """Whether this is the feed's last page; raise PeerAnsweredBadly for what no feed may say."""
    if urlsplit(page.next)[:3] != urlsplit(first)[:3]:
        raise PeerAnsweredBadly(f"the next page is elsewhere: {page.next}")
    if page.items and page.next == own:
        raise PeerAnsweredBadly(f"a page with items leads to itself: {own}")
    numbers = [item.modified for item in page.items]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise PeerAnsweredBadly(f"change numbers do not grow: {own}")
    return not page.items and page.next == own


@dataclass(frozen=True)
class _Place:
    """Where the reader stands, as it was when last read: the page to fetch next, in which run."""

    cursor: int
    next: str
    run: int


@dataclass
class _Reading:
    """One call of ``follow``: what it was given, and the transactions it makes."""

    storage: Storage
    source: int
    feed: str
    first: str
    apply: Apply
    sweep: Sweep | None
    kinds: Collection[str] | None
    held: int
    now: datetime
    restarted: bool = False

    def resume(self) -> _Place:
        """Where we stood; at the beginning when we never read, were away too long, or the feed has moved."""
        with self.storage.transaction(write=True) as db:
            cursor = self._cursor(db)
            away = cursor.read_at is not None and self.now - cursor.read_at > TOMBSTONES_STAND
            if away or urlsplit(cursor.next)[:3] != urlsplit(self.first)[:3]:
                self._rewind(cursor)
            return _Place(cursor.id, cursor.next, cursor.run)

    def _cursor(self, db: Session) -> FeedCursor:
        mine = {"member_id": self.source, "feed": self.feed}
        db.execute(insert(db, FeedCursor).values(**mine, next=self.first, error="").on_conflict_do_nothing())
        return db.scalars(select(FeedCursor).filter_by(**mine).with_for_update()).one()

    def restart(self, place: _Place) -> _Place:
        """Begin anew after a 410, once per call: a feed that refuses its own beginning is broken."""
        if self.restarted:
            raise PeerAnsweredBadly("a feed began a new epoch twice while it was read")
        self.restarted = True
        with self.storage.transaction(write=True) as db:
            cursor = self._cursor(db)
            if (cursor.next, cursor.run) == (place.next, place.run):
                self._rewind(cursor)
            return _Place(cursor.id, cursor.next, cursor.run)

    def _rewind(self, cursor: FeedCursor) -> None:
        cursor.next, cursor.run, cursor.sweeping = self.first, cursor.run + 1, True

    def take(self, place: _Place, page: FeedPage, end: bool) -> bool:
        """Take the page's effect and our new place in at once; False when another reader was quicker."""
        with self.storage.transaction(write=True) as db:
            if not self._move(db, place, page):
                return False
            self._take_items(db, place, page.items)
            if end:
                self._sweep(db, place)
        return True

    def _move(self, db: Session, place: _Place, page: FeedPage) -> bool:
        moved: dict[str, object] = {"next": page.next, "read_at": self.now, "error": "", "failed_at": None}
        if page.items:
            moved["moved_at"] = self.now
        here = (FeedCursor.id == place.cursor, FeedCursor.next == place.next, FeedCursor.run == place.run)
        return bool(db.scalar(update(FeedCursor).where(*here).values(moved).returning(FeedCursor.id)))

    def _take_items(self, db: Session, place: _Place, items: Sequence[FeedItem]) -> None:
        items = [item for item in items if self.kinds is None or item.kind in self.kinds]
        met = _numbers(db, place, items)
        news = [item for item in items if item.modified > met.get((item.kind, item.id), 0)]
        self._apply(db, news)
        if _remember(db, place, news):
            self._refuse_too_many(db, place)

    def _refuse_too_many(self, db: Session, place: _Place) -> None:
        mine = select(FeedMet.id).where(FeedMet.cursor_id == place.cursor).limit(self.held + 1).subquery()
        if (db.scalar(select(func.count()).select_from(mine)) or 0) > self.held:
            raise PeerAnsweredBadly(f"a feed names more than {self.held} things")

    def _apply(self, db: Session, items: Sequence[FeedItem]) -> None:
        if items:
            self.apply(db, items)
            db.flush()

    def _sweep(self, db: Session, place: _Place) -> None:
        """Put away what an earlier run held and this one did not meet."""
        if not db.scalar(select(FeedCursor.sweeping).where(FeedCursor.id == place.cursor)):
            return
        unmet = (FeedMet.cursor_id == place.cursor, FeedMet.run < place.run)
        rows = db.execute(select(FeedMet.kind, FeedMet.id, FeedMet.modified).where(*unmet)).all()
        if self.sweep is not None:
            self.sweep(db, frozenset((kind, id_) for kind, id_, _ in rows))
        else:
            gone = [FeedItem(state="deleted", kind=kind, id=id_, modified=modified) for kind, id_, modified in rows]
            for begin in range(0, len(gone), _AT_ONCE):
                self._apply(db, gone[begin : begin + _AT_ONCE])
        db.execute(delete(FeedMet).where(*unmet))
        db.execute(update(FeedCursor).where(FeedCursor.id == place.cursor).values(sweeping=False))

    def note_failure(self, error: Exception) -> None:
        """Keep what went wrong for the operator; the last good copy stays in use meanwhile."""
        words = " ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
        with self.storage.transaction(write=True) as db:
            mine = (FeedCursor.member_id == self.source, FeedCursor.feed == self.feed)
            db.execute(update(FeedCursor).where(*mine).values(error=words[:1000], failed_at=self.now))


def _numbers(db: Session, place: _Place, items: Sequence[FeedItem]) -> dict[tuple[str, str], int]:
    """The change numbers this run has met already; those of an earlier epoch mean nothing."""
    question = select(FeedMet.kind, FeedMet.id, FeedMet.modified).where(
        FeedMet.cursor_id == place.cursor, FeedMet.run == place.run, FeedMet.id.in_([item.id for item in items])
    )
    return {(kind, id_): modified for kind, id_, modified in db.execute(question)}


def _remember(db: Session, place: _Place, items: Sequence[FeedItem]) -> bool:
    """Note what we hold now, and no longer what was deleted; say whether there may be more than before."""
    held = [
        {"cursor_id": place.cursor, "kind": item.kind, "id": item.id, "modified": item.modified, "run": place.run}
        for item in items
        if item.state == "updated"
    ]
    if held:
        statement = insert(db, FeedMet)
        news = {"modified": statement.excluded.modified, "run": statement.excluded.run}
        keys = ["cursor_id", "kind", "id"]
        db.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=news), held)
    gone = [(item.kind, item.id) for item in items if item.state == "deleted"]
    if gone:
        found = tuple_(FeedMet.kind, FeedMet.id).in_(gone)
        db.execute(delete(FeedMet).where(FeedMet.cursor_id == place.cursor, found))
    return bool(held)
