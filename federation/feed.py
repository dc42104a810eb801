"""The publishing end of every feed: what changed is noted, numbered as the last act before commit, and paged out.

RPDE 1.0 with change numbers (booking-reference of the design, protocol section 4). Numbers come from one counter row
per feed, locked until the commit: a number that can be read is never followed by a smaller one that could not.
"""

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Index, Row, Text, cast, delete, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from federation import clock as time_of_day
from federation.errors import FeedEpochGone
from federation.follow import Followed, each, follow
from federation.messages.base import Message, Wired
from federation.messages.feed import LICENSE, FeedPage
from federation.positions import address, own
from federation.storage import Base, Json, Storage, UtcTime, insert

__all__ = [
    "FeedEntry",
    "Feeds",
    "Followed",
    "PublishedFeed",
    "Renderer",
    "WrittenPage",
    "changed",
    "each",
    "follow",
    "singly",
]

Renderer = Callable[[Session, Sequence[str]], Mapping[str, Wired]]
"""From ids to what the feed says of each; what is gone, or not for this feed, is absent, which makes a tombstone."""

_Thing = tuple[str, str, str]
"""Feed, kind and id."""
TOMBSTONES_STAND = timedelta(days=7)
_NOTES = "feed notes"
_BATCH = 1000


class PublishedFeed(Base):
    """One feed: its epoch, the last number given, and the greatest number that is no longer listed."""

    __tablename__ = "published_feeds"

    feed: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    forgotten: Mapped[int] = mapped_column(BigInteger, default=0)


class FeedEntry(Base):
    """One thing in one feed, as it last changed; ``data`` is None for a tombstone."""

    __tablename__ = "feed_entries"
    __table_args__ = (Index(None, "feed", "number", unique=True),)

    feed: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcTime)


def changed(db: Session, feed: str, kind: str, id: str, *, reads: Message | None = None) -> None:  # noqa: A002 - RPDE's own word.
    """Note that the thing may read otherwise now; it is rendered and numbered when the transaction commits.

    ``feed`` may carry an instance, as in ``visits:17``. ``reads`` is how it reads, of a thing this transaction has made:
    nobody else can have changed it meanwhile. A RuntimeError in a reading transaction, where the note would be lost.
    """
    if not db.info.get("write"):
        raise RuntimeError("a change was noted in a transaction that does not write")
    db.info.setdefault(_NOTES, {})[feed, kind, id] = reads


def singly(render: Callable[[Session, str], Message | None]) -> Renderer:
    """Return the renderer of things that have nothing in common: each is rendered by itself, None when it is gone."""

    def render_each(db: Session, ids: Sequence[str]) -> Mapping[str, Message]:
        rendered = ((id_, render(db, id_)) for id_ in ids)
        return {id_: message for id_, message in rendered if message is not None}

    return render_each


@dataclass(frozen=True)
class WrittenPage:
    """A page as it is sent: JSON text, and whether it is the last one, which has no items."""

    text: str
    last: bool


class Feeds:
    """The feeds of one app: who renders what, and the clock that dates tombstones."""

    def __init__(
        self,
        renderers: Mapping[str, Mapping[str, Renderer]],
        *,
        clock: Callable[[], datetime] = time_of_day.now,
        license: str = LICENSE,  # noqa: A002 - RPDE's own word.
    ) -> None:
        """``renderers``: the feed's name without instance, then the kind, then its renderer."""
        self.renderers = renderers
        self.clock = clock
        self.license = license
        self._met: frozenset[str] = frozenset()

    def attach(self, storage: Storage) -> None:
        """Number the notes of every writing transaction of ``storage``; attach after all other acts."""
        storage.before_commit.append(self._number)

    def _number(self, db: Session) -> None:
        notes = db.info.pop(_NOTES, None)
        if not notes:
            return
        db.flush()
        # A session of its own on the same transaction reads afresh what others committed while we waited for the
        # counters, and leaves the caller's objects as they are.
        with Session(db.connection(), join_transaction_mode="rollback_only", autoflush=False) as fresh:
            feeds = self._counters(fresh, {feed for feed, _, _ in notes})
            things = sorted(notes, key=lambda thing: thing[0])
            for begin in range(0, len(things), _BATCH):
                self._enter(fresh, feeds, {thing: notes[thing] for thing in things[begin : begin + _BATCH]})
            fresh.flush()

    def _counters(self, db: Session, names: set[str]) -> Mapping[str, PublishedFeed]:
        """Lock the counters in the order of their names, whose feeds may be new.

        In one statement where all were met before, else one by one: so no two transactions wait for each other.
        """
        if names <= self._met and len(found := _all_locked(db, names)) == len(names):
            return found
        self._met |= names
        return {name: _locked(db, name) for name in sorted(names)}

    def _enter(self, db: Session, feeds: Mapping[str, PublishedFeed], things: Mapping[_Thing, Message | None]) -> None:
        """Give each thing the next number of its feed, unless it reads as before."""
        before, after = _data(db, things), self._rendered(db, things)
        rows = []
        for thing in things:
            data, state = after.get(thing), feeds[thing[0]]
            if data == before.get(thing):
                continue
            state.number += 1
            gone = self.clock() if data is None else None
            new = {"number": state.number, "data": data, "deleted_at": gone}
            rows.append({"feed": thing[0], "kind": thing[1], "id": thing[2], **new})
        if rows:
            _upsert(db, rows)

    def _rendered(self, db: Session, things: Mapping[_Thing, Message | None]) -> Mapping[_Thing, dict[str, Any]]:
        """Return what the feeds say of these things now, those of one kind asked for together."""
        found = {thing: reads.wire() for thing, reads in things.items() if reads is not None}
        asked = [thing for thing, reads in things.items() if reads is None]
        for feed, kind in sorted({thing[:2] for thing in asked}):
            ids = [id_ for *kind_of, id_ in asked if kind_of == [feed, kind]]
            rendered = self.renderers[feed.partition(":")[0]][kind](db, ids)
            found |= {(feed, kind, id_): message.wire() for id_, message in rendered.items()}
        return found

    def page(
        self, db: Session, feed: str, url: str, *, epoch: str | None, after: int | None, limit: int = 500
    ) -> FeedPage:
        """The page after change number ``after`` of ``epoch``, read as any reader reads it; arguments as of ``written``."""
        return FeedPage.read(self.written(db, feed, url, epoch=epoch, after=after, limit=limit).text)

    def written(
        self, db: Session, feed: str, url: str, *, epoch: str | None, after: int | None, limit: int = 500
    ) -> WrittenPage:
        """The page after change number ``after`` of ``epoch`` as it is sent; from the beginning when both are None.

        What stands in the feed was validated when it was entered, and is given out as it stands: a page of 500 costs
        reading 500 rows and no more. ``url`` is the feed's absolute address without a query. A number without an epoch, as
        RPDE 1.0 has it, is one of the present epoch. Raises FeedEpochGone when the numbers the reader holds are of another
        epoch, of a time that a restored backup has undone, or so old that it missed a tombstone that is no longer listed.
        """
        state = db.get(PublishedFeed, feed)
        asked = own(url, epoch, after)
        if epoch is not None:
            _refuse_other(state, epoch, after or 0)
        if epoch is not None or after:
            _refuse_stale(state, epoch, after or 0)
        entries = _after(db, feed, after or 0, limit)
        following = address(url, _word(state), entries[-1].number) if state and entries else asked
        head, items = json.dumps(following), ",".join(map(_item, entries))
        text = f'{{"next":{head},"items":[{items}],"license":{json.dumps(self.license)}}}'
        return WrittenPage(text=text, last=not entries)

    def new_epoch(self, db: Session, feed: str) -> None:
        """Begin a new epoch, as after a restored backup: every reader starts again and sweeps."""
        _locked(db, feed).epoch = _random()

    def new_epochs(self, db: Session) -> Sequence[str]:
        """Begin a new epoch of every feed there is, and return their names."""
        names = db.scalars(select(PublishedFeed.feed).order_by(PublishedFeed.feed)).all()
        for feed in names:
            self.new_epoch(db, feed)
        return names

    def forget(self, db: Session, *, now: datetime) -> None:
        """Drop tombstones that have stood for seven days (RPDE 1.0: at least that long)."""
        old = FeedEntry.deleted_at < now - TOMBSTONES_STAND
        greatest = select(FeedEntry.feed, func.max(FeedEntry.number)).where(old).group_by(FeedEntry.feed)
        for feed, number in db.execute(greatest.order_by(FeedEntry.feed)).all():
            _locked(db, feed).forgotten = number
            db.execute(delete(FeedEntry).where(FeedEntry.feed == feed, FeedEntry.number <= number, old))


def _locked(db: Session, feed: str) -> PublishedFeed:
    """The feed's counter row, held until the transaction ends; made when the feed has none."""
    if not (found := _all_locked(db, {feed})):
        _begin(db, feed)
        found = _all_locked(db, {feed})
    return found[feed]


def _all_locked(db: Session, feeds: Collection[str]) -> Mapping[str, PublishedFeed]:
    """The counter rows there are, by name, taken in the order of the names and held until the transaction ends."""
    question = select(PublishedFeed).where(PublishedFeed.feed.in_(feeds)).order_by(PublishedFeed.feed)
    locking = question.with_for_update().execution_options(populate_existing=True)
    return {state.feed: state for state in db.scalars(locking)}


def _data(db: Session, things: Collection[_Thing]) -> dict[_Thing, dict[str, Any] | None]:
    """What the feeds say of these things so far."""
    key = tuple_(FeedEntry.feed, FeedEntry.kind, FeedEntry.id)
    rows = db.execute(select(FeedEntry.feed, FeedEntry.kind, FeedEntry.id, FeedEntry.data).where(key.in_(things)))
    return {(feed, kind, id_): data for feed, kind, id_, data in rows}


def _upsert(db: Session, rows: list[dict[str, Any]]) -> None:
    statement = insert(db, FeedEntry)
    new = {name: statement.excluded[name] for name in ("number", "data", "deleted_at")}
    db.connection().execute(statement.on_conflict_do_update(index_elements=["feed", "kind", "id"], set_=new), rows)


def _begin(db: Session, feed: str) -> None:
    values = {"feed": feed, "epoch": _random(), "number": 0, "forgotten": 0}
    db.execute(insert(db, PublishedFeed).values(values).on_conflict_do_nothing())


def _random() -> str:
    return secrets.token_urlsafe(9)


def _word(state: PublishedFeed) -> str:
    """What stands as ``epoch`` in an address: the epoch, and how far tombstones were forgotten when it was given.

    The second part tells a reader who begins today, at small numbers, from one who was away while they went.
    """
    return f"{state.epoch}.{state.forgotten}"


def _refuse_other(state: PublishedFeed | None, word: str, after: int) -> None:
    """Refuse a position that this feed, as it is now, cannot have given.

    A number of the present epoch that was not given yet is one that a restored backup has taken back.
    """
    if state is None or word.partition(".")[0] != state.epoch:
        raise FeedEpochGone(f"epoch {word!r} is not the present one")
    if after > state.number:
        raise FeedEpochGone(f"change {after} is undone; the last one is {state.number}")


def _refuse_stale(state: PublishedFeed | None, word: str | None, after: int) -> None:
    forgotten = (word or "").partition(".")[2]
    if state is not None and after < state.forgotten and forgotten != str(state.forgotten):
        raise FeedEpochGone(f"tombstones up to {state.forgotten} are no longer listed")


def _after(db: Session, feed: str, number: int, limit: int) -> Sequence[Row[str, str, int, str | None]]:
    data = cast(FeedEntry.data, Text).label("data")
    question = select(FeedEntry.kind, FeedEntry.id, FeedEntry.number, data)
    chosen = question.where(FeedEntry.feed == feed, FeedEntry.number > number)
    return db.execute(chosen.order_by(FeedEntry.number).limit(limit)).all()


def _item(entry: Row[str, str, int, str | None]) -> str:
    """Write an item as ``FeedItem`` has it, around data that is JSON text already."""
    state, data = ("deleted", "") if entry.data is None else ("updated", f',"data":{entry.data}')
    name = json.dumps(entry.id, ensure_ascii=False)
    return f'{{"state":"{state}","kind":{_quoted(entry.kind)},"id":{name},"modified":{entry.number}{data}}}'


@lru_cache(maxsize=64)
def _quoted(kind: str) -> str:
    return json.dumps(kind, ensure_ascii=False)
