"""What this town says of itself to the federation: its roles, endpoints and keys (OpenID Federation 1.1, 3 and 5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from federation import entity
from federation.keys import KeyRing
from federation.metadata import authorization_server, openid_provider, receiving_people
from federation.policy import Metadata
from node.config import Config
from node.town import Keys

LISTINGS_FEED = "/feeds/listings"
OFFERS_FEED = "/feeds/offers"
VISITS_FEED = "/feeds/visits"
BOOKINGS = "/api/v1/bookings"
QUOTES = "/api/v1/quotes"
DESKS = "/api/v1/desks"
AGREEMENTS = "/api/v1/agreements"
PINGS = "/api/v1/pings"
EVENTS = "/api/v1/events"
SHARED_SIGNALS = "/.well-known/ssf-configuration"
CALLBACK = "/visit/callback"
"""Where homes send their people back who sign in here."""
SIGNED_OUT = "/visit/ended"
API_VERSION = "1"

SCOPES = frozenset({"feed", "manage"})
"""What another town's program may do here."""
SIGN_IN_SCOPES = ("openid", "affiliation", "profile")
"""What another town may learn of somebody of ours who signs in there."""
ACR_VALUES = ("urn:tachiyori:aal:1", "urn:tachiyori:aal:2", "urn:tachiyori:aal:3")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def metadata(config: Config, protocol: KeyRing) -> Metadata:
    """Return the parameters of each of the town's roles; every endpoint stands on the entity id's own origin."""
    own, jwks = config.entity_id, protocol.jwks()
    exchange = {
        "jwks": jwks,
        "api_version": API_VERSION,
        "listings_feed": own + LISTINGS_FEED,
        "offers_feed": own + OFFERS_FEED,
        "visits_feed": own + VISITS_FEED,
        "bookings_endpoint": own + BOOKINGS,
        "quotes_endpoint": own + QUOTES,
        "desks_endpoint": own + DESKS,
        "agreements_endpoint": own + AGREEMENTS,
        "ping_endpoint": own + PINGS,
        "events_endpoint": own + EVENTS,
    }
    if config.further_origins:
        exchange["origins"] = sorted(config.further_origins)
    return {
        "federation_entity": {
            "organization_name": config.name,
            "federation_resolve_endpoint": own + entity.RESOLVE,
            "federation_historical_keys_endpoint": own + entity.HISTORY,
        }
        | ({"organization_name#en": config.name_en} if config.name_en else {}),
        "oauth_authorization_server": server_metadata(config, protocol),
        "openid_provider": provider_metadata(config, protocol),
        "openid_relying_party": _relying_party(config, jwks),
        "desk_exchange": exchange,
    }


def _relying_party(config: Config, jwks: Mapping[str, object]) -> dict[str, object]:
    """Say how visitors sign in here with their homes (OpenID Federation 1.1, 5.1.2): automatically registered, by FAPI 2.0."""
    own = config.entity_id
    return {
        "client_name": config.name,
        "client_registration_types": ["automatic"],
        "redirect_uris": [own + CALLBACK],
        "post_logout_redirect_uris": [own + SIGNED_OUT],
        "jwks": jwks,
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "ES256",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "require_pushed_authorization_requests": True,
        "dpop_bound_access_tokens": True,
    }


def server_metadata(config: Config, protocol: KeyRing) -> dict[str, object]:
    """Return what the town is as an authorization server (RFC 8414), to programs and to people."""
    grants = ("client_credentials", JWT_BEARER, "authorization_code")
    own, scopes = config.entity_id, (*SCOPES, *SIGN_IN_SCOPES)
    programs = authorization_server(own, protocol.jwks(), scopes=scopes, grant_types=grants)
    return {**programs, **receiving_people(own)}


def provider_metadata(config: Config, protocol: KeyRing) -> dict[str, object]:
    """Return what the town is as OpenID Provider of its own people (OpenID Connect Discovery 1.0, 3)."""
    provider = openid_provider(config.entity_id, scopes=SIGN_IN_SCOPES, acr_values=ACR_VALUES)
    return {**server_metadata(config, protocol), **provider}


def configuration(config: Config, keys: Keys, now: datetime, marks: Sequence[Mapping[str, str]] = ()) -> str:
    """Sign the town's entity configuration (3.1.2), which names the registry as its only authority; with trust marks."""
    return entity.entity_configuration(
        entity_id=config.entity_id,
        federation=keys.federation,
        metadata=metadata(config, keys.protocol),
        authority_hints=(config.registry,),
        trust_marks=marks,
        now=now,
    )
