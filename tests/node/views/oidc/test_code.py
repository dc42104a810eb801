"""A code for tokens: bound to client, address, challenge and key, a minute long and once (O06, O07, D05, T01 to T08)."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from federation import entity
from federation.jwk import to_base64url
from federation.keys import make
from federation.tokens import ID_TOKEN, PERSON_TOKEN, USERINFO_TOKEN, VISIT_GRANT, peek
from node import entity as node_entity
from node.models.staff import Staff
from node.people import assurance
from node.people import staff as directory
from node.people.provider import told
from tests.federation.world import HOME, HOST, NOISE
from tests.node.views.oidc.conftest import CALLBACK, VERIFIER, World, challenge_of


def test_a_code_is_redeemed_for_both_tokens(signed_in: World) -> None:
    given = signed_in.tokens(scope="openid profile")
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("DPoP", 300, "openid profile")
    assert "refresh_token" not in given
    keys, now = signed_in.home.keys.protocol.public(), signed_in.clock()
    identity = ID_TOKEN.verify(given["id_token"], keys, now=now, issuer=HOME, audience=HOST, nonce="n-1")
    assert (identity["acr"], identity["auth_time"]) == (assurance.ONE_FACTOR, int(now.timestamp()) - 300)
    digest = hashlib.sha256(given["access_token"].encode()).digest()
    assert identity["at_hash"] == to_base64url(digest[:16])
    assert identity.keys().isdisjoint({"name", "section"})
    access = USERINFO_TOKEN.verify(given["access_token"], keys, now=now, issuer=HOME, audience=HOME)
    assert (access.subject, access["client_id"], access.jkt) == (identity.subject, HOST, signed_in.relying.dpop.kid)


def test_each_town_knows_a_person_by_another_name(signed_in: World) -> None:
    def sub(given: Mapping[str, Any]) -> str:
        return str(peek(given["id_token"]).claims["sub"])

    there = NOISE + node_entity.CALLBACK
    code = signed_in.code(signed_in.third, redirect_uri=there)
    other = signed_in.redeem(code, town=signed_in.third, key=signed_in.third.dpop, redirect_uri=there).json
    assert other is not None
    first, again = signed_in.tokens(), signed_in.tokens()
    assert sub(first) == sub(again) != sub(other)


WRONG: dict[str, Callable[[World], dict[str, Any]]] = {
    "another verifier": lambda w: {"code_verifier": "w" * 43},
    "the challenge itself": lambda w: {"code_verifier": challenge_of(VERIFIER)},
    "a short verifier": lambda w: {"code_verifier": "v" * 42},
    "a long verifier": lambda w: {"code_verifier": "v" * 129},
    "another address": lambda w: {"redirect_uri": CALLBACK + "?at=desk"},
    "a foreign address": lambda w: {"redirect_uri": NOISE + node_entity.CALLBACK},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_the_code_gets_nothing_and_uses_it_up(signed_in: World, name: str) -> None:
    code = signed_in.code()
    for changes in (WRONG[name](signed_in), {}):
        answer = signed_in.redeem(code, **changes)
        assert answer.json is not None
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")


def test_what_is_missing_is_said_and_uses_nothing_up(signed_in: World) -> None:
    code = signed_in.code()
    for answer, absent in (
        (signed_in.redeem(""), "code"),
        (signed_in.redeem(code, redirect_uri=...), "redirect_uri"),
        (signed_in.redeem(code, code_verifier=...), "code_verifier"),
    ):
        assert answer.json == {"error": "invalid_request", "error_description": f"{absent} is missing"}
    assert signed_in.redeem(code).status_code == 200


def test_a_code_chooses_no_scope(signed_in: World) -> None:
    answer = signed_in.redeem(signed_in.code(), scope="openid profile")
    assert answer.json is not None
    assert answer.json["error"] == "invalid_scope"


def test_a_code_counts_once_and_what_came_of_it_ends(signed_in: World) -> None:
    code = signed_in.code()
    answer = signed_in.redeem(code)
    assert answer.json is not None
    token = answer.json["access_token"]
    assert signed_in.userinfo(token).status_code == 200
    again = signed_in.redeem(code)
    assert again.json is not None
    assert again.json["error"] == "invalid_grant"
    assert signed_in.userinfo(token).status_code == 401


def test_a_code_that_comes_again_after_its_minute_still_ends_what_came_of_it(signed_in: World) -> None:
    code = signed_in.code()
    token = str((signed_in.redeem(code).json or {})["access_token"])
    signed_in.clock.pass_by(minutes=2)
    assert signed_in.userinfo(token).status_code == 200
    assert signed_in.redeem(code).status_code == 400
    assert signed_in.userinfo(token).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400), (3600, 400)])
def test_a_code_lives_for_a_minute(signed_in: World, seconds: int, status: int) -> None:
    code = signed_in.code()
    signed_in.clock.pass_by(seconds=seconds)
    assert signed_in.redeem(code).status_code == status


def test_another_client_gets_nothing_and_takes_nothing_away(signed_in: World) -> None:
    code = signed_in.code()
    assert signed_in.redeem(code, town=signed_in.third).status_code == 400
    assert signed_in.redeem(code).status_code == 200


def test_a_code_bound_to_a_key_is_redeemed_with_that_key(signed_in: World) -> None:
    jkt = signed_in.relying.dpop.kid
    assert signed_in.redeem(signed_in.code(dpop_jkt=jkt)).status_code == 200
    assert signed_in.redeem(signed_in.code(dpop_jkt=jkt), key=make()).status_code == 400


@pytest.mark.parametrize("code", ["", "x", "é\x00", "a" * 50_000])
def test_a_code_that_is_none_is_refused(signed_in: World, code: str) -> None:
    assert signed_in.redeem(code).status_code == 400


def test_who_signed_out_meanwhile_is_vouched_for_no_more(signed_in: World) -> None:
    code = signed_in.code()
    signed_in.sends("/signout", {})
    assert signed_in.redeem(code).status_code == 400


def test_each_redeemed_code_leaves_a_line(signed_in: World) -> None:
    signed_in.redeem(signed_in.code())
    signed_in.redeem("x")
    assert signed_in.lines("code") == [("allowed", "")]
    assert signed_in.lines("token") == [("refused", "token-refused")]


# --- Userinfo -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_town_reads_what_was_agreed(signed_in: World, method: str) -> None:
    given = signed_in.tokens(scope="openid profile affiliation")
    answer = signed_in.userinfo(given["access_token"], method=method)
    assert answer.json is not None
    known = {name: answer.json[name] for name in answer.json.keys() - {"sub", "auth_time"}}
    facts = {"name": "立寄 太郎", "section": "企画課", "authority": "町長部局"}
    assert known == {"acr": assurance.ONE_FACTOR, **facts}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_town_reads_no_more_than_that(signed_in: World) -> None:
    answer = signed_in.userinfo(signed_in.tokens()["access_token"])
    assert answer.json is not None
    assert answer.json.keys() == {"sub", "acr", "auth_time"}


def test_every_scope_has_words_for_people_and_stands_in_the_metadata() -> None:
    assert told.SCOPES.keys() == told.WORDS.keys() == set(node_entity.SIGN_IN_SCOPES)
    assert node_entity.ACR_VALUES == assurance.LEVELS


FALSE_TOKENS: dict[str, Callable[[World, dict[str, Any]], str]] = {
    "a node's": lambda w, given: w.post(
        entity.TOKEN,
        {**w.proven(), "grant_type": "client_credentials", "scope": "manage"},
        DPoP=w.proof(entity.TOKEN),
    ).json["access_token"],  # type: ignore[index]  # It is JSON.
    "a visitor's": lambda w, given: _signed(w, PERSON_TOKEN, w.home.keys.protocol.current),
    "one by the town itself": lambda w, given: _signed(w, USERINFO_TOKEN, w.relying.protocol, scope="openid"),
    "an ID token": lambda w, given: given["id_token"],
    "no token": lambda w, given: "x",
}


def _signed(world: World, kind: Any, key: Any, **more: Any) -> str:
    claims = {
        "iss": HOME,
        "aud": HOME,
        "client_id": HOST,
        "sub": "somebody",
        "acr": assurance.ONE_FACTOR,
        "auth_time": world.clock(),
        "cnf": {"jkt": world.relying.dpop.kid},
        **more,
    }
    return str(kind.sign(key, claims, now=world.clock()))


@pytest.mark.parametrize("name", FALSE_TOKENS)
def test_only_the_token_of_a_sign_in_reads_of_a_person(signed_in: World, name: str) -> None:
    token = FALSE_TOKENS[name](signed_in, signed_in.tokens())
    answer = signed_in.userinfo(token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_token_of_a_sign_in_opens_nothing_else(signed_in: World) -> None:
    token = signed_in.tokens()["access_token"]
    for method, path in (
        ("GET", "/feeds/visits"),
        ("POST", "/api/v1/quotes"),
        ("PUT", "/api/v1/bookings/" + "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"),
    ):
        headers = {
            "Authorization": f"DPoP {token}",
            "DPoP": signed_in.proof(path, method=method, access_token=token),
        }
        assert signed_in.program.open(path, method=method, headers=headers, base_url=HOME).status_code == 401


def test_a_proof_is_for_this_token_this_request_and_this_key(signed_in: World) -> None:
    token = signed_in.tokens()["access_token"]
    for changes in (
        {"access_token": "x"},
        {"key": make()},
        {"url": HOME + entity.TOKEN},
        {"nonce": None},
        {"now": signed_in.clock() - timedelta(minutes=5)},
    ):
        proof = signed_in.proof(entity.USERINFO, **{"method": "GET", "access_token": token, **changes})
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        assert signed_in.program.get(entity.USERINFO, headers=headers, base_url=HOME).status_code == 401


def test_a_token_ends_after_five_minutes_and_when_it_is_revoked(signed_in: World) -> None:
    token, other = signed_in.tokens()["access_token"], signed_in.tokens()["access_token"]
    assert signed_in.post(entity.REVOKE, {**signed_in.proven(signed_in.third), "token": token}).status_code == 400
    assert signed_in.userinfo(token).status_code == 200
    assert signed_in.post(entity.REVOKE, {**signed_in.proven(), "token": token}).status_code == 200
    assert signed_in.userinfo(token).status_code == 401
    signed_in.clock.pass_by(minutes=5, seconds=11)
    assert signed_in.userinfo(other).status_code == 401


def test_of_who_has_left_nothing_is_told(signed_in: World) -> None:
    token = signed_in.tokens(scope="openid profile")["access_token"]
    with signed_in.home.storage.transaction(write=True) as db:
        person = directory.find(db, "012345")
        assert person is not None
        db.get_one(Staff, person.id).left_on = signed_in.clock().date()
    assert signed_in.userinfo(token).status_code == 401
    with signed_in.home.storage.transaction() as db:
        assert db.scalar(select(Staff.name)) == "立寄 太郎"


def test_after_signing_out_at_home_nothing_more_is_told(signed_in: World) -> None:
    token = signed_in.tokens()["access_token"]
    assert signed_in.userinfo(token).status_code == 200
    signed_in.sends("/signout", {})
    assert signed_in.userinfo(token).status_code == 401


def test_a_grant_of_another_kind_is_no_code(signed_in: World) -> None:
    claims = {
        "iss": HOST,
        "client_id": HOST,
        "aud": HOME,
        "sub": "x",
        "acr": assurance.ONE_FACTOR,
        "auth_time": signed_in.clock(),
        "cnf": {"jkt": signed_in.relying.dpop.kid},
    }
    grant = VISIT_GRANT.sign(signed_in.relying.protocol, claims, now=signed_in.clock())
    assert signed_in.redeem(grant).status_code == 400
