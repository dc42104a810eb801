"""The wiring of the registry: from its configuration to everything its process holds, and to what it answers with."""

import os
from collections.abc import Callable
from datetime import datetime

from flask import Flask

from federation import clock as time_of_day
from federation import keys
from federation.address import AddressGuard
from federation.feed import Feeds, singly
from federation.members import Members
from federation.peer import Peer
from federation.replay import Proofs
from federation.storage import Storage
from federation.trust import Pins
from federation.web import revocation
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.authorization import Authorization
from federation.web.base import WebSettings, create_base_app
from federation.web.bearer import Bearer, admit_node
from federation.web.nonces import Nonces
from federation.web.trail import leave_trail
from registry import catalogue, custody, emergencies
from registry.bureau import Bureau
from registry.config import Config, from_environment
from registry.membership import statements
from registry.models.tables import METADATAS
from registry.views import console, description, enrolment, entrance, nodes, signin, trust
from registry.views.signin import admit_operator

THREADS = 8
"""Requests one worker answers at once, and so the connections its pool may hold."""
SCOPES = frozenset({"search", "feed"})


def open_bureau(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> Bureau:
    """Open the registry for this process: make its folder and keys where there are none, and connect its parts.

    Nothing is called and nothing is listened on. ``clock`` gives the aware UTC moment.
    """
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    seal = custody.open_seal(config, clock=clock)
    storage = Storage(config.database, *METADATAS, pool_size=THREADS)
    feeds = Feeds(
        {
            "members": {"member": singly(statements.entry)},
            "catalogue": catalogue.RENDERERS,
            emergencies.FEED: emergencies.RENDERERS,
        },
        clock=clock,
    )
    feeds.attach(storage)
    guard = AddressGuard(config.peer_origins_allowed, own=config.entity_id)
    pins = Pins(config.entity_id, seal.federation.current.kid, seal.recovery)
    return Bureau(
        config=config,
        storage=storage,
        proofs=Proofs(config.database),
        feeds=feeds,
        peer=Peer(config.entity_id, guard, seal.protocol, keys.make(), clock, ca_bundle=config.peer_ca_bundle),
        members=Members(storage, pins, config.entity_id, None),
        seal=seal,
        secret=custody.session_secret(config),
        clock=clock,
    )


def create_app(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> AudiencedFlask:
    """Return the registry as a WSGI application; its database must have been migrated."""
    return app_of(open_bureau(config, clock=clock))


def app_of(bureau: Bureau) -> AudiencedFlask:
    """Return the application of an opened registry."""
    guards = {Audience.NODE: admit_node, Audience.OPERATOR: admit_operator}
    app = create_base_app("registry", _settings(bureau), guards=guards)
    app.extensions["tachiyori"] = bureau
    _attach_tokens(app, bureau)
    register(app, trust.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, enrolment.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, description.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, nodes.blueprint, audience=Audience.NODE)
    register(app, entrance.blueprint, audience=Audience.PUBLIC)
    register(app, signin.blueprint, audience=Audience.PUBLIC)
    register(app, console.blueprint, audience=Audience.OPERATOR)
    leave_trail(app, bureau.storage, bureau.clock, signin.account)
    return app


def _settings(bureau: Bureau) -> WebSettings:
    return WebSettings(
        origin=bureau.config.entity_id,
        name=bureau.config.name,
        name_en=bureau.config.name_en,
        secret=bureau.secret,
        sign_in="signin.form",
    )


def _attach_tokens(app: AudiencedFlask, bureau: Bureau) -> None:
    """Issue node tokens, and check them."""
    nonces = Nonces(bureau.secret)
    authorization = Authorization(
        entity_id=bureau.config.entity_id,
        keys=bureau.seal.protocol,
        directory=bureau.members,
        storage=bureau.storage,
        proofs=bureau.proofs,
        nonces=nonces,
        clock=bureau.clock,
        scopes=SCOPES,
    )
    bearer = Bearer(
        entity_id=bureau.config.entity_id,
        keys=bureau.seal.protocol,
        directory=bureau.members,
        proofs=bureau.proofs,
        nonces=nonces,
        clock=bureau.clock,
        refusals=authorization.clients.refusals,
        ended=revocation.is_revoked,
    )
    bearer.attach(app)
    authorization.clients.attach(app)
    register(app, authorization.blueprint, audience=Audience.PUBLIC, kind=Kind.API)


def application() -> Flask:
    """Make the application of one worker from the process's environment: what ``serve`` names as its target."""
    return create_app(from_environment(os.environ))
