"""A home with one host in memory and one person, on either database, at a fixed time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import MetaData

from federation.storage import Storage
from node.config import Config
from node.home import trips
from node.models.tables import METADATAS
from node.models.trips import Trip
from node.people import assurance
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import DESK, HOST, SITE, FakeHost

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is told otherwise."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(clock: Clock) -> FakeHost:
    return FakeHost(clock)


@pytest.fixture
def town(storage: Storage, host: FakeHost, clock: Clock, tmp_path: Path) -> Town:
    absent = cast(Any, None)
    config = Config("https://node.home.example", "112089", "所沢市", "https://registry.example", tmp_path, "")
    return Town(config, storage, absent, absent, absent, absent, absent, clock, lambda _entity_id: host)


@pytest.fixture
def person(storage: Storage) -> SignedIn:
    """Somebody who signed in just now; a colleague beside them shows when a query forgets whose trips it wants."""
    with storage.transaction(write=True) as db:
        directory.add(db, number="000001", name="同僚 花子", section="財政課", now=NOW)
        mine = directory.add(db, number="012345", name="立寄 太郎", section="企画課", now=NOW)
    return SignedIn(mine.id, 1, assurance.ONE_FACTOR, NOW)


@pytest.fixture
def wish(person: SignedIn) -> Callable[..., trips.Wish]:
    """Make a wish for two hours from 13:00 (JST), ``hours`` later or elsewhere if asked."""

    def make(*, hours: float = 0, host: str = HOST, staff_id: int = person.staff_id) -> trips.Wish:
        start = datetime(2026, 11, 24, 4, 0, tzinfo=UTC) + timedelta(hours=hours)
        end = start + timedelta(hours=2)
        return trips.Wish(staff_id, host, "千代田区", SITE, DESK, start, end, "satellite", "2", "3")

    return make


@pytest.fixture
def trip_now(storage: Storage) -> Callable[[str], Trip]:
    """Read a trip as it is now."""

    def read(trip_id: str) -> Trip:
        with storage.transaction() as db:
            return db.get_one(Trip, trip_id)

    return read
