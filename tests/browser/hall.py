"""A town hall of its own for a test: the node that serves it can really be stopped, and its database looked into."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from federation import cards, clock
from federation.storage import Storage
from node.app import open_town
from node.config import Config
from node.host import codes, sites
from node.host.passes import Passes
from node.models.bookings import OWN_TOWN, Booking, BookingPlace, Visitor
from node.models.sites import Site
from node.models.tables import MIGRATIONS
from node.people import staff as people
from tests.bench.servers import free_port, served
from tests.browser.demo import Account

PASSWORD = "tachiyori-desu-yo"
CODES = ("ABC234", "DEF567", "GHJ890")
NAMELESS, FORGED = 1, 2
SALT, NAME, NUMBER = "00112233445566778899aabbccddeeff", "髙橋 花子", "S1001"


@dataclass
class Hall:
    """A town hall with bookings for now: their passes, the node that serves it, and its database."""

    config: Config
    passes: list[str] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Serve while the block runs."""
        names = {"ENTITY_ID": self.config.entity_id, "CODE": self.config.code, "NAME": self.config.name}
        names |= {"REGISTRY": self.config.registry, "DATA": str(self.config.data), "DATABASE": self.config.database}
        names |= {"RECEPTION_CAMERA": "1" if self.config.reception_camera else "0"}
        with served("node.hosting:application", self.config.port, {f"NODE_{key}": text for key, text in names.items()}):
            yield

    @property
    def guard(self) -> Account:
        return Account(self.config.entity_id, "reception", "1", PASSWORD)

    @property
    def admin(self) -> Account:
        return Account(self.config.entity_id, "site_admin", "2", PASSWORD)

    def place(self, number: int) -> BookingPlace:
        storage = Storage(self.config.database)
        try:
            with storage.transaction() as db:
                return db.get_one(Booking, self.bookings[number]).places[0]
        finally:
            storage.close()

    def cancels(self, number: int) -> None:
        storage = Storage(self.config.database)
        with storage.transaction(write=True) as db:
            db.get_one(Booking, self.bookings[number]).state = "cancelled"
        storage.close()


def made(tmp_path: Path) -> Hall:
    """Make a town hall with three bookings that have just begun: one of a visitor without a name, one with a forged pass."""
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    config = Config(
        f"http://localhost:{port}", "112089", "所沢市", "http://localhost:1", data, f"sqlite:///{data}/node.db"
    )
    town, now = open_town(config), clock.now()
    hall = Hall(config)
    town.storage.migrate(MIGRATIONS)
    with town.storage.transaction(write=True) as db:
        people.add(db, number="1", name="守衛 一郎", roles=("reception",), password=PASSWORD, now=now)
        people.add(db, number="2", name="施設 二郎", roles=("site_admin",), password=PASSWORD, now=now)
        site = sites.add_site(
            db, config, {"name": "本庁舎", "address": "埼玉県所沢市並木1-1-1", "lat": 35.8, "lon": 139.47}
        )
        room = sites.add_room(db, site, {"name": "1階", "privacy": "open"})
        for number, code in enumerate(CODES):
            desk = sites.add_desk(db, room, {"name": f"A-{number}"})
            visitor = Visitor(home_id=OWN_TOWN, sub=f"subject-number-{number}")
            db.add(visitor)
            db.flush()
            booking = Booking(id=str(uuid.uuid4()), home_id=OWN_TOWN, state="confirmed", made_at=now, changed_at=now)
            booking.short_code = codes.folded(code)
            times = {"start": now - timedelta(minutes=5), "end": now + timedelta(hours=2)}
            card = cards.digest(SALT, NAME, NUMBER) if number == NAMELESS else ""
            booking.places.append(BookingPlace(position=0, desk_id=desk.id, visitor_id=visitor.id, card=card, **times))
            db.add(booking)
            db.flush()
            ring = town.keys.protocol if number == FORGED else town.keys.passes
            hall.passes.append(Passes(config.entity_id, ring).issue(booking, now))
            hall.bookings.append(booking.id)
        db.get_one(Site, site.id).published = True
    town.storage.close()
    town.proofs.close()
    return hall
