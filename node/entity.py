"""What this town says of itself to the federation: its roles, endpoints and keys (OpenID Federation 1.1, 3 and 5)."""

from datetime import datetime

from federation import entity
from federation.keys import KeyRing
from node.config import Config
from node.town import Keys

LISTINGS_FEED = "/feeds/listings"
OFFERS_FEED = "/feeds/offers"
VISITS_FEED = "/feeds/visits"
BOOKINGS = "/api/v1/bookings"
QUOTES = "/api/v1/quotes"
DESKS = "/api/v1/desks"
PINGS = "/api/v1/pings"
API_VERSION = "1"

_SIGNED = {
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
    "dpop_signing_alg_values_supported": ["ES256"],
}
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def metadata(config: Config, protocol: KeyRing) -> entity.Metadata:
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
        "ping_endpoint": own + PINGS,
    }
    if config.further_origins:
        exchange["origins"] = sorted(config.further_origins)
    return {
        "federation_entity": {"organization_name": config.name}
        | ({"organization_name#en": config.name_en} if config.name_en else {}),
        "oauth_authorization_server": {
            "issuer": own,
            "token_endpoint": own + entity.TOKEN,
            "jwks": jwks,
            "grant_types_supported": [JWT_BEARER, "client_credentials"],
            "response_types_supported": [],
            "scopes_supported": ["feed", "manage"],
            **_SIGNED,
        },
        "desk_exchange": exchange,
    }


def configuration(config: Config, keys: Keys, now: datetime) -> str:
    """Sign the town's entity configuration (3.1.2), which names the registry as its only authority."""
    return entity.entity_configuration(
        entity_id=config.entity_id,
        federation=keys.federation,
        metadata=metadata(config, keys.protocol),
        authority_hints=(config.registry,),
        now=now,
    )
