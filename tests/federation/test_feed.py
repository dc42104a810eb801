"""Feeds, both ends: nothing that was published is lost on the way."""

import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from federation.cursors import FeedCursor, FeedMet
from federation.errors import FeedEpochGone, PeerAnsweredBadly, PeerUnreachable
from federation.feed import FeedEntry, Feeds, Followed, PublishedFeed, changed, each, follow, singly
from federation.messages.base import Message
from federation.messages.feed import FeedItem, FeedPage
from federation.storage import Base, Storage, metadata
from tests.contention import at_once

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://host.example/feeds/listings"


class Town(DeclarativeBase):
    metadata = metadata()


class Desk(Town):
    """What the host publishes."""

    __tablename__ = "desks"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Copy(Town):
    """What the reader keeps of it."""

    __tablename__ = "copies"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    modified: Mapped[int]


class DeskMessage(Message):
    name: str


def rendered(db: Session, id: str) -> Message | None:  # noqa: A002 - RPDE's own word.
    desk = db.get(Desk, id)
    return None if desk is None else DeskMessage(name=desk.name)


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return (Base.metadata, Town.metadata)


@dataclass
class Publisher:
    """A host: its desks and the feeds about them."""

    storage: Storage
    now: datetime = NOW
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.feeds = Feeds(
            {"listings": {"desk": singly(rendered)}, "visits": {"desk": singly(rendered)}}, clock=lambda: self.now
        )
        self.feeds.attach(self.storage)

    def name(self, id: str, name: str = "窓側", feed: str = "listings") -> None:  # noqa: A002
        with self.storage.transaction(write=True) as db:
            db.merge(Desk(id=id, name=name))
            changed(db, feed, "desk", id)

    def remove(self, id: str) -> None:  # noqa: A002
        with self.storage.transaction(write=True) as db:
            db.delete(db.get_one(Desk, id))
            changed(db, "listings", "desk", id)

    def page(self, url: str = URL, *, feed: str = "listings", limit: int = 500) -> FeedPage:
        self.asked.append(url)
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        after = int(query["afterChangeNumber"]) if query else None
        with self.storage.transaction() as db:
            return self.feeds.page(db, feed, URL, epoch=query.get("epoch"), after=after, limit=limit)

    def new_epoch(self) -> None:
        with self.storage.transaction(write=True) as db:
            self.feeds.new_epoch(db, "listings")


@dataclass
class Reader:
    """A registry: copies of what a feed says."""

    storage: Storage
    host: Publisher
    now: datetime = NOW

    def follow(self, most: int = 1000) -> Followed:
        return follow(
            self.storage,
            source=7,
            feed="listings",
            first=URL,
            fetch=self.fetch,
            apply=each(self.apply),
            now=self.now,
            most=most,
        )

    def fetch(self, url: str) -> FeedPage:
        return self.host.page(url)

    def apply(self, db: Session, item: FeedItem) -> None:
        if item.data is not None:
            db.merge(Copy(id=item.id, name=item.data["name"], modified=item.modified))
        elif (held := db.get(Copy, item.id)) is not None:
            db.delete(held)

    def copies(self) -> dict[str, str]:
        with self.storage.transaction() as db:
            return {copy.id: copy.name for copy in db.scalars(select(Copy))}

    def cursor(self) -> FeedCursor:
        with self.storage.transaction() as db:
            return db.scalars(select(FeedCursor)).one()


@pytest.fixture
def host(storage: Storage) -> Publisher:
    return Publisher(storage)


@pytest.fixture
def reader(storage: Storage, host: Publisher) -> Reader:
    return Reader(storage, host)


# --- Publishing ---------------------------------------------------------------------------------------------------


def test_an_empty_feed_leads_to_itself(host: Publisher) -> None:
    assert host.page() == FeedPage(next=URL)


def test_an_item_stands_where_it_last_changed(host: Publisher) -> None:
    for name, desk in [("窓側", "a"), ("入口", "b"), ("奥", "a")]:
        host.name(desk, name)
    items = host.page().items
    assert [(item.id, item.modified, item.data) for item in items] == [
        ("b", 2, {"name": "入口"}),
        ("a", 3, {"name": "奥"}),
    ]


def test_the_last_page_is_empty_and_leads_to_itself(host: Publisher) -> None:
    host.name("a")
    last = host.page(host.page().next)
    assert (last.items, last.next) == ((), host.page().next)


def test_pages_follow_each_other_without_gap_or_twin(host: Publisher) -> None:
    for number in range(5):
        host.name(str(number))
    url, seen = URL, list[str]()
    while (page := host.page(url, limit=2)).items:
        seen += [item.id for item in page.items]
        url = page.next
    assert seen == ["0", "1", "2", "3", "4"]


def test_what_is_gone_becomes_a_tombstone(host: Publisher) -> None:
    host.name("a")
    host.remove("a")
    assert host.page().items == (FeedItem(state="deleted", kind="desk", id="a", modified=2),)


def test_what_was_never_there_leaves_no_tombstone(host: Publisher) -> None:
    with host.storage.transaction(write=True) as db:
        changed(db, "listings", "desk", "a")
    assert host.page().items == ()


def test_what_reads_as_before_keeps_its_place(host: Publisher) -> None:
    host.name("a")
    host.name("a")
    assert [item.modified for item in host.page().items] == [1]


def test_what_its_maker_says_of_a_thing_stands_in_the_feed(host: Publisher) -> None:
    with host.storage.transaction(write=True) as db:
        changed(db, "listings", "desk", "a", reads=DeskMessage(name="新しい机"))
    assert [item.data for item in host.page().items] == [{"name": "新しい机"}]


def test_what_changes_after_its_maker_spoke_is_rendered(host: Publisher) -> None:
    with host.storage.transaction(write=True) as db:
        db.add(Desk(id="a", name="改めた机"))
        changed(db, "listings", "desk", "a", reads=DeskMessage(name="新しい机"))
        changed(db, "listings", "desk", "a")
    assert [item.data for item in host.page().items] == [{"name": "改めた机"}]


def test_a_change_that_is_rolled_back_is_not_published(host: Publisher) -> None:
    with pytest.raises(ZeroDivisionError), host.storage.transaction(write=True) as db:
        changed(db, "listings", "desk", str(1 // 0))
    assert host.page().items == ()


def test_a_note_in_a_reading_transaction_is_refused(host: Publisher) -> None:
    with host.storage.transaction() as db, pytest.raises(RuntimeError, match="does not write"):
        changed(db, "listings", "desk", "a")


def test_the_callers_rows_stay_readable_after_the_commit(host: Publisher) -> None:
    with host.storage.transaction(write=True) as db:
        desk = Desk(id="a", name="窓側")
        db.add(desk)
        changed(db, "listings", "desk", "a")
    assert desk.name == "窓側"


def test_every_instance_of_a_feed_has_its_own_list(host: Publisher) -> None:
    host.name("a", feed="visits:17")
    host.name("b", feed="visits:18")
    assert [item.id for item in host.page(feed="visits:17").items] == ["a"]
    assert [item.modified for item in host.page(feed="visits:18").items] == [1]


def test_another_epoch_is_gone(host: Publisher) -> None:
    host.name("a")
    old = host.page().next
    host.new_epoch()
    with pytest.raises(FeedEpochGone):
        host.page(old)
    assert [item.id for item in host.page().items] == ["a"]


@pytest.mark.parametrize("query", ["epoch=&afterChangeNumber=0", "epoch=x.0&afterChangeNumber=1"])
def test_an_epoch_that_never_was_is_gone(host: Publisher, query: str) -> None:
    host.name("a")
    with pytest.raises(FeedEpochGone):
        host.page(f"{URL}?{query}")


def test_a_number_alone_is_one_of_the_present_epoch(host: Publisher) -> None:
    for desk in "ab":
        host.name(desk)
    assert [item.id for item in host.page(f"{URL}?afterChangeNumber=1").items] == ["b"]
    far = f"{URL}?afterChangeNumber={2**53 - 1}"
    assert host.page(far) == FeedPage(next=far)


def test_a_number_that_a_restored_backup_has_taken_back_is_gone(host: Publisher) -> None:
    host.name("a")
    ahead = host.page().next.replace("afterChangeNumber=1", "afterChangeNumber=2")
    with pytest.raises(FeedEpochGone, match="undone"):
        host.page(ahead)


def test_tombstones_stand_seven_days(host: Publisher) -> None:
    host.name("a")
    host.remove("a")
    for days, left in ((6, 1), (8, 0)):
        with host.storage.transaction(write=True) as db:
            host.feeds.forget(db, now=NOW + days * DAY)
        assert len(host.page().items) == left


def test_who_missed_a_tombstone_reads_all_again(host: Publisher) -> None:
    host.name("a")
    old = host.page().next
    host.remove("a")
    host.name("b")
    with host.storage.transaction(write=True) as db:
        host.feeds.forget(db, now=NOW + 8 * DAY)
    for stale in (old, f"{URL}?afterChangeNumber=1"):
        with pytest.raises(FeedEpochGone):
            host.page(stale)


def test_who_begins_after_tombstones_went_reads_through(host: Publisher) -> None:
    for desk in "abc":
        host.name(desk)
    host.remove("c")
    with host.storage.transaction(write=True) as db:
        host.feeds.forget(db, now=NOW + 8 * DAY)
    second = host.page(host.page(limit=1).next, limit=1)
    assert [item.id for item in second.items] == ["b"]


# --- Following ----------------------------------------------------------------------------------------------------


def test_a_reader_holds_what_the_host_says(host: Publisher, reader: Reader) -> None:
    for desk in "abc":
        host.name(desk)
    assert reader.follow() == Followed(pages=2, items=3, end=True)
    host.remove("b")
    host.name("c", "奥")
    assert reader.follow().items == 2
    assert reader.copies() == {"a": "窓側", "c": "奥"}


def test_a_reader_goes_on_where_it_stood(host: Publisher, reader: Reader) -> None:
    host.name("a")
    assert not reader.follow(most=1).end
    reader.follow()
    assert host.asked == [URL, reader.cursor().next]


def test_a_feed_without_an_end_is_left_when_the_time_is_over(storage: Storage, reader: Reader) -> None:
    numbers = itertools.count(1)

    def endless(_url: str) -> FeedPage:
        number = next(numbers)
        item = FeedItem(state="updated", kind="site", id=str(number), modified=number, data={"name": "x"})
        return FeedPage(next=f"{URL}?epoch=e&afterChangeNumber={number}", items=(item,))

    followed = follow(
        storage, source=7, feed="listings", first=URL, fetch=endless, apply=each(reader.apply), now=NOW, seconds=0.2
    )
    assert 0 < followed.pages < 1000
    assert not followed.end


def met(storage: Storage) -> list[tuple[str, str]]:
    with storage.transaction() as db:
        return [(one.kind, one.id) for one in db.scalars(select(FeedMet).order_by(FeedMet.id))]


def test_what_is_of_no_known_kind_is_not_remembered(storage: Storage, reader: Reader) -> None:
    kinds = ("desk", "moon", "sun")
    items = tuple(
        FeedItem(state="updated", kind=kind, id=kind, modified=number, data={"name": kind})
        for number, kind in enumerate(kinds, start=1)
    )
    last = f"{URL}?epoch=e&afterChangeNumber=3"
    pages = {URL: FeedPage(next=last, items=items), last: FeedPage(next=last)}
    follow(
        storage,
        source=7,
        feed="listings",
        first=URL,
        fetch=pages.__getitem__,
        apply=each(reader.apply),
        kinds=("desk",),
        now=NOW,
    )
    assert (met(storage), reader.copies()) == ([("desk", "desk")], {"desk": "desk"})


def test_a_feed_of_more_things_than_any_town_has_is_refused(storage: Storage, host: Publisher, reader: Reader) -> None:
    def read() -> Followed:
        return follow(
            storage, source=7, feed="listings", first=URL, fetch=host.page, apply=each(reader.apply), held=2, now=NOW
        )

    host.name("1")
    host.name("2")
    assert read().end
    host.name("3")
    with pytest.raises(PeerAnsweredBadly):
        read()
    assert (len(met(storage)), sorted(reader.copies())) == (2, ["1", "2"])
    assert "more than 2 things" in reader.cursor().error


def test_eight_writers_and_a_reader_lose_nothing(host: Publisher, reader: Reader) -> None:
    """Measured: numbers taken earlier than last lose 40 to 970 of these 2,000."""
    written = threading.Event()

    def write(number: int) -> None:
        for turn in range(250):
            host.name(f"{number}-{turn}")

    def poll() -> None:
        while not written.wait(0.02):
            reader.follow()

    poller = threading.Thread(target=poll)
    poller.start()
    raised = at_once(8, write)
    written.set()
    poller.join()
    reader.follow()
    assert raised == []
    assert len(reader.copies()) == 2000


def test_of_two_who_change_one_thing_both_are_heard(storage: Storage) -> None:
    """Two desks stand in one site's item; who is numbered last says what both changed, though it read before."""
    feeds = Feeds({"listings": {"site": singly(all_names)}})
    feeds.attach(storage)
    with storage.transaction(write=True) as db:
        db.add_all([Desk(id="a", name="前"), Desk(id="b", name="前")])
    both_have_read = threading.Barrier(2)

    def rename(number: int) -> None:
        with storage.transaction(write=True) as db:
            desks = db.scalars(select(Desk).order_by(Desk.id)).all()
            if storage.dialect == "postgresql":  # On SQLite the second writer cannot read before the first is done.
                both_have_read.wait()
            desks[number].name = "後"
            changed(db, "listings", "site", "市役所")

    assert at_once(2, rename) == []
    with storage.transaction() as db:
        (item,) = feeds.page(db, "listings", URL, epoch=None, after=None).items
    assert item.data == {"name": "後後"}


def all_names(db: Session, _id: str) -> Message:
    return DeskMessage(name="".join(desk.name for desk in db.scalars(select(Desk).order_by(Desk.id))))


def test_a_page_that_fails_has_no_effect_and_is_noted(
    host: Publisher, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for desk in "ab":
        host.name(desk)

    def stumble(self: Reader, db: Session, item: FeedItem) -> None:
        db.add(Copy(id=item.id, name="半分", modified=1 // (item.id == "a")))

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "apply", stumble)
        with pytest.raises(ZeroDivisionError):
            reader.follow()
    assert reader.copies() == {}
    assert "at desk b, change 2" in reader.cursor().error
    reader.follow()
    assert (sorted(reader.copies()), reader.cursor().error) == (["a", "b"], "")


def test_an_unreachable_host_is_noted(host: Publisher, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_url: str) -> FeedPage:
        raise PeerUnreachable("no route")

    monkeypatch.setattr(reader, "fetch", unreachable)
    with pytest.raises(PeerUnreachable):
        reader.follow()
    assert (reader.cursor().error, reader.cursor().failed_at) == ("PeerUnreachable: no route", NOW)


def test_a_new_epoch_is_read_from_the_beginning_and_swept(host: Publisher, reader: Reader) -> None:
    for desk in "abc":
        host.name(desk)
    reader.follow()
    restore_without(host, "b")
    assert reader.follow() == Followed(pages=2, items=2, end=True)
    assert sorted(reader.copies()) == ["a", "c"]


def restore_without(host: Publisher, desk: str) -> None:
    """As if a backup had been put back that was made before the desk."""
    with host.storage.transaction(write=True) as db:
        db.delete(db.get_one(FeedEntry, ("listings", "desk", desk)))
        host.feeds.new_epochs(db)


def test_a_backup_put_back_without_a_word_is_noticed_by_who_read_further(host: Publisher, reader: Reader) -> None:
    """Until the restored feed has given as many numbers again, its readers are told to begin anew."""
    for desk in "abc":
        host.name(desk)
    reader.follow()
    with host.storage.transaction(write=True) as db:
        db.delete(db.get_one(FeedEntry, ("listings", "desk", "c")))
        db.get_one(PublishedFeed, "listings").number = 2
    reader.follow()
    assert sorted(reader.copies()) == ["a", "b"]


def test_a_sweep_waits_for_the_end(host: Publisher, reader: Reader) -> None:
    for desk in "abc":
        host.name(desk)
    reader.follow()
    restore_without(host, "b")
    reader.follow(most=1)
    assert sorted(reader.copies()) == ["a", "b", "c"]
    reader.follow()
    assert sorted(reader.copies()) == ["a", "c"]


def test_a_sweep_of_ones_own_hears_what_was_not_met(host: Publisher, reader: Reader) -> None:
    host.name("a")
    reader.follow()
    restore_without(host, "a")
    swept = list[frozenset[tuple[str, str]]]()
    follow(
        reader.storage,
        source=7,
        feed="listings",
        first=URL,
        fetch=host.page,
        apply=each(reader.apply),
        sweep=lambda _db, unmet: swept.append(unmet),
        now=NOW,
    )
    assert swept == [frozenset({("desk", "a")})]


def test_smaller_numbers_count_in_a_new_epoch(host: Publisher, reader: Reader) -> None:
    for name in ("窓側", "入口", "奥"):
        host.name("a", name)
    reader.follow()
    with host.storage.transaction(write=True) as db:
        entry = db.get_one(FeedEntry, ("listings", "desk", "a"))
        entry.number, entry.data = 1, {"name": "昔"}
        host.feeds.new_epoch(db, "listings")
    reader.follow()
    assert reader.copies() == {"a": "昔"}


def test_after_a_week_away_all_is_read_again(host: Publisher, reader: Reader) -> None:
    host.name("a")
    reader.follow()
    host.asked.clear()
    reader.now += 8 * DAY
    reader.follow()
    assert (host.asked[0], reader.cursor().run) == (URL, 2)


def test_a_feed_that_moved_is_read_from_its_new_beginning(host: Publisher, reader: Reader) -> None:
    host.name("a")
    reader.follow()
    moved = URL.replace("host.", "new.")
    asked = list[str]()

    def fetch(url: str) -> FeedPage:
        asked.append(url)
        return FeedPage(next=moved)

    follow(reader.storage, source=7, feed="listings", first=moved, fetch=fetch, apply=each(reader.apply), now=NOW)
    assert (asked, reader.copies()) == ([moved], {})


def test_the_slower_of_two_readers_changes_nothing(host: Publisher, reader: Reader) -> None:
    host.name("a", "古")

    def slow(url: str) -> FeedPage:
        page = host.page(url)
        host.name("a", "新")
        reader.follow()
        return page

    followed = follow(
        reader.storage, source=7, feed="listings", first=URL, fetch=slow, apply=each(reader.apply), now=NOW
    )
    assert followed == Followed(pages=0, items=0, end=False)
    assert reader.copies() == {"a": "新"}


def test_two_readers_at_once_do_no_harm(host: Publisher, reader: Reader) -> None:
    for number in range(20):
        host.name(str(number))
    assert at_once(4, lambda _: reader.follow()) == []
    reader.follow()
    assert len(reader.copies()) == 20


def item(number: int) -> FeedItem:
    return FeedItem(state="deleted", kind="desk", id=str(number), modified=number)


@pytest.mark.parametrize(
    "page",
    [
        FeedPage(next="https://elsewhere.example/feeds/listings", items=(item(1),)),
        FeedPage(next="https://host.example/other", items=(item(1),)),
        FeedPage(next=URL, items=(item(1),)),
        FeedPage(next=f"{URL}?after=2", items=(item(2), item(1))),
        FeedPage(next=f"{URL}?after=2", items=(item(2), item(2))),
    ],
    ids=["another host", "another path", "itself", "numbers fall", "numbers stand"],
)
def test_what_no_feed_may_say_is_refused(storage: Storage, reader: Reader, page: FeedPage) -> None:
    with pytest.raises(PeerAnsweredBadly):
        follow(
            storage, source=7, feed="listings", first=URL, fetch=lambda _url: page, apply=each(reader.apply), now=NOW
        )
    assert reader.cursor().next == URL


def test_a_feed_that_refuses_its_own_beginning_is_broken(
    host: Publisher, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_url: str) -> FeedPage:
        raise FeedEpochGone

    monkeypatch.setattr(reader, "fetch", gone)
    with pytest.raises(PeerAnsweredBadly):
        reader.follow()
