"""Eight who write and one who reads: what a reader of feeds holds when the writers have stopped.

Measured elsewhere: numbers that are given earlier than as the last act before the commit lose 40 to 970 of 2,000 changes.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.orm import Session

from federation.feed import Feeds
from federation.messages.feed import FeedPage
from federation.storage import Storage
from tests.contention import at_once

WRITERS, TURNS, AT_A_TIME = 8, 50, 5
CHANGES = WRITERS * TURNS * AT_A_TIME
URL = "https://node.example/feeds/any"

Held = dict[tuple[str, str], dict[str, Any]]


def read_while_written(
    storage: Storage, feeds: Feeds, names: Iterable[str], write: Callable[[Session, int], None]
) -> Mapping[str, Held]:
    """Return what a reader of the feeds holds who read while eight threads wrote.

    ``write`` gets each number below ``CHANGES``, five in one transaction.
    """

    def turns(writer: int) -> None:
        for turn in range(TURNS):
            first = (writer * TURNS + turn) * AT_A_TIME
            with storage.transaction(write=True) as db:
                for number in range(first, first + AT_A_TIME):
                    write(db, number)

    readers = {name: Reader(storage, feeds, name) for name in names}
    written = threading.Event()
    poller = threading.Thread(target=lambda: poll(readers.values(), written))
    poller.start()
    raised = at_once(WRITERS, turns)
    written.set()
    poller.join()
    assert raised == []
    for reader in readers.values():
        reader.read()
        assert reader.pages > 2, "it was not read while it was written"
    return {name: reader.held for name, reader in readers.items()}


def poll(readers: Iterable["Reader"], written: threading.Event) -> None:
    while not written.wait(0.05):
        for reader in readers:
            reader.read()


class Reader:
    """Somebody who follows one feed by its pages alone and keeps what they say."""

    def __init__(self, storage: Storage, feeds: Feeds, name: str) -> None:
        self.storage, self.feeds, self.name = storage, feeds, name
        self.next, self.number, self.pages = URL, 0, 0
        self.held: Held = {}

    def read(self) -> None:
        while (page := self._page()).items:
            assert page.items[0].modified > self.number, "a number came after a greater one had been read"
            for item in page.items:
                if item.data is None:
                    self.held.pop((item.kind, item.id), None)
                else:
                    self.held[item.kind, item.id] = item.data
            self.number, self.next, self.pages = page.items[-1].modified, page.next, self.pages + 1

    def _page(self) -> FeedPage:
        query = parse_qs(urlsplit(self.next).query)
        epoch, after = query.get("epoch", [None])[0], query.get("afterChangeNumber", [None])[0]
        with self.storage.transaction() as db:
            return self.feeds.page(db, self.name, URL, epoch=epoch, after=int(after) if after else None)
