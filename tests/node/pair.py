"""Two whole towns in one process, speaking the protocol with each other over a wire that can be cut."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask

from federation.answer import Answer
from federation.errors import PeerUnreachable
from federation.members import Members
from federation.messages.member import MemberEntry
from federation.web.audience import AudiencedFlask
from node import entity as own
from node.app import app_of, open_town
from node.config import Config
from node.host import house, sites
from node.own_desks import Hosts
from node.people import assurance, sessions
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town
from tests.federation.world import NOW, REGISTRY, Registry
from tests.federation.world import Town as Party
from tests.node import agreed

HOME, HOST = "https://node.tokorozawa.example", "https://node.chiyoda.example"
DESK_CODE = "7KM2QX"


@dataclass
class Wire:
    """Stands where ``Transport`` stands: leads each request to the application of its origin, and keeps what passed."""

    apps: dict[str, Flask] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    lose_answers: bool = False
    passed: list[tuple[str, str, int]] = field(default_factory=list)

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: Any = None, limit: int = 0) -> Answer:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin in self.down or origin not in self.apps:
            raise PeerUnreachable(f"{origin} is down")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        answer = (
            self.apps[origin].test_client().open(path, method=method, headers=dict(headers), data=body, base_url=origin)
        )
        self.passed.append((method, parts.path, answer.status_code))
        if self.lose_answers and method == "PUT":
            raise PeerUnreachable("the answer was lost")
        return Answer(url, answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.data)


@dataclass
class Clock:
    """One clock for everybody."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass
class Pair:
    """A home with one person, a host with one desk, and what lies between them."""

    home: Town
    host: Town
    home_app: AudiencedFlask
    wire: Wire
    clock: Clock
    registry: Registry
    desk: str
    person: SignedIn


def pair(folder: Path, home_url: str, host_url: str) -> Pair:
    """Open both towns on migrated or empty databases, and admit them to one registry."""
    clock, wire, registry = Clock(), Wire(), Registry()
    configs = (
        Config(HOME, "112089", "所沢市", REGISTRY, folder / "home", home_url),
        Config(HOST, "131016", "千代田区", REGISTRY, folder / "host", host_url),
    )
    towns = [_opened(config, clock, wire, registry, index) for index, config in enumerate(configs)]
    for town in towns:
        town.members.refresh(clock())
    home, host = towns
    apps = [app_of(town) for town in towns]
    wire.apps = {HOME: apps[0], HOST: apps[1]}
    return Pair(home, host, apps[0], wire, clock, registry, offered(host), _known(home))


def _opened(config: Config, clock: Clock, wire: Wire, registry: Registry, index: int) -> Town:
    town = open_town(config, clock=clock)
    town.storage.create_all()
    cast(Any, town.peer).transport = wire
    members = Members(town.storage, registry.pins, config.entity_id, registry)
    hosts = replace(cast(Hosts, town.hosts), members=members)
    admit(registry, config, town, index)
    return replace(town, members=members, hosts=hosts)


def admit(registry: Registry, config: Config, town: Town, index: int) -> None:
    """Have the registry attest the town's own key, over what the town itself says."""
    keys, now = town.keys, registry.now
    party = Party(config.entity_id, config.code, config.name, index, federation=keys.federation.current)
    registry.statuses[index] = "valid"
    entry = MemberEntry(
        entity_id=config.entity_id,
        code=config.code,
        name=config.name,
        status_index=index,
        statement=registry.about(party),
        configuration=own.configuration(config, keys, now),
    )
    registry.publish(config.entity_id, entry.wire())


def offered(host: Town) -> str:
    """Have a town offer one desk, to the staff of the home; return the desk's id."""
    with host.storage.transaction(write=True) as db:
        place = {"name": "千代田合同庁舎", "address": "東京都千代田区九段南1-2-1", "lat": 35.694, "lon": 139.753}
        site = sites.add_site(db, host.config, place)
        room = sites.add_room(db, site, {"name": "4階 共用執務室", "privacy": "open"})
        desk = sites.add_desk(db, room, {"name": "A-1"})
        desk.code = DESK_CODE
        for each in (site, room, desk):
            sites.publish(db, each)
        agreed.conclude(db, {"name": "相互利用協定", "number": "6千総第1号", "home_code": "112089"})
        house.publish(
            db, "3", "通話は電話ブースでお願いします。", "Please use the phone booth.", NOW - timedelta(days=1)
        )
        return desk.id


def _known(home: Town) -> SignedIn:
    with home.storage.transaction(write=True) as db:
        mine = directory.add(db, number="012345", name="立寄 太郎", section="企画課", now=NOW)
        signed_in = SignedIn(mine.id, 1, assurance.ONE_FACTOR, NOW)
        sessions.begin(db, signed_in)
    return signed_in
