"""Another town's node at our API: the town, its desks, and who the test says is calling."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData
from werkzeug.test import TestResponse

from federation import keys
from federation.claims import Claims
from federation.errors import NotAMember, TokenRefused
from federation.feed import Feeds
from federation.messages.booking import BookingRequest
from federation.messages.problem import Problem
from federation.storage import Storage
from federation.trust import Party, VerifiedMember
from federation.web import bearer
from federation.web.audience import Audience, AudiencedFlask
from federation.web.base import WebSettings, create_base_app
from federation.web.bearer import Caller
from federation.web.clients import Clients
from node.config import Config
from node.host import answers, listings
from node.host.passes import Passes
from node.models.tables import METADATAS
from node.town import Keys, Town
from node.views import EXTENSION, partner
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOW, SAITAMA, Clock, Desks, offer, person

REGISTRY = "https://registry.example"
NUMBERS = {SAITAMA.entity_id: 17, CHIBA.entity_id: 18}
RING = keys.ring_of(keys.make())


class FakeMembers:
    """Knows two towns by their numbers."""

    def row(self, _db: object, entity_id: str) -> Any:
        @dataclass
        class Row:
            id: int

        if entity_id not in NUMBERS:
            raise NotAMember(entity_id)
        return Row(NUMBERS[entity_id])


@dataclass
class FakeBearer:
    """Lets in whoever the test says is calling; nobody at first."""

    caller: Caller | None = None

    def check(self) -> Caller:
        if self.caller is None:
            raise TokenRefused("no token")
        return self.caller


def node(entity_id: str, code: str, *scopes: str) -> Caller:
    """A town by its own token."""
    party = VerifiedMember(entity_id, {}, RING.public(), NOW, NOW, code, "町", "", "", 0, RING.public())
    return Caller(party, Claims({"sub": entity_id, "client_id": entity_id, "scope": " ".join(scopes)}), person=False)


def visitor(number: int = 0) -> Caller:
    """A civil servant of Saitama by the token their home asked for."""
    town = node(SAITAMA.entity_id, SAITAMA.code)
    return Caller(town.party, Claims({"sub": person(number), "client_id": SAITAMA.entity_id}), person=True)


def registry() -> Caller:
    party = Party(REGISTRY, {}, RING.public(), NOW, NOW)
    return Caller(party, Claims({"sub": REGISTRY, "client_id": REGISTRY, "scope": "feed"}), person=False)


@dataclass
class Api:
    """Another town's node at our API."""

    app: Flask
    bearer: FakeBearer
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def calls(self, caller: Caller | None) -> None:
        self.bearer.caller = caller

    def put(self, uuid: str, request: BookingRequest | str) -> TestResponse:
        body = request if isinstance(request, str) else request.text()
        return self.client.put(f"/api/v1/bookings/{uuid}", data=body, content_type="application/json")

    def patch(self, uuid: str, change: Mapping[str, Any], version: str | None) -> TestResponse:
        headers = {} if version is None else {"If-Match": version}
        return self.client.patch(f"/api/v1/bookings/{uuid}", data=json.dumps(change), headers=headers)

    def feed(self, name: str, **query: Any) -> TestResponse:
        return self.client.get(f"/feeds/{name}", query_string=query)


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def here(storage: Storage, tmp_path: Path) -> Town:
    config = Config("https://node.tokyo.example", "130001", "東京都", REGISTRY, tmp_path, "")
    clock = Clock()
    passes = Passes(config.entity_id, RING)
    published = Feeds({**listings.renderers(config, clock), **answers.renderers(passes, clock)}, clock=clock)
    published.attach(storage)
    absent = cast(Any, None)
    members = cast(Any, FakeMembers())
    return Town(config, storage, absent, published, absent, members, Keys(RING, RING, RING), clock, absent)


@pytest.fixture
def offered(here: Town) -> Desks:
    with here.storage.transaction(write=True) as db:
        desks = offer(db, here.config)
        agreed.conclude(db, {"name": "相互利用協定", "home_code": SAITAMA.code})
    return desks


@pytest.fixture
def api(here: Town, offered: Desks) -> Api:
    settings = WebSettings(origin=here.config.entity_id, name="東京都", secret="s" * 32)
    guards = {Audience.NODE: bearer.admit_node, Audience.PERSON: partner.admit_visitor}
    app: AudiencedFlask = create_base_app("node", settings, guards=guards)
    app.extensions[EXTENSION] = here
    partner.register_api(app)
    checks = FakeBearer(node(SAITAMA.entity_id, SAITAMA.code, "manage", "feed"))
    app.extensions[bearer.EXTENSION] = checks
    Clients(here.config.entity_id, cast(Any, here.members), here.storage, here.clock).attach(app)
    return Api(app, checks)


def problem(answer: TestResponse) -> Problem:
    assert answer.mimetype == "application/problem+json"
    return Problem.read(answer.data)
