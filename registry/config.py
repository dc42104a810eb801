"""What the registry is told by its operator: read once from the environment by the caller, frozen after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from federation.errors import BadInput
from federation.settings import file, is_secure, needed, origin, origins, port_of

HARVEST_EVERY = timedelta(seconds=45)
"""With its scatter of a fifth less than a minute, so that a lost ping costs no more than that."""


@dataclass(frozen=True)
class Config:
    """One registry. ``data`` holds its keys, its lock and, by default, its embedded database.

    ``harvest_every`` is about how often a member's feeds are read that sends no ping.
    """

    entity_id: str
    name: str
    data: Path
    database: str
    name_en: str = ""
    peer_origins_allowed: frozenset[str] = frozenset()
    peer_ca_bundle: Path | None = None
    harvest_every: timedelta = HARVEST_EVERY

    @property
    def secure(self) -> bool:
        """Say whether browsers reach the registry by https, and cookies may insist on it."""
        return is_secure(self.entity_id)

    @property
    def port(self) -> int:
        """The port of the entity id: where ``serve`` listens for the demo and the tests."""
        return port_of(self.entity_id)


def from_environment(environ: Mapping[str, str]) -> Config:
    """Build the configuration; raise ``BadInput`` naming the variable that is missing or wrong.

    ``REGISTRY_ENTITY_ID`` and ``REGISTRY_DATA`` are needed. ``REGISTRY_DATABASE`` is an SQLAlchemy URL, by default a
    file in the data folder. ``PEER_ORIGINS_ALLOWED`` lists the private origins that may be called, by white space.
    """
    data = Path(needed(environ, "REGISTRY_DATA")).absolute()
    return Config(
        entity_id=origin(needed(environ, "REGISTRY_ENTITY_ID"), "REGISTRY_ENTITY_ID"),
        name=environ.get("REGISTRY_NAME", "").strip() or "立ち寄りデスク連携基盤",
        name_en=environ.get("REGISTRY_NAME_EN", "").strip() or "Tachiyori registry",
        data=data,
        database=environ.get("REGISTRY_DATABASE") or f"sqlite:///{data}/registry.db",
        peer_origins_allowed=origins(environ, "PEER_ORIGINS_ALLOWED"),
        peer_ca_bundle=file(environ, "PEER_CA_BUNDLE"),
        harvest_every=_period(environ.get("REGISTRY_HARVEST_SECONDS", "")),
    )


def _period(text: str) -> timedelta:
    if not text.strip():
        return HARVEST_EVERY
    if not text.strip().isdecimal() or not 1 <= int(text) <= 3600:
        raise BadInput(
            f"REGISTRY_HARVEST_SECONDS is not a number from 1 to 3600: {text}", field="REGISTRY_HARVEST_SECONDS"
        )
    return timedelta(seconds=int(text))
