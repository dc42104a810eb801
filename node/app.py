"""The wiring of one town: from its configuration to everything its process holds, and to the pages and API it answers with."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from federation import clock as time_of_day
from federation import keys
from federation.address import AddressGuard
from federation.claims import Claims, moment
from federation.feed import Feeds
from federation.keys import open_ring
from federation.members import Members
from federation.peer import Peer, Transport
from federation.remote_registry import RemoteRegistry
from federation.replay import Proofs
from federation.storage import Storage
from federation.web import revocation
from federation.web.audience import Audience, AudiencedFlask, Kind, register
from federation.web.authorization import Authorization
from federation.web.base import WebSettings, create_base_app
from federation.web.bearer import Bearer, admit_node, admit_relying
from federation.web.nonces import Nonces
from federation.web.trail import leave_trail
from node import entity, secret_file
from node.alarms import TownsWitness
from node.config import Config
from node.host import answers, disaster, listings
from node.host.passes import Passes
from node.joining import pins
from node.models.tables import METADATAS
from node.own_desks import Hosts
from node.people import endings
from node.people.provider.codegrant import CodeGrant
from node.people.provider.visits import requiring
from node.people.upstream.idp import TOTAL_SECONDS, Idp
from node.town import Keys, Town
from node.views import (
    EXTENSION,
    arriving,
    authorize,
    calendars,
    homes,
    logout,
    mailed,
    oidc,
    partner,
    photos,
    places,
    printing,
    resets,
    second,
    session,
    trust,
    upstream,
    visiting,
)
from node.views.pages import PAGES

THREADS = 8
"""Requests one worker answers at once, and so the connections its pool may hold."""


def open_town(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> Town:
    """Open a town for this process: make its folder and keys where there are none, and connect its parts.

    Nothing is called and nothing is listened on. ``clock`` gives the aware UTC moment.
    """
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    rings = open_keys(config, clock=clock)
    passes = Passes(config.entity_id, rings.passes)
    storage = Storage(config.database, *METADATAS, pool_size=THREADS)
    feeds = Feeds({**listings.renderers(config, clock), **answers.renderers(passes, clock)}, clock=clock)
    feeds.attach(storage)
    guard = AddressGuard(config.peer_origins_allowed, own=config.entity_id)
    peer = Peer(config.entity_id, guard, rings.protocol, keys.make(), clock, ca_bundle=config.peer_ca_bundle)
    witness = TownsWitness(config, rings, clock)
    registry = RemoteRegistry(peer, config.registry)
    members = Members(storage, pins(config), config.entity_id, registry, witness=witness, grace=disaster.grace)
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


def open_keys(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> Keys:
    """Open the town's three key rings, making what is not there yet."""
    folder = config.data / "keys"
    return Keys(
        federation=open_ring(folder, "federation", clock=clock),
        protocol=open_ring(folder, "protocol", clock=clock),
        passes=open_ring(folder, "pass", clock=clock),
    )


def create_app(config: Config, *, clock: Callable[[], datetime] = time_of_day.now) -> AudiencedFlask:
    """Return one town as a WSGI application; its database must have been migrated."""
    return app_of(open_town(config, clock=clock))


def app_of(town: Town) -> AudiencedFlask:
    """Return the application of an opened town."""
    guards = {
        **session.GUARDS,
        Audience.NODE: admit_node,
        Audience.PERSON: partner.admit_visitor,
        Audience.RELYING: admit_relying,
        Audience.VISITOR: visiting.admit_visiting,
        Audience.PRINTER: printing.admit,
    }
    app = create_base_app("node", _settings(town.config), guards=guards)
    app.extensions[EXTENSION] = town
    session.attach(app)
    upstream.attach(app, open_idp(town))
    visiting.attach(app)
    _attach_tokens(app, town)
    partner.register_api(app)
    oidc.register_provider(app)
    register(app, trust.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    for pages in (session.blueprint, second.blueprint, resets.blueprint, authorize.blueprint, logout.blueprint):
        register(app, pages, audience=Audience.PUBLIC)
    for pages in (places.blueprint, mailed.blueprint, photos.blueprint, homes.blueprint):
        register(app, pages, audience=Audience.PUBLIC)
    register(app, calendars.subscribed, audience=Audience.PUBLIC)
    register(app, arriving.blueprint, audience=Audience.PUBLIC)
    register(app, visiting.blueprint, audience=Audience.VISITOR)
    register(app, printing.blueprint, audience=Audience.PRINTER)
    for blueprint, audience in PAGES:
        register(app, blueprint, audience=audience)
    leave_trail(app, town.storage, town.clock, session.actor)
    return app


def _settings(config: Config) -> WebSettings:
    return WebSettings(
        origin=config.entity_id,
        name=config.name,
        name_en=config.name_en,
        secret=session_secret(config),
        sign_in=session.SIGN_IN,
        form_action=tuple(sorted(config.upstream.origins)) if config.upstream else (),
    )


def open_idp(town: Town) -> Idp | None:
    """Return the town's own identity provider as this process calls it, or None; its private addresses are its own affair."""
    config = town.config
    if config.upstream is None:
        return None
    private = config.upstream.origins if config.upstream.is_private else frozenset()
    guard = AddressGuard(private, own=config.entity_id)
    transport = Transport(guard, ca_bundle=config.upstream.ca_bundle, total_seconds=TOTAL_SECONDS)
    return Idp(config.upstream, transport, town.keys.protocol, town.clock)


def _attach_tokens(app: AudiencedFlask, town: Town) -> None:
    """Issue tokens to homes and to the registry, and check them."""
    nonces = Nonces(session_secret(town.config))
    authorization = Authorization(
        entity_id=town.config.entity_id,
        keys=town.keys.protocol,
        directory=town.members,
        storage=town.storage,
        proofs=town.proofs,
        nonces=nonces,
        clock=town.clock,
        scopes=entity.SCOPES,
        grants=(requiring(town.config.visitors_level), CodeGrant),
        metadata=lambda: entity.server_metadata(town.config, town.keys.protocol),
    )
    authorization.attach(app)
    bearer = Bearer(
        entity_id=town.config.entity_id,
        keys=town.keys.protocol,
        directory=town.members,
        proofs=town.proofs,
        nonces=nonces,
        clock=town.clock,
        refusals=authorization.clients.refusals,
        ended=_is_ended,
    )
    authorization.clients.attach(app)
    bearer.attach(app)
    register(app, authorization.blueprint, audience=Audience.PUBLIC, kind=Kind.API)


def _is_ended(claims: Claims, db: Session) -> bool:
    """Say whether a token was revoked, or a visitor's home has ended the sign-in behind it; a home's own rests on none."""
    if revocation.is_revoked(claims, db):
        return True
    if "auth_time" not in claims:
        return False
    return endings.is_ended(db, str(claims["client_id"]), claims.subject, moment(claims["auth_time"]))


def session_secret(config: Config) -> str:
    """Return the secret that signs this town's cookies, made on first use and kept beside its keys (mode 0600)."""
    return secret_file.kept(config.data / "keys" / "session.secret")
