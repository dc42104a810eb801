"""Actors for the registry's tests: towns with keys and feeds of their own, and a clock that is moved by hand."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from federation import entity
from federation.answer import Answer
from federation.errors import PeerUnreachable
from federation.keys import KeyPair, KeyRing, make, ring_of
from federation.messages.feed import FeedItem, FeedPage
from federation.peer import ASSERTION_TYPE
from federation.tokens import CLIENT_ASSERTION, sign_dpop_proof

REGISTRY = "http://localhost:8000"
NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
CODES = {"埼玉県": "110001", "狛江市": "132195", "秩父市": "112071", "東京都": "130001", "川越市": "112011"}


@dataclass
class Clock:
    """The time of day in a test."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class Town:
    """A town's node as far as the registry can see it."""

    name: str
    port: int
    clock: Clock
    federation: KeyRing = field(default_factory=lambda: ring_of(make()))
    protocol: KeyRing = field(default_factory=lambda: ring_of(make()))
    dpop: KeyPair = field(default_factory=make)
    feeds: dict[str, list[FeedItem]] = field(default_factory=lambda: {"listings": [], "offers": []})
    up: bool = True
    authority: str = REGISTRY
    epoch: str = "a"
    takes_events: bool = False

    @property
    def entity_id(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def code(self) -> str:
        return CODES[self.name]

    @property
    def thumbprint(self) -> str:
        return self.federation.current.kid

    def metadata(self) -> dict[str, dict[str, object]]:
        jwks, own = self.protocol.jwks(), self.entity_id
        return {
            "federation_entity": {"organization_name": f"自称{self.name}"},
            "oauth_authorization_server": {"issuer": own, "token_endpoint": f"{own}/oauth/token", "jwks": jwks},
            "desk_exchange": {
                "jwks": jwks,
                "listings_feed": f"{own}/feeds/listings",
                "offers_feed": f"{own}/feeds/offers",
                "ping_endpoint": f"{own}/api/v1/pings",
                **({"events_endpoint": f"{own}/api/v1/events"} if self.takes_events else {}),
            },
        }

    def configuration(self, **changed: Any) -> str:
        given: dict[str, Any] = {
            "entity_id": self.entity_id,
            "federation": self.federation,
            "metadata": self.metadata(),
            "authority_hints": (self.authority,),
            "now": self.clock(),
            **changed,
        }
        return entity.entity_configuration(**given)

    def assertion(self, key: KeyPair | None = None, **changed: object) -> str:
        claims = {"iss": self.entity_id, "sub": self.entity_id, "aud": REGISTRY, **changed}
        return CLIENT_ASSERTION.sign(key or self.protocol.current, claims, now=self.clock())

    # --- What it asks of the registry -------------------------------------------------------------------------

    def enrol(self, client: FlaskClient, invitation: str, **changed: str) -> TestResponse:
        body = {
            "invitation": invitation,
            "configuration": self.configuration(),
            "proof": self.assertion(self.federation.current),
            **changed,
        }
        return client.post("/api/v1/enrolment", json=body)

    def token(self, client: FlaskClient, scope: str) -> str:
        url = f"{REGISTRY}/oauth/token"
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_id": self.entity_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        nonce = client.post("/oauth/token").headers["DPoP-Nonce"]
        proof = sign_dpop_proof(self.dpop, method="POST", url=url, now=self.clock(), nonce=nonce)
        answer = client.post("/oauth/token", data=form, headers={"DPoP": proof})
        assert answer.status_code == 200, answer.text
        return str(json_of(answer)["access_token"])

    def get(self, client: FlaskClient, path: str, scope: str, **query: object) -> TestResponse:
        token = self.token(client, scope)
        nonce, now = client.post("/oauth/token").headers["DPoP-Nonce"], self.clock()
        proof = sign_dpop_proof(self.dpop, method="GET", url=REGISTRY + path, now=now, access_token=token, nonce=nonce)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return client.get(f"{path}?{urlencode(query, doseq=True)}", headers=headers)

    def search(self, client: FlaskClient, start: datetime, end: datetime, **query: object) -> list[dict[str, Any]]:
        times = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        answer = self.get(client, "/api/v1/search", "search", **times, **query)
        assert answer.status_code == 200, answer.text
        return list(json_of(answer).get("desks", []))

    # --- What it publishes ------------------------------------------------------------------------------------

    def publish(self, feed: str, kind: str, name: str, data: dict[str, Any] | None) -> None:
        """Put the newest word about a thing at the end of a feed, as RPDE has it."""
        items = self.feeds[feed]
        number = max((item.modified for item in items), default=0) + 1
        kept = [item for item in items if (item.kind, item.id) != (kind, name)]
        state = "deleted" if data is None else "updated"
        wire = {"state": state, "kind": kind, "id": name, "modified": number, "data": data}
        self.feeds[feed] = [*kept, FeedItem.model_validate(wire)]

    def open_site(self, lat: float, lon: float, /, **changed: object) -> str:
        site = str(uuid.uuid4())
        facts = {
            "id": site,
            "url": f"{self.entity_id}/sites/{site}",
            "municipality_code": self.code,
            "name": f"{self.name}役所",
            "address": f"{self.name}1-1",
            "lat": lat,
            "lon": lon,
        }
        self.publish("listings", "site", site, {**facts, **changed})
        return site

    def open_desk(self, site: str, *, start: datetime, hours: float = 8, **changed: object) -> str:
        desk = str(uuid.uuid4())
        facts = {
            "id": desk,
            "url": f"{self.entity_id}/desks/{desk}",
            "site_id": site,
            "name": "A-1",
            "room_id": str(uuid.uuid4()),
            "room_name": "会議室",
            "privacy": "private",
        }
        self.publish("listings", "desk", desk, {**facts, **changed})
        self.free(desk, (start, start + timedelta(hours=hours)))
        return desk

    def free(self, desk: str, *ranges: tuple[datetime, datetime]) -> None:
        told = [{"start": start.isoformat(), "end": end.isoformat()} for start, end in ranges]
        self.publish("offers", "free", desk, {"desk_id": desk, "ranges": told, "as_of": self.clock().isoformat()})

    def agree(self, *homes: "Town", **changed: object) -> str:
        name = str(uuid.uuid4())
        facts = {"id": name, "homes": [home.code for home in homes], "name": "相互利用協定"}
        self.publish("offers", "agreement", name, {**facts, **changed})
        return name

    def page(self, url: str) -> FeedPage:
        if not self.up:
            raise PeerUnreachable(self.entity_id)
        path, _, query = url.removeprefix(self.entity_id).partition("?")
        after = int(query.rpartition("=")[2]) if query else 0
        own = f"{self.entity_id}{path}"
        items = tuple(item for item in self.feeds[path.rpartition("/")[2]] if item.modified > after)
        if not items:
            return FeedPage(next=url)
        return FeedPage(next=f"{own}?epoch={self.epoch}&afterChangeNumber={items[-1].modified}", items=items)


@dataclass
class Network:
    """The registry's way to the towns, in place of ``federation.peer.Peer``."""

    towns: dict[str, Town] = field(default_factory=dict)
    pinged: list[str] = field(default_factory=list)
    pushed: dict[str, str] = field(default_factory=dict)

    def ping(self, url: str, audience: str, feed: str) -> None:
        assert url == f"{audience}/api/v1/pings"
        assert feed in {"members", "emergencies"}
        if not self.towns[audience].up:
            raise PeerUnreachable(audience)
        self.pinged.append(audience)

    def feed_page(
        self, url: str, *, audience: str, token_endpoint: str | None = None, no_cache: bool = False
    ) -> FeedPage:
        assert (token_endpoint is None) == ("listings" in url), "offers are read with a token, listings without"
        return self.towns[audience].page(url)

    @property
    def transport(self) -> "Network":
        return self

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: str) -> Answer:
        assert (method, headers["Content-Type"]) == ("POST", "application/secevent+jwt")
        self.pushed[url] = body
        return Answer(url, 202, {}, b"")

    def fetch_entity_configuration(self, entity_id: str) -> str:
        town = self.towns[entity_id]
        if not town.up:
            raise PeerUnreachable(entity_id)
        return town.configuration()


def json_of(answer: TestResponse) -> dict[str, Any]:
    assert isinstance(answer.json, dict), answer.text
    return answer.json


def problem(answer: TestResponse) -> str:
    """The code of the problem an answer tells: the last segment of its type."""
    return str(json_of(answer)["type"]).rpartition("/")[2]
