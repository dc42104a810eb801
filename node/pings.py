"""Pings in both directions: telling a reader that a feed of ours has moved, and reading on when another says so.

A ping saves time and carries nothing (protocol of the design, section 4). One that is lost costs a minute, never truth; so
nothing is written down about those we send.
"""

import logging
import threading

from sqlalchemy import select

from federation.errors import NotAMember, TachiyoriError
from federation.feed import PublishedFeed
from federation.members import Member
from federation.outbox import Carrier, Parcel
from federation.remote_registry import RemoteRegistry
from node.home import emergencies, following
from node.host import harvested, suspension, wanted
from node.host.listings import LISTINGS, OFFERS, VISITS
from node.models.bookings import OWN_TOWN
from node.town import Town

FOLLOW = "follow"
"""Kind of promise ``node.views.feeds`` makes: to read another party's feed now, because it said that it has moved."""
_log = logging.getLogger(__name__)


class Pings:
    """Tells readers what has moved since this process last looked; ``send`` is a job."""

    def __init__(self, town: Town) -> None:
        """Begin with every reader untold: those who found us away ask less often meanwhile, and hear that we are back."""
        self._town = town
        self._lock = threading.Lock()
        self._told: dict[str, int] = {}

    def send(self) -> int:
        """Ping the readers of every feed that has moved; return how many were reached. Never raises for one of them."""
        with self._lock:
            numbers = self._numbers()
            moved = [feed for feed in numbers if numbers[feed] != self._told.get(feed)]
            self._told = numbers
        return sum(self._ping(feed) for feed in moved)

    def _numbers(self) -> dict[str, int]:
        with self._town.storage.transaction() as db:
            rows = db.execute(select(PublishedFeed.feed, PublishedFeed.number))
            return {row.feed: row.number for row in rows}

    def _ping(self, feed: str) -> bool:
        name, _, reader = feed.partition(":")
        try:
            if name in {LISTINGS, OFFERS}:
                RemoteRegistry(self._town.peer, self._town.config.registry).ping(name)
            elif name == VISITS and reader == str(OWN_TOWN):
                self._read_own()
            elif name == VISITS:
                self._ping_home(int(reader))
        except TachiyoriError as error:
            _log.info("the reader of %s was not reached: %s %s", feed, error.code, error.detail)
            return False
        return True

    def _ping_home(self, member_id: int) -> None:
        with self._town.storage.transaction() as db:
            entity_id = db.get_one(Member, member_id).entity_id
        home = self._town.members.verified(entity_id, self._town.clock())
        self._town.peer.ping(home.endpoint("desk_exchange", "ping_endpoint"), entity_id, VISITS)

    def _read_own(self) -> None:
        own = self._town.config.entity_id
        following.follow_host(self._town, own, following.sources(self._town), now=self._town.clock())


def hear_harvest(town: Town) -> None:
    """Ask the registry how it reads our feeds, and keep the answer. Raises what ``federation.peer`` does."""
    report = RemoteRegistry(town.peer, town.config.registry).harvest()
    with town.storage.transaction(write=True) as db:
        harvested.keep(db, report, town.clock())


def hear_demand(town: Town) -> None:
    """Ask the registry what was searched in vain near our sites, and keep the answer. Raises what ``federation.peer`` does."""
    report = RemoteRegistry(town.peer, town.config.registry).demand()
    with town.storage.transaction(write=True) as db:
        wanted.keep(db, report, town.clock())


def keep_status(town: Town) -> None:
    """Fetch the registry's status list, and freeze or thaw at once what it decides; before the first reading, read all."""
    try:
        town.members.anchor()
    except NotAMember:
        town.members.refresh(town.clock())
        return
    if town.members.refresh_status(town.clock()):
        with town.storage.transaction(write=True) as db:
            suspension.follow_suspensions(db, town.clock())


def follower(town: Town) -> Carrier:
    """Return who reads the feeds we were pinged about, for ``outbox.deliver``; feeds nobody reads here are let go."""

    def read(parcel: Parcel) -> None:
        feed, now = parcel.payload.get("feed"), town.clock()
        if feed in {"members", "status"} and parcel.target == town.config.registry:
            # The list first: it may suspend somebody, and the feed may be long.
            keep_status(town)
            town.members.refresh(now)
        elif feed == emergencies.FEED and parcel.target == town.config.registry:
            emergencies.refresh(town, now)
        elif feed == VISITS:
            following.follow_host(town, parcel.target, following.sources(town, no_cache=True), now=now)

    return read
