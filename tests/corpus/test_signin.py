"""O01 to O07 over HTTP: another town sends one of our people to sign in with us (FAPI 2.0, 5.3.2)."""

import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from deploy.demo.seed import PASSWORD
from federation import entity, keys
from federation.tokens import peek
from node.entity import CALLBACK
from tests.corpus.attacks import claiming, saying
from tests.corpus.cases import case
from tests.corpus.doors import ClientAssertionOfPush, RequestObject
from tests.corpus.siege import VERIFIER, Siege
from tests.corpus.target import worded
from tests.story.acts import ADMIN
from tests.story.browser import Browser

pytestmark = pytest.mark.peer
USED_UP = frozenset({"sign_in_code"})
"""A code that is shown wrongly is worth nothing afterwards (FAPI 2.0, 5.3.2.1)."""


class Visitor:
    """Somebody of the host's own staff, signed in there, whom the home sends to sign in."""

    def __init__(self, siege: Siege) -> None:
        self.siege, self.browser = siege, Browser(siege.host.origin)
        self.browser.sign_in(ADMIN, PASSWORD)

    def opens(self, request_uri: str, *, client_id: str = "", **more: str) -> requests.Response:
        """Follow the link to the authorization endpoint, and no further."""
        asked = {"client_id": client_id or self.siege.home.config.entity_id, "request_uri": request_uri, **more}
        url = self.siege.host.origin + entity.AUTHORIZE
        return self.browser.session.get(url, params=asked, timeout=30, allow_redirects=False)

    def code(self, **changes: Any) -> str:
        """Go all the way to a code, agreeing where one is asked."""
        pushed = self.siege.push(**changes)
        assert pushed.status_code == 201, pushed.text
        request_uri = pushed.json()["request_uri"]
        answer = self.opens(request_uri)
        if answer.status_code == 200:
            token = re.search(r'name="form_token" value="([^"]+)"', answer.text)
            assert token is not None
            decided = {"client_id": self.siege.home.config.entity_id, "request_uri": request_uri, "decision": "allow"}
            form = {**decided, "form_token": token[1]}
            url = self.siege.host.origin + entity.AUTHORIZE
            answer = self.browser.session.post(url, data=form, timeout=30, allow_redirects=False)
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == self.siege.home.config.entity_id
        said = parse_qs(back.query)
        assert said["iss"] == [self.siege.host.origin]
        return said["code"][0]


@pytest.fixture(scope="module")
def visitor(siege: Siege) -> Visitor:
    return Visitor(siege)


@case("O01")
def test_only_a_member_pushes_a_request_and_only_with_its_own_assertion(siege: Siege) -> None:
    own, now = siege.host.origin, int(time.time())
    audiences = [[own], [own, own + entity.PUSHED], own + entity.PUSHED, own + entity.TOKEN, ...]
    attacks = {repr(aud): claiming(aud=aud) for aud in audiences}
    attacks |= {"no sub": claiming(sub=...), "late": saying(iat=now - 360, exp=now - 300)}
    attacks["another sub"] = claiming(sub=siege.thief.config.entity_id)
    ClientAssertionOfPush(siege).withstands(attacks)


@case("O02")
def test_a_request_object_is_the_clients_own_for_us_and_for_now(siege: Siege) -> None:
    own, other, now = siege.host.origin, siege.thief.config.entity_id, int(time.time())
    claims: dict[str, dict[str, Any]] = {
        "no aud": {"aud": ...}, "aud a list": {"aud": [own]}, "aud PAR": {"aud": own + entity.PUSHED}, "aud other": {"aud": other},
        "no iss": {"iss": ...}, "iss other": {"iss": other}, "client_id other": {"client_id": other}, "no client_id": {"client_id": ...},
        "sub": {"sub": siege.home.config.entity_id}, "no jti": {"jti": ...}, "no exp": {"exp": ...}, "over": {"iat": now - 700, "exp": now - 400},
        "too long": {"exp": now + 3600}, "request": {"request": "a.b.c"}, "request_uri": {"request_uri": "https://x.example/y"},
        "redirect_uri a list": {"redirect_uri": [f"{siege.home.config.entity_id}{CALLBACK}"]},
    }  # fmt: skip
    attacks = {name: saying(**change) for name, change in claims.items()}
    attacks["another's key"] = lambda draft: draft.headed(kid="k").by(keys.make()).text()
    RequestObject(siege).withstands(attacks, but=frozenset({"members"}))


@case("O02", "O03")
def test_a_request_by_reference_is_not_fetched(siege: Siege) -> None:
    with siege.host.unmoved(lines=2):
        for form in ({"request_uri": f"{siege.bait.origin}/request.jwt"}, {"request_uri": "urn:x", "request": "a.b.c"}):
            refused = siege.push(**form)
            assert (refused.status_code, worded(refused)) == (400, "invalid_request")
    assert siege.push().status_code == 201


@case("O03", "O04")
def test_a_reference_is_one_browsers_one_clients_and_ours(siege: Siege, visitor: Visitor) -> None:
    request_uri = siege.push().json()["request_uri"]
    stranger = Visitor(siege)
    answers = [
        visitor.opens(request_uri, client_id=siege.thief.config.entity_id),
        visitor.opens(f"{siege.bait.origin}/request.jwt"),
        visitor.opens("urn:ietf:params:oauth:request_uri:nobody"),
        visitor.opens(request_uri, redirect_uri=siege.bait.origin),
        visitor.opens(request_uri, request="a.b.c"),
        visitor.opens(request_uri, response_type="token"),
    ]
    with siege.host.unmoved(but=frozenset({"pushed_request"})):
        assert {answer.status_code for answer in answers} <= {400, 403, 410}
        assert not [answer for answer in answers if "Location" in answer.headers]
        assert visitor.opens(request_uri).status_code in {200, 303}
        assert stranger.opens(request_uri).status_code in {400, 403, 410}
        plain = {"response_type": "code", "client_id": siege.home.config.entity_id, "redirect_uri": siege.redirect_uri}
        url = siege.host.origin + entity.AUTHORIZE
        assert requests.get(url, params=plain, timeout=30, allow_redirects=False).status_code == 400


@case("O04")
@pytest.mark.parametrize("response_type", ["token", "id_token", "code id_token", "code token", "", ..., "none"])
def test_a_code_is_all_there_is(siege: Siege, response_type: Any) -> None:
    with siege.host.unmoved(lines=1):
        refused = siege.push(response_type=response_type)
        assert (refused.status_code, worded(refused)) == (400, "unsupported_response_type")


@case("O05")
def test_a_person_is_sent_to_no_address_but_a_registered_one(siege: Siege) -> None:
    good, bait = siege.redirect_uri, siege.bait.origin
    uris = [
        ..., "", bait, good + "/", good + "?a=b", good + "#", good.upper(), good.replace("http:", "https:"), good.replace("//", "//evil@"),
        good.replace("/visit", "/visit/../visit"), good.rpartition("/")[0] + "/*", good.replace("localhost", "127.0.0.1"),
        f"{siege.thief.config.entity_id}{CALLBACK}", "javascript:alert(1)",
    ]  # fmt: skip
    with siege.host.unmoved(lines=len(uris)):
        for uri in uris:
            refused = siege.push(redirect_uri=uri)
            assert (refused.status_code, worded(refused)) == (400, "invalid_request")
    assert siege.push().status_code == 201


@case("O06")
@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge": ...}, {"code_challenge": ""}, {"code_challenge_method": "plain"}, {"code_challenge_method": ...},
        {"code_challenge": "x" * 42}, {"code_challenge": VERIFIER[:43], "code_challenge_method": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_a_request_has_a_challenge_of_sha_256(siege: Siege, change: Mapping[str, Any]) -> None:
    with siege.host.unmoved(lines=1):
        refused = siege.push(**change)
        assert (refused.status_code, worded(refused)) == (400, "invalid_request")


@case("O07")
def test_a_code_counts_once_and_what_came_of_it_ends(siege: Siege, visitor: Visitor) -> None:
    code = visitor.code()
    token = siege.redeem_code(code).json()["access_token"]
    url = siege.host.origin + entity.USERINFO
    assert siege.call("GET", url, token).status_code == 200
    with siege.host.unmoved(lines=1, but=USED_UP):
        assert worded(siege.redeem_code(code)) == "invalid_grant"
    assert siege.call("GET", url, token).status_code == 401


WRONG: Mapping[str, Callable[[Siege], dict[str, Any]]] = {
    "verifier": lambda _siege: {"code_verifier": secrets.token_urlsafe(48)},
    "no verifier": lambda _siege: {"code_verifier": ...},
    "redirect_uri": lambda siege: {"redirect_uri": siege.redirect_uri + "/"},
    "another client": lambda siege: {"client_assertion": siege.assertion(siege.host, siege.thief).text()},
}


@case("O06", "O07")
@pytest.mark.parametrize("name", WRONG)
def test_a_code_is_for_this_client_verifier_and_address(siege: Siege, visitor: Visitor, name: str) -> None:
    code = visitor.code()
    with siege.host.unmoved(lines=1, but=USED_UP):
        refused = siege.redeem_code(code, **WRONG[name](siege))
        assert (refused.status_code, worded(refused)) in {(400, "invalid_grant"), (400, "invalid_request")}
    assert siege.redeem_code(visitor.code()).status_code == 200


@case("O07")
def test_a_code_is_bound_to_the_key_it_was_asked_with(siege: Siege, visitor: Visitor) -> None:
    thief = keys.make()
    proof = siege.proof("POST", f"{siege.host.origin}/oauth/token", key=thief).text()
    code = visitor.code(dpop_jkt=siege.dpop.kid)
    with siege.host.unmoved(lines=1, but=USED_UP):
        assert worded(siege.redeem_code(code, proof=proof)) == "invalid_grant"
    said = siege.redeem_code(visitor.code(dpop_jkt=siege.dpop.kid)).json()
    assert peek(said["id_token"]).claims["nonce"] == "n-1"
    assert "refresh_token" not in said
