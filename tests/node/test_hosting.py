"""Two towns in one process: led by their names, and nothing of one reachable from the other."""

import io
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from federation.errors import BadInput
from federation.web import logs
from node.app import app_of, open_town
from node.config import Config
from node.hosting import Hosting, host_of
from node.models.staff import Staff
from node.models.tables import MIGRATIONS
from node.people import staff
from node.town import Town
from node.views import EXTENSION

PASSWORD = "correct horse battery"
KOMAE, SAITAMA = "https://desks.city.komae.example", "https://desks.city.saitama.example:8443"
FURTHER = "https://komae.lgwan.example"


@dataclass
class House:
    """The installation: both towns and the one application in front of them."""

    towns: Mapping[str, Town]
    app: Hosting

    def get(self, host: str, path: str, cookie: str = "") -> TestResponse:
        """Ask for a page by the Host header alone."""
        return Client(self.app, use_cookies=False).get(
            path, headers={"Host": host, "Cookie": cookie}, base_url=f"https://{host}"
        )


def config(origin: str, code: str, folder: Path) -> Config:
    return Config(
        entity_id=origin,
        code=code,
        name={"132195": "狛江市", "111007": "さいたま市"}[code],
        registry="https://registry.example",
        data=folder / code,
        database=f"sqlite:///{folder / code}/node.db",
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    tmp_path = tmp_path_factory.mktemp("towns")
    configs = (
        replace(config(KOMAE, "132195", tmp_path), further_origins=frozenset({FURTHER})),
        config(SAITAMA, "111007", tmp_path),
    )
    towns = {each.code: open_town(each) for each in configs}
    for town in towns.values():
        town.storage.migrate(MIGRATIONS)
        with town.storage.transaction(write=True) as db:
            staff.add(db, number="1001", name="渡辺 さくら", now=town.clock(), password=PASSWORD)
    apps: dict[Config, Flask] = {town.config: app_of(town) for town in towns.values()}
    yield House(towns, Hosting(apps))
    for town in towns.values():
        town.storage.close()
        town.proofs.close()


def test_the_host_header_names_the_town(house: House) -> None:
    assert "狛江市" in house.get("desks.city.komae.example", "/signin").text
    assert "さいたま市" in house.get("desks.city.saitama.example:8443", "/signin").text


def test_a_further_origin_leads_to_the_same_town(house: House) -> None:
    assert "狛江市" in house.get("komae.lgwan.example", "/signin").text


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "desks.city.saitama.example",
        "desks.city.komae.example:8443",
        "desks.city.komae.example:443",
        "DESKS.city.komae.example",
        "desks.city.komae.example.",
        "desks.city.komae.example, desks.city.saitama.example:8443",
        "desks.city.komae.example@desks.city.saitama.example:8443",
    ],
)
def test_any_other_name_is_misdirected(house: House, host: str) -> None:
    answer = Client(house.app).get("/signin", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 421
    assert "狛江" not in answer.text


def test_forwarded_headers_lead_nowhere(house: House) -> None:
    forwarded = {"Host": "desks.city.komae.example", "X-Forwarded-Host": "desks.city.saitama.example:8443"}
    assert "狛江市" in Client(house.app).get("/signin", headers=forwarded).text


def test_the_health_of_the_process_is_told_to_anyone(house: House) -> None:
    answer = Client(house.app).get("/healthz", environ_overrides={"HTTP_HOST": "10.0.0.7"})
    assert (answer.status_code, answer.text) == (200, "ok\n")


def sign_in(house: House, origin: str) -> str:
    """Sign in at a town and return the cookie."""
    client = Client(house.app)
    page = client.get("/signin", base_url=origin)
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "number": "1001", "password": PASSWORD}
    assert client.post("/signin", data=form, base_url=origin).status_code == 303
    cookie = client.get_cookie(cookie_name(house, origin), domain=origin.split("//")[1].split(":", maxsplit=1)[0])
    assert cookie is not None
    return cookie.value


def cookie_name(house: House, origin: str) -> str:
    app = next(app for _, app in house.app._rooms.values() if app.extensions[EXTENSION].config.entity_id == origin)  # type: ignore[attr-defined]
    name: str = app.config["SESSION_COOKIE_NAME"]  # type: ignore[attr-defined]
    return name


def test_a_session_of_one_town_is_none_at_the_other(house: House) -> None:
    value, own, other = sign_in(house, KOMAE), cookie_name(house, KOMAE), cookie_name(house, SAITAMA)
    assert own != other
    assert house.get("desks.city.komae.example", "/me", f"{own}={value}").status_code == 200
    for name in (own, other):
        assert house.get("desks.city.saitama.example:8443", "/me", f"{name}={value}").status_code in {302, 303, 401}


def test_no_row_of_one_town_is_in_the_other(house: House) -> None:
    komae, saitama = house.towns["132195"], house.towns["111007"]
    with komae.storage.transaction(write=True) as db:
        staff.add(db, number="K-only", name="狛江 花子", now=komae.clock())
    with saitama.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Staff)) == 1
        assert staff.find(db, "K-only") is None


def test_no_key_of_one_town_is_the_others(house: House) -> None:
    komae, saitama = (town.keys for town in house.towns.values())
    rings = [(ring.federation, ring.protocol, ring.passes) for ring in (komae, saitama)]
    kids = [ring.current.kid for town in rings for ring in town]
    assert len(set(kids)) == 6
    secrets = {(town.config.data / "keys/session.secret").read_text() for town in house.towns.values()}
    assert len(secrets) == 2
    assert all(
        (town.config.data / "keys/session.secret").stat().st_mode & 0o777 == 0o600 for town in house.towns.values()
    )


def test_each_town_publishes_its_own_configuration(house: House) -> None:
    one = house.get("desks.city.komae.example", "/.well-known/openid-federation").text
    other = house.get("desks.city.saitama.example:8443", "/.well-known/openid-federation").text
    assert one.count(".") == other.count(".") == 2
    assert one != other


def test_a_log_line_bears_the_town_it_was_written_for(house: House) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    logger = logging.getLogger("federation.web.problems")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        house.get("desks.city.komae.example", "/nowhere-in-komae")
        house.get("desks.city.saitama.example:8443", "/nowhere-in-saitama")
    finally:
        logger.removeHandler(handler)
    lines = stream.getvalue().splitlines()
    assert all("[132195]" in line for line in lines if "komae" in line)
    assert any("[132195]" in line for line in lines)
    assert any("[111007]" in line for line in lines)


def test_two_towns_with_anything_in_common_are_no_installation(house: House) -> None:
    first, second = (town.config for town in house.towns.values())
    with pytest.raises(BadInput, match="share"):
        Hosting({first: Flask("a"), replace(second, database=first.database): Flask("b")})


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://desks.example", "desks.example"),
        ("https://desks.example:443", "desks.example"),
        ("https://desks.example:8443", "desks.example:8443"),
        ("http://localhost:8003", "localhost:8003"),
    ],
)
def test_the_host_of_an_origin_leaves_out_the_usual_port(origin: str, host: str) -> None:
    assert host_of(origin) == host
