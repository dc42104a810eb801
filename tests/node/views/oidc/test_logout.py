"""Signing out because another town asked (OpenID Connect RP-Initiated Logout 1.0), and the town's metadata."""

from urllib.parse import urlsplit

import pytest

from federation import entity
from tests.federation.world import HOME, HOST, NOISE
from tests.node.views.oidc.conftest import CALLBACK, GOODBYE, Sent, World


def asks(world: World, **query: str) -> Sent:
    return Sent(world.browser.get(entity.LOGOUT, query_string=query, base_url=HOME))


@pytest.fixture
def hint(signed_in: World) -> str:
    return str(signed_in.tokens()["id_token"])


def test_the_person_is_asked_and_then_goes_where_the_town_wished(signed_in: World, hint: str) -> None:
    wish = {"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE, "state": "bye"}
    page = asks(signed_in, **wish).answer
    assert page.status_code == 200
    assert "千代田区" in page.text
    assert f"form-action 'self' {HOST};" in page.headers["Content-Security-Policy"]
    assert signed_in.browser.get("/me", base_url=HOME).status_code == 200
    sent = Sent(signed_in.sends(entity.LOGOUT, wish, shown_on="/me"))
    assert (sent.answer.status_code, sent.address) == (303, GOODBYE + "?state=bye")
    assert "Clear-Site-Data" in sent.answer.headers
    assert signed_in.browser.get("/me", base_url=HOME).status_code == 303


def test_who_has_signed_out_already_goes_on(signed_in: World, hint: str) -> None:
    signed_in.sends("/signout", {})
    signed_in.clock.pass_by(hours=1)
    assert asks(signed_in, id_token_hint=hint, post_logout_redirect_uri=GOODBYE).address == GOODBYE


def test_a_town_may_name_itself_where_it_has_no_token(signed_in: World) -> None:
    wish = {"client_id": HOST, "post_logout_redirect_uri": GOODBYE}
    assert asks(signed_in, **wish).answer.status_code == 200
    assert Sent(signed_in.sends(entity.LOGOUT, wish, shown_on="/me")).address == GOODBYE
    assert asks(signed_in, client_id="https://stranger.example").answer.status_code == 403


def test_without_an_address_one_ends_at_our_own_sign_in(signed_in: World) -> None:
    assert asks(signed_in).answer.status_code == 200
    sent = Sent(signed_in.sends(entity.LOGOUT, {}, shown_on="/me"))
    assert urlsplit(sent.address).path == "/signin"


@pytest.mark.parametrize(
    "wish",
    [
        {"post_logout_redirect_uri": GOODBYE},
        {"post_logout_redirect_uri": GOODBYE, "id_token_hint": "x"},
        {"post_logout_redirect_uri": GOODBYE + "/"},
        {"post_logout_redirect_uri": CALLBACK},
        {"post_logout_redirect_uri": NOISE + "/visit/goodbye"},
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": GOODBYE, "state": "x" * 513},
        {"post_logout_redirect_uri": GOODBYE, "client_id": NOISE},
    ],
    ids=str,
)
def test_an_address_nobody_vouches_for_leads_nowhere(signed_in: World, hint: str, wish: dict[str, str]) -> None:
    given = {"id_token_hint": hint, **wish} if wish != {"post_logout_redirect_uri": GOODBYE} else wish
    sent = asks(signed_in, **given)
    assert (sent.answer.status_code, sent.address) == (400, "")


def test_a_hint_is_an_id_token_of_ours_of_the_last_day(signed_in: World, hint: str) -> None:
    token = signed_in.tokens()["access_token"]
    for false in (token, signed_in.assertion(), hint[:-4] + "AAAA", "é", ""):
        assert asks(signed_in, id_token_hint=false).answer.status_code == 400
    signed_in.clock.pass_by(hours=25)
    assert asks(signed_in, id_token_hint=hint).answer.status_code == 400


def test_signing_out_needs_the_form(signed_in: World) -> None:
    assert signed_in.browser.post(entity.LOGOUT, data={}, base_url=HOME).status_code == 403
    assert signed_in.browser.get("/me", base_url=HOME).status_code == 200


def test_the_metadata_tells_the_profile(world: World) -> None:
    said = [
        world.program.get(path, base_url=HOME).json
        for path in (entity.PROVIDER_METADATA, entity.AUTHORIZATION_METADATA)
    ]
    for told in said:
        assert told is not None
        assert told["issuer"] == HOME
        assert told["require_pushed_authorization_requests"] is True
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert told["response_types_supported"] == ["code"]
        assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        assert told["authorization_response_iss_parameter_supported"] is True
        assert "registration_endpoint" not in told
    provider = said[0]
    assert provider is not None
    assert provider["client_registration_types_supported"] == ["automatic"]
    assert provider["subject_types_supported"] == ["pairwise"]
    assert provider["request_uri_parameter_supported"] is False
