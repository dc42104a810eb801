"""The token endpoint and the check of its tokens, from both ends: what passes, and every forgery that must not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Response, jsonify
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select
from werkzeug.datastructures import Headers, MultiDict

from federation import entity
from federation.audit import AuditEntry
from federation.keys import KeyPair, make
from federation.members import Members
from federation.peer import ASSERTION_TYPE
from federation.replay import Proofs
from federation.storage import Storage
from federation.tokens import CLIENT_ASSERTION, NODE_TOKEN, PERSON_TOKEN, VISIT_GRANT, Proof, peek, sign_dpop_proof
from federation.trust import Party
from federation.web import revocation
from federation.web.audience import Audience, Kind, register
from federation.web.authorization import Authorization
from federation.web.base import WebSettings, create_base_app
from federation.web.bearer import Bearer, admit_node, admit_person, any_caller, node_caller, person_caller
from federation.web.grants import BoundGrant, Issued
from federation.web.nonces import SLOT, Nonces
from tests.databases import Databases
from tests.federation.forgery import compact
from tests.federation.world import HOME, HOST, NOISE, NOW, REGISTRY, Registry, Town

TOKEN_URL = HOST + entity.TOKEN
NONCES = Nonces("the host's own secret")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Visit(BoundGrant):
    """A visit grant as a node might add it: enough to see that the hook works."""

    GRANT_TYPE = JWT_BEARER

    def issue(self, party: Party, proof: Proof, now: datetime) -> Issued:
        grant = VISIT_GRANT.verify(
            self.form.get("assertion", ""),
            party.protocol_keys,
            now=now,
            issuer=party.entity_id,
            audience=HOST,
            cnf={"jkt": proof.jkt},
        )
        own = {"iss": HOST, "aud": HOST, "client_id": party.entity_id, "cnf": {"jkt": proof.jkt}}
        person = {name: grant[name] for name in ("sub", "acr", "auth_time")}
        life = timedelta(minutes=5)
        return Issued(PERSON_TOKEN.sign(self.authorization.keys.current, {**own, **person}, now=now, life=life), life)


@dataclass
class World:
    """A host that is asked, the towns that ask, and the clock they share."""

    client: FlaskClient
    registry: Registry
    members: Members
    host: Town
    home: Town
    noise: Town
    now: datetime = NOW
    ended: set[str] = field(default_factory=set)

    def assertion(self, town: Town | None = None, *, key: KeyPair | None = None, **claims: Any) -> str:
        town = town or self.home
        made = {"iss": town.entity_id, "sub": town.entity_id, "aud": HOST, **claims}
        return CLIENT_ASSERTION.sign(key or town.protocol, made, now=self.now)

    def form(self, **more: str) -> dict[str, str]:
        form = {
            "grant_type": "client_credentials",
            "scope": "manage",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": more.get("client_assertion") or self.assertion(),
        }
        return {name: text for name, text in {**form, **more}.items() if text}

    def proof(self, *, key: KeyPair | None = None, method: str = "POST", url: str = TOKEN_URL, **more: Any) -> str:
        given = {"method": method, "url": url, "now": self.now, "nonce": NONCES.current(self.now), **more}
        return sign_dpop_proof(key or self.home.dpop, **given)

    def ask(self, form: Mapping[str, str] | None = None, proof: str | None = None, **more: Any) -> Any:
        headers = {"DPoP": self.proof() if proof is None else proof}
        return self.client.post(entity.TOKEN, **{"data": form or self.form(), "headers": headers, **more})

    def token(self, **more: str) -> str:
        answer = self.ask(self.form(**more))
        assert answer.status_code == 200, answer.text
        return str(answer.json["access_token"])

    def known_token(self, *, used: bool) -> str:
        """A token that the host has seen before, or not: nothing may depend on it."""
        token = self.token()
        assert not used or self.call(token).status_code == 200
        return token

    def call(self, token: str, *, path: str = "/api/manage", scheme: str = "DPoP", **more: Any) -> Any:
        proof = more.pop("proof", None) or self.proof(
            method="GET", url=HOST + path, access_token=token, key=more.pop("key", None)
        )
        headers = [("Authorization", f"{scheme} {token}"), ("DPoP", proof), *more.pop("headers", [])]
        return self.client.get(path, headers=Headers(headers), **more)


def api() -> Blueprint:
    blueprint = Blueprint("api", __name__)

    def answer(check: Callable[[], Any]) -> Callable[[], Response]:
        return lambda: jsonify(code=check().member.code)

    blueprint.add_url_rule("/api/manage", "manage", answer(lambda: node_caller("manage")))
    blueprint.add_url_rule("/api/feed", "feed", answer(lambda: node_caller("feed")))
    return blueprint


def persons() -> Blueprint:
    blueprint = Blueprint("persons", __name__)
    blueprint.add_url_rule("/api/person", "create", lambda: jsonify(sub=person_caller().claims.subject))
    return blueprint


@pytest.fixture
def storage_url(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> str:
    """One kind of database is enough here: what is remembered, and how on each kind, has tests of its own."""
    return databases.sqlite(metadatas, tmp_path)


@pytest.fixture
def world(storage: Storage, storage_url: str) -> Iterator[World]:
    registry, proofs = Registry(), Proofs(storage_url)
    host, home = Town(HOST, code="012025", index=0), Town(HOME, index=1)
    noise = Town(NOISE, code="011002", name="雑音町", index=2)
    for town in (noise, host, home):
        registry.admit(town)
    members = Members(storage, registry.pins, HOST, registry)
    members.refresh(NOW)
    registry.calls.clear()
    made = World(None, registry, members, host, home, noise)  # type: ignore[arg-type]
    shared: dict[str, Any] = {
        "entity_id": HOST,
        "keys": host.ring,
        "directory": members,
        "proofs": proofs,
        "nonces": NONCES,
    }
    authorization = Authorization(
        **shared, storage=storage, clock=lambda: made.now, scopes=frozenset({"feed", "manage"}), grants=[Visit]
    )
    app = create_base_app(
        "federation.web",
        WebSettings(origin=HOST, name="訪問先市", secret="x" * 32),
        guards={Audience.NODE: admit_node, Audience.PERSON: admit_person},
    )
    register(app, authorization.blueprint, audience=Audience.PUBLIC, kind=Kind.API)
    register(app, api(), audience=Audience.NODE)
    register(app, persons(), audience=Audience.PERSON)
    ended = lambda claims, db: claims.jti in made.ended or revocation.is_revoked(claims, db)  # noqa: E731 - what Bearer takes.
    Bearer(**shared, clock=lambda: made.now, ended=ended, refusals=authorization.clients.refusals).attach(app)
    made.client = app.test_client()
    yield made
    proofs.close()


# --- The token endpoint ---------------------------------------------------------------------------------------


def test_a_member_gets_a_token_bound_to_its_key(world: World) -> None:
    answer = world.ask()
    assert answer.status_code == 200
    assert (answer.json["token_type"], answer.json["expires_in"], answer.json["scope"]) == ("DPoP", 600, "manage")
    assert answer.headers["Cache-Control"] == "no-store"
    claims = NODE_TOKEN.verify(
        answer.json["access_token"], world.host.ring.public(), now=NOW, issuer=HOST, audience=HOST
    )
    assert (claims.subject, claims["client_id"], claims.jkt) == (HOME, HOME, world.home.dpop.kid)
    assert world.registry.calls == []


def test_a_client_assertion_may_leave_its_typ_out(world: World) -> None:
    now = int(NOW.timestamp())
    claims = {"iss": HOME, "sub": HOME, "aud": HOST, "iat": now, "exp": now + 60, "jti": "a"}
    token = compact({"alg": "ES256", "kid": world.home.protocol.kid}, claims, pair=world.home.protocol)
    assert world.ask(world.form(client_assertion=token)).status_code == 200


def raw(world: World, **claims: Any) -> str:
    """An assertion that our own signing would refuse to make; a claim of ``...`` is left out."""
    now = int(world.now.timestamp())
    made = {"iss": HOME, "sub": HOME, "aud": HOST, "iat": now, "exp": now + 60, "jti": "j", **claims}
    kept = {name: value for name, value in made.items() if value is not ...}
    head = {"alg": "ES256", "kid": world.home.protocol.kid, "typ": "client-authentication+jwt"}
    return compact(head, kept, pair=world.home.protocol)


FALSE_CLIENTS: dict[str, Callable[[World], dict[str, str]]] = {
    "none": lambda w: {"client_assertion": "x"},
    "not a token": lambda w: {"client_assertion": "a.b.c"},
    "another type": lambda w: {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    "no type": lambda w: {"client_assertion_type": ""},
    "another client_id": lambda w: {"client_id": NOISE},
    "aud list of one": lambda w: {"client_assertion": raw(w, aud=[HOST])},
    "aud list of two": lambda w: {"client_assertion": raw(w, aud=[HOST, NOISE])},
    "aud another host": lambda w: {"client_assertion": raw(w, aud=NOISE)},
    "aud with a slash": lambda w: {"client_assertion": raw(w, aud=HOST + "/")},
    "aud token endpoint": lambda w: {"client_assertion": raw(w, aud=TOKEN_URL)},
    "aud missing": lambda w: {"client_assertion": raw(w, aud=...)},
    "sub missing": lambda w: {"client_assertion": raw(w, sub=...)},
    "sub another": lambda w: {"client_assertion": raw(w, sub=NOISE)},
    "iss another": lambda w: {"client_assertion": raw(w, iss=NOISE, sub=NOISE)},
    "iss unknown": lambda w: {"client_assertion": raw(w, iss="https://x.example", sub="https://x.example")},
    "iss with a slash": lambda w: {"client_assertion": raw(w, iss=HOME + "/", sub=HOME + "/")},
    "iss in capitals": lambda w: {"client_assertion": raw(w, iss=HOME.upper(), sub=HOME.upper())},
    "iss with a port": lambda w: {"client_assertion": raw(w, iss=HOME + ":443", sub=HOME + ":443")},
    "iss with a NUL": lambda w: {"client_assertion": raw(w, iss=HOME + "\x00", sub=HOME + "\x00")},
    "iss a lone surrogate": lambda w: {"client_assertion": raw(w, iss="https://\ud800.example")},
    "iss a list": lambda w: {"client_assertion": raw(w, iss=[HOME])},
    "iss the host itself": lambda w: {"client_assertion": w.assertion(w.host)},
    "jti missing": lambda w: {"client_assertion": raw(w, jti=...)},
    "exp missing": lambda w: {"client_assertion": raw(w, exp=...)},
    "expired": lambda w: {"client_assertion": raw(w, iat=int(NOW.timestamp()) - 300, exp=int(NOW.timestamp()) - 240)},
    "from the future": lambda w: {"client_assertion": raw(w, iat=int(NOW.timestamp()) + 60)},
    "too long a life": lambda w: {"client_assertion": raw(w, exp=int(NOW.timestamp()) + 3600)},
    "signed by the federation key": lambda w: {"client_assertion": w.assertion(key=w.home.federation)},
    "signed by another member": lambda w: {"client_assertion": w.assertion(key=w.noise.protocol)},
    "signed by a stranger": lambda w: {"client_assertion": w.assertion(key=make())},
    "an access token": lambda w: {"client_assertion": w.token()},
    "a statement": lambda w: {"client_assertion": w.home.configuration()},
    "a proof": lambda w: {"client_assertion": w.proof()},
    "a secret": lambda w: {"client_assertion": "x", "client_secret": "secret"},
}


@pytest.mark.parametrize("name", FALSE_CLIENTS)
def test_who_does_not_prove_itself_gets_nothing(world: World, name: str) -> None:
    answer = world.ask(world.form(**FALSE_CLIENTS[name](world)))
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert "access_token" not in answer.json


@pytest.mark.parametrize("name", ["iss unknown", "iss with a slash", "iss in capitals", "iss the host itself"])
def test_an_id_that_is_not_in_the_table_makes_us_call_nobody(world: World, name: str) -> None:
    world.ask(world.form(**FALSE_CLIENTS[name](world)))
    assert world.registry.calls == []


def test_an_assertion_counts_once(world: World) -> None:
    assertion = world.assertion()
    assert world.ask(world.form(client_assertion=assertion)).status_code == 200
    assert world.ask(world.form(client_assertion=assertion)).status_code == 401


def test_the_same_jti_of_another_member_is_another_assertion(world: World) -> None:
    for town in (world.home, world.noise):
        assert world.ask(world.form(client_assertion=world.assertion(town, jti="same"))).status_code == 200


def test_no_other_way_to_authenticate_is_taken(world: World) -> None:
    form = {"grant_type": "client_credentials", "scope": "manage", "client_id": HOME, "client_secret": "s"}
    answer = world.ask(form, headers={"DPoP": world.proof(), "Authorization": "Basic YTpi"})
    assert answer.status_code == 401


def test_a_key_nobody_knows_leads_to_one_refetch(world: World) -> None:
    old, world.home.protocol = world.home.protocol, make()
    world.registry.configurations[HOME] = world.home.configuration()
    assert world.ask().status_code == 200
    assert world.ask(world.form(client_assertion=world.assertion(key=old))).status_code == 401
    assert len(world.registry.calls) == 2


def test_a_suspended_member_gets_nothing(world: World) -> None:
    world.registry.statuses[1] = "suspended"
    world.members.refresh_status(world.registry.later(minutes=1))
    answer = world.ask()
    assert (answer.status_code, answer.json["error_description"]) == (401, "member-suspended")


@pytest.mark.parametrize("scope", ["search", "manage search", "manage manage", "manage  feed", " ", "MANAGE", "", "*"])
def test_a_scope_that_is_not_offered_is_refused(world: World, scope: str) -> None:
    answer = world.ask(world.form(scope=scope))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_scope")


def test_the_registry_reads_feeds_and_nothing_else(world: World) -> None:
    def assertion() -> str:
        claims = {"iss": REGISTRY, "sub": REGISTRY, "aud": HOST}
        return CLIENT_ASSERTION.sign(world.registry.protocol, claims, now=NOW)

    assert world.ask(world.form(client_assertion=assertion(), scope="feed")).status_code == 200
    assert world.ask(world.form(client_assertion=assertion(), scope="manage")).json["error"] == "invalid_scope"


@pytest.mark.parametrize("grant", ["", "password", "refresh_token", "authorization_code", "client_credentials "])
def test_no_other_grant_is_taken(world: World, grant: str) -> None:
    answer = world.ask(world.form(grant_type=grant))
    assert (answer.status_code, answer.json["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("odd", ["\x00", "é", "\u202e", "a" * 50_000, '"', "\r\nSet-Cookie: a=b", "%00", "{}"])
@pytest.mark.parametrize("name", ["grant_type", "scope", "client_id", "client_assertion", "client_assertion_type"])
def test_odd_text_is_refused_and_never_a_crash(world: World, name: str, odd: str) -> None:
    answer = world.ask(world.form(**{name: odd}))
    assert answer.status_code in {400, 401}
    assert "Set-Cookie" not in answer.headers


def test_parameters_stand_in_the_form_and_once(world: World) -> None:
    for more in (
        {"query_string": {"scope": "manage"}},
        {"data": [*world.form().items(), ("scope", "feed")], "headers": {"DPoP": world.proof()}},
        {"json": world.form(), "data": None},
    ):
        answer = world.ask(**_multi(more))
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def _multi(more: dict[str, Any]) -> dict[str, Any]:
    if isinstance(more.get("data"), list):
        return more | {"data": MultiDict(more["data"])}
    return more


def test_the_endpoint_is_asked_by_post(world: World) -> None:
    assert world.client.get(entity.TOKEN, query_string=world.form()).status_code == 405


def test_the_metadata_tells_the_profile(world: World) -> None:
    told = world.client.get(entity.AUTHORIZATION_METADATA).json
    assert told is not None
    assert (told["issuer"], told["token_endpoint"]) == (HOST, TOKEN_URL)
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert told["grant_types_supported"] == ["client_credentials", JWT_BEARER]
    assert told["scopes_supported"] == ["feed", "manage"]


# --- Proofs ---------------------------------------------------------------------------------------------------

FALSE_PROOFS: dict[str, Callable[[World], str]] = {
    "none": lambda w: "",
    "not a token": lambda w: "x",
    "another method": lambda w: w.proof(method="GET"),
    "another host": lambda w: w.proof(url=NOISE + entity.TOKEN),
    "another path": lambda w: w.proof(url=HOST + "/oauth/other"),
    "another scheme": lambda w: w.proof(url=TOKEN_URL.replace("https", "http")),
    "an hour old": lambda w: w.proof(now=NOW - timedelta(hours=1)),
    "two minutes old": lambda w: w.proof(now=NOW - timedelta(minutes=2)),
    "an hour ahead": lambda w: w.proof(now=NOW + timedelta(hours=1)),
    "an assertion": lambda w: w.assertion(),
    "two": lambda w: f"{w.proof()}, {w.proof()}",
}


@pytest.mark.parametrize("name", FALSE_PROOFS)
def test_a_proof_that_does_not_hold_gets_nothing(world: World, name: str) -> None:
    answer = world.ask(proof=FALSE_PROOFS[name](world))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof")


def test_without_a_proof_there_is_no_token(world: World) -> None:
    assert world.ask(headers={}).json["error"] == "invalid_dpop_proof"


def test_a_proof_counts_once(world: World) -> None:
    proof = world.proof()
    assert world.ask(proof=proof).status_code == 200
    assert world.ask(proof=proof).json["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL"])
def test_the_url_of_a_proof_is_ours_whatever_the_request_says(world: World, header: str) -> None:
    forged = {"DPoP": world.proof(url="https://evil.example" + entity.TOKEN), header: "evil.example"}
    assert world.ask(headers=forged).status_code == 400
    assert world.ask(headers={"DPoP": world.proof(), header: "evil.example"}).status_code == 200


# --- Grants a node adds ---------------------------------------------------------------------------------------


def grant(world: World, town: Town | None = None, **claims: Any) -> str:
    town = town or world.home
    made = {
        "iss": town.entity_id,
        "client_id": town.entity_id,
        "aud": HOST,
        "sub": "8c0e-pairwise-0001",
        "acr": "https://tachiyori.example/acr/2",
        "auth_time": world.now,
        "cnf": {"jkt": world.home.dpop.kid},
    }
    return VISIT_GRANT.sign(town.protocol, {**made, **claims}, now=world.now)


def redeem(world: World, assertion: str, **more: str) -> Any:
    return world.ask(world.form(grant_type=JWT_BEARER, assertion=assertion, **more))


def test_a_grant_that_a_node_adds_is_dispatched_to(world: World) -> None:
    answer = redeem(world, grant(world))
    assert answer.status_code == 200
    assert "scope" not in answer.json
    assert world.call(answer.json["access_token"], path="/api/person").json == {"sub": "8c0e-pairwise-0001"}


def test_a_grant_that_does_not_hold_is_an_invalid_grant(world: World) -> None:
    stolen, unbound = grant(world, world.noise), grant(world, cnf={"jkt": world.noise.dpop.kid})
    for assertion in (stolen, unbound, world.assertion(), "", "x"):
        answer = redeem(world, assertion)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    with world.members.storage.transaction() as db:
        lines = [(one.actor, one.verdict) for one in db.scalars(select(AuditEntry).where(AuditEntry.event == "token"))]
    assert lines == [(world.home.entity_id, "refused")] * 5


# --- With the token -------------------------------------------------------------------------------------------


def test_a_token_with_its_proof_is_let_in(world: World) -> None:
    assert world.call(world.token()).json == {"code": "131130"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Basic", ""])
def test_another_scheme_is_refused(world: World, scheme: str) -> None:
    assert world.call(world.token(), scheme=scheme).status_code == 401


def test_without_a_header_nobody_is_let_in(world: World) -> None:
    answer = world.client.get("/api/manage")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("DPoP")


def test_a_token_in_the_url_or_a_cookie_is_refused(world: World) -> None:
    token = world.token()
    proof = {"DPoP": world.proof(method="GET", url=HOST + "/api/manage", access_token=token)}
    assert world.client.get("/api/manage", query_string={"access_token": token}, headers=proof).status_code == 401
    assert world.call(token, query_string={"access_token": token}).status_code == 401
    world.client.set_cookie("access_token", token)
    assert world.client.get("/api/manage", headers=proof).status_code == 401


def test_a_scope_is_needed(world: World) -> None:
    assert world.call(world.token(scope="feed")).status_code == 403
    assert world.call(world.token(scope="feed manage"), path="/api/feed").status_code == 200


def test_a_node_token_is_no_person_token_nor_the_other_way_round(world: World) -> None:
    assert world.call(world.token(), path="/api/person").status_code == 403
    person = redeem(world, grant(world)).json["access_token"]
    assert world.call(person).status_code == 403


def node_claims(world: World, **more: Any) -> dict[str, Any]:
    now = int(world.now.timestamp())
    made = {
        "iss": HOST,
        "aud": HOST,
        "sub": HOME,
        "client_id": HOME,
        "scope": "manage",
        "iat": now,
        "exp": now + 600,
        "jti": "j",
        "cnf": {"jkt": world.home.dpop.kid},
        **more,
    }
    return {name: value for name, value in made.items() if value is not ...}


FALSE_TOKENS: dict[str, Callable[[World], str]] = {
    "issued by the caller": lambda w: _signed(w.home.protocol, node_claims(w)),
    "issued by the registry": lambda w: _signed(w.registry.protocol, node_claims(w)),
    "signed with our federation key": lambda w: _signed(w.host.federation, node_claims(w)),
    "iss another": lambda w: _signed(w.host.protocol, node_claims(w, iss=NOISE)),
    "aud another": lambda w: _signed(w.host.protocol, node_claims(w, aud=NOISE)),
    "aud a list": lambda w: _signed(w.host.protocol, node_claims(w, aud=[HOST])),
    "sub another": lambda w: _signed(w.host.protocol, node_claims(w, sub=NOISE)),
    "no sub": lambda w: _signed(w.host.protocol, node_claims(w, sub=...)),
    "no client": lambda w: _signed(w.host.protocol, node_claims(w, client_id=...)),
    "no jti": lambda w: _signed(w.host.protocol, node_claims(w, jti=...)),
    "no exp": lambda w: _signed(w.host.protocol, node_claims(w, exp=...)),
    "no iat": lambda w: _signed(w.host.protocol, node_claims(w, iat=...)),
    "no binding": lambda w: _signed(w.host.protocol, node_claims(w, cnf=...)),
    "bound to a certificate": lambda w: _signed(w.host.protocol, node_claims(w, cnf={"x5t#S256": w.home.dpop.kid})),
    "bound to another key": lambda w: _signed(w.host.protocol, node_claims(w, cnf={"jkt": w.noise.dpop.kid})),
    "no typ": lambda w: _signed(w.host.protocol, node_claims(w), typ=...),
    "another typ": lambda w: _signed(w.host.protocol, node_claims(w), typ="JWT"),
    "expired": lambda w: _signed(
        w.host.protocol, node_claims(w, iat=int(NOW.timestamp()) - 700, exp=int(NOW.timestamp()) - 100)
    ),
    "a client assertion": lambda w: w.assertion(),
    "a visit grant": grant,
    "not a token": lambda w: "x",
    "not ascii": lambda w: "é",
}


def _signed(key: KeyPair, claims: Mapping[str, Any], **head: Any) -> str:
    header = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt", **head}
    return compact({name: value for name, value in header.items() if value is not ...}, claims, pair=key)


@pytest.mark.parametrize("name", FALSE_TOKENS)
def test_a_token_that_is_not_ours_for_this_caller_is_refused(world: World, name: str) -> None:
    token = FALSE_TOKENS[name](world)
    proof = world.proof(method="GET", url=HOST + "/api/manage", access_token=token if token.isascii() else "x")
    assert world.call(token, proof=proof).status_code == 401


def test_what_our_own_hand_signs_in_this_test_would_pass(world: World) -> None:
    assert world.call(_signed(world.host.protocol, node_claims(world))).status_code == 200


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "remembered"])
def test_a_proof_is_for_this_token_this_request_and_this_key(world: World, used: bool) -> None:
    token, other, url = world.known_token(used=used), world.token(), HOST + "/api/manage"
    false = [
        world.proof(method="GET", url=url),
        world.proof(method="GET", url=url, access_token=other),
        world.proof(method="POST", url=url, access_token=token),
        world.proof(method="GET", url=HOST + "/api/feed", access_token=token),
        world.proof(method="GET", url=NOISE + "/api/manage", access_token=token),
        world.proof(method="GET", url=url, access_token=token, key=world.noise.dpop),
        world.proof(method="GET", url=url, access_token=token, now=NOW - timedelta(minutes=2)),
    ]
    for proof in false:
        assert world.call(token, proof=proof).status_code == 401


def test_a_proof_of_a_request_counts_once(world: World) -> None:
    token = world.token()
    proof = world.proof(method="GET", url=HOST + "/api/manage", access_token=token)
    assert world.call(token, proof=proof).status_code == 200
    assert world.call(token, proof=proof).status_code == 401


def test_the_query_is_no_part_of_what_a_proof_names(world: World) -> None:
    assert world.call(world.token(), query_string={"a": "b"}).status_code == 200


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "remembered"])
def test_a_member_suspended_since_is_refused_at_once(world: World, used: bool) -> None:
    token = world.known_token(used=used)
    world.registry.statuses[1] = "suspended"
    world.members.refresh_status(world.registry.later(minutes=1))
    assert world.call(token).status_code == 403


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "remembered"])
def test_a_token_that_was_ended_is_refused(world: World, used: bool) -> None:
    token = world.known_token(used=used)
    claims = NODE_TOKEN.verify(token, world.host.ring.public(), now=NOW, issuer=HOST, audience=HOST)
    world.ended.add(claims.jti)
    assert world.call(token).status_code == 401


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "remembered"])
def test_a_token_ends_after_ten_minutes(world: World, used: bool) -> None:
    token = world.known_token(used=used)
    world.now += timedelta(minutes=10, seconds=11)
    assert world.call(token).status_code == 401


def test_the_registry_is_no_town(world: World) -> None:
    claims = {"iss": REGISTRY, "sub": REGISTRY, "aud": HOST}
    assertion = CLIENT_ASSERTION.sign(world.registry.protocol, claims, now=NOW)
    token = world.token(client_assertion=assertion, scope="feed")
    assert world.call(token, path="/api/feed").status_code == 403


def test_outside_a_checked_application_nobody_calls() -> None:
    with pytest.raises(RuntimeError):
        any_caller()


# --- Nonces ---------------------------------------------------------------------------------------------------

FALSE_NONCES: dict[str, Callable[[World], str | None]] = {
    "none": lambda w: None,
    "made up": lambda w: "A" * 22,
    "another party's": lambda w: Nonces("another secret").current(w.now),
    "two slots old": lambda w: NONCES.current(w.now - 2 * SLOT),
    "of the next slot": lambda w: NONCES.current(w.now + SLOT),
}


@pytest.mark.parametrize("name", FALSE_NONCES)
def test_a_proof_without_a_nonce_of_ours_is_asked_for_one(world: World, name: str) -> None:
    nonce = FALSE_NONCES[name](world)
    answer = world.ask(proof=world.proof(nonce=nonce))
    assert (answer.status_code, answer.json["error"]) == (400, "use_dpop_nonce")
    again = world.ask(proof=world.proof(nonce=answer.headers["DPoP-Nonce"]))
    assert again.status_code == 200


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "remembered"])
@pytest.mark.parametrize("name", FALSE_NONCES)
def test_a_request_without_a_nonce_of_ours_is_asked_for_one(world: World, name: str, used: bool) -> None:
    token, url = world.known_token(used=used), HOST + "/api/manage"
    proof = world.proof(method="GET", url=url, access_token=token, nonce=FALSE_NONCES[name](world))
    answer = world.call(token, proof=proof)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'DPoP algs="ES256", error="use_dpop_nonce"'
    given = answer.headers["DPoP-Nonce"]
    assert world.call(token, proof=world.proof(method="GET", url=url, access_token=token, nonce=given)).json


def test_the_nonce_before_counts_and_the_answer_brings_the_new_one(world: World) -> None:
    token, old = world.token(), NONCES.current(world.now)
    world.now += SLOT
    proof = world.proof(method="GET", url=HOST + "/api/manage", access_token=token, nonce=old)
    answer = world.call(token, proof=proof)
    assert answer.status_code == 200
    assert answer.headers["DPoP-Nonce"] == NONCES.current(world.now) != old


def test_a_proof_that_lacks_a_nonce_is_not_used_up_and_uses_nothing_up(world: World) -> None:
    assertion = grant(world)
    headers = {"DPoP": world.proof(nonce=None)}
    form = world.form(grant_type=JWT_BEARER, assertion=assertion)
    assert world.ask(form, headers=headers).json["error"] == "use_dpop_nonce"
    assert redeem(world, assertion).status_code == 200


def test_what_needs_no_proof_offers_no_nonce(world: World) -> None:
    assert "DPoP-Nonce" not in world.client.get(entity.AUTHORIZATION_METADATA).headers


# --- Revocation -----------------------------------------------------------------------------------------------


def revoke(world: World, token: str, **more: str) -> Any:
    form = {**world.form(**more), "token": token}
    return world.client.post(entity.REVOKE, data={name: form[name] for name in form if name != "grant_type"})


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "remembered"])
def test_a_revoked_node_token_is_refused(world: World, used: bool) -> None:
    token = world.known_token(used=used)
    answer = revoke(world, token)
    assert (answer.status_code, answer.data) == (200, b"")
    assert world.call(token).status_code == 401
    assert world.call(world.token()).status_code == 200


def test_a_revoked_visitors_token_is_refused(world: World) -> None:
    token = redeem(world, grant(world)).json["access_token"]
    assert revoke(world, token, token_type_hint="refresh_token").status_code == 200
    assert world.call(token, path="/api/person").status_code == 401


def test_a_token_is_revoked_by_its_own_client_alone(world: World) -> None:
    token = world.token()
    answer = revoke(world, token, client_assertion=world.assertion(world.noise))
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")
    assert world.call(token).status_code == 200


@pytest.mark.parametrize("name", ["none", "aud list of one", "aud token endpoint", "signed by another member"])
def test_nobody_revokes_without_proving_who_they_are(world: World, name: str) -> None:
    token = world.token()
    assert revoke(world, token, **FALSE_CLIENTS[name](world)).status_code == 401
    assert world.call(token).status_code == 200


def test_revoking_what_is_dead_or_no_token_is_no_error(world: World) -> None:
    token = world.token()
    for dead in (token, token, "x", "é\x00", grant(world), world.assertion()):
        assert revoke(world, dead).status_code == 200
    assert revoke(world, "").json["error"] == "invalid_request"


def test_a_revocation_leaves_a_line(world: World) -> None:
    token = world.token()
    revoke(world, token, client_assertion=world.assertion(world.noise))
    revoke(world, token)
    with world.members.storage.transaction() as db:
        lines = [(one.actor, one.verdict) for one in db.scalars(select(AuditEntry).where(AuditEntry.event == "revoke"))]
    assert lines == [(NOISE, "refused"), (HOME, "allowed")]


def test_a_token_given_or_not_is_a_line(world: World) -> None:
    token = world.token(scope="feed")
    assert world.ask(world.form(scope="everything")).status_code == 400
    with world.members.storage.transaction() as db:
        decided = select(AuditEntry).where(AuditEntry.event == "token").order_by(AuditEntry.number)
        lines = [(one.actor, one.verdict, one.reason, one.jti) for one in db.scalars(decided)]
    jti = str(peek(token).claims["jti"])
    assert lines == [(HOME, "allowed", "feed", jti), (HOME, "refused", "invalid_scope", "")]


def test_a_form_that_is_none_is_a_line(world: World) -> None:
    assert world.client.post("/oauth/token?scope=feed", data={"grant_type": "x"}).status_code == 400
    with world.members.storage.transaction() as db:
        (line,) = db.scalars(select(AuditEntry).where(AuditEntry.event == "client"))
    assert (line.actor, line.reason) == ("stranger", "invalid_request")


def test_a_stranger_at_the_door_is_a_line_with_what_it_says_of_itself(world: World) -> None:
    world.ask(world.form(client_assertion="x", client_id="https://x.example\r\nforged"))
    with world.members.storage.transaction() as db:
        (line,) = db.scalars(select(AuditEntry).where(AuditEntry.event == "client"))
    assert (line.actor, line.subject) == ("stranger", r"'https://x.example\r\nforged'")


def test_a_missing_scope_is_named(world: World) -> None:
    answer = world.call(world.token(scope="feed"))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
        403,
        'DPoP algs="ES256", error="insufficient_scope"',
    )
