"""The search page of a real town, beside the bare search: how long a person waits for the server, in the middle.

Ours: a member of staff signed in, their town's page of results by htmx: session, commute, the node's call of the registry
with token and proof, the home's own conditions on each desk, the page written. The registry serves the market of 1,000 desks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import requests

from deploy.demo import installing, seed
from deploy.demo.seed import TownFile
from federation import clock
from node.town import Town
from registry import places
from registry.app import open_bureau
from registry.bureau import Bureau
from registry.config import Config
from registry.jobs import first_words
from tests.bench import bare, market
from tests.bench.load import Load
from tests.bench.measure import Figure, compare
from tests.bench.search import settle, target
from tests.bench.servers import Ground, free_port, served
from tests.bench.wire import written
from tests.node import agreed

DESKS = 1_000
TOWN, _STATION = "110001", "駒込"
"""A town of the demo's, with its staff, and a station near the middle of the market."""
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def figures(ground: Callable[[], AbstractContextManager[Ground]]) -> Iterator[Figure]:
    """Let one person search at their town, and anybody search the registry's rows, in turn; the times are the page's."""
    with ExitStack() as held:
        port, bare_port = free_port(), free_port()
        upstairs, downstairs = held.enter_context(ground()), held.enter_context(ground())
        now = clock.now()
        page = held.enter_context(_serving(upstairs, downstairs, port, now))
        held.enter_context(served("tests.bench.bare:search", bare_port, bare.environ(upstairs.url)))
        plain = written("GET", target(now), f"localhost:{bare_port}")
        name = f"a page of results beside a bare search ({upstairs.name})"
        yield compare(
            name, Load(port, lambda: page, 1, once=False), Load(bare_port, lambda: plain, 1, once=False), seconds=3
        )


@contextmanager
def _serving(upstairs: Ground, downstairs: Ground, port: int, now: datetime) -> Iterator[bytes]:
    """Serve a registry and a town that is its member; yields the request of a person who is signed in there."""
    above = free_port()
    registry, own = f"http://localhost:{above}", f"http://localhost:{port}"
    config = Config(registry, "連携基盤", upstairs.folder, upstairs.url, peer_origins_allowed=frozenset({own}))
    market.lay(config, DESKS, now)
    bureau = open_bureau(config)
    with bureau.storage.transaction(write=True) as db:
        places.import_stations(db, (installing.HERE / "stations.csv").read_bytes())
    first_words(bureau)
    settle(bureau.storage)
    file = seed.read(TOWN)
    settings = settings_of(file, own, registry, downstairs)
    environ = {
        "REGISTRY_ENTITY_ID": registry,
        "REGISTRY_DATA": str(upstairs.folder),
        "REGISTRY_DATABASE": upstairs.url,
        "PEER_ORIGINS_ALLOWED": own,
    }
    with served("registry.app:application", above, environ):
        joined(bureau, file, settings, now)
        with served("node.hosting:application", port, settings):
            yield _asking(own, next(one for one in file.accounts() if one["role"] == "staff"), now)
    bureau.storage.close()
    bureau.proofs.close()


def settings_of(file: TownFile, own: str, registry: str, where: Ground) -> dict[str, str]:
    """Return the settings of a town of the demo's, at the address ``own``, in an empty database."""
    return {
        "NODE_ENTITY_ID": own,
        "NODE_CODE": file.code,
        "NODE_NAME": file.name,
        "NODE_REGISTRY": registry,
        "NODE_DATA": str(where.folder),
        "NODE_DATABASE": where.url,
        "PEER_ORIGINS_ALLOWED": registry,
    }


def joined(bureau: Bureau, file: TownFile, settings: Mapping[str, str], now: datetime) -> Town:
    """Fill a town and have it join the registry, which answers already; return it, knowing the other members."""
    town = installing.open_node(settings)
    seed.sow(town, file, now)
    with town.storage.transaction(write=True) as db:
        # The other towns of the demo are not there to say yes.
        agreed.confirm_all(db, now=now)
    installing.admit(bureau, town)
    town = installing.open_node(settings)
    town.members.refresh(clock.now())
    return town


def _asking(own: str, account: dict[str, str], now: datetime) -> bytes:
    """Sign the person in, and return the request for results that their browser would send."""
    browser = requests.Session()
    token = _TOKEN.search(browser.get(f"{own}/signin?next=/", timeout=30).text)
    assert token is not None
    form = {"number": account["username"], "password": account["password"], "next": "/", "form_token": token[1]}
    browser.post(f"{own}/signin", data=form, timeout=30).raise_for_status()
    start, end = (moment.astimezone(ZoneInfo("Asia/Tokyo")) for moment in market.wished_time(now))
    wish = {
        "near": _STATION,
        "day": f"{start:%Y-%m-%d}",
        "slot": "hours",
        "from": f"{start:%H:%M}",
        "to": f"{end:%H:%M}",
    }
    path = f"/search?{urlencode({**wish, 'privacy': ['private', 'semi_private']}, doseq=True)}"
    answer = browser.get(own + path, headers={"HX-Request": "true"}, timeout=30)
    assert "庁舎" in answer.text, answer.text[:2000]
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    headers = {"Cookie": cookies, "HX-Request": "true", "Accept": "text/html"}
    return written("GET", path, own.removeprefix("http://"), headers)
