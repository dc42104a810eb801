"""The authorization endpoint: who is led where, and what never leads anywhere (O03, O04, O05, O10, O15)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from federation import entity
from node import entity as node_entity
from node.models.provider import Consent, PushedRequest, SignInCode
from node.people import staff as directory
from node.people.provider import pushed
from tests.federation.world import HOME, HOST, NOISE
from tests.node.views.factors import demand_of
from tests.node.views.oidc.conftest import CALLBACK, Sent, World


def refused(sent: Sent, status: int = 400) -> None:
    """Hold that the answer is a page of ours and leads nowhere."""
    assert (sent.answer.status_code, sent.answer.mimetype, sent.address) == (status, "text/html", "")
    assert "Access-Control-Allow-Origin" not in sent.answer.headers


def test_a_person_agrees_and_goes_back_with_a_code(signed_in: World) -> None:
    request_uri = signed_in.pushed(scope="openid affiliation")
    page = signed_in.opens(request_uri).answer
    assert page.status_code == 200
    assert all(words in page.text for words in ("千代田区", "立寄 太郎", "所属、任命権者、任用区分"))
    assert "自称市" not in page.text
    assert f"form-action 'self' {HOST};" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in page.headers
    sent = signed_in.decides(request_uri)
    assert sent.answer.status_code == 303
    assert sent.address.startswith(CALLBACK + "?code=")
    assert (sent.query["state"], sent.query["iss"]) == ("s-1", HOME)
    assert signed_in.lines("sign-in-elsewhere") == [("allowed", "")]
    assert signed_in.registry.calls == []


def test_who_refuses_goes_back_without_one(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    signed_in.opens(request_uri)
    sent = signed_in.decides(request_uri, "refuse")
    assert sent.query == {"error": "access_denied", "state": "s-1", "iss": HOME}
    assert signed_in.lines("sign-in-elsewhere") == [("refused", "access_denied")]
    refused(signed_in.decides(request_uri))


def test_who_agreed_before_is_not_asked_again(signed_in: World) -> None:
    signed_in.code()
    assert "code" in signed_in.opens(signed_in.pushed(redirect_uri=CALLBACK + "?at=desk")).query
    assert signed_in.opens(signed_in.pushed(scope="openid profile")).answer.status_code == 200
    assert signed_in.opens(signed_in.pushed(prompt="consent")).answer.status_code == 200
    assert (
        signed_in.opens(
            signed_in.pushed(signed_in.third, redirect_uri=NOISE + node_entity.CALLBACK), NOISE
        ).answer.status_code
        == 200
    )


def test_an_address_with_a_query_keeps_it(signed_in: World) -> None:
    signed_in.code()
    sent = signed_in.opens(signed_in.pushed(redirect_uri=CALLBACK + "?at=desk", state=...))
    assert sent.address.startswith(CALLBACK + "?at=desk&code=")
    assert "state" not in sent.query


def test_who_is_not_signed_in_does_so_first_and_then_sees_where_it_leads(world: World) -> None:
    request_uri = world.pushed()
    sent = world.opens(request_uri)
    assert (sent.answer.status_code, urlsplit(sent.address).path) == (303, "/signin")
    world.clock.pass_by(minutes=5)
    back = world.signs_in(sent.query["next"])
    assert urlsplit(back.address).path == entity.AUTHORIZE
    assert world.browser.get(back.address, base_url=HOME).status_code == 200
    assert "code" in world.decides(request_uri).query


def test_a_form_that_signs_in_never_leads_straight_to_another_town(signed_in: World) -> None:
    """Browsers would block it by our own policy; and a person sees the town's name once more."""
    signed_in.code()
    request_uri = signed_in.pushed(prompt="login")
    sent = signed_in.opens(request_uri)
    assert urlsplit(sent.address).path == "/signin"
    signed_in.clock.pass_by(seconds=5)
    signed_in.signs_in(sent.query["next"])
    assert signed_in.opens(request_uri).answer.status_code == 200
    assert "code" in signed_in.decides(request_uri).query


@pytest.mark.parametrize(("max_age", "again"), [("3600", False), ("299", True), ("0", True)])
def test_a_sign_in_may_be_too_old(signed_in: World, max_age: str, again: bool) -> None:
    sent = signed_in.opens(signed_in.pushed(max_age=max_age))
    assert (urlsplit(sent.address).path == "/signin") is again


def test_without_a_page_the_answer_says_what_is_missing(world: World) -> None:
    def answered(**changes: Any) -> str:
        return world.opens(world.pushed(prompt="none", **changes)).query.get("error", "")

    assert answered() == "login_required"
    world.signs_in()
    world.clock.pass_by(minutes=5)
    assert answered() == "consent_required"
    assert answered(max_age="10") == "login_required"
    world.code()
    assert answered() == ""
    assert answered(scope="openid profile") == "consent_required"


def test_a_surer_sign_in_than_there_is_is_said_to_be_missing(signed_in: World) -> None:
    sent = signed_in.opens(signed_in.pushed(acr_values="urn:tachiyori:aal:3"))
    assert sent.query == {"error": "unmet_authentication_requirements", "state": "s-1", "iss": HOME}
    silent = signed_in.opens(signed_in.pushed(acr_values="urn:tachiyori:aal:2", prompt="none"))
    assert silent.query["error"] == "unmet_authentication_requirements"


def test_nobody_goes_out_with_less_than_their_own_town_demands(signed_in: World) -> None:
    demand_of(signed_in.home_app, "staff")
    sent = signed_in.opens(signed_in.pushed())
    assert (sent.answer.status_code, urlsplit(sent.address).path) == (303, "/signin/second")
    silent = signed_in.opens(signed_in.pushed(prompt="none"))
    assert silent.query["error"] == "unmet_authentication_requirements"


def test_a_second_factor_is_asked_for_where_the_town_wants_one(signed_in: World) -> None:
    request_uri = signed_in.pushed(acr_values="urn:tachiyori:aal:2")
    sent = signed_in.opens(request_uri)
    assert (sent.answer.status_code, urlsplit(sent.address).path) == (303, "/signin/second")
    assert urlsplit(sent.query["next"]).path == entity.AUTHORIZE
    assert urlsplit(signed_in.decides(request_uri).address).path == entity.AUTHORIZE
    with signed_in.home.storage.transaction() as db:
        assert db.scalars(select(SignInCode)).all() == []


# --- What leads nowhere ---------------------------------------------------------------------------------------


def test_a_reference_is_opened_by_one_browser(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    stranger = signed_in.home_app.test_client()
    signed_in.opens(request_uri)
    refused(signed_in.opens(request_uri, browser=stranger))
    assert signed_in.opens(request_uri).answer.status_code == 200


def test_a_reference_is_used_once(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    signed_in.opens(request_uri)
    assert "code" in signed_in.decides(request_uri).query
    refused(signed_in.opens(request_uri))
    refused(signed_in.decides(request_uri))


def test_a_reference_is_good_for_a_minute_and_then_for_ten(signed_in: World) -> None:
    late, opened = signed_in.pushed(), signed_in.pushed()
    signed_in.opens(opened)
    signed_in.clock.pass_by(seconds=60)
    refused(signed_in.opens(late))
    signed_in.clock.pass_by(minutes=8)
    assert signed_in.opens(opened).answer.status_code == 200
    signed_in.clock.pass_by(minutes=2)
    refused(signed_in.decides(opened))


def test_a_reference_is_its_clients(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    refused(signed_in.opens(request_uri, NOISE))
    refused(signed_in.opens(request_uri, "https://stranger.example"), 403)
    assert signed_in.opens(request_uri).answer.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"client_id": HOST},
        {"request_uri": "urn:x"},
        {"client_id": HOST, "request_uri": "https://evil.example/request.jwt"},
        {"client_id": HOST, "request_uri": pushed.PREFIX + "x", "redirect_uri": CALLBACK},
        {"client_id": HOST, "request_uri": pushed.PREFIX + "x", "request": "x"},
        {"client_id": HOST, "request_uri": [pushed.PREFIX + "x", pushed.PREFIX + "y"]},
        {"client_id": HOST, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid", "state": "s"},
        {"client_id": HOST, "request_uri": "\x00"},
    ],
    ids=str,
)
def test_what_was_not_pushed_is_a_page_and_leads_nowhere(signed_in: World, query: dict[str, str]) -> None:
    refused(Sent(signed_in.browser.get(entity.AUTHORIZE, query_string=query, base_url=HOME)))
    assert signed_in.registry.calls == []


def test_a_suspended_town_receives_nobody(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    signed_in.registry.statuses[1] = "suspended"
    signed_in.home.members.refresh_status(signed_in.registry.later(minutes=1))
    refused(signed_in.opens(request_uri), 403)


def test_an_address_that_is_no_longer_the_towns_receives_nobody(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    said = {"jwks": signed_in.relying.ring.jwks(), "redirect_uris": [HOST + "/elsewhere"]}
    signed_in.registry.configurations[HOST] = signed_in.relying.configuration(
        metadata={**signed_in.relying.metadata(), "openid_relying_party": said}
    )
    assert signed_in.home.members.refetch(HOST, signed_in.clock())
    refused(signed_in.opens(request_uri))


def test_a_decision_needs_the_form(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    signed_in.opens(request_uri)
    form = {"client_id": HOST, "request_uri": request_uri, "decision": "allow"}
    refused(Sent(signed_in.browser.post(entity.AUTHORIZE, data=form, base_url=HOME)), 403)
    refused(signed_in.decides(request_uri, "perhaps"))
    assert "code" in signed_in.decides(request_uri).query


def test_a_decision_before_signing_in_decides_nothing(world: World) -> None:
    request_uri = world.pushed()
    world.opens(request_uri)
    sent = world.decides(request_uri)
    assert (sent.answer.status_code, urlsplit(sent.address).path) == (303, entity.AUTHORIZE)
    assert urlsplit(world.opens(request_uri).address).path == "/signin"


def test_a_leaver_gets_no_code(signed_in: World) -> None:
    with signed_in.home.storage.transaction(write=True) as db:
        person = directory.find(db, "012345")
        assert person is not None
        person.left_on = signed_in.clock().date()
    assert urlsplit(signed_in.opens(signed_in.pushed()).address).path == "/signin"


# --- What is kept ---------------------------------------------------------------------------------------------


def test_what_is_kept_of_references_and_codes_is_no_use_to_a_reader(signed_in: World) -> None:
    request_uri, code = signed_in.pushed(), signed_in.code()
    with signed_in.home.storage.transaction() as db:
        marks = [*db.scalars(select(PushedRequest.mark)), *db.scalars(select(SignInCode.mark))]
    assert len(marks) == 2
    assert all(mark not in request_uri + code for mark in marks)


def test_what_was_agreed_is_shown_and_taken_back(signed_in: World) -> None:
    token = signed_in.tokens(scope="openid profile")["access_token"]
    page = signed_in.browser.get("/me/towns", base_url=HOME).text
    assert all(words in page for words in ("千代田区", "氏名", "千代田区への同意を取り消す"))
    sent = signed_in.sends("/me/towns", {"client_id": HOST})
    assert sent.status_code == 303
    assert signed_in.userinfo(token).status_code == 401
    assert signed_in.opens(signed_in.pushed()).answer.status_code == 200
    assert signed_in.sends("/me/towns", {"client_id": HOST}).status_code == 404
    with signed_in.home.storage.transaction() as db:
        assert db.scalars(select(Consent)).all() == []
    assert signed_in.lines("consent-withdrawn") == [("allowed", "")]


def test_the_pages_speak_english(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    query = {"client_id": HOST, "request_uri": request_uri, "lang": "en"}
    page = signed_in.browser.get(entity.AUTHORIZE, query_string=query, base_url=HOME)
    assert page.status_code == 200
    assert "Agree and sign in" in page.text


def test_a_late_person_is_told_where_to_begin_again(signed_in: World) -> None:
    request_uri = signed_in.pushed()
    signed_in.clock.now += timedelta(hours=1)
    assert "もう一度始めてください" in signed_in.opens(request_uri).answer.text
