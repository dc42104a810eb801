"""What a superior lays down for everybody below it: path length, names, entity types (OpenID Federation 1.1, 6.2). Pure.

Constraints of names nobody here knows are left out when read (6.2). Each statement's constraints are judged by themselves.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from federation.envelope import shown
from federation.errors import TrustBroken
from federation.policy import Metadata

FEDERATION_ENTITY = "federation_entity"
"""The one entity type that is always allowed (6.2.3)."""

_HOST_NAME = re.compile(r"\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True)
class Constraints:
    """The constraints of one statement; ``None`` is no constraint, and empty is a strict one."""

    max_path_length: int | None = None
    permitted: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()
    entity_types: frozenset[str] | None = None

    @classmethod
    def read(cls, claim: object) -> Self:
        """Read the claim ``constraints``; raise ``TrustBroken`` for what has another shape."""
        if claim is None:
            return cls()
        if not isinstance(claim, dict):
            raise TrustBroken("constraints is not an object")
        naming = claim.get("naming_constraints", {})
        if not isinstance(naming, dict):
            raise TrustBroken("naming_constraints is not an object")
        types = claim.get("allowed_entity_types")
        return cls(
            max_path_length=_length(claim.get("max_path_length")),
            permitted=_names(naming["permitted"]) if "permitted" in naming else None,
            excluded=_names(naming.get("excluded", [])),
            entity_types=None if types is None else frozenset(_texts(types, "allowed_entity_types")),
        )

    def check_path(self, intermediates: int) -> None:
        """Refuse more intermediates between who laid this down and the chain's subject than it allows (6.2.1)."""
        if self.max_path_length is not None and intermediates > self.max_path_length:
            raise TrustBroken(f"{intermediates} intermediates where {self.max_path_length} may stand")

    def check_names(self, entity_ids: Iterable[str]) -> None:
        """Refuse entity ids below that are excluded by name, or not permitted (6.2.2); exclusion prevails."""
        if self.permitted is None and not self.excluded:
            return
        for entity_id in entity_ids:
            host = _host(entity_id)
            if any(_matches(host, name) for name in self.excluded):
                raise TrustBroken(f"{entity_id} is excluded by name")
            if self.permitted is not None and not any(_matches(host, name) for name in self.permitted):
                raise TrustBroken(f"{entity_id} is not permitted by name")

    def allowed(self, metadata: Metadata) -> Metadata:
        """Return metadata without the entity types that are not allowed (6.2.3)."""
        if self.entity_types is None:
            return metadata
        return {
            kind: values for kind, values in metadata.items() if kind in self.entity_types or kind == FEDERATION_ENTITY
        }


def _length(value: object) -> int | None:
    if value is not None and (type(value) is not int or value < 0):
        raise TrustBroken("max_path_length is not a number of intermediates")
    return value


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TrustBroken(f"{name} is not a list of texts")
    return value


def _names(value: object) -> tuple[str, ...]:
    """Read host names; what is none would never match, and an exclusion that never matches excludes nobody."""
    names = tuple(name.lower() for name in _texts(value, "naming_constraints"))
    for name in names:
        if _HOST_NAME.fullmatch(name) is None:
            raise TrustBroken(f"{shown(name)} in naming_constraints is no host")
    return names


def _host(entity_id: str) -> str:
    """Return the host of an entity id; a bare address has no name that could be constrained (RFC 5280, 4.2.1.10)."""
    host = entity_id.partition("://")[2].partition("/")[0].partition(":")[0]
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    raise TrustBroken(f"{entity_id} has an address for a name")


def _matches(host: str, name: str) -> bool:
    """Say whether a host is the one of this name, or with a leading dot lies below it (RFC 5280, 4.2.1.10)."""
    return host.endswith(name) if name.startswith(".") else host == name
