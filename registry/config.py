"""What the registry is told by its operator: read once from the environment by the caller, frozen after."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from federation.errors import BadInput


@dataclass(frozen=True)
class Config:
    """One registry. ``data`` holds its keys, its lock and, by default, its embedded database."""

    entity_id: str
    name: str
    data: Path
    database: str
    name_en: str = ""
    peer_origins_allowed: frozenset[str] = frozenset()

    @property
    def secure(self) -> bool:
        """Say whether browsers reach the registry by https, and cookies may insist on it."""
        return self.entity_id.startswith("https://")

    @property
    def port(self) -> int:
        """The port of the entity id: where ``serve`` listens for the demo and the tests."""
        return urlsplit(self.entity_id).port or (443 if self.secure else 80)


def from_environment(environ: Mapping[str, str]) -> Config:
    """Build the configuration; raise ``BadInput`` naming the variable that is missing or wrong.

    ``REGISTRY_ENTITY_ID`` and ``REGISTRY_DATA`` are needed. ``REGISTRY_DATABASE`` is an SQLAlchemy URL, by default a
    file in the data folder. ``PEER_ORIGINS_ALLOWED`` lists the private origins that may be called, by white space.
    """
    data = Path(_needed(environ, "REGISTRY_DATA")).absolute()
    return Config(
        entity_id=origin(_needed(environ, "REGISTRY_ENTITY_ID"), "REGISTRY_ENTITY_ID"),
        name=environ.get("REGISTRY_NAME", "").strip() or "立ち寄りデスク連携基盤",
        name_en=environ.get("REGISTRY_NAME_EN", "").strip() or "Tachiyori registry",
        data=data,
        database=environ.get("REGISTRY_DATABASE") or f"sqlite:///{data}/registry.db",
        peer_origins_allowed=origins(environ.get("PEER_ORIGINS_ALLOWED", "")),
    )


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise BadInput(f"{name} is not set", field=name)
    return value


def origin(text: str, name: str) -> str:
    """Return ``text`` if it is an origin (scheme, host, port and nothing else), as an entity id must be."""
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise BadInput(f"{name} is not an origin such as https://registry.example.lg.jp: {text}", field=name)
    if parts.scheme == "http" and parts.hostname != "localhost":
        raise BadInput(f"{name} must be https; plain http is for http://localhost alone: {text}", field=name)
    return text


def origins(text: str) -> frozenset[str]:
    """Read a list of origins separated by white space or commas."""
    return frozenset(origin(item, "PEER_ORIGINS_ALLOWED") for item in text.replace(",", " ").split())
