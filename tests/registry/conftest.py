"""A registry on an empty database, and towns around it."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import MetaData

from federation.web.audience import AudiencedFlask
from registry import reading
from registry.app import app_of, open_bureau
from registry.bureau import Bureau
from registry.config import Config
from registry.jobs import first_words
from registry.membership import enrolment, invitations, standing
from registry.membership.invitations import Body
from registry.models.tables import METADATAS
from tests.registry.towns import CODES, REGISTRY, Clock, Network, Town
from tests.thrift import thrifty

SPOTS = {"埼玉県": (35.857, 139.649), "狛江市": (35.635, 139.579), "秩父市": (35.992, 139.085)}


@pytest.fixture(scope="module", autouse=True)
def genuine() -> Iterator[dict[str, PasswordHasher]]:
    """The hashers as they are outside these tests."""
    with thrifty() as hashers:
        yield hashers


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def bureau(storage_url: str, tmp_path: Path, clock: Clock, network: Network) -> Iterator[Bureau]:
    config = Config(
        entity_id=REGISTRY, name="連携基盤", name_en="Registry", data=tmp_path / "data", database=storage_url
    )
    opened = dataclasses.replace(open_bureau(config, clock=clock), peer=cast(Any, network))
    first_words(opened)
    yield opened
    opened.storage.close()
    opened.proofs.close()


@pytest.fixture
def app(bureau: Bureau) -> AudiencedFlask:
    return app_of(bureau)


@pytest.fixture
def client(app: AudiencedFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def invite(bureau: Bureau) -> Callable[[str], str]:
    def make(name: str) -> str:
        lat, lon = SPOTS.get(name, (35.7, 139.5))
        body = Body(CODES[name], name, "", f"{CODES[name]} Town", "city", lat, lon)
        with bureau.storage.transaction(write=True) as db:
            return invitations.invite(db, body, by="operator", now=bureau.clock())

    return make


@pytest.fixture
def join(
    bureau: Bureau, client: FlaskClient, network: Network, invite: Callable[[str], str], clock: Clock
) -> Callable[..., Town]:
    """Make a town that is a member."""

    def admitted(name: str, *, takes_events: bool = False) -> Town:
        town = Town(name, 8001 + len(network.towns), clock, takes_events=takes_events)
        network.towns[town.entity_id] = town
        assert town.enrol(client, invite(name)).status_code == 202
        with bureau.storage.transaction(write=True) as db:
            (asked,) = enrolment.waiting(db)
            enrolment.admit(db, bureau.seal, asked.enrolment.id, thumbprint=town.thumbprint, by="operator", now=clock())
            standing.sign_status_list(db, bureau.seal, clock())
        return town

    return admitted


@pytest.fixture
def harvest(bureau: Bureau, clock: Clock) -> Callable[[], None]:
    """Let two minutes pass and read what is due."""

    def read() -> None:
        clock.advance(minutes=2)
        reading.harvest(bureau)

    return read
