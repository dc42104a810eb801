"""Two parties over a real socket: what ``federation.peer`` sends is what our token endpoint and check accept."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Response, jsonify, request
from sqlalchemy import MetaData
from werkzeug.serving import make_server

from federation import clock, entity
from federation.address import AddressGuard
from federation.errors import PeerRefused
from federation.keys import make
from federation.members import Members
from federation.messages.feed import FeedPage
from federation.peer import Peer
from federation.remote_registry import RemoteRegistry
from federation.replay import Proofs
from federation.storage import Storage
from federation.web.audience import Audience, Kind, register
from federation.web.authorization import Authorization
from federation.web.base import WebSettings, create_base_app
from federation.web.bearer import Bearer, admit_node, node_caller
from federation.web.nonces import Nonces
from tests.databases import Databases
from tests.federation.world import Registry, Town

CALLER = "http://localhost:1"


@pytest.fixture
def storage_url(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> str:
    """One kind of database is enough here."""
    return databases.sqlite(metadatas, tmp_path)


@dataclass
class Called:
    """The party that is called, and the caller."""

    origin: str
    caller: Town
    peer: Peer
    registry: Registry
    members: Members


def feeds(origin: str) -> Blueprint:
    blueprint = Blueprint("feeds", __name__)

    def members() -> Response:
        node_caller("feed")
        return jsonify(FeedPage(next=origin + request.full_path.rstrip("?")).wire())

    blueprint.add_url_rule("/feeds/members", "members", members)
    blueprint.add_url_rule("/api/v1/who", "who", lambda: jsonify(code=node_caller("manage").member.code))
    return blueprint


@contextmanager
def served(app: Any) -> Iterator[int]:
    def latest(environ: Any, start: Any) -> Any:
        # The application is made once its port, and so its entity id, is known.
        return app[0](environ, start)

    server = make_server("localhost", 0, latest, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def called(storage: Storage, storage_url: str) -> Iterator[Called]:
    holder: list[Any] = [None]
    proofs = Proofs(storage_url)
    with served(holder) as port:
        origin = f"http://localhost:{port}"
        registry, caller, own = Registry(now=clock.now()), Town(CALLER, index=0), make()
        registry.admit(caller)
        members = Members(storage, registry.pins, origin, registry)
        members.refresh(registry.now)
        shared: dict[str, Any] = {"entity_id": origin, "directory": members, "proofs": proofs, "clock": clock.now}
        shared["nonces"] = Nonces("the host's own secret")
        shared["keys"] = Town(origin, protocol=own).ring
        app = create_base_app(
            "federation.web",
            WebSettings(origin=origin, name="訪問先市", secret="x" * 32),
            guards={Audience.NODE: admit_node},
        )
        authorization = Authorization(**shared, storage=storage, scopes=frozenset({"feed", "manage"}))
        register(app, authorization.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
        register(app, feeds(origin), audience=Audience.NODE)
        Bearer(**shared, refusals=authorization.clients.refusals).attach(app)
        holder[0] = app
        guard = AddressGuard(frozenset({origin}), CALLER)
        yield Called(origin, caller, Peer(CALLER, guard, caller.ring, make(), clock.now), registry, members)
    proofs.close()


def ask(called: Called, **more: Any) -> Any:
    given = {"audience": called.origin, "token_endpoint": called.origin + entity.TOKEN, "scope": "manage"}
    return called.peer.request("GET", called.origin + "/api/v1/who?a=b", **{**given, **more})


def test_a_peer_is_let_in_again_and_again(called: Called) -> None:
    assert [ask(called).expect(200).json for _ in range(3)] == [{"code": called.caller.code}] * 3


def test_a_feed_is_read_as_a_node(called: Called) -> None:
    remote = RemoteRegistry(called.peer, called.origin)
    assert remote.members_page(remote.members_feed).next == remote.members_feed


def test_a_scope_that_is_not_offered_is_a_refusal(called: Called) -> None:
    with pytest.raises(PeerRefused) as caught:
        ask(called, scope="search")
    assert b"invalid_scope" in caught.value.body


def test_a_suspended_member_is_refused_though_it_holds_a_token(called: Called) -> None:
    ask(called).expect(200)
    called.registry.statuses[0] = "suspended"
    called.members.refresh_status(called.registry.later(seconds=1))
    with pytest.raises(PeerRefused) as caught:
        ask(called).expect(200)
    assert caught.value.answered == 403


def test_many_threads_share_one_peer(called: Called) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(called).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8
