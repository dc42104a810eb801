"""What a provider says of itself (OpenID Connect Discovery 1.0, 3 and 4), believed only where the configuration agrees.

Big providers keep endpoints on several hosts. None is called for being named here: an endpoint stands on the issuer's own
origin or on one that the operator listed, since whoever could change this document would else collect codes and secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from federation.address import Origin
from federation.envelope import shown
from federation.errors import PeerAddressRefused, UpstreamWrong
from node.upstream import Upstream

CONFIGURATION = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Metadata:
    """A provider's endpoints. One that a provider may lack is empty where it does, or where it stands on no listed origin."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    says_who_answers: bool = False
    """Whether ``iss`` stands in every authorization response (RFC 9207, 3)."""
    takes_basic: bool = True
    """Whether the secret goes into the Authorization header, or else into the form."""


def address(settings: Upstream) -> str:
    """Return where the document is (Discovery 1.0, 4.1: a slash that ends the issuer falls away)."""
    return settings.issuer.rstrip("/") + CONFIGURATION


def read(document: Mapping[str, Any], settings: Upstream) -> Metadata:
    """Read the document; raise ``UpstreamWrong`` unless it is the configured issuer's, letter by letter (4.3)."""
    if document.get("issuer") != settings.issuer:
        raise UpstreamWrong(f"discovery names the issuer {shown(document.get('issuer'))}")
    if "S256" not in document.get("code_challenge_methods_supported", ["S256"]):
        raise UpstreamWrong("discovery does not offer PKCE with S256")
    required = {
        name: _endpoint(document, name, settings) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    }
    return Metadata(
        **required,
        userinfo_endpoint=_endpoint_or_none(document, "userinfo_endpoint", settings),
        end_session_endpoint=_endpoint_or_none(document, "end_session_endpoint", settings),
        says_who_answers=document.get("authorization_response_iss_parameter_supported") is True,
        takes_basic=_takes_basic(document.get("token_endpoint_auth_methods_supported")),
    )


def _endpoint(document: Mapping[str, Any], name: str, settings: Upstream) -> str:
    url = document.get(name)
    if not isinstance(url, str):
        raise UpstreamWrong(f"discovery has no {name}")
    try:
        origin = str(Origin.of(url))
    except PeerAddressRefused as error:
        raise UpstreamWrong(f"{name}: {error.detail}") from None
    if origin not in settings.origins:
        raise UpstreamWrong(f"{name} is on {origin}, which NODE_OIDC_ORIGINS does not list")
    return url


def _endpoint_or_none(document: Mapping[str, Any], name: str, settings: Upstream) -> str:
    try:
        return _endpoint(document, name, settings)
    except UpstreamWrong:
        return ""


def _takes_basic(methods: object) -> bool:
    """Without a word the header it is (Discovery 1.0, 3: the default is client_secret_basic)."""
    return not isinstance(methods, list) or "client_secret_basic" in methods or "client_secret_post" not in methods
