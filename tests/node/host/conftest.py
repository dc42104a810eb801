"""A host with one site, two rooms and three desks, an agreement with one home, on either database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from federation import keys
from federation.feed import Feeds
from federation.messages.booking import Booking, BookingRequest, Place
from federation.storage import Storage
from node.config import Config
from node.host import answers, bookings, listings, sites, untold
from node.host.homes import Home
from node.host.passes import Passes
from node.models.tables import METADATAS
from tests.node import agreed

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
"""Tuesday, nine o'clock in Japan."""
TEN, NOON = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
SAITAMA = Home(17, "https://node.saitama.example", "110001")
CHIBA = Home(18, "https://node.chiba.example", "120006")
SITE = {"name": "本庁舎", "address": "東京都新宿区西新宿2-8-1", "lat": 35.6896, "lon": 139.6917}


@dataclass
class Clock:
    """A clock that stands still until it is told otherwise."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desks:
    """The ids of what the host offers: two desks in one room, a booth in another."""

    site: str
    room: str
    first: str
    second: str
    booth: str


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config("https://node.tokyo.example", "130001", "東京都", "https://registry.example", tmp_path, "")


@pytest.fixture
def passes(config: Config) -> Passes:
    return Passes(config.entity_id, keys.ring_of(keys.make()))


@pytest.fixture
def feeds(storage: Storage, config: Config, passes: Passes, clock: Clock) -> Feeds:
    feeds = Feeds({**listings.renderers(config, clock), **answers.renderers(passes, clock)}, clock=clock)
    feeds.attach(storage)
    return feeds


@pytest.fixture
def desks(storage: Storage, feeds: Feeds, config: Config) -> Desks:
    with storage.transaction(write=True) as db:
        offered = offer(db, config)
        agreed.conclude(db, {"name": "相互利用協定", "number": "3デジ第12号", "home_code": SAITAMA.code})
    return offered


def offer(db: Session, config: Config) -> Desks:
    """Add and publish the site."""
    site = sites.add_site(db, config, SITE)
    room = sites.add_room(db, site, {"name": "31階 交流室", "privacy": "open"})
    booths = sites.add_room(db, site, {"name": "個室", "privacy": "private"})
    three = [sites.add_desk(db, place, {"name": name}) for place, name in ((room, "A"), (room, "B"), (booths, "C"))]
    places: tuple[sites.Place, ...] = (site, room, booths, *three)
    for place in places:
        sites.publish(db, place)
    return Desks(site.id, room.id, *(desk.id for desk in three))


def person(number: int = 0) -> str:
    """A pairwise subject."""
    return f"subject-number-{number:04}"


def wish(*desks: str, start: datetime = TEN, end: datetime = NOON, first: int = 0, **members: Any) -> BookingRequest:
    """Ask for desks at one time, each for another person."""
    places = tuple(
        Place(desk=desk, start=start, end=end, sub=person(number)) for number, desk in enumerate(desks, start=first)
    )
    return BookingRequest(places=places, not_after=NOW + timedelta(hours=1), **members)


Put = Callable[..., Booking]


@pytest.fixture
def put(storage: Storage, passes: Passes, desks: Desks) -> Put:
    """PUT a request, under a new UUID unless one is given."""

    def put(request: BookingRequest, *, home: Home = SAITAMA, uuid: str = "", now: datetime = NOW) -> Booking:
        with storage.transaction(write=True) as db:
            return bookings.decide(db, passes, home, uuid or str(uuid4()), request, now=now)

    return put


def page(storage: Storage, feeds: Feeds, feed: str) -> Sequence[Any]:
    """What a feed holds for whoever reads it now."""
    untold.tell(storage)
    with storage.transaction() as db:
        return feeds.page(db, feed, f"https://node.tokyo.example/feeds/{feed}", epoch=None, after=None).items
