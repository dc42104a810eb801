"""Sessions that end on one side end on the other."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from federation.tokens.upstream import BACK_CHANNEL_LOGOUT
from node.town import Town
from tests.federation.forgery import IAT, PAIR, STRANGER, compact
from tests.node.people.upstream.conftest import Visit, audited
from tests.node.people.upstream.lyingidp import LyingIdp


def test_signing_out_here_leads_to_the_providers_own_sign_out(visit: Visit, idp: LyingIdp) -> None:
    visit.signs_in_there()
    onward = urlsplit(visit.sends("/signout").headers["Location"])
    assert f"{onward.scheme}://{onward.netloc}{onward.path}" == idp.origin + "/end"
    assert parse_qs(onward.query) == {
        "client_id": ["desks"],
        "post_logout_redirect_uri": ["http://localhost:8001/signin"],
    }
    assert visit.opens("/me").status_code == 303


def test_a_form_may_lead_to_the_provider_and_nowhere_else(visit: Visit, idp: LyingIdp) -> None:
    policy = visit.opens("/signin").headers["Content-Security-Policy"]
    assert f"form-action 'self' {idp.origin};" in policy


def test_a_provider_without_a_sign_out_page_leaves_us_at_home(visit: Visit, idp: LyingIdp) -> None:
    idp.discovery = {"end_session_endpoint": "https://elsewhere.example/end"}
    visit.signs_in_there()
    assert visit.sends("/signout").headers["Location"] == "/signin"


def token(idp: LyingIdp, pair: Any = PAIR, **changes: object) -> str:
    claims = {
        "iss": idp.origin,
        "aud": "desks",
        "sub": "8c0e-f81d",
        "sid": "one",
        "iat": IAT,
        "exp": IAT + 120,
        "jti": "once",
        "events": {BACK_CHANNEL_LOGOUT: {}},
        **changes,
    }
    told = {name: value for name, value in claims.items() if value is not None}
    return compact({"alg": "ES256", "kid": PAIR.kid, "typ": "logout+jwt"}, told, pair=pair)


def told(visit: Visit, *tokens: str) -> TestResponse:
    return visit.client.post("/upstream/logout", data={"logout_token": list(tokens)})


def test_a_logout_token_ends_the_persons_sessions_once(visit: Visit, idp: LyingIdp, town: Town) -> None:
    visit.signs_in_there()
    answer = told(visit, token(idp))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert visit.opens("/me").status_code == 303
    assert audited(town)[-1][:2] == ("sessions-ended", "allowed")
    visit.signs_in_there()
    assert told(visit, token(idp)).status_code == 400
    assert visit.opens("/me").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "n"},
        {"events": {}},
        {"events": {BACK_CHANNEL_LOGOUT: {"more": 1}}},
        {"sub": None},
        {"sub": "another"},
        {"aud": "others"},
        {"iss": "https://evil.example"},
        {"exp": IAT - 60, "iat": IAT - 120},
        {"exp": IAT + 86_400},
        {"jti": None},
        {"pair": STRANGER},
    ],
)
def test_any_other_logout_token_ends_nothing(visit: Visit, idp: LyingIdp, changes: dict[str, Any]) -> None:
    visit.signs_in_there()
    assert told(visit, token(idp, **changes)).status_code == 400
    assert visit.opens("/me").status_code == 200


def test_an_id_token_is_no_logout_token(visit: Visit, idp: LyingIdp) -> None:
    visit.signs_in_there()
    assert told(visit, idp.id_token()).status_code == 400
    assert [told(visit).status_code, told(visit, token(idp), token(idp)).status_code] == [400, 400]


def test_the_keys_we_sign_in_with_are_published(visit: Visit, town: Town) -> None:
    assert visit.opens("/upstream/jwks").json == town.keys.protocol.jwks()
