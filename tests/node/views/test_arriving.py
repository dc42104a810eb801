"""Signing in at the host with the home as provider: what is accepted, and every answer that is not one to this browser."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.keys import make
from federation.roster import find
from federation.tokens import ID_TOKEN
from node.app import app_of
from node.entity import CALLBACK
from node.models.allowances import Allowance
from node.people import assurance, endings, visiting
from tests.corpus.cases import case
from tests.federation.forgery import compact
from tests.node.pair import HOME, HOST, Pair
from tests.node.provider import SUB, Provider
from tests.node.views.visiting import Phone

EVIL = "https://node.evil.example"
REFUSED = "サインインできませんでした"


@pytest.fixture
def provider(towns: Pair) -> Provider:
    made = Provider(towns)
    made.open()
    return made


@pytest.fixture
def phone(towns: Pair, provider: Provider) -> Phone:
    return Phone(towns, provider, app_of(towns.host).test_client())


def audited(towns: Pair) -> list[tuple[str, str, str, str]]:
    with towns.host.storage.transaction() as db:
        rows = db.scalars(select(AuditEntry).where(AuditEntry.event == "visit-sign-in").order_by(AuditEntry.number))
        return [(row.actor, row.subject, row.verdict, row.reason) for row in rows]


def is_nobody(phone: Phone) -> bool:
    """Say whether the host shows this browser nobody's bookings."""
    answer = phone.opens("/visit")
    return (answer.status_code, answer.location is not None and answer.location.startswith("/visit/signin")) == (
        303,
        True,
    )


# --- What is accepted -----------------------------------------------------------------------------------------


def test_a_visitor_signs_in_with_their_home(phone: Phone, towns: Pair) -> None:
    phone.signs_in()
    assert phone.opens("/visit").status_code == 200
    assert audited(towns) == [(HOME, SUB, "allowed", "")]


def test_the_browser_carries_a_reference_and_nothing_else(phone: Phone, provider: Provider) -> None:
    address = phone.led_to()
    (asked,) = provider.pushed.values()
    assert not [name for name in ("state", "nonce", "code_challenge") if asked[name] in address]
    assert (asked["scope"], asked["response_type"]) == ("openid", "code")


def test_each_sign_in_has_secrets_of_its_own(phone: Phone, provider: Provider) -> None:
    phone.led_to()
    phone.led_to()
    one, other = provider.pushed.values()
    assert not [name for name in ("state", "nonce", "code_challenge") if one[name] == other[name]]


def test_the_page_names_the_town_and_what_is_learnt(phone: Phone, towns: Pair) -> None:
    page = phone.reads(f"/visit/signin?desk={towns.desk}&town=112089")
    assert "所沢市のサインイン画面へ進みます" in page
    assert "氏名や職員番号は伝わりません" in page


def test_a_key_the_host_has_not_seen_is_asked_for_once(phone: Phone, provider: Provider, towns: Pair) -> None:
    provider.signer = make()
    calls = len(towns.registry.calls)
    towns.clock.pass_by(minutes=1)
    assert phone.comes_back().status_code == 401
    assert len(towns.registry.calls) == calls + 2


# --- O08: answers that are not answers to this browser ----------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"iss": EVIL},
        {"iss": f"{HOME}/"},
        {"iss": HOST},
        {"state": None},
        {"state": ""},
        {"state": "x" * 43},
        {"state": "所沢"},
        {"code": None},
        {"code": ""},
        {"code": "x" * 2000},
        {"code": "a\nb"},
        {"error": "access_denied", "iss": EVIL, "code": None},
        {"error": "access_denied", "iss": None, "code": None},
        {"error": "server_error", "state": "x" * 43, "code": None},
    ],
    ids=lambda changes: "O08 " + "-".join(f"{name}={str(value)[:12]!r}" for name, value in changes.items()),
)
def test_o08_an_answer_of_another_issuer_or_state_is_refused(
    phone: Phone, provider: Provider, towns: Pair, changes: dict[str, Any]
) -> None:
    answer = phone.comes_back(**changes)
    assert (answer.status_code, REFUSED in answer.text) == (403, True)
    assert provider.asked == ["/op/par"]
    assert audited(towns) == [("stranger", repr(HOME), "refused", "visit-refused")]
    assert is_nobody(phone)


@pytest.mark.parametrize("name", ["state", "iss", "code"])
def test_o08_a_parameter_that_stands_twice_is_refused(phone: Phone, provider: Provider, name: str) -> None:
    path = provider.answer_to(phone.led_to())
    assert phone.opens(f"{path}&{name}=x").status_code == 403
    assert provider.asked == ["/op/par"]


def test_o08_an_answer_to_nobody_is_refused_and_asks_nobody(phone: Phone, provider: Provider, towns: Pair) -> None:
    answer = phone.opens(f"{CALLBACK}?{urlencode({'code': 'x', 'state': 'y', 'iss': EVIL})}")
    assert answer.status_code == 403
    assert provider.asked == []
    assert audited(towns) == [("stranger", repr(EVIL), "refused", "visit-refused")]


@case("O08")
def test_o08_the_answer_to_another_browser_is_refused(phone: Phone, provider: Provider, towns: Pair) -> None:
    """Code injection, and a session fixed by leading somebody to the attacker's own answer."""
    attacker = Phone(towns, provider, app_of(towns.host).test_client())
    path = provider.answer_to(attacker.led_to())
    assert phone.opens(path).status_code == 403
    phone.led_to()
    assert phone.opens(path).status_code == 403
    assert is_nobody(phone)


def test_o08_a_code_of_another_sign_in_is_refused_by_its_verifier(
    phone: Phone, provider: Provider, towns: Pair
) -> None:
    attacker = Phone(towns, provider, app_of(towns.host).test_client())
    provider.answer_to(attacker.led_to())
    (stolen,) = provider.codes
    assert phone.comes_back(code=stolen).status_code == 502
    assert is_nobody(phone)


def test_o08_an_answer_counts_once(phone: Phone, provider: Provider) -> None:
    path = provider.answer_to(phone.led_to())
    with phone.client.session_transaction(base_url=HOST) as kept:
        copied = dict(kept)
    assert phone.opens(path).status_code == 303
    with phone.client.session_transaction(base_url=HOST) as kept:
        kept.clear()
        kept.update(copied)
    assert phone.opens(path).status_code == 403
    assert provider.asked == ["/op/par", "/op/token"]


def test_o08_an_answer_that_comes_too_late_is_refused(phone: Phone, provider: Provider, towns: Pair) -> None:
    path = provider.answer_to(phone.led_to())
    towns.clock.pass_by(minutes=10)
    assert phone.opens(path).status_code == 403
    assert provider.asked == ["/op/par"]


def test_o08_no_link_begins_a_sign_in(phone: Phone, provider: Provider, towns: Pair) -> None:
    """What a QR code can do is open a page; the form needs this browser's own token."""
    phone.opens(f"/visit/signin?desk={towns.desk}&town=112089&state=x&code=y")
    form = {"town": "112089", "desk": towns.desk}
    assert phone.client.post("/visit/signin", data=form, base_url=HOST).status_code == 403
    assert provider.asked == []


def test_o08_the_home_s_own_refusal_is_said_as_such(phone: Phone, towns: Pair) -> None:
    answer = phone.comes_back(code=None, error="access_denied")
    assert "所属する自治体でのサインインが完了しませんでした" in answer.text
    assert audited(towns) == [("stranger", repr(HOME), "refused", "visit-declined")]


def test_what_stands_in_an_error_comes_back_nowhere(phone: Phone) -> None:
    answer = phone.comes_back(code=None, error="<script>alert(1)</script>", error_description="call 090-0000")
    assert "alert(1)" not in answer.text
    assert "090-0000" not in answer.text


def test_whoever_was_signed_in_before_is_signed_out(phone: Phone) -> None:
    with phone.client.session_transaction(base_url=HOST) as kept:
        kept["who"] = {"id": 1, "epoch": 1, "acr": assurance.ONE_FACTOR, "since": 0, "session": "one"}
        kept["form_token"] = "known to somebody else"
    path = phone.provider.answer_to(phone.led_to())
    phone.opens(path)
    with phone.client.session_transaction(base_url=HOST) as kept:
        assert set(kept) - {"_permanent"} == {"visitor"}


# --- O09: ID tokens that are none -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": EVIL},
        {"iss": HOST},
        {"aud": HOME},
        {"aud": EVIL},
        {"nonce": "another sign-in's"},
        {"acr": "urn:tachiyori:aal:0"},
        {"acr": "https://idp.example/loa/high"},
        {"at_hash": "x" * 22},
        {"sub": "another", "nonce": "x"},
    ],
    ids=str,
)
def test_o09_an_id_token_that_says_otherwise_is_refused(
    phone: Phone, provider: Provider, towns: Pair, lies: dict[str, Any]
) -> None:
    provider.lies = lies
    answer = phone.comes_back()
    assert (answer.status_code, REFUSED in answer.text) == (401, True)
    assert [row[2:] for row in audited(towns)] == [("refused", "token-refused")]
    assert is_nobody(phone)


@pytest.mark.parametrize("ago", [-60, 13 * 3600])
def test_o09_a_sign_in_of_the_future_or_of_yesterday_is_refused(
    phone: Phone, provider: Provider, towns: Pair, ago: int
) -> None:
    provider.lies = {"auth_time": int(towns.clock().timestamp()) - ago}
    assert phone.comes_back().status_code == 401
    assert is_nobody(phone)


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({}, {"aud": [HOST]}),
        ({}, {"aud": [HOST, EVIL]}),
        ({}, {"azp": EVIL}),
        ({}, {"exp": None}),
        ({}, {"nonce": None}),
        ({}, {"sub": None}),
        ({}, {"sub": HOME + "://x"}),
        ({}, {"acr": None}),
        ({}, {"auth_time": None}),
        ({}, {"exp": 10**10}),
        ({"alg": "none"}, {}),
        ({"alg": "HS256"}, {}),
        ({"typ": "at+jwt"}, {}),
        ({"kid": "unknown"}, {}),
        ({"jwk": {"kty": "EC"}}, {}),
    ],
    ids=str,
)
def test_o09_a_forged_id_token_is_refused(
    phone: Phone, provider: Provider, towns: Pair, header: dict[str, Any], changes: dict[str, Any]
) -> None:
    address = phone.led_to()
    (asked,) = provider.pushed.values()
    key, now = towns.home.keys.protocol.current, int(towns.clock().timestamp())
    claims: dict[str, object] = {"iss": HOME, "aud": HOST, "sub": SUB, "nonce": asked["nonce"]}
    claims |= {"iat": now, "exp": now + 300, "auth_time": now, "acr": assurance.ONE_FACTOR} | changes
    head = {"alg": "ES256", "typ": "JWT", "kid": key.kid, **header}
    bare = [{name: value for name, value in part.items() if value is not None} for part in (head, claims)]
    provider.token = compact(bare[0], bare[1], pair=key)
    assert phone.opens(provider.answer_to(address)).status_code == 401
    assert is_nobody(phone)


@pytest.mark.parametrize("typ", [{"typ": "JWT"}, {}], ids=str)
def test_o09_the_twin_that_is_not_forged_is_accepted(
    phone: Phone, provider: Provider, towns: Pair, typ: dict[str, str]
) -> None:
    address = phone.led_to()
    (asked,) = provider.pushed.values()
    key, now = towns.home.keys.protocol.current, int(towns.clock().timestamp())
    claims: dict[str, object] = {"iss": HOME, "aud": HOST, "sub": SUB, "nonce": asked["nonce"]}
    claims |= {"iat": now, "exp": now + 300, "auth_time": now, "acr": assurance.ONE_FACTOR}
    provider.token = compact({"alg": "ES256", "kid": key.kid, **typ}, claims, pair=key)
    assert phone.opens(provider.answer_to(address)).status_code == 303


def test_o09_a_key_of_the_federation_signs_no_id_token(phone: Phone, provider: Provider, towns: Pair) -> None:
    provider.signer = towns.home.keys.federation.current
    assert phone.comes_back().status_code == 401


def test_o09_the_id_token_of_another_sign_in_is_refused(phone: Phone, provider: Provider, towns: Pair) -> None:
    claims: dict[str, object] = {"iss": HOME, "aud": HOST, "sub": SUB, "nonce": "of another"}
    now = towns.clock()
    claims |= {"auth_time": now, "acr": assurance.ONE_FACTOR}
    provider.token = ID_TOKEN.sign(towns.home.keys.protocol.current, claims, now=now)
    assert phone.comes_back().status_code == 401


@pytest.mark.parametrize(
    "answers",
    [{"token_type": "Bearer"}, {"id_token": None}, {"id_token": 7}, {"access_token": None}, {"expires_in": "1"}],
)
def test_a_token_answer_that_is_none_is_refused(phone: Phone, provider: Provider, answers: dict[str, Any]) -> None:
    address = phone.led_to()
    provider.answers = answers
    assert phone.opens(provider.answer_to(address)).status_code == 502
    assert is_nobody(phone)


# --- Homes that cannot be signed in with ------------------------------------------------------------------------


@pytest.mark.parametrize("reference", [None, 7, "", "x" * 600, "urn:\n", "うらん"])
def test_a_reference_that_is_none_leads_nowhere(phone: Phone, provider: Provider, reference: object) -> None:
    provider.answers = {"request_uri": reference}
    answer = phone.begins()
    assert (answer.status_code, "Refresh" in answer.headers) == (502, False)


@pytest.mark.parametrize("path", ["/a\r\nX: y", "/a b", "/入口", "/" + "a" * 600], ids=repr)
def test_an_address_no_browser_can_be_led_to_is_refused(
    phone: Phone, provider: Provider, towns: Pair, path: str
) -> None:
    towns.clock.pass_by(minutes=1)
    endpoints = {"pushed_authorization_request_endpoint": f"{HOME}/op/par", "token_endpoint": f"{HOME}/op/token"}
    provider.declare(issuer=HOME, authorization_endpoint=HOME + path, **endpoints)
    answer = phone.begins()
    assert (answer.status_code, "Refresh" in answer.headers) == (502, False)


def test_a_slow_home_holds_its_own_people_up_and_not_those_of_others(phone: Phone, provider: Provider) -> None:
    with visiting.calling(HOME), visiting.calling(HOME):
        with visiting.calling(EVIL):
            pass
        answer = phone.begins()
        assert (answer.status_code, answer.headers["Retry-After"], provider.asked) == (429, "5", [])
    assert phone.begins().status_code == 200


def test_nobody_makes_us_call_a_home_at_will(phone: Phone, provider: Provider, towns: Pair) -> None:
    with towns.host.storage.transaction(write=True) as db:
        db.add(Allowance(mark=f"visit-sign-in {HOME}", used=60, until=towns.clock() + timedelta(seconds=30)))
    assert phone.begins().status_code == 429
    assert provider.asked == []
    towns.clock.pass_by(seconds=30)
    assert phone.begins().status_code == 200


@pytest.mark.parametrize("town", ["131016", "999999", "evil.example", ""])
def test_nobody_is_sent_to_sign_in_anywhere_but_at_a_member(phone: Phone, town: str) -> None:
    answer = phone.begins(town=town)
    assert (answer.status_code in {404, 409}, "Refresh" in answer.headers) == (True, False)


def test_a_town_that_is_no_provider_is_said_to_be_none(phone: Phone, provider: Provider, towns: Pair) -> None:
    towns.clock.pass_by(minutes=1)
    provider.declare()
    answer = phone.begins()
    assert (answer.status_code, "対応していません" in answer.text) == (409, True)


def test_a_home_that_is_down_is_said_to_be(phone: Phone, towns: Pair) -> None:
    towns.wire.down.add(HOME)
    assert phone.begins().status_code == 502


def test_a_suspended_home_is_neither_asked_nor_believed(phone: Phone, provider: Provider, towns: Pair) -> None:
    path = provider.answer_to(phone.led_to())
    with towns.host.storage.transaction(write=True) as db:
        row = find(db, HOME)
        assert row is not None
        row.status = "suspended"
    assert phone.begins().status_code == 404
    assert phone.opens(path).status_code == 403
    assert provider.asked == ["/op/par"]


# --- The end ------------------------------------------------------------------------------------------------------


def test_a_session_lasts_half_an_hour_however_busy(phone: Phone, towns: Pair) -> None:
    phone.signs_in()
    towns.clock.pass_by(minutes=29)
    assert phone.opens("/visit").status_code == 200
    towns.clock.pass_by(minutes=1)
    assert is_nobody(phone)


def test_signing_out_ends_the_session_for_every_copy(phone: Phone) -> None:
    phone.signs_in()
    with phone.client.session_transaction(base_url=HOST) as kept:
        copied = dict(kept)
    page = phone.sends("/visit/signout", shown_on="/visit")
    assert page.location == "/visit/ended"
    assert "Clear-Site-Data" in page.headers
    assert f"{HOME}/op/logout?client_id=" in phone.opens("/visit/ended").text
    with phone.client.session_transaction(base_url=HOST) as kept:
        kept.update(copied)
    assert is_nobody(phone)


def test_what_the_home_ends_is_over_with_the_next_click(phone: Phone, towns: Pair) -> None:
    phone.signs_in()
    with towns.host.storage.transaction(write=True) as db:
        endings.end(db, HOME, SUB, towns.clock())
    assert is_nobody(phone)


def test_a_suspended_home_s_visitor_is_refused_with_the_next_click(phone: Phone, towns: Pair) -> None:
    phone.signs_in()
    with towns.host.storage.transaction(write=True) as db:
        row = find(db, HOME)
        assert row is not None
        row.status = "suspended"
    assert phone.opens("/visit").status_code == 403
