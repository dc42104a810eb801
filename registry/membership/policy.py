"""What the registry lays down for every member, beside what it pins about each (OpenID Federation 1.1, 6).

A member is a leaf and nothing but a town: it has nobody below it, and no words of its own make it a registry. The policy
states the profile that nodes speak among themselves, so that nobody has to trust a member's own account of it. It says so
by ``value`` alone: software in use refuses a check on a parameter that is absent, which the standard lets pass.
"""

from typing import Any

from federation.constraints import FEDERATION_ENTITY

_TYPES = ["openid_provider", "openid_relying_party", "oauth_authorization_server", "desk_exchange"]
MEMBER_TYPES = frozenset({FEDERATION_ENTITY, *_TYPES})
CONSTRAINTS: dict[str, Any] = {"max_path_length": 0, "allowed_entity_types": _TYPES}
_SERVER: dict[str, Any] = {
    "token_endpoint_auth_methods_supported": {"value": ["private_key_jwt"]},
    "token_endpoint_auth_signing_alg_values_supported": {"value": ["ES256"]},
    "dpop_signing_alg_values_supported": {"value": ["ES256"]},
}
POLICY: dict[str, Any] = {
    "oauth_authorization_server": _SERVER,
    "openid_provider": {
        **_SERVER,
        "code_challenge_methods_supported": {"value": ["S256"]},
        "id_token_signing_alg_values_supported": {"value": ["ES256"]},
    },
    "openid_relying_party": {
        "token_endpoint_auth_method": {"value": "private_key_jwt"},
        "token_endpoint_auth_signing_alg": {"value": "ES256"},
        "id_token_signed_response_alg": {"value": "ES256"},
    },
}
