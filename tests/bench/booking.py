"""A visitor's home books a desk at its host over HTTP, beside a bare lock and insert on the same server and database.

Ours: a person token of its own and a DPoP proof with each PUT, every rule, the locks in their order, the claim behind the
database's own constraint, the signed pass, the visits feed's row, the commit; beside it a job tells the offers feed, twice a second. Both end with a
durable claim on a desk.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from federation import clock
from federation.keys import KeyRing
from federation.messages.booking import BookingRequest, Place, Visitor
from federation.scheduler import Job, Scheduler
from federation.tokens import PERSON_TOKEN, sign_dpop_proof
from node.app import open_town
from node.config import Config
from node.host import untold
from node.people import assurance
from tests.bench import bare
from tests.bench.load import Load
from tests.bench.measure import Figure, compare
from tests.bench.servers import Ground, free_port, served
from tests.bench.townhall import CODE, Hall, free_times, open_hall
from tests.bench.wire import Connection, written
from tests.federation import world
from tests.nonce import nonce_of

CLIENTS = (1, 8)
_PATH = "/api/v1/bookings/"


def figures(ground: Ground) -> Iterator[Figure]:
    """Make a host on the ground, serve it both ways, and measure with one and with eight clients.

    Each side books desks of its own, so that neither finds taken what the other took.
    """
    port, bare_port, now = free_port(), free_port(), clock.now()
    with (
        serving_hall(ground, port, now) as hall,
        served("tests.bench.bare:booking", bare_port, bare.environ(ground.url)),
    ):
        ours, bare_one = asks(hall, origin(port), free_times(hall.desks[::2], now)), _bare_asks(hall, bare_port, now)
        Connection(port).ask(ours())
        Connection(bare_port).ask(bare_one())
        name = f"book one of {len(hall.desks):,} desks ({ground.name})"
        for clients in CLIENTS:
            yield compare(name, Load(port, ours, clients), Load(bare_port, bare_one, clients))


def origin(port: int) -> str:
    """Return the entity id of a host on the port."""
    return f"http://localhost:{port}"


@contextmanager
def serving_hall(ground: Ground, port: int, now: datetime) -> Iterator[Hall]:
    """Make a host on the ground and serve it while the block runs."""
    own = origin(port)
    config = Config(own, CODE, "受入市", world.REGISTRY, ground.folder, ground.url)
    hall = open_hall(config, now)
    environ = {
        "NODE_ENTITY_ID": own,
        "NODE_CODE": CODE,
        "NODE_NAME": "受入市",
        "NODE_REGISTRY": world.REGISTRY,
        "NODE_DATA": str(ground.folder),
        "NODE_DATABASE": ground.url,
    }
    with served("node.hosting:application", port, environ), _telling(config):
        yield hall


@contextmanager
def _telling(config: Config) -> Iterator[None]:
    """Tell the feed of free times as the node's job does, so that bookings do not leave that work to nobody."""
    town = open_town(config)
    scheduler = Scheduler([Job("free times", lambda: untold.tell(town.storage), timedelta(seconds=0.5))])
    thread = scheduler.start()
    try:
        yield
    finally:
        scheduler.stop()
        thread.join()
        town.storage.close()
        town.proofs.close()


def asks(hall: Hall, host: str, times: Iterable[tuple[str, datetime, datetime]]) -> Callable[[], bytes]:
    """Return what writes one PUT after the other, each for another person and the next desk and time."""
    # A deque hands each of several threads another one.
    left, ring = deque(times), hall.protocol

    def ask() -> bytes:
        desk, start, end = left.popleft()
        sub, target = uuid.uuid4().hex, _PATH + str(uuid.uuid4())
        wish = BookingRequest(
            places=(Place(desk=desk, start=start, end=end, sub=sub),),
            visitors=(Visitor(sub=sub, name="立寄 太郎", section="企画課"),),
            not_after=clock.now() + timedelta(minutes=5),
            consent_version="1",
        )
        token = _token(ring, host, hall.home, sub)
        proof = sign_dpop_proof(
            hall.home.dpop,
            method="PUT",
            url=host + target,
            now=clock.now(),
            access_token=token,
            nonce=nonce_of(host),
        )
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
        return written("PUT", target, host.removeprefix("http://"), headers, wish.text().encode())

    return ask


def _token(ring: KeyRing, host: str, home: world.Town, sub: str) -> str:
    """Sign what the host's token endpoint would have issued for this person; it is good for one visit's asking."""
    now = clock.now()
    claims = {
        "iss": host,
        "aud": host,
        "sub": sub,
        "client_id": home.entity_id,
        "cnf": {"jkt": home.dpop.kid},
        "acr": assurance.ONE_FACTOR,
        "auth_time": now,
    }
    return PERSON_TOKEN.sign(ring.current, claims, now=now)


def _bare_asks(hall: Hall, port: int, now: datetime) -> Callable[[], bytes]:
    times = deque(free_times(hall.desks[1::2], now))

    def ask() -> bytes:
        desk, start, end = times.popleft()
        place = Place(desk=desk, start=start, end=end, sub=uuid.uuid4().hex)
        wish = BookingRequest(places=(place,), not_after=clock.now() + timedelta(minutes=5))
        return written("PUT", _PATH + str(uuid.uuid4()), f"localhost:{port}", body=wish.text().encode())

    return ask
