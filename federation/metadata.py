"""What a party says of itself as authorization server and as OpenID Provider (RFC 8414; OpenID Connect Discovery 1.0).

One profile for all (FAPI 2.0): clients prove themselves by ``private_key_jwt``, tokens are bound by DPoP, and people come
by pushed requests with PKCE alone. There is nothing to register: the federation knows every client (Connect 1.1, 12.1).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from federation import entity

_PROVEN = {"auth_methods_supported": ["private_key_jwt"], "auth_signing_alg_values_supported": ["ES256"]}


def authorization_server(
    own: str, jwks: Mapping[str, Any], *, scopes: Iterable[str], grant_types: Iterable[str]
) -> dict[str, object]:
    """Return the RFC 8414 document of a party that issues tokens to programs."""
    return {
        "issuer": own,
        "token_endpoint": own + entity.TOKEN,
        "revocation_endpoint": own + entity.REVOKE,
        "jwks": dict(jwks),
        "scopes_supported": sorted(scopes),
        "response_types_supported": [],
        "grant_types_supported": list(grant_types),
        "dpop_signing_alg_values_supported": ["ES256"],
        **{f"{name}_endpoint_{what}": how for name in ("token", "revocation") for what, how in _PROVEN.items()},
    }


def receiving_people(own: str) -> dict[str, object]:
    """Return what an authorization server adds where people come to it by authorization requests."""
    return {
        "authorization_endpoint": own + entity.AUTHORIZE,
        "pushed_authorization_request_endpoint": own + entity.PUSHED,
        "require_pushed_authorization_requests": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_object_signing_alg_values_supported": ["ES256"],
    }


def openid_provider(own: str, *, scopes: Iterable[str], acr_values: Iterable[str]) -> dict[str, object]:
    """Return what an OpenID Provider adds to ``receiving_people``."""
    return {
        "userinfo_endpoint": own + entity.USERINFO,
        "end_session_endpoint": own + entity.LOGOUT,
        "scopes_supported": sorted(scopes),
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "acr_values_supported": list(acr_values),
        "claims_supported": ["sub", "acr", "auth_time", "section", "authority", "employment", "name"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent"],
        "client_registration_types_supported": ["automatic"],
        "request_authentication_methods_supported": {"pushed_authorization_request_endpoint": ["private_key_jwt"]},
        "request_authentication_signing_alg_values_supported": ["ES256"],
    }
