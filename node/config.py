"""What one town's node is told by its operator: read once from the environment by the caller, frozen after."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from federation import municipality
from federation.errors import BadInput
from federation.settings import file, is_secure, needed, origin, origins, port_of
from node import ldap, proxy, smtp, upstream
from node.ldap import Ldap
from node.proxy import Proxy
from node.smtp import Smtp
from node.staffwords import ROLES
from node.upstream import Upstream

_TILES = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?/[A-Za-z0-9._~/{}?=&%-]{1,300}")


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
    upstream: Upstream | None = None
    """The town's own identity provider, where it has one."""
    ldap: Ldap | None = None
    """The town's own directory server, where it has one."""
    proxy: Proxy | None = None
    """A reverse proxy that shows who somebody is, where there is one."""
    smtp: Smtp | None = None
    """The town's own mail server, where it sends mail."""
    webhook_origins: frozenset[str] = frozenset()
    """Origins of programs of the town's own whose addresses may be private."""
    webhook_ca_bundle: Path | None = None
    second_factor_for: frozenset[str] = frozenset()
    """The roles whose people work here with two factors only."""
    visitors_level: int = 1
    """The least 当人認証保証レベル of a visitor's sign-in at home, 1 to 3."""
    reception_camera: bool = False
    """Whether the reception's pages may read passes by the device's camera."""
    map_tiles: str = ""
    """Where the search's map takes pictures of the land from, ``https://…/{z}/{x}/{y}.png``; empty for nowhere."""
    map_attribution: str = ""
    """Whose pictures they are."""

    @property
    def secure(self) -> bool:
        """Say whether browsers reach this node by https, and cookies may insist on it."""
        return is_secure(self.entity_id)

    @property
    def port(self) -> int:
        """The port of the entity id, for the demo and for towns told apart by port."""
        return port_of(self.entity_id)


def from_environment(environ: Mapping[str, str]) -> Config:
    """Build the configuration; raise ``BadInput`` naming the variable that is missing or wrong."""
    data = Path(needed(environ, "NODE_DATA")).absolute()
    return Config(
        entity_id=origin(needed(environ, "NODE_ENTITY_ID"), "NODE_ENTITY_ID"),
        code=municipality.parse(needed(environ, "NODE_CODE")),
        name=needed(environ, "NODE_NAME"),
        name_en=environ.get("NODE_NAME_EN", ""),
        registry=origin(needed(environ, "NODE_REGISTRY"), "NODE_REGISTRY"),
        data=data,
        database=environ.get("NODE_DATABASE") or f"sqlite:///{data}/node.db",
        peer_origins_allowed=origins(environ, "PEER_ORIGINS_ALLOWED"),
        further_origins=origins(environ, "NODE_FURTHER_ORIGINS"),
        peer_ca_bundle=file(environ, "PEER_CA_BUNDLE"),
        upstream=upstream.from_environment(environ),
        ldap=ldap.from_environment(environ),
        proxy=proxy.from_environment(environ),
        smtp=smtp.from_environment(environ),
        webhook_origins=origins(environ, "NODE_WEBHOOK_ORIGINS"),
        webhook_ca_bundle=file(environ, "NODE_WEBHOOK_CA_BUNDLE"),
        second_factor_for=_roles(environ, "NODE_SECOND_FACTOR"),
        visitors_level=_level(environ, "NODE_VISITORS_LEVEL"),
        reception_camera=_yes(environ, "NODE_RECEPTION_CAMERA"),
        map_tiles=_tiles(environ),
        map_attribution=environ.get("NODE_MAP_ATTRIBUTION", "").strip()[:200],
    )


def _tiles(environ: Mapping[str, str]) -> str:
    """Return the address of map tiles; it goes into a header, so it holds nothing but an address and its places."""
    text = environ.get("NODE_MAP_TILES", "").strip()
    if not text:
        return ""
    if not _TILES.fullmatch(text) or not all(place in text for place in ("{z}", "{x}", "{y}")):
        raise BadInput(
            f"NODE_MAP_TILES is not like https://tiles.example/{{z}}/{{x}}/{{y}}.png: {text}", field="NODE_MAP_TILES"
        )
    if not environ.get("NODE_MAP_ATTRIBUTION", "").strip():
        raise BadInput("NODE_MAP_TILES needs NODE_MAP_ATTRIBUTION: whose map it is", field="NODE_MAP_ATTRIBUTION")
    return text


def _level(environ: Mapping[str, str], name: str) -> int:
    level = environ.get(name) or "1"
    if level not in {"1", "2", "3"}:
        raise BadInput(f"{name} is 1, 2 or 3, not {level}", field=name)
    return int(level)


def _yes(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "0"
    if text not in {"0", "1"}:
        raise BadInput(f"{name} is 0 or 1, not {text}", field=name)
    return text == "1"


def _roles(environ: Mapping[str, str], name: str) -> frozenset[str]:
    """Return the roles a variable lists, in Japanese or as we call them; ``everyone`` stands for all of them."""
    listed = frozenset(ROLES.get(word, word) for word in environ.get(name, "").replace(",", " ").split())
    known = frozenset(ROLES.values())
    if unknown := listed - known - {"everyone"}:
        raise BadInput(f"{name} names no role: {sorted(unknown)}", field=name)
    return known if "everyone" in listed else listed


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
