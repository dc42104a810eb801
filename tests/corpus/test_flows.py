"""O01 to O15 over HTTP: how a client asks, and what for."""

import time
from typing import Any

import pytest
import requests

from deploy.demo.seed import PASSWORD
from federation.peer import JWT_BEARER
from tests.corpus.attacks import saying
from tests.corpus.cases import case
from tests.corpus.doors import VisitGrant
from tests.corpus.siege import Siege
from tests.corpus.target import worded
from tests.story.acts import ADMIN
from tests.story.browser import Browser

pytestmark = pytest.mark.peer
TOKEN = "/oauth/token"


@case("O11")
def test_a_grant_of_more_than_a_minute_ago_is_over(siege: Siege) -> None:
    now = int(time.time())
    VisitGrant(siege).withstands(
        {"over": saying(iat=now - 130, exp=now - 70), "too long": saying(exp=now + 3600), "unbound": saying(cnf=...)}
    )


@case("O11", "O12")
@pytest.mark.parametrize(
    "grant_type",
    [
        "refresh_token",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "",
        "client_credentials ",
    ],
)
def test_no_other_grant_is_taken(siege: Siege, grant_type: str) -> None:
    with siege.host.unmoved():
        refused = siege.redeem(form={"grant_type": grant_type, "subject_token": "x", "refresh_token": "x"})
        assert (refused.status_code, worded(refused)) == (400, "unsupported_grant_type")


@case("O11")
def test_a_visit_has_no_refresh_token(siege: Siege) -> None:
    said = siege.redeem().json()
    assert {"refresh_token", "id_token"}.isdisjoint(said)
    assert (said["token_type"], said["expires_in"]) == ("DPoP", 300)


ELSEWISE: list[dict[str, Any]] = [
    {"client_assertion": ..., "client_assertion_type": ..., "client_secret": "secret"},
    {"client_assertion": ..., "client_assertion_type": ...},
    {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    {"client_assertion_type": ...},
    {"client_assertion": ...},
]


@case("O13")
@pytest.mark.parametrize("path", [TOKEN, "/oauth/revoke", "/api/v1/pings"])
@pytest.mark.parametrize("change", ELSEWISE, ids=" ".join)
def test_a_client_proves_itself_by_its_key_alone(siege: Siege, path: str, change: dict[str, Any]) -> None:
    form = {
        "grant_type": "client_credentials", "scope": "feed", "token": "x", "feed": "visits",
        "client_id": siege.home.config.entity_id,
    }  # fmt: skip
    with siege.host.unmoved(lines=0):
        refused = siege.ask(siege.host, {**form, **change}, path=path)
        assert (refused.status_code, worded(refused)) in {(401, "invalid_client"), (401, "token-refused")}
        basic = siege.ask(siege.host, {**form, "client_assertion": ...}, path=path, auth=("a", "b"))
        assert basic.status_code == 401
    assert siege.ask(siege.host, form, path=path).status_code in {200, 202}


@case("O14")
@pytest.mark.parametrize(
    "path", ["/oauth/introspect", "/oauth/register", "/introspect", "/register", "/connect/register"]
)
def test_there_is_no_introspection_and_no_registration_by_asking(siege: Siege, path: str) -> None:
    for target in (siege.host, siege.registry):
        with target.unmoved(lines=0):
            assert requests.post(target.origin + path, json={"redirect_uris": ["x"]}, timeout=30).status_code == 404


@case("O15")
def test_parameters_stand_in_the_form_and_once(siege: Siege) -> None:
    url = siege.host.origin + TOKEN
    form = {"grant_type": JWT_BEARER, "assertion": "x"}
    with siege.host.unmoved(lines=0):
        for options in (
            {"data": form, "params": {"scope": "manage"}},
            {"json": form},
            {"data": [*form.items(), ("assertion", "y")]},
            {"data": "grant_type=x", "headers": {"Content-Type": "text/plain"}},
            {"files": {"assertion": "x"}},
        ):
            refused = requests.post(url, timeout=30, **options)
            assert (refused.status_code, worded(refused)) == (400, "invalid_request")
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            assert requests.request(method, url, timeout=30).status_code == 405


@case("O15")
@pytest.mark.parametrize("path", [TOKEN, "/.well-known/openid-federation", "/signin", "/feeds/visits"])
def test_no_other_site_reads_or_frames_us(siege: Siege, path: str) -> None:
    asked = {"Origin": siege.bait.origin, "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "GET", "POST"):
        answer = requests.request(method, siege.host.origin + path, headers=asked, timeout=30, allow_redirects=False)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert answer.status_code not in {301, 302, 307, 308}
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@case("O10")
@pytest.mark.parametrize("wished", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(siege: Siege, wished: str) -> None:
    def leads(next_: str) -> str:
        browser = Browser(siege.host.origin)
        browser.get("/signin", next=next_)
        form = {"form_token": browser.token, "next": next_, "number": ADMIN, "password": PASSWORD}
        answer = browser.session.post(f"{siege.host.origin}/signin", data=form, timeout=30, allow_redirects=False)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    assert (leads(wished), leads("/search")) == ("/", "/search")
