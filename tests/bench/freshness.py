"""From a desk's publication until another town finds it, with the country's 1,788 members registered: real processes.

The registry and the node run as they are served, jobs and all. The other members are rows that nobody reads. A desk is added
and published in one transaction, as its admin does it; from its commit on the registry is asked every 20 ms.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import select, update

from deploy.demo import seed
from deploy.demo.programs import Program
from federation import clock, schema
from federation.members import Member
from federation.messages.search import SearchQuery
from federation.remote_registry import RemoteRegistry
from node.host import sites
from node.models.sites import Room, Site
from node.town import Town
from registry.app import open_bureau
from registry.bureau import Bureau
from registry.config import Config
from registry.jobs import first_words
from registry.models.tables import MIGRATIONS
from tests.bench import market, nation, page
from tests.bench.days import at, weekdays
from tests.bench.search import settle
from tests.bench.servers import Ground, free_port

DESKS, SAMPLES = nation.DESKS, 30
_PATIENCE = 30.0


@dataclass(frozen=True)
class Wait:
    """How long something took from one moment to another, in seconds: half of the times, nineteen of twenty, the longest."""

    name: str
    p50: float
    p95: float
    longest: float

    def line(self) -> str:
        """One line for a person."""
        return f"{self.name:<52} p50 {self.p50:.2f} s  p95 {self.p95:.2f} s  longest {self.longest:.2f} s"

    def row(self) -> dict[str, object]:
        """The same for ``bench.json``."""
        return asdict(self)


def figures(ground: Callable[[], AbstractContextManager[Ground]]) -> Iterator[Wait]:
    """Publish one desk after the other and wait for each."""
    with ExitStack() as held:
        upstairs, downstairs = held.enter_context(ground()), held.enter_context(ground())
        town = _founded(held, upstairs, downstairs)
        waits = sorted(_published(town, number) for number in range(SAMPLES))
        name = f"published until found, {nation.TOWNS:,} members ({upstairs.name})"
        yield Wait(name, statistics.median(waits), waits[round(0.95 * (len(waits) - 1))], waits[-1])


def _founded(held: ExitStack, upstairs: Ground, downstairs: Ground) -> Town:
    above, below = free_port(), free_port()
    registry, own = f"http://localhost:{above}", f"http://localhost:{below}"
    config = Config(registry, "連携基盤", upstairs.folder, upstairs.url, peer_origins_allowed=frozenset({own}))
    market.lay(config, DESKS, clock.now())
    bureau = open_bureau(config)
    _say_it_is_migrated(bureau)
    held.callback(bureau.storage.close)
    held.callback(bureau.proofs.close)
    first_words(bureau)
    settle(bureau.storage)
    with bureau.storage.transaction(write=True) as db:
        # Nobody answers for these members; whose word is fresh is not asked for it.
        db.execute(update(Member).values(configured=clock.now()))
    environ = {"REGISTRY_ENTITY_ID": registry, "REGISTRY_DATA": str(upstairs.folder), "REGISTRY_DATABASE": upstairs.url}
    _run(held, "registry", environ | {"PEER_ORIGINS_ALLOWED": own}, registry, upstairs)
    file = seed.read(page.TOWN)
    settings = page.settings_of(file, own, registry, downstairs)
    town = page.joined(bureau, file, settings, clock.now())
    _run(held, "node", settings, own, downstairs)
    return town


def _say_it_is_migrated(bureau: Bureau) -> None:
    """Note the newest revision: the tables were made by the models, which the revisions lead to."""
    table, newest = schema.version_table(MIGRATIONS), schema.head(MIGRATIONS)
    with bureau.storage.transaction(write=True) as db:
        db.connection().exec_driver_sql(f"CREATE TABLE {table} (version_num VARCHAR(32) PRIMARY KEY)")
        db.connection().exec_driver_sql(f"INSERT INTO {table} VALUES ('{newest}')")


def _run(held: ExitStack, name: str, settings: dict[str, str], url: str, where: Ground) -> None:
    program = Program(name, f"{name}.commands", settings, [url], where.folder / "served.log")
    held.callback(program.stop)
    program.start()
    program.wait()


def _published(town: Town, number: int) -> float:
    """Add a desk to a room, and return how many seconds after its commit it is found by a search."""
    with town.storage.transaction(write=True) as db:
        room = db.scalars(select(Room).join(Site).where(Site.published, Room.published).order_by(Room.id)).first()
        assert room is not None, "the town offers no room"
        desk = sites.add_desk(db, room, {"name": f"新設{number}"})
        sites.publish(db, desk)
        site, desk_id = room.site, desk.id
        lat, lon = site.lat, site.lon
    begun = time.perf_counter()
    wishes = [_wish(lat, lon, day) for day in range(3)]
    while time.perf_counter() - begun < _PATIENCE:
        for wish in wishes:
            found = RemoteRegistry(town.peer, town.config.registry).search(wish)
            if any(one.desk.id == desk_id for one in found.desks):
                return time.perf_counter() - begun
        time.sleep(0.02)
    raise AssertionError(f"a desk of {town.config.code} was not found within {_PATIENCE} s")


def _wish(lat: float, lon: float, later: int) -> SearchQuery:
    day = next(islice(weekdays(nation.first_day(clock.now()) + timedelta(days=14)), later, None))
    return SearchQuery(start=at(day, 10), end=at(day, 11), lat=lat, lon=lon, radius_km=1.0, limit=200)
