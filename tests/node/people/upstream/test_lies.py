"""A provider that lies, fails or is attacked: the person reads what happened and whom to ask, and nothing is left behind.

OpenID Connect Core 1.0, 3.1.3.7; Discovery 1.0, 4.3; RFC 9207; RFC 9700, 4.4.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, select

from federation.audit import AuditEntry
from federation.jwk import from_base64url, to_base64url
from federation.storage import Storage
from node.models.staff import OutsideAccount, Staff
from node.town import Town
from tests.corpus.cases import case
from tests.federation.forgery import IAT, PAIR, STRANGER, compact, compact_rs256
from tests.node.people.upstream.conftest import Clock, Visit, audited
from tests.node.people.upstream.lyingidp import LyingIdp

ASK = "システム担当者にお問い合わせください"


@dataclass(frozen=True)
class Lie:
    """One lie: how the provider is told to tell it, and what the log says of it."""

    tell: Callable[[LyingIdp], Any]
    log: str
    code: str = "upstream-wrong"
    back: dict[str, str | None] = field(default_factory=dict)


def claims(**changed: object) -> Callable[[LyingIdp], None]:
    return lambda idp: idp.claims.update(changed)


def discovery(**changed: object) -> Callable[[LyingIdp], None]:
    return lambda idp: idp.discovery.update(changed)


def body(path: str, content: bytes) -> Callable[[LyingIdp], None]:
    return lambda idp: idp.bodies.update({path: content})


def status(path: str, code: int) -> Callable[[LyingIdp], None]:
    return lambda idp: idp.statuses.update({path: code})


def honest(_idp: LyingIdp) -> None:
    """No lie at all: what is wrong is in what the browser brings back."""


def unsigned(idp: LyingIdp) -> None:
    idp.token = ".".join([to_base64url(b'{"alg":"none"}'), idp.id_token().split(".")[1], ""])


def hs256(idp: LyingIdp) -> None:
    idp.header = {"alg": "HS256"}


def a_strangers(idp: LyingIdp) -> None:
    idp.signer = STRANGER


def another_kid(idp: LyingIdp) -> None:
    idp.header = {"kid": "another"}


def keys_of_another_alg(idp: LyingIdp) -> None:
    idp.keys = [{**PAIR.public_jwk(), "alg": "ES384"}]


AFTER: dict[str, Lie] = {
    "O08 the answer names another issuer": Lie(honest, "RFC 9207", back={"iss": "https://evil.example"}),
    "O08 the answer names no issuer": Lie(honest, "RFC 9207", back={"iss": None}),
    "O08 the answer has no code": Lie(honest, "no code", back={"code": None}),
    "O09 iss in the ID token": Lie(claims(iss="https://evil.example"), "claim iss"),
    "O09 aud of another client": Lie(claims(aud="others"), "claim aud"),
    "O09 aud in an array": Lie(claims(aud=["desks", "others"]), "claim aud"),
    "O09 azp of another client": Lie(claims(azp="others"), "azp"),
    "O09 nonce of another attempt": Lie(claims(nonce="n-0S6"), "claim nonce"),
    "O09 no nonce": Lie(claims(nonce=None), "claim nonce"),
    "O09 exp is past": Lie(claims(exp=IAT - 60, iat=IAT - 360), "token-expired"),
    "O09 iat is in the future": Lie(claims(iat=IAT + 60), "token-expired"),
    "O09 at_hash of another token": Lie(claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    "O09 no auth_time": Lie(claims(auth_time=None), "auth_time"),
    "O09 no sub": Lie(claims(sub=None), "claim sub"),
    "O09 a logout token": Lie(claims(events={}), "claim events"),
    "O09 alg none": Lie(unsigned, "ID token"),
    "O09 alg HS256": Lie(hs256, "HS256"),
    "O09 a stranger's signature": Lie(a_strangers, "ID token"),
    "O09 an unknown kid": Lie(another_kid, "kid"),
    "O09 keys of another algorithm": Lie(keys_of_another_alg, "kid"),
    "a key set of 10 MB": Lie(body("/jwks", b'{"keys":["' + b"x" * 10_000_000 + b'"]}'), "bytes announced"),
    "a key set that is none": Lie(body("/jwks", b"[]"), "not a JSON object"),
    "a redirected token endpoint": Lie(status("/token", 307), "a redirect"),
    "a code that is refused": Lie(status("/token", 400), "400"),
    "a token endpoint out of order": Lie(status("/token", 503), "503", "upstream-down"),
    "a token answer without tokens": Lie(body("/token", b"{}"), "without tokens"),
    "userinfo about somebody else": Lie(
        lambda idp: (idp.claims.update(department=None), idp.userinfo.update(sub="other")), "somebody else"
    ),
}


def nothing_is_left(storage: Storage) -> bool:
    with storage.transaction() as db:
        return not db.scalar(select(func.count()).select_from(Staff).outerjoin(OutsideAccount))


@pytest.mark.parametrize("name", AFTER)
def test_a_lie_on_the_way_back_lets_nobody_in(
    visit: Visit, town: Town, idp: LyingIdp, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    lie, asked = AFTER[name], visit.goes()
    lie.tell(idp)
    with caplog.at_level(logging.WARNING):
        answer = visit.comes_back(asked, **lie.back)
    assert answer.status_code in {502, 403}
    assert ASK in answer.text
    assert lie.log in caplog.text
    assert audited(town) == [("sign-in", "refused", lie.code)]
    assert nothing_is_left(town.storage)
    assert visit.opens("/me").status_code == 303


BEFORE: dict[str, Lie] = {
    "another issuer": Lie(discovery(issuer="https://evil.example"), "names the issuer"),
    "a tenant's template": Lie(discovery(issuer="http://localhost/{tenantid}/v2.0"), "names the issuer"),
    "an endpoint elsewhere": Lie(discovery(token_endpoint="https://evil.example/token"), "NODE_OIDC_ORIGINS"),
    "an endpoint inside": Lie(discovery(jwks_uri="http://169.254.169.254/latest"), "NODE_OIDC_ORIGINS"),
    "an endpoint that is no URL": Lie(
        discovery(authorization_endpoint="javascript:alert(1)"), "authorization_endpoint"
    ),
    "no token endpoint": Lie(discovery(token_endpoint=None), "token_endpoint"),
    "no PKCE": Lie(discovery(code_challenge_methods_supported=["plain"]), "PKCE"),
    "a redirect": Lie(status("/.well-known/openid-configuration", 302), "a redirect"),
    "10 MB": Lie(body("/.well-known/openid-configuration", b" " * 10_000_000), "bytes announced"),
    "no JSON": Lie(body("/.well-known/openid-configuration", b"<html>"), "not JSON"),
    "out of order": Lie(status("/.well-known/openid-configuration", 500), "500", "upstream-down"),
}


def pressed(visit: Visit, caplog: pytest.LogCaptureFixture) -> Any:
    with caplog.at_level(logging.WARNING):
        return visit.sends("/upstream/signin", {"next": "/me"}, shown_on="/signin?next=/")


@pytest.mark.parametrize("name", BEFORE)
def test_a_lie_in_discovery_sends_nobody_away(
    visit: Visit, idp: LyingIdp, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    BEFORE[name].tell(idp)
    answer = pressed(visit, caplog)
    assert answer.status_code == 502
    assert ASK in answer.text
    assert BEFORE[name].log in caplog.text
    assert {path for _method, path, _form, _headers in idp.requests} == {"/.well-known/openid-configuration"}


@pytest.mark.parametrize("changes", [{"NODE_OIDC_PRIVATE": "no"}])
def test_a_private_address_is_not_called_unless_that_is_allowed(
    visit: Visit, idp: LyingIdp, caplog: pytest.LogCaptureFixture
) -> None:
    assert pressed(visit, caplog).status_code == 502
    assert idp.requests == []


@pytest.mark.parametrize("changes", [{"NODE_OIDC_ISSUER": "http://localhost:9"}])
def test_a_provider_that_is_down_is_said_to_be_and_not_asked_at_once_again(
    visit: Visit, clock: Clock, idp: LyingIdp, caplog: pytest.LogCaptureFixture
) -> None:
    answer = pressed(visit, caplog)
    assert (answer.status_code, "しばらく待ってから" in answer.text, ASK in answer.text) == (502, True, True)


def test_a_failed_discovery_is_tried_again_after_a_pause(
    visit: Visit, clock: Clock, idp: LyingIdp, caplog: pytest.LogCaptureFixture
) -> None:
    idp.statuses["/.well-known/openid-configuration"] = 500
    assert [pressed(visit, caplog).status_code for _ in range(3)] == [502, 502, 502]
    assert len(idp.requests) == 1
    idp.statuses.clear()
    clock.pass_by(seconds=10)
    assert pressed(visit, caplog).status_code == 303


def test_an_unknown_kid_makes_us_fetch_keys_at_most_every_30_seconds(visit: Visit, clock: Clock, idp: LyingIdp) -> None:
    visit.signs_in_there()
    another_kid(idp)
    for _ in range(3):
        visit.signs_in_there()
    assert idp.asked("/jwks") == 1
    clock.pass_by(seconds=30)
    visit.signs_in_there()
    assert idp.asked("/jwks") == 2


def test_a_key_that_is_new_is_found(visit: Visit, clock: Clock, idp: LyingIdp) -> None:
    visit.signs_in_there()
    idp.keys, idp.signer, idp.header = [STRANGER.public_jwk()], STRANGER, {"kid": STRANGER.kid}
    clock.pass_by(seconds=31)
    assert visit.signs_in_there().status_code == 303


def test_a_slow_drip_is_cut(visit: Visit, idp: LyingIdp, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = visit.goes()
    idp.drips = True
    transport = visit.client.application.extensions["tachiyori-upstream"]._transport
    monkeypatch.setattr(transport, "_total", 0.5)
    assert visit.comes_back(asked).status_code == 502


@case("O09")
@pytest.mark.parametrize("changes", [{"NODE_OIDC_TENANT": "tid=ours"}])
@pytest.mark.parametrize(("tid", "status_code"), [("ours", 303), ("another", 502), (None, 502)])
def test_a_token_of_another_tenant_is_refused(visit: Visit, idp: LyingIdp, tid: str | None, status_code: int) -> None:
    idp.claims = {"tid": tid}
    assert visit.signs_in_there().status_code == status_code


def test_rs256_is_verified_and_a_token_by_another_algorithm_than_its_keys_is_not(visit: Visit, idp: LyingIdp) -> None:
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "RSA", "kid": "rsa", "use": "sig", "n": to_base64url(numbers.n.to_bytes(256)), "e": "AQAB"}
    idp.keys = [jwk, {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "ed"}]
    asked = visit.goes()
    payload = json.loads(_payload(idp.id_token()))
    idp.token = compact_rs256({"alg": "RS256", "kid": "rsa", "x5t": "unread"}, payload, key)
    assert visit.comes_back(asked).status_code == 303
    asked = visit.goes()
    idp.token = compact({"alg": "ES256", "kid": "rsa"}, {**payload, "nonce": asked["nonce"]})
    assert visit.comes_back(asked).status_code == 502


def _payload(token: str) -> bytes:
    return from_base64url(token.split(".")[1])


# --- What a browser, or somebody who leads it, may try. ------------------------------------------------------------------


@case("O08")
def test_an_answer_counts_once(visit: Visit, town: Town, idp: LyingIdp) -> None:
    asked = visit.goes()
    cookie = visit.client.get_cookie(_cookie(visit, asked), domain="localhost")
    assert cookie is not None
    assert visit.comes_back(asked).status_code == 303
    assert visit.client.get_cookie(cookie.key, domain="localhost") is None
    visit.client.set_cookie(cookie.key, cookie.value, domain="localhost")
    assert visit.comes_back(asked).status_code == 400
    assert idp.asked("/token") == 1


@case("O08")
def test_another_browsers_state_is_worth_nothing(visit: Visit, town: Town, idp: LyingIdp) -> None:
    asked = visit.goes()
    elsewhere = Visit(visit.client.application.test_client(), idp)
    answer = elsewhere.comes_back(asked)
    assert (answer.status_code, "もう一度サインインしてください" in answer.text) == (400, True)
    assert idp.asked("/token") == 0
    assert audited(town) == []


@pytest.mark.parametrize("state", ["", "x", "../..", "x" * 100, "状態", "a\r\nSet-Cookie: b", "a=b; Path=/x"])
def test_a_state_of_nobody_is_refused_without_a_call(visit: Visit, idp: LyingIdp, state: str) -> None:
    answer = visit.comes_back({"state": state})
    assert (answer.status_code, [each for each in answer.headers.getlist("Set-Cookie") if "-to-a" in each]) == (400, [])
    assert idp.requests == []


def test_coming_back_with_rubbish_is_written_down_as_a_strangers_with_their_limit(visit: Visit, town: Town) -> None:
    visit.signs_in_there(code=None)
    with town.storage.transaction() as db:
        assert db.scalars(select(AuditEntry.actor)).all() == ["stranger"]


def test_a_state_that_stands_twice_is_none(visit: Visit) -> None:
    asked = visit.goes()
    assert (
        visit.client.get(f"/upstream/callback?code=x&state={asked['state']}&state={asked['state']}").status_code == 400
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("access_denied", "サインインが完了しませんでした"),
        ("temporarily_unavailable", "しばらく待ってから"),
        ("invalid_scope", "応答を確認できなかった"),
        ("<script>", "応答を確認できなかった"),
    ],
)
def test_an_error_of_the_provider_is_told_in_our_words(visit: Visit, town: Town, error: str, words: str) -> None:
    answer = visit.signs_in_there(code=None, error=error, error_description="<b>send money</b>")
    assert words in answer.text
    assert ASK in answer.text
    assert "send money" not in answer.text
    assert len(audited(town)) == 1


def test_what_went_wrong_is_told_in_english_too(visit: Visit) -> None:
    asked = visit.goes()
    visit.opens("/signin?lang=en&next=/")
    assert "system administrators" in visit.comes_back(asked, iss="https://evil.example").text


def _cookie(visit: Visit, asked: dict[str, str]) -> str:
    return f"{visit.client.application.config['SESSION_COOKIE_NAME']}-to-{asked['state'][:16]}"
