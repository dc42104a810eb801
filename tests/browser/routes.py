"""Every page there is, read from the applications themselves, so that no page can be added unseen."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from federation.web.audience import Audience, AudiencedFlask, Kind
from node import app as node_app
from node import config as node_config
from registry import app as registry_app
from registry import config as registry_config
from tests.browser.demo import Demo

ROLES: Mapping[Audience, tuple[str, ...]] = {
    Audience.PUBLIC: ("",),
    Audience.STAFF: ("staff", "manager", "personnel", "site_admin", "reception"),
    Audience.MANAGER: ("manager",),
    Audience.PERSONNEL: ("personnel",),
    Audience.ADMIN: ("site_admin",),
    Audience.RECEPTION: ("reception", "site_admin"),
    Audience.OPERATOR: ("operator",),
    Audience.VISITOR: (),
    Audience.PRINTER: (),
}
"""Who may open what, as the demo's accounts have the roles; the first is looked at most closely."""


@dataclass(frozen=True)
class Route:
    """A page: ``party`` is ``node`` or ``registry``, ``rule`` its address as the application states it."""

    party: str
    endpoint: str
    rule: str
    audience: Audience
    needs: frozenset[str]

    def __str__(self) -> str:
        """Return a name for the test that looks at it."""
        return f"{self.party}-{self.endpoint}"


def node() -> AudiencedFlask:
    """Return a town's application, to read its routes from; it answers nobody."""
    with TemporaryDirectory() as folder:
        settings = {
            "NODE_ENTITY_ID": "http://localhost:1",
            "NODE_CODE": "132195",
            "NODE_NAME": "狛江市",
            "NODE_REGISTRY": "http://localhost:2",
            "NODE_DATA": folder,
        }
        town = node_app.open_town(node_config.from_environment(settings))
        app = node_app.app_of(town)
        town.storage.close()
        town.proofs.close()
    return app


def registry() -> AudiencedFlask:
    """Return the registry's application, to read its routes from."""
    with TemporaryDirectory() as folder:
        settings = {"REGISTRY_ENTITY_ID": "http://localhost:2", "REGISTRY_DATA": str(Path(folder) / "registry")}
        bureau = registry_app.open_bureau(registry_config.from_environment(settings))
        app = registry_app.app_of(bureau)
        bureau.storage.close()
        bureau.proofs.close()
    return app


APPS: Mapping[str, AudiencedFlask] = {"node": node(), "registry": registry()}


def pages() -> list[Route]:
    """Return every address that answers a browser's GET; what only programs ask for is declared as an API."""
    return [
        Route(party, rule.endpoint, rule.rule, declared.audience, frozenset(rule.arguments))
        for party, app in APPS.items()
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and (declared := app.declared[rule.endpoint.rpartition(".")[0]]).kind is Kind.PAGES
    ]


def endpoint_of(party: str, path: str) -> str | None:
    """Return which endpoint a path leads to by GET, or None."""
    url_map: Map = APPS[party].url_map
    try:
        endpoint, _ = url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return None
    return str(endpoint)


def matching(party: str, links: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield endpoint and path for each link to a page of the same party."""
    for link in links:
        parts = urlsplit(link)
        endpoint = None if parts.scheme or parts.netloc else endpoint_of(party, parts.path)
        if endpoint:
            yield endpoint, link


def origins(demo: Demo, party: str) -> tuple[str, ...]:
    """Return where a party's pages can be looked at, the liveliest first."""
    return (demo.registry,) if party == "registry" else tuple(demo.towns.values())
