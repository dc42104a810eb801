"""A town's node asks the registry for free desks over HTTP, beside the best SQL by hand that anybody may run.

Ours: an access token and a DPoP proof with each request, agreements, the answer as a validated message. The server, the
database and the question are the same for both, and so is what is found.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import func, select

from federation import clock
from federation.peer import ASSERTION_TYPE
from federation.replay import UsedToken
from federation.storage import Storage
from federation.tokens import CLIENT_ASSERTION, sign_dpop_proof
from registry.app import open_bureau
from registry.config import Config
from registry.jobs import first_words
from registry.membership.anchor import SEARCH
from tests.bench import bare, market
from tests.bench.load import Load
from tests.bench.measure import Figure, compare
from tests.bench.servers import Ground, free_port, served
from tests.bench.wire import Connection, written
from tests.federation.world import Town
from tests.nonce import nonce_of

CLIENTS = (1, 8)
SIZES = (1_000, 100_000)


def figures(ground: Callable[[], AbstractContextManager[Ground]]) -> Iterator[Figure]:
    """Serve markets of two sizes both ways, measure with one and with eight clients, and then the sizes beside each other."""
    with ExitStack() as held:
        markets = [held.enter_context(_served(held.enter_context(ground()), desks)) for desks in SIZES]
        for found in markets:
            for clients in CLIENTS:
                ours, before = Load(found.port, found.ask, clients), found.proofs()
                yield compare(found.name, ours, Load(found.bare_port, found.ask_plainly, clients, once=False))
                _each_proof_once(found, ours, before)
        small, large = markets
        name = f"search {SIZES[1]:,} desks beside {SIZES[0]:,} ({small.kind})"
        yield compare(name, Load(large.port, large.ask, 1), Load(small.port, small.ask, 1))


def _each_proof_once(found: "_Market", load: Load, before: int) -> None:
    """Insist that every answer had its proof written down, and that none is good twice."""
    remembered = found.proofs() - before
    # What was on its way when a stretch ended may have been answered to nobody.
    assert load.answered <= remembered <= load.answered + load.unsure, (load.answered, remembered, load.unsure)
    again = Connection(found.port, [b"401"])
    assert b"replayed" in again.ask(load.sent[1])
    again.close()


@dataclass(frozen=True)
class _Market:
    """A market that is served both ways: ours on ``port``, asked by what ``ask`` writes; bare on ``bare_port``."""

    kind: str
    name: str
    port: int
    ask: Callable[[], bytes]
    bare_port: int
    plain: bytes
    ground: Ground

    def ask_plainly(self) -> bytes:
        """Return the request that anybody may send."""
        return self.plain

    def proofs(self) -> int:
        """Return how many used proofs the server remembers."""
        url = self.ground.url if self.kind == "postgresql" else self.ground.url.replace(".db", "-proofs.db")
        storage = Storage(url)
        with storage.transaction() as db:
            number = db.scalar(select(func.count()).select_from(UsedToken))
        storage.close()
        return number or 0


@contextmanager
def _served(ground: Ground, desks: int) -> Iterator[_Market]:
    port, bare_port = free_port(), free_port()
    own = f"http://localhost:{port}"
    found = _laid(Config(own, "連携基盤", ground.folder, ground.url), desks, clock.now())
    environ = {"REGISTRY_ENTITY_ID": own, "REGISTRY_DATA": str(ground.folder), "REGISTRY_DATABASE": ground.url}
    with (
        served("registry.app:application", port, environ),
        served("tests.bench.bare:search", bare_port, bare.environ(ground.url)),
    ):
        asked = target(clock.now())
        ask = _asks(found.asker, own, asked, _token(found.asker, own, port))
        plain = written("GET", asked, f"localhost:{bare_port}")
        _same_answer(Connection(port).ask(ask()), Connection(bare_port).ask(plain))
        yield _Market(ground.name, f"search {desks:,} desks ({ground.name})", port, ask, bare_port, plain, ground)


def _laid(config: Config, desks: int, now: datetime) -> market.Market:
    market.lay(config, desks, now)
    bureau = open_bureau(config)
    try:
        first_words(bureau)
        found = market.admit_asker(bureau, now)
        settle(bureau.storage)
        return found
    finally:
        bureau.storage.close()
        bureau.proofs.close()


def settle(storage: Storage) -> None:
    """Let the database look at what was written in bulk, as its own housekeeping does within minutes."""
    with storage.transaction(write=True) as db:
        db.connection().exec_driver_sql("ANALYZE")


def target(now: datetime) -> str:
    """Return path and query of the search: two hours, private or semi-private, the first 20 within 50 km."""
    start, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in market.wished_time(now))
    lat, lon = (round(degrees, 3) for degrees in market.CENTRE)
    wish = {"start": start, "end": end, "lat": lat, "lon": lon, "radius_km": 50, "limit": 20}
    return f"{SEARCH}?{urlencode({**wish, 'privacy': ['private', 'semi_private']}, doseq=True)}"


def _token(town: Town, registry: str, port: int) -> str:
    """Fetch an access token as a node does, once for all that follows."""
    url, now = f"{registry}/oauth/token", clock.now()
    claims = {"iss": town.entity_id, "sub": town.entity_id, "aud": registry}
    form = {
        "grant_type": "client_credentials",
        "scope": "search",
        "client_id": town.entity_id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": CLIENT_ASSERTION.sign(town.protocol, claims, now=now),
    }
    body = urlencode(form).encode()
    headers = {
        "DPoP": sign_dpop_proof(town.dpop, method="POST", url=url, now=now, nonce=nonce_of(registry)),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = Connection(port).ask(written("POST", "/oauth/token", f"localhost:{port}", headers, body))
    return str(json.loads(answer)["access_token"])


def _asks(town: Town, registry: str, target: str, token: str) -> Callable[[], bytes]:
    """Return what writes one search after the other, each with a proof of its own."""

    def ask() -> bytes:
        url = registry + target
        now, nonce = clock.now(), nonce_of(registry)
        proof = sign_dpop_proof(town.dpop, method="GET", url=url, now=now, access_token=token, nonce=nonce)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof, "Accept": "application/json"}
        return written("GET", target, registry.removeprefix("http://"), headers)

    return ask


def _same_answer(ours: bytes, bare_one: bytes) -> None:
    """Insist that both find the same desks in the same order: a quicker answer to another question says nothing."""
    one, other = json.loads(ours), json.loads(bare_one)
    ids = [[found["desk"]["id"] for found in answer["desks"]] for answer in (one, other)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 20
    assert one["total"] == other["total"] > 20
