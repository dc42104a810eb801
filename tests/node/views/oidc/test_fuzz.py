"""Whatever is sent to the provider's endpoints is answered by a page or an error of ours, and never by a fault (J20)."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation import entity
from node.people.provider import pushed
from tests.federation.world import HOME, HOST
from tests.node.views.oidc.conftest import World

ODD = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from(["", "none", "S256", "openid", HOST, HOME, pushed.PREFIX, pushed.PREFIX + "x", "0", "-1", "a.b.c"]),
).filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text))
PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            "scope", "state", "nonce", "redirect_uri", "code_challenge", "code_challenge_method", "response_type", "prompt",
            "max_age", "acr_values", "dpop_jkt", "request", "request_uri", "client_id", "decision", "id_token_hint",
            "post_logout_redirect_uri", "token", "code", "code_verifier", "lang",
        ]
    ),
    ODD,
    max_size=6,
)  # fmt: skip
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(sent=PARAMETERS)
def test_a_member_may_push_anything(world: World, sent: Mapping[str, str]) -> None:
    answer = world.post(entity.PUSHED, {**world.parameters(), **sent, **world.proven()})
    assert answer.status_code in {201, 400, 429}


@often
@given(sent=PARAMETERS)
def test_a_member_may_redeem_and_revoke_anything(world: World, sent: Mapping[str, str]) -> None:
    form = {**sent, **world.proven(), "grant_type": "authorization_code"}
    assert world.post(entity.TOKEN, form, DPoP=world.proof(entity.TOKEN)).status_code == 400
    assert world.post(entity.REVOKE, {**sent, **world.proven()}).status_code in {200, 400}


@pytest.mark.parametrize("path", [entity.AUTHORIZE, entity.LOGOUT])
@often
@given(sent=PARAMETERS)
def test_anybody_may_open_anything(world: World, path: str, sent: Mapping[str, str]) -> None:
    answer = world.browser.get(path, query_string=dict(sent), base_url=HOME)
    assert answer.status_code in {303, 400, 403}
    assert answer.headers.get("Location", "/signin").startswith("/signin")


@often
@given(token=ODD, proof=ODD)
def test_anybody_may_show_anything_as_a_token(world: World, token: str, proof: str) -> None:
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    plain = {
        name: text.encode("ascii", "ignore").decode().translate(dict.fromkeys(range(32)))
        for name, text in headers.items()
    }
    assert world.program.get(entity.USERINFO, headers=plain, base_url=HOME).status_code == 401
