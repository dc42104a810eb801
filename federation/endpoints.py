"""Where an entity's endpoints may stand: on its own origin and nowhere else."""

from federation.claims import is_entity_id
from federation.errors import TrustBroken
from federation.policy import Metadata

_INFORMATION = frozenset(
    {
        "organization_uri",
        "homepage_uri",
        "information_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
        "op_policy_uri",
        "op_tos_uri",
    }
)
"""Links for people to read; nobody's token is ever sent there."""


def check_endpoints(entity_id: str, metadata: Metadata) -> None:
    """Refuse every endpoint off the entity's own origin: what enables audience injection, and request forgery.

    Redirect URIs may also stand on the further browser origins that ``desk_exchange`` names.
    """
    further = metadata.get("desk_exchange", {}).get("origins", [])
    if not isinstance(further, list) or not all(is_entity_id(origin) for origin in further):
        raise TrustBroken("desk_exchange.origins")
    for kind, parameters in metadata.items():
        if parameters.get("issuer", entity_id) != entity_id:
            raise TrustBroken(f"{kind}.issuer is not {entity_id}")
        for name, value in parameters.items():
            origins = [entity_id, *further] if name.endswith("_uris") else [entity_id]
            if name.endswith(("_endpoint", "_uri", "_uris")) and name not in _INFORMATION:
                _check_place(f"{kind}.{name}", value if name.endswith("_uris") else [value], origins)


def _check_place(where: str, urls: object, origins: list[str]) -> None:
    if not isinstance(urls, list):
        raise TrustBroken(f"{where} is no list")
    for url in urls:
        if not isinstance(url, str) or not any(url.startswith(f"{origin}/") for origin in origins) or "#" in url:
            raise TrustBroken(f"{where} stands elsewhere")
