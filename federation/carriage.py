"""Feeds carried by hand, out of networks that can be left but not entered: a file of signed pages, one on each line.

The first line is the entity configuration of whoever publishes, so that the chain is fresh where it arrives; each further
line is one page of one feed, from its beginning to its end, as a ``feed-page+jwt`` (protocol of the design, section 4).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from federation.envelope import shown
from federation.errors import BadInput, FeedEpochGone, TokenRefused
from federation.feed import Feeds
from federation.jwk import PublicKeys
from federation.keys import KeyPair
from federation.messages.feed import FeedPage
from federation.positions import position
from federation.storage import Storage
from federation.tokens import FEED_PAGE

MOST_LINES = 5000
LONGEST_LINE = FEED_PAGE.max_size
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Carried:
    """One feed as it stood at ``made_at`` (aware UTC): its pages by their addresses."""

    feed: str
    made_at: datetime
    pages: Mapping[str, FeedPage]

    def fetch(self, url: str) -> FeedPage:
        """Return a page; raises ``FeedEpochGone`` for one that is not in the file, which is whole: read from the beginning."""
        if url not in self.pages:
            raise FeedEpochGone(f"{url} is not in the file")
        return self.pages[url]


def carry(
    storage: Storage, feeds: Feeds, feed: str, first: str, *, issuer: str, key: KeyPair, now: datetime
) -> Iterator[str]:
    """Yield a feed's pages as signed lines, from ``first``, its address, to its end; ``now`` stands in each of them.

    What changes meanwhile is met at the end, as by any reader.
    """
    url, last = first, False
    while not last:
        epoch, after = position(url)
        with storage.transaction() as db:
            page = feeds.page(db, feed, first, epoch=epoch, after=after)
        yield FEED_PAGE.sign(key, {"iss": issuer, "feed": feed, "url": url, "page": page.wire()}, now=now)
        url, last = page.next, page.next == url


def lines_of(content: bytes) -> list[str]:
    """Split a file into its lines; raises ``BadInput`` for one that is none of ours."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"a file of more than {MOST_BYTES} bytes", field="file")
    try:
        lines = content.decode("ascii").split()
    except UnicodeDecodeError:
        raise BadInput("not a file of signed lines", field="file") from None
    if not 2 <= len(lines) <= MOST_LINES:
        raise BadInput(f"a file of {len(lines)} lines", field="file")
    return lines


def read(lines: Iterable[str], keys: PublicKeys, *, issuer: str, now: datetime) -> Carried:
    """Verify the pages of one file, without the configuration before them.

    ``keys`` are the protocol keys of ``issuer``. Raises ``TokenRefused`` for a line that is not the issuer's, and
    ``BadInput`` for a file that mixes feeds or times, or lacks the feed's end.
    """
    pages: dict[str, FeedPage] = {}
    marks: set[tuple[str, datetime]] = set()
    url = ""
    for line in lines:
        claims = FEED_PAGE.verify(line, keys, issuer=issuer, now=now)
        url, page = str(claims.get("url", "")), _page(claims.get("page"))
        marks.add((str(claims.get("feed", "")), claims.issued_at))
        pages[url] = page
    if len(marks) != 1:
        raise BadInput("pages of several feeds or times", field="file")
    if not pages or pages[url].items or pages[url].next != url:
        raise BadInput("the file is cut off: the feed's last page is missing", field="file")
    ((feed, made_at),) = marks
    return Carried(feed, made_at, pages)


def _page(said: object) -> FeedPage:
    try:
        return FeedPage.read(json.dumps(said))
    except BadInput as error:
        raise TokenRefused(f"page: {shown(error.detail)}") from None
