"""The door when the server is really gone: one town's own node is stopped under an open page, and comes back."""

import base64
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
from tests.browser import axe
from tests.browser.conftest import Opener
from tests.browser.demo import Account

pytestmark = pytest.mark.browser
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
        with served("node.hosting:application", self.config.port, {f"NODE_{key}": text for key, text in names.items()}):
            yield

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


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    config = Config(
        f"http://localhost:{port}", "112089", "所沢市", "http://localhost:1", data, f"sqlite:///{data}/node.db"
    )
    town, now = open_town(config), clock.now()
    made = Hall(config)
    town.storage.migrate(MIGRATIONS)
    with town.storage.transaction(write=True) as db:
        people.add(db, number="1", name="守衛 一郎", roles=("reception",), password=PASSWORD, now=now)
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
            made.passes.append(Passes(config.entity_id, ring).issue(booking, now))
            made.bookings.append(booking.id)
        db.get_one(Site, site.id).published = True
    town.storage.close()
    town.proofs.close()
    return made


def types(page: Page, words: str) -> None:
    """Type as a reader does: key by key, and a line ends with the return key."""
    page.get_by_label("受付番号または").select_text()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def in_hand(visit_pass: str) -> str:
    """Add what a home adds where it told no name: salt and name, in base 32."""
    parts = (bytes.fromhex(SALT), NAME.encode())
    return "-".join([visit_pass, *(base64.b32encode(one).rstrip(b"=").decode() for one in parts)])


def waiting(page: Page, count: int) -> None:
    expect(page.get_by_role("main")).to_contain_text(f"サーバーにまだ送っていない記録：{count}件")


def test_the_door_goes_on_without_a_server(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    with hall.open():
        person.goes_to("/reception")
        person.signs_in(Account(hall.config.entity_id, "reception", "1", PASSWORD))
        person.goes_to("/reception/rollcall")
        page.get_by_role("button", name="点呼を始める").click()
        page.get_by_role("button", name="点呼を終了する").click()
        person.reads("知らせた団体")
        assert not [*axe.overflow(page), *axe.violations(page)]
        person.goes_to("/reception/offline")
        person.reads("このページは端末に保存済みです")
        person.reads("時点の名簿（3件）を持っています")
        assert not [*axe.overflow(page), *axe.violations(page)]
    page.reload()
    person.reads("サーバーに接続できません")
    types(page, hall.passes[FORGED])
    expect(page.get_by_role("heading", name="偽物")).to_be_visible()
    types(page, "000000")
    expect(page.get_by_role("heading", name="この番号は名簿にありません")).to_be_visible()
    types(page, "abc-234")
    expect(page.get_by_role("heading", name="名簿にあり")).to_be_visible()
    page.get_by_role("button", name="入室").click()
    types(page, in_hand(hall.passes[NAMELESS]).lower())
    person.reads(f"利用証に書かれた氏名：{NAME}")
    for number, said in (("S1002", "職員証と一致しません"), ("ｓ-1001", "職員証と一致しました")):
        page.get_by_label("職員証の番号").fill(number)
        page.get_by_role("button", name="職員証と照合").click()
        person.reads(said)
    assert not [*axe.overflow(page), *axe.violations(page)]
    page.get_by_label("実際の時刻").fill("99:99")
    page.get_by_role("button", name="入室").click()
    person.reads("時刻を「08:30」の形で")
    page.get_by_label("実際の時刻").fill("")
    page.get_by_role("button", name="入室").click()
    waiting(page, 2)
    assert not [*axe.overflow(page), *axe.violations(page)]
    hall.cancels(1)
    with hall.open():
        page.reload()
        waiting(page, 0)
        expect(page.get_by_role("alert")).to_contain_text("本庁舎 1階 A-1")
        page.get_by_role("button", name="確認した").click()
        expect(page.get_by_role("alert")).to_be_hidden()
    assert hall.place(0).arrived_at is not None
    assert hall.place(1).arrived_at is None


DAMAGED = """() => {
  localStorage.setItem("tachiyori-door-records", '{"half a rec');
  localStorage.setItem("tachiyori-door-refused", '[{"id": 3}, null]');
  localStorage.setItem("tachiyori-door-list", '{"expected": 7}');
}"""


def test_the_door_goes_on_with_damaged_storage(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    with hall.open():
        person.goes_to("/reception")
        person.signs_in(Account(hall.config.entity_id, "reception", "1", PASSWORD))
        person.goes_to("/reception/offline")
        person.reads("時点の名簿（3件）を持っています")
        page.evaluate(DAMAGED)
        page.reload()
        person.reads("この端末に残っていた記録の一部を読み取れませんでした")
        person.reads("時点の名簿（3件）を持っています")
        assert page.evaluate("localStorage.getItem('tachiyori-door-records-damaged')") == '{"half a rec'
        person.goes_to("/signout/unsent")
        assert not [*axe.overflow(page), *axe.violations(page)]
