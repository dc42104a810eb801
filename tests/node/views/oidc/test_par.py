"""Pushed authorization requests (RFC 9126): what is taken, and each thing that is not (O01 to O06, O13)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from federation import entity
from federation.keys import make
from node import entity as node_entity
from node.people.provider import pushed
from tests.federation.forgery import compact
from tests.federation.world import HOME, HOST, NOISE, REGISTRY
from tests.node.views.oidc.conftest import CALLBACK, World, challenge_of


def test_a_town_pushes_what_it_asks_and_gets_a_reference_for_a_minute(world: World) -> None:
    answer = world.push()
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert answer.json["expires_in"] == 60
    assert answer.headers["Cache-Control"] == "no-store"
    assert world.registry.calls == []


GOOD: dict[str, dict[str, Any]] = {
    "no state": {"state": ...},
    "a long state": {"state": "x" * 512},
    "a long nonce": {"nonce": "x" * 64},
    "more scopes": {"scope": "openid profile affiliation"},
    "another registered address": {"redirect_uri": HOST + "/visit/callback?at=desk"},
    "response mode": {"response_mode": "query"},
    "no page": {"prompt": "none"},
    "two prompts": {"prompt": "login consent"},
    "an age": {"max_age": "0"},
    "a level": {"acr_values": "urn:tachiyori:aal:2 urn:tachiyori:aal:1 https://refeds.org/profile/mfa"},
    "a key": {"dpop_jkt": "A" * 43},
    "a hint": {"login_hint": "somebody"},
    "what nobody knows": {"wish": "ignored (RFC 6749, 3.1)"},
}


@pytest.mark.parametrize("name", GOOD)
def test_what_the_profile_has_is_taken(world: World, name: str) -> None:
    assert world.push(**GOOD[name]).status_code == 201


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no response type": ({"response_type": ...}, "unsupported_response_type"),
    "implicit": ({"response_type": "token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "response mode fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "no redirect_uri": ({"redirect_uri": ...}, "invalid_request"),
    "another path": ({"redirect_uri": HOST + "/other"}, "invalid_request"),
    "a longer path": ({"redirect_uri": CALLBACK + "/"}, "invalid_request"),
    "a query": ({"redirect_uri": CALLBACK + "?a=b"}, "invalid_request"),
    "a fragment": ({"redirect_uri": CALLBACK + "#"}, "invalid_request"),
    "http": ({"redirect_uri": CALLBACK.replace("https", "http")}, "invalid_request"),
    "userinfo": ({"redirect_uri": CALLBACK.replace("//", "//evil@")}, "invalid_request"),
    "traversal": ({"redirect_uri": HOST + "/visit/../visit/callback"}, "invalid_request"),
    "capitals": ({"redirect_uri": CALLBACK.upper()}, "invalid_request"),
    "a wildcard": ({"redirect_uri": HOST + "/*"}, "invalid_request"),
    "another member's": ({"redirect_uri": NOISE + node_entity.CALLBACK}, "invalid_request"),
    "no scope": ({"scope": ...}, "invalid_scope"),
    "no openid": ({"scope": "profile"}, "invalid_scope"),
    "a program's scope": ({"scope": "openid manage"}, "invalid_scope"),
    "a scope twice": ({"scope": "openid openid"}, "invalid_scope"),
    "no nonce": ({"nonce": ...}, "invalid_request"),
    "an empty nonce": ({"nonce": ""}, "invalid_request"),
    "too long a nonce": ({"nonce": "x" * 65}, "invalid_request"),
    "too long a state": ({"state": "x" * 513}, "invalid_request"),
    "a state that no header may hold": ({"state": "a\r\nSet-Cookie: b"}, "invalid_request"),
    "no challenge": ({"code_challenge": ...}, "invalid_request"),
    "plain by name": ({"code_challenge_method": "plain"}, "invalid_request"),
    "plain by silence": ({"code_challenge_method": ...}, "invalid_request"),
    "a short challenge": ({"code_challenge": "x" * 42}, "invalid_request"),
    "no page and a page": ({"prompt": "none login"}, "invalid_request"),
    "a prompt nobody knows": ({"prompt": "create"}, "invalid_request"),
    "a negative age": ({"max_age": "-1"}, "invalid_request"),
    "an endless age": ({"max_age": "9" * 9}, "invalid_request"),
    "another's levels": ({"acr_values": "https://refeds.org/profile/mfa"}, "unmet_authentication_requirements"),
    "a key that is none": ({"dpop_jkt": "x"}, "invalid_request"),
    "a reference": ({"request_uri": "https://evil.example/request.jwt"}, "invalid_request"),
    "a reference of ours": ({"request_uri": pushed.PREFIX + "x"}, "invalid_request"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_profile_has_not_is_refused_and_noted(world: World, name: str) -> None:
    changes, error = BAD[name]
    answer = world.push(**changes)
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert "request_uri" not in answer.json
    assert world.lines("par") == [("refused", error)]
    assert world.registry.calls == []


def test_a_parameter_that_stands_twice_is_refused(world: World) -> None:
    form = MultiDict([*world.proven().items(), *world.parameters().items(), ("scope", "openid profile")])
    assert world.post(entity.PUSHED, form).json == {
        "error": "invalid_request",
        "error_description": "a parameter stands twice",
    }


FALSE_CLIENTS: dict[str, Callable[[World], dict[str, Any]]] = {
    "none": lambda w: {"client_assertion": ...},
    "a secret": lambda w: {"client_assertion": ..., "client_assertion_type": ..., "client_secret": "s"},
    "the PAR endpoint as audience": lambda w: {"client_assertion": _raw(w, aud=HOME + entity.PUSHED)},
    "the token endpoint as audience": lambda w: {"client_assertion": _raw(w, aud=HOME + entity.TOKEN)},
    "a list as audience": lambda w: {"client_assertion": _raw(w, aud=[HOME])},
    "two audiences": lambda w: {"client_assertion": _raw(w, aud=[HOME, HOME + entity.PUSHED])},
    "no subject": lambda w: {"client_assertion": _raw(w, sub=...)},
    "another subject": lambda w: {"client_assertion": _raw(w, sub=NOISE)},
    "five minutes late": lambda w: {"client_assertion": _raw(w, iat=_now(w) - 360, exp=_now(w) - 300)},
    "another client_id": lambda w: {"client_id": NOISE},
    "a stranger's key": lambda w: {"client_assertion": w.assertion(key=make())},
}


def _now(world: World) -> int:
    return int(world.clock().timestamp())


def _raw(world: World, **claims: Any) -> str:
    made = {"iss": HOST, "sub": HOST, "aud": HOME, "iat": _now(world), "exp": _now(world) + 60, "jti": "j", **claims}
    head = {"alg": "ES256", "kid": world.relying.protocol.kid, "typ": "client-authentication+jwt"}
    return compact(head, {name: value for name, value in made.items() if value is not ...}, pair=world.relying.protocol)


@pytest.mark.parametrize("name", FALSE_CLIENTS)
def test_who_does_not_prove_itself_pushes_nothing(world: World, name: str) -> None:
    form = {**world.proven(), **world.parameters(), **FALSE_CLIENTS[name](world)}
    answer = world.post(entity.PUSHED, {key: value for key, value in form.items() if value is not ...})
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_an_assertion_pushes_once(world: World) -> None:
    form = {**world.proven(), **world.parameters()}
    assert [world.post(entity.PUSHED, form).status_code for _ in range(2)] == [201, 401]


def test_a_member_that_receives_nobody_pushes_nothing(world: World) -> None:
    world.registry.configurations[HOST] = world.relying.configuration(
        metadata={**world.relying.metadata(), "openid_relying_party": {"jwks": world.relying.ring.jwks()}}
    )
    world.registry.statements[HOST] = world.registry.about(world.relying)
    world.home.members.refetch(HOST, world.clock.pass_by(minutes=1))
    assert world.push().status_code == 400


def test_a_member_that_registers_otherwise_pushes_nothing(world: World) -> None:
    said = {**world.relying.metadata()["openid_relying_party"], "client_registration_types": ["explicit"]}
    world.registry.configurations[HOST] = world.relying.configuration(
        metadata={**world.relying.metadata(), "openid_relying_party": said}
    )
    world.home.members.refetch(HOST, world.clock.pass_by(minutes=1))
    assert world.push().status_code == 400


def test_the_registry_receives_nobody(world: World) -> None:
    proven = world.proven() | {"client_id": REGISTRY}
    proven["client_assertion"] = world.assertion(key=world.registry.protocol, iss=REGISTRY, sub=REGISTRY)
    answer = world.post(entity.PUSHED, {**proven, **world.parameters()})
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_requests_are_pushed_by_post(world: World, method: str) -> None:
    assert world.program.open(entity.PUSHED, method=method, base_url=HOME).status_code == 405


@pytest.mark.parametrize("odd", ["\x00", "é", "\u202e", "a" * 50_000])
@pytest.mark.parametrize(
    "name", ["scope", "state", "nonce", "redirect_uri", "prompt", "max_age", "acr_values", "request"]
)
def test_odd_text_is_refused_and_never_a_crash(world: World, name: str, odd: str) -> None:
    changes: dict[str, Any] = {name: odd}
    assert world.push(**changes).status_code == 400


# --- With a proof ---------------------------------------------------------------------------------------------


def test_a_proof_binds_the_code_to_come(world: World) -> None:
    form = {**world.proven(), **world.parameters()}
    proof = world.proof(entity.PUSHED)
    assert world.post(entity.PUSHED, form, DPoP=proof).status_code == 201
    other = {**world.proven(), **world.parameters(dpop_jkt="A" * 43)}
    answer = world.post(entity.PUSHED, other, DPoP=world.proof(entity.PUSHED))
    assert answer.json is not None
    assert answer.json["error"] == "invalid_dpop_proof"


def test_a_proof_for_another_endpoint_or_without_a_nonce_does_not_do(world: World) -> None:
    for proof, error in (
        (world.proof(entity.TOKEN), "invalid_dpop_proof"),
        (world.proof(entity.PUSHED, nonce=None), "use_dpop_nonce"),
    ):
        answer = world.post(entity.PUSHED, {**world.proven(), **world.parameters()}, DPoP=proof)
        assert answer.json is not None
        assert answer.json["error"] == error


# --- As a request object --------------------------------------------------------------------------------------


def test_a_request_object_is_taken_once(world: World) -> None:
    token = world.object(max_age=60)
    assert world.push_object(token=token).status_code == 201
    answer = world.push_object(token=token)
    assert answer.json is not None
    assert answer.json["error"] == "invalid_request_object"


def _object(world: World, **claims: Any) -> str:
    now = _now(world)
    own = {"iss": HOST, "aud": HOME, "client_id": HOST, "iat": now, "exp": now + 60, "jti": "o", **world.parameters()}
    head = {"alg": "ES256", "kid": world.relying.protocol.kid, "typ": claims.pop("typ", "oauth-authz-req+jwt")}
    made = {name: value for name, value in {**own, **claims}.items() if value is not ...}
    return compact({name: value for name, value in head.items() if value is not ...}, made, pair=world.relying.protocol)


FALSE_OBJECTS: dict[str, Callable[[World], str]] = {
    "not a token": lambda w: "x",
    "unsigned": lambda w: compact({"alg": "none"}, {}).rpartition(".")[0] + ".",
    "no audience": lambda w: _object(w, aud=...),
    "another audience": lambda w: _object(w, aud=NOISE),
    "a list as audience": lambda w: _object(w, aud=[HOME]),
    "an endpoint as audience": lambda w: _object(w, aud=HOME + entity.AUTHORIZE),
    "no issuer": lambda w: _object(w, iss=...),
    "another issuer": lambda w: _object(w, iss=NOISE),
    "another client": lambda w: _object(w, client_id=NOISE),
    "a subject": lambda w: _object(w, sub=HOST),
    "no jti": lambda w: _object(w, jti=...),
    "no exp": lambda w: _object(w, exp=...),
    "expired": lambda w: _object(w, iat=_now(w) - 120, exp=_now(w) - 60),
    "an hour long": lambda w: _object(w, exp=_now(w) + 3600),
    "a request inside": lambda w: _object(w, request="x"),
    "a reference inside": lambda w: _object(w, request_uri="urn:x"),
    "a list as scope": lambda w: _object(w, scope=["openid"]),
    "no typ": lambda w: _object(w, typ=...),
    "another typ": lambda w: _object(w, typ="JWT"),
    "another key": lambda w: w.object(key=make()),
    "another member's key": lambda w: w.object(key=w.third.protocol),
    "the federation key": lambda w: w.object(key=w.relying.federation),
    "a client assertion": lambda w: w.assertion(),
}


@pytest.mark.parametrize("name", FALSE_OBJECTS)
def test_a_request_object_that_does_not_hold_is_refused(world: World, name: str) -> None:
    answer = world.push_object(token=FALSE_OBJECTS[name](world))
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request_object")


def test_what_this_test_signs_by_hand_would_pass(world: World) -> None:
    assert world.push_object(token=_object(world)).status_code == 201


def test_parameters_stand_in_the_object_alone(world: World) -> None:
    assert world.push_object(scope="openid profile").status_code == 400
    assert world.push_object(request_uri="urn:x").status_code == 400


def test_an_object_is_held_to_the_same_rules(world: World) -> None:
    answer = world.push_object({"code_challenge_method": "plain", "code_challenge": challenge_of("x")})
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_clocks_may_differ_by_seconds_and_not_by_minutes(world: World) -> None:
    ahead, far = timedelta(seconds=8), timedelta(seconds=60)
    for shift, status in ((ahead, 201), (far, 400)):
        now = int((world.clock() + shift).timestamp())
        token = _object(world, iat=now, nbf=now, exp=now + 60, jti=str(now))
        assert world.push_object(token=token).status_code == status
