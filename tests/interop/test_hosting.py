"""Two towns in one real installation, added by the operator's command: one port, two names, nothing in common."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from deploy.demo import installing, seed
from deploy.demo.programs import ROOT, Program
from deploy.demo.seed import PASSWORD, TownFile
from federation import clock, keys
from federation.tokens import NODE_TOKEN, sign_dpop_proof
from node import towns
from node.app import open_keys
from node.models.agreements import Agreement
from node.models.base import Base
from node.models.sites import Desk, Room, Site
from tests.corpus.cases import case
from tests.story.stage import free_ports

pytestmark = pytest.mark.peer

KOMAE, SAITAMA = "132195", "111007"
NAMES = {KOMAE: "desks.city.komae.example", SAITAMA: "desks.city.saitama.example"}
ADMINS = {KOMAE: "K3001", SAITAMA: "U3001"}
PAGES: Mapping[str, type[Base]] = {
    "/admin/sites": Site,
    "/admin/rooms": Room,
    "/admin/desks": Desk,
    "/admin/agreements": Agreement,
}


@dataclass
class House:
    """The installation, and the ids of what each town has."""

    program: Program
    files: Mapping[str, TownFile]
    port: int
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    signed_in: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(
        self, host: str, path: str, cookies: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Ask for a page of the town of that name, or send a form; redirects are not followed."""
        headers = {"Host": host, "Cookie": "; ".join(f"{name}={text}" for name, text in (cookies or {}).items())}
        return requests.request(
            "GET" if form is None else "POST",
            f"http://127.0.0.1:{self.port}{path}",
            headers=headers, data=form, allow_redirects=False, timeout=30,
        )  # fmt: skip

    def admin(self, code: str) -> dict[str, str]:
        """Return the cookies of a town's admin, who signs in once."""
        if code not in self.signed_in:
            status, self.signed_in[code] = self.sign_in(code, ADMINS[code], PASSWORD)
            assert status == 303
        return self.signed_in[code]

    def sign_in(self, code: str, number: str, password: str) -> tuple[int, dict[str, str]]:
        """Sign in at a town; return the answer's status and the cookies one has then."""
        shown = self.ask(NAMES[code], "/signin")
        token = shown.text.split('name="form_token" value="')[1].split('"')[0]
        form = {"form_token": token, "number": number, "password": password}
        entered = self.ask(NAMES[code], "/signin", shown.cookies.get_dict(), form)
        return entered.status_code, {**shown.cookies.get_dict(), **entered.cookies.get_dict()}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Both towns, added by ``town add`` and migrated as an operator does, with people and places in each."""
    folder = tmp_path_factory.mktemp("hosted")
    (port,) = free_ports(1)
    settings = {
        "NODE_TOWNS": str(folder / "towns"),
        "NODE_REGISTRY": "https://registry.example",
        "NODE_LISTEN": f"127.0.0.1:{port}",
    }
    program = Program("hosted", "node.commands", settings, [f"http://127.0.0.1:{port}"], folder / "log")
    house = House(program, {code: seed.read(code) for code in NAMES}, port)
    for code, file in house.files.items():
        program.command("town", "add", "--code", code, "--name", file.name, "--entity-id", f"https://{NAMES[code]}")
    program.command("migrate")
    for config in towns.towns(program.environment):
        house.ids[config.code] = sown(config.data, house, config.code)
    program.start()
    try:
        program.wait()
        yield house
    finally:
        program.stop()


def sown(data: Path, house: House, code: str) -> dict[str, str]:
    """Fill a town and return one id of each thing it has, by the page that shows it."""
    settings = {**towns.read_settings(data / towns.SETTINGS), **house.program.settings, "NODE_DATA": str(data)}
    town = installing.open_node(settings)
    seed.sow(town, house.files[code], town.clock())
    with town.storage.transaction() as db:
        ids = {page: str(db.scalars(select(table.id)).first()) for page, table in PAGES.items()}  # type: ignore[attr-defined]
    town.storage.close()
    town.proofs.close()
    return ids


def test_each_name_is_its_own_town(house: House) -> None:
    for code, name in NAMES.items():
        page = house.ask(name, "/signin")
        assert (page.status_code, house.files[code].name in page.text) == (200, True)


@pytest.mark.parametrize("host", ["desks.city.other.example", "127.0.0.1", f"{NAMES[KOMAE]}:8443", ""])
def test_an_unknown_name_is_misdirected(house: House, host: str) -> None:
    answer = house.ask(host, "/signin")
    assert answer.status_code == 421
    assert not any(file.name in answer.text for file in house.files.values())


def test_a_session_of_one_town_is_nothing_at_the_other(house: House) -> None:
    cookies, theirs = house.admin(KOMAE), house.admin(SAITAMA)
    assert house.ask(NAMES[KOMAE], "/admin/sites", cookies).status_code == 200
    assert cookies.keys().isdisjoint(theirs)
    renamed = dict(zip(theirs, cookies.values(), strict=False))
    for worn in (cookies, renamed):
        answer = house.ask(NAMES[SAITAMA], "/admin/sites", worn)
        assert answer.status_code == 303
        assert "/signin" in answer.headers["Location"]


@case("T08")
def test_a_token_of_one_town_opens_nothing_at_the_other(house: House) -> None:
    """Its own town reads it and asks who that is; the other does not even know the signature."""
    (config,) = [each for each in towns.towns(house.program.environment) if each.code == KOMAE]
    own, client, dpop, ring = config.entity_id, "https://registry.example", keys.make(), open_keys(config).protocol
    claims = {"iss": own, "aud": own, "sub": client, "client_id": client, "scope": "feed", "cnf": {"jkt": dpop.kid}}
    token = NODE_TOKEN.sign(ring.current, claims, now=clock.now(), life=timedelta(minutes=5))

    def shown(code: str) -> int:
        url, host = f"https://{NAMES[code]}/feeds/visits", {"Host": NAMES[code]}
        nonce = requests.post(f"http://127.0.0.1:{house.port}/oauth/token", headers=host, timeout=30).headers[
            "DPoP-Nonce"
        ]
        proof = sign_dpop_proof(dpop, method="GET", url=url, now=clock.now(), access_token=token, nonce=nonce)
        bound = {**host, "Authorization": f"DPoP {token}", "DPoP": proof}
        return requests.get(f"http://127.0.0.1:{house.port}/feeds/visits", headers=bound, timeout=30).status_code

    assert (shown(KOMAE), shown(SAITAMA)) == (403, 401)


def test_people_of_one_town_are_unknown_at_the_other(house: House) -> None:
    status, _ = house.sign_in(SAITAMA, ADMINS[KOMAE], PASSWORD)
    assert status not in {200, 303}


@pytest.mark.parametrize("page", PAGES)
def test_what_one_town_has_is_not_there_at_the_other(house: House, page: str) -> None:
    for own, other in ((KOMAE, SAITAMA), (SAITAMA, KOMAE)):
        cookies = house.admin(own)
        assert house.ask(NAMES[own], f"{page}/{house.ids[own][page]}", cookies).status_code == 200
        assert house.ask(NAMES[own], f"{page}/{house.ids[other][page]}", cookies).status_code == 404


def test_a_desk_is_published_by_its_own_town_alone(house: House) -> None:
    for own, other in ((KOMAE, SAITAMA), (SAITAMA, KOMAE)):
        path = "/api/v1/desks/" + house.ids[own]["/admin/desks"]
        assert house.ask(NAMES[own], path).status_code == 200
        assert house.ask(NAMES[other], path).status_code == 404
        assert house.ids[own]["/admin/desks"] not in house.ask(NAMES[other], "/feeds/listings").text


def test_each_line_of_the_log_is_of_one_town(house: House) -> None:
    for code, name in NAMES.items():
        house.ask(name, f"/api/v1/desks/{house.ids[code]['/admin/desks']}/nowhere-in-{code}")
    logged = [line for line in house.program.log.read_text(encoding="utf-8").splitlines() if re.match(r"\d{4}-", line)]
    for code, name in NAMES.items():
        own = re.compile("|".join(map(re.escape, (name, house.files[code].name))))
        assert any(f" [{code}] " in line for line in logged)
        assert not [line for line in logged if own.search(line) and f" [{code}] " not in line]
        # A town may name another it writes to; a line of nobody's may name none.
        assert not [line for line in logged if code in line and not re.search(r" \[\d{6}\] ", line)]


def test_a_second_start_names_the_first(house: House) -> None:
    (port,) = free_ports(1)
    settings = {**house.program.environment, "NODE_LISTEN": f"127.0.0.1:{port}"}
    command = [sys.executable, "-m", "node.commands", "--lang", "en", "serve"]
    second = subprocess.run(command, env=settings, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert house.program.process is not None
    assert second.returncode == 2
    assert str(house.program.process.pid) in second.stderr
    assert KOMAE in second.stderr or SAITAMA in second.stderr
