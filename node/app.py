"""The wiring of one town: from its configuration to everything its process holds, and to the pages and API it answers with."""

import contextlib
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from federation import clock as time_of_day
from federation import keys
from federation.address import AddressGuard
from federation.feed import Feeds
from federation.keys import open_ring
from federation.members import Members
from federation.peer import Peer
from federation.remote_registry import RemoteRegistry
from federation.replay import Proofs
from federation.storage import Storage
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.authorization import Authorization
from federation.web.base import WebSettings, create_base_app
from federation.web.bearer import Bearer, admit_node
from node.config import Config
from node.host import answers, listings
from node.host.passes import Passes
from node.joining import pins
from node.models.tables import METADATAS
from node.own_desks import Hosts
from node.people.provider import VisitGrant
from node.town import Keys, Town
from node.views import (
    EXTENSION,
    admin,
    attendance,
    booking,
    bookings,
    conditions,
    directory,
    partner,
    places,
    reception,
    rollcall,
    session,
    staff,
    trust,
)

THREADS = 8
"""Requests one worker answers at once, and so the connections its pool may hold."""
SCOPES = frozenset({"feed", "manage"})
PAGES = (
    (staff.blueprint, Audience.STAFF),
    (booking.blueprint, Audience.STAFF),
    (bookings.blueprint, Audience.STAFF),
    (attendance.blueprint, Audience.MANAGER),
    (conditions.blueprint, Audience.PERSONNEL),
    (directory.blueprint, Audience.PERSONNEL),
    *((blueprint, Audience.ADMIN) for blueprint in admin.BLUEPRINTS),
    (reception.blueprint, Audience.RECEPTION),
    (rollcall.blueprint, Audience.RECEPTION),
)
"""The pages of this town's own people, each with whom it is for."""


def open_town(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> Town:
    """Open a town for this process: make its folder and keys where there are none, and connect its parts.

    Nothing is called and nothing is listened on. ``clock`` gives the aware UTC moment.
    """
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    rings = open_keys(config)
    passes = Passes(config.entity_id, rings.passes)
    storage = Storage(config.database, *METADATAS, pool_size=THREADS)
    feeds = Feeds({**listings.renderers(config, clock), **answers.renderers(passes, clock)}, clock=clock)
    feeds.attach(storage)
    guard = AddressGuard(config.peer_origins_allowed, own=config.entity_id)
    peer = Peer(config.entity_id, guard, rings.protocol, keys.make(), clock, ca_bundle=config.peer_ca_bundle)
    members = Members(storage, pins(config), config.entity_id, RemoteRegistry(peer, config.registry))
    hosts = Hosts(config, storage, peer, members, rings.protocol, passes, clock)
    return Town(
        config=config,
        storage=storage,
        proofs=Proofs(config.database),
        feeds=feeds,
        peer=peer,
        members=members,
        keys=rings,
        clock=clock,
        hosts=hosts,
    )


def open_keys(config: Config) -> Keys:
    """Open the town's three key rings, making what is not there yet."""
    folder = config.data / "keys"
    return Keys(
        federation=open_ring(folder, "federation"),
        protocol=open_ring(folder, "protocol"),
        passes=open_ring(folder, "pass"),
    )


def create_app(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> AudiencedFlask:
    """Return one town as a WSGI application; its database must have been migrated."""
    return app_of(open_town(config, clock=clock))


def app_of(town: Town) -> AudiencedFlask:
    """Return the application of an opened town."""
    guards = {**session.GUARDS, Audience.NODE: admit_node, Audience.PERSON: partner.admit_visitor}
    app = create_base_app("node", _settings(town.config), guards=guards)
    app.extensions[EXTENSION] = town
    session.attach(app)
    _attach_tokens(app, town)
    partner.register_api(app)
    register(app, trust.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, session.blueprint, audience=Audience.PUBLIC)
    register(app, places.blueprint, audience=Audience.PUBLIC)
    for blueprint, audience in PAGES:
        register(app, blueprint, audience=audience)
    return app


def _settings(config: Config) -> WebSettings:
    return WebSettings(
        origin=config.entity_id,
        name=config.name,
        name_en=config.name_en,
        secret=session_secret(config),
        sign_in=session.SIGN_IN,
    )


def _attach_tokens(app: AudiencedFlask, town: Town) -> None:
    """Issue tokens to homes and to the registry, and check them."""
    authorization = Authorization(
        entity_id=town.config.entity_id,
        keys=town.keys.protocol,
        directory=town.members,
        storage=town.storage,
        proofs=town.proofs,
        clock=town.clock,
        scopes=SCOPES,
        grants=(VisitGrant,),
    )
    bearer = Bearer(
        entity_id=town.config.entity_id,
        keys=town.keys.protocol,
        directory=town.members,
        proofs=town.proofs,
        clock=town.clock,
    )
    bearer.attach(app)
    register(app, authorization.blueprint, audience=Audience.PUBLIC, kind=Kind.API)


def session_secret(config: Config) -> str:
    """Return the secret that signs this town's cookies, made on first use and kept beside its keys (mode 0600)."""
    path = config.data / "keys" / "session.secret"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def _write_once(path: Path, text: str) -> None:
    """Write a file that is complete from the moment it has its name; leave one that another process was quicker with."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
