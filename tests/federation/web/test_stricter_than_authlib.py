"""Where Authlib accepts what our profile refuses: each leniency is shown on Authlib itself, beside our refusal.

When a release of Authlib becomes as strict, the first half of a test fails, and ADR 11 wants rewording.
"""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from authlib.integrations.sqla_oauth2 import OAuth2ClientMixin
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from joserfc.jwk import KeySet, KeySetSerialization

from federation.errors import TokenRefused
from federation.web.grants import BoundGrant
from node.people.provider.asked import _read
from tests.federation.forgery import HOME, HOST, KEYS, claims, forged, verify


class Validator(JWTBearerTokenValidator):  # type: ignore[misc]  # Authlib has no types.
    """Authlib's resource server, as its manual says."""

    def get_jwks(self) -> KeySet:
        keys: KeySetSerialization = {"keys": [dict(key.jwk()) for key in KEYS.values()]}
        return KeySet.import_key_set(keys)


class Grant(JWTBearerGrant):  # type: ignore[misc]  # Authlib has no types.
    """Authlib's JWT grant, as its manual says."""

    def get_audiences(self) -> list[str]:
        return [HOST]


def now_and_then() -> dict[str, int]:
    return {"iat": int(time.time()), "exp": int(time.time()) + 600}


@pytest.mark.parametrize(
    ("head", "changes"),
    [({"typ": ...}, {}), ({}, {"aud": [HOST, HOME]}), ({}, {"cnf": ...})],
    ids=["no typ", "two audiences", "bound to no key"],
)
def test_an_access_token_that_authlib_takes(head: dict[str, Any], changes: dict[str, Any]) -> None:
    lenient = Validator(issuer=HOST, resource_server=HOST)
    lenient.authenticate_token(forged("NODE_TOKEN", head, **{**now_and_then(), **changes})).validate()
    with pytest.raises(TokenRefused):
        verify("NODE_TOKEN", forged("NODE_TOKEN", head, **changes))


@pytest.mark.parametrize(
    "changes",
    [{"aud": [HOST, HOME]}, {"jti": ...}, {"exp": int(time.time()) + 10**9}],
    ids=["two audiences", "no jti", "a life of thirty years"],
)
def test_a_grant_that_authlib_takes(changes: dict[str, Any]) -> None:
    grant = Grant(SimpleNamespace(), SimpleNamespace())
    grant.verify_claims(claims("VISIT_GRANT", **{**now_and_then(), **changes}))
    with pytest.raises(TokenRefused):
        verify("VISIT_GRANT", forged("VISIT_GRANT", **changes))


def test_authlib_redeems_a_grant_for_who_proves_nothing() -> None:
    assert "authenticate_token_endpoint_client" not in JWTBearerGrant.validate_token_request.__code__.co_names
    assert "authenticate_token_endpoint_client" in BoundGrant.validate_token_request.__code__.co_names


@pytest.mark.parametrize(
    "said", [{}, {"code_challenge": "c" * 43}, {"code_challenge": "c" * 43, "code_challenge_method": "plain"}]
)
def test_a_challenge_that_authlib_takes(said: dict[str, str]) -> None:
    payload = SimpleNamespace(data=said, datalist={name: [value] for name, value in said.items()})
    assert (
        CodeChallenge(required=True).validate_code_challenge(
            SimpleNamespace(request=SimpleNamespace(payload=payload)), None
        )
        is None
    )
    assert CodeChallenge.DEFAULT_CODE_CHALLENGE_METHOD == "plain"
    request = {"response_type": "code", "redirect_uri": HOME + "/back", "scope": "openid", "nonce": "n", **said}
    client = SimpleNamespace(metadata={"openid_relying_party": {"redirect_uris": [HOME + "/back"]}})
    with pytest.raises(Exception, match="code_challenge"):
        _read(request, client)  # type: ignore[arg-type]  # As far as the challenge it needs no more of a member.


def test_authlib_takes_any_method_outside_the_token_endpoint() -> None:
    lenient = OAuth2ClientMixin()
    lenient.set_client_metadata({"token_endpoint_auth_method": "private_key_jwt"})
    assert lenient.check_endpoint_auth_method("client_secret_post", "revocation")
