"""A town as OpenID Provider, one of its people in a browser, and another town that sends people there to sign in."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select
from werkzeug.test import TestResponse

from federation import entity
from federation.audit import AuditEntry
from federation.jwk import to_base64url
from federation.keys import KeyPair
from federation.members import Members
from federation.peer import ASSERTION_TYPE
from federation.tokens import CLIENT_ASSERTION, REQUEST_OBJECT, sign_dpop_proof
from federation.web.audience import AudiencedFlask
from node import entity as node_entity
from node.app import app_of, open_town
from node.config import Config
from node.models.tables import METADATAS
from node.people import staff as directory
from node.town import Town
from tests.databases import Databases
from tests.federation.world import HOME, HOST, NOISE, NOW, REGISTRY, Registry
from tests.federation.world import Town as Party
from tests.node.pair import Clock, admit

PASSWORD = "tachiyori-desu-yo"
VERIFIER = "v" * 43
CALLBACK = HOST + node_entity.CALLBACK
GOODBYE = HOST + "/visit/goodbye"


def challenge_of(verifier: str) -> str:
    return to_base64url(hashlib.sha256(verifier.encode()).digest())


class Relying(Party):
    """A town at whose pages people of other towns sign in."""

    def metadata(self) -> dict[str, dict[str, Any]]:
        own = self.entity_id
        said = {
            "redirect_uris": [own + node_entity.CALLBACK, own + "/visit/callback?at=desk"],
            "post_logout_redirect_uris": [own + "/visit/goodbye"],
            "client_registration_types": ["automatic"],
        }
        return {**super().metadata(), "openid_relying_party": {"jwks": self.ring.jwks(), **said}}


@dataclass
class Sent:
    """Where the browser was sent: the address and its query."""

    answer: TestResponse

    @property
    def address(self) -> str:
        return self.answer.headers.get("Location", "")

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.address).query).items()}


@dataclass
class World:
    """The provider, a relying town and a third one, and the person at the keyboard."""

    home: Town
    clock: Clock
    registry: Registry
    relying: Relying
    third: Relying
    program: FlaskClient
    browser: FlaskClient
    home_app: AudiencedFlask

    # --- As a program ---------------------------------------------------------------------------------------------

    def assertion(self, town: Relying | None = None, *, key: KeyPair | None = None, **claims: Any) -> str:
        town = town or self.relying
        made = {"iss": town.entity_id, "sub": town.entity_id, "aud": HOME, **claims}
        return CLIENT_ASSERTION.sign(key or town.protocol, made, now=self.clock())

    def proven(self, town: Relying | None = None) -> dict[str, str]:
        town = town or self.relying
        return {
            "client_id": town.entity_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(town),
        }

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """What a good request holds; a change to ``...`` leaves a parameter out."""
        good = {
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not ...}

    def nonce(self) -> str:
        return self.program.post(entity.TOKEN, base_url=HOME).headers["DPoP-Nonce"]

    def proof(self, path: str, *, method: str = "POST", key: KeyPair | None = None, **more: Any) -> str:
        given = {"method": method, "url": HOME + path, "now": self.clock(), "nonce": self.nonce(), **more}
        return sign_dpop_proof(key or self.relying.dpop, **given)

    def post(self, path: str, form: Any, **headers: str) -> TestResponse:
        return self.program.post(path, data=form, headers=headers, base_url=HOME)

    def push(self, town: Relying | None = None, **changes: Any) -> TestResponse:
        return self.post(entity.PUSHED, {**self.proven(town), **self.parameters(**changes)})

    def push_object(self, claims: Mapping[str, Any] | None = None, token: str = "", **beside: str) -> TestResponse:
        return self.post(entity.PUSHED, {**self.proven(), "request": token or self.object(**(claims or {})), **beside})

    def object(self, *, key: KeyPair | None = None, **changes: Any) -> str:
        """A request object; ``changes`` to its claims, a change to ``...`` leaves one out."""
        own = {"iss": HOST, "aud": HOME, "client_id": HOST}
        life = timedelta(seconds=60)
        made = {name: value for name, value in {**own, **self.parameters(), **changes}.items() if value is not ...}
        return REQUEST_OBJECT.sign(key or self.relying.protocol, made, now=self.clock(), life=life)

    def pushed(self, town: Relying | None = None, **changes: Any) -> str:
        answer = self.push(town, **changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json["request_uri"])  # type: ignore[index]  # It is JSON.

    def redeem(
        self, code: str, *, town: Relying | None = None, key: KeyPair | None = None, **changes: Any
    ) -> TestResponse:
        good = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **self.proven(town),
        }
        form = {name: value for name, value in {**good, **changes}.items() if value is not ...}
        return self.post(entity.TOKEN, form, DPoP=self.proof(entity.TOKEN, key=key))

    def tokens(self, **changes: Any) -> dict[str, Any]:
        answer = self.redeem(self.code(**changes))
        assert answer.status_code == 200, answer.text
        return cast(dict[str, Any], answer.json)

    def userinfo(self, token: str, *, method: str = "GET", **more: Any) -> TestResponse:
        proof = self.proof(entity.USERINFO, method=method, access_token=token, **more)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return self.program.open(entity.USERINFO, method=method, headers=headers, base_url=HOME)

    # --- As a person ----------------------------------------------------------------------------------------------

    def opens(self, request_uri: str, client_id: str = HOST, browser: FlaskClient | None = None) -> Sent:
        query = {"client_id": client_id, "request_uri": request_uri}
        return Sent((browser or self.browser).get(entity.AUTHORIZE, query_string=query, base_url=HOME))

    def signs_in(self, next_: str = "/", password: str = PASSWORD) -> Sent:
        form = {"number": "012345", "password": password, "next": next_}
        return Sent(self.sends("/signin", form, shown_on="/signin?next=/"))

    def sends(self, path: str, form: Mapping[str, str], *, shown_on: str = "/signin?next=/") -> TestResponse:
        token = re.search(r'name="form_token" value="([^"]+)"', self.browser.get(shown_on, base_url=HOME).text)
        assert token is not None
        return self.browser.post(path, data={**form, "form_token": token[1]}, base_url=HOME)

    def decides(self, request_uri: str, decision: str = "allow", client_id: str = HOST) -> Sent:
        form = {"client_id": client_id, "request_uri": request_uri, "decision": decision}
        return Sent(self.sends(entity.AUTHORIZE, form))

    def code(self, town: Relying | None = None, **changes: Any) -> str:
        """Go all the way to a code, as somebody who is signed in and agrees."""
        client_id = (town or self.relying).entity_id
        request_uri = self.pushed(town, **changes)
        sent = self.opens(request_uri, client_id)
        if "code" not in sent.query:
            assert sent.answer.status_code == 200, sent.answer.text
            sent = self.decides(request_uri, client_id=client_id)
        return sent.query["code"]

    # --- What is left of it ---------------------------------------------------------------------------------------

    def lines(self, event: str) -> list[tuple[str, str]]:
        with self.home.storage.transaction() as db:
            rows = db.scalars(select(AuditEntry).where(AuditEntry.event == event).order_by(AuditEntry.number))
            return [(row.verdict, row.reason) for row in rows]


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def storage_url(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> str:
    """One kind of database is enough for the pages; what is stored has tests on both."""
    return databases.sqlite(metadatas, tmp_path)


@pytest.fixture
def world(storage_url: str, tmp_path: Path) -> Iterator[World]:
    clock, registry = Clock(), Registry()
    config = Config(HOME, "112089", "所沢市", REGISTRY, tmp_path / "home", storage_url)
    town = open_town(config, clock=clock)
    members = Members(town.storage, registry.pins, HOME, registry)
    town = replace(town, members=members)
    relying, third = Relying(HOST, "131016", "千代田区", 1), Relying(NOISE, "011002", "雑音町", 2)
    admit(registry, config, town, 0)
    for each in (relying, third):
        registry.admit(each)
    members.refresh(NOW)
    registry.calls.clear()
    with town.storage.transaction(write=True) as db:
        facts = {"section": "企画課", "authority": "町長部局", "employment": ""}
        directory.add(db, number="012345", name="立寄 太郎", password=PASSWORD, now=NOW, **facts)
    app = app_of(town)
    yield World(town, clock, registry, relying, third, app.test_client(), app.test_client(), app)
    town.storage.close()
    town.proofs.close()


@pytest.fixture
def signed_in(world: World) -> World:
    """The same, with the person signed in for a while."""
    world.signs_in()
    world.clock.pass_by(minutes=5)
    return world
