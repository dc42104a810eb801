"""What one town's node is told by its operator: read once from the environment by the caller, frozen after."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from federation import municipality
from federation.errors import BadInput


@dataclass(frozen=True)
class Config:
    """One town. ``data`` holds its keys, its pinned anchor, its lock and, by default, its embedded database."""

    entity_id: str
    code: str
    name: str
    registry: str
    data: Path
    database: str
    name_en: str = ""
    peer_origins_allowed: frozenset[str] = frozenset()
    further_origins: frozenset[str] = frozenset()
    peer_ca_bundle: Path | None = None

    @property
    def secure(self) -> bool:
        """Say whether browsers reach this node by https, and cookies may insist on it."""
        return self.entity_id.startswith("https://")

    @property
    def port(self) -> int:
        """The port of the entity id, for the demo and for towns told apart by port."""
        parts = urlsplit(self.entity_id)
        return parts.port or (443 if self.secure else 80)


def from_environment(environ: Mapping[str, str]) -> Config:
    """Build the configuration; raise ``BadInput`` naming the variable that is missing or wrong."""
    data = Path(_needed(environ, "NODE_DATA")).absolute()
    return Config(
        entity_id=origin(_needed(environ, "NODE_ENTITY_ID"), "NODE_ENTITY_ID"),
        code=municipality.parse(_needed(environ, "NODE_CODE")),
        name=_needed(environ, "NODE_NAME"),
        name_en=environ.get("NODE_NAME_EN", ""),
        registry=origin(_needed(environ, "NODE_REGISTRY"), "NODE_REGISTRY"),
        data=data,
        database=environ.get("NODE_DATABASE") or f"sqlite:///{data}/node.db",
        peer_origins_allowed=origins(environ.get("PEER_ORIGINS_ALLOWED", "")),
        further_origins=origins(environ.get("NODE_FURTHER_ORIGINS", "")),
        peer_ca_bundle=bundle(environ.get("PEER_CA_BUNDLE", "")),
    )


def towns_folder(environ: Mapping[str, str]) -> Path | None:
    """Return the folder that holds one folder for each hosted town (共同利用), or None where there is one town alone."""
    text = environ.get("NODE_TOWNS", "").strip()
    return Path(text).absolute() if text else None


def addresses(environ: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    """Return the addresses and ports to listen on, as ``NODE_LISTEN`` names them; none leaves the choice to ``serve``."""
    return tuple(_address(item) for item in environ.get("NODE_LISTEN", "").replace(",", " ").split())


def _address(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    if not address or not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadInput(f"NODE_LISTEN is not like 127.0.0.1:8001: {text}", field="NODE_LISTEN")
    return address.strip("[]"), int(port)


def _needed(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise BadInput(f"{name} is not set", field=name)
    return value


def origin(text: str, name: str) -> str:
    """Return ``text`` if it is an origin (scheme, host, port and nothing else), as an entity id must be."""
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http"} or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise BadInput(f"{name} is not an origin such as https://desks.city.example.lg.jp: {text}", field=name)
    if parts.scheme == "http" and parts.hostname != "localhost":
        raise BadInput(f"{name} must be https; plain http is for http://localhost alone: {text}", field=name)
    return text


def origins(text: str) -> frozenset[str]:
    """Read a list of origins separated by white space or commas."""
    return frozenset(origin(item, "PEER_ORIGINS_ALLOWED") for item in text.replace(",", " ").split())


def bundle(text: str) -> Path | None:
    """Return the file of certificates that alone are trusted in calls, or None for the public authorities.

    Raises ``BadInput`` where there is no such file, since it would be missed at the first call only.
    """
    if not text.strip():
        return None
    path = Path(text.strip()).absolute()
    if not path.is_file():
        raise BadInput(f"PEER_CA_BUNDLE is no file: {path}", field="PEER_CA_BUNDLE")
    return path
