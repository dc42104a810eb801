"""How often a party asks for others' statements, counted at a socket that listens."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from federation.errors import NotAMember
from federation.keys import make, ring_of
from federation.members import Members
from federation.peer import Peer
from federation.storage import Storage
from tests.federation.test_peer import DPOP, OWN, Handle, Handler, Server, guard, serving
from tests.federation.world import HOME, HOST, NOISE, NOW, Registry, Town

MEDIA = "application/entity-statement+jwt"


class Wired(Registry):
    """A registry whose statements are fetched over a connection, from whoever listens there."""

    server: Server
    peer: Peer

    def statement(self, subject: str) -> str:
        return self.peer.fetch_statement(f"{self.server.origin}/statement", subject)

    def configuration(self, entity_id: str) -> str:
        if entity_id not in self.configurations:
            return super().configuration(entity_id)
        return self.peer.fetch_statement(f"{self.server.origin}/configuration", entity_id)


@pytest.fixture
def registry() -> Wired:
    made = Wired()
    for town in (Town(HOME, index=1), Town(NOISE, code="011002", name="雑音町", index=2)):
        made.admit(town)
    return made


@contextmanager
def reading(storage: Storage, registry: Wired, handle: Handle) -> Iterator[Members]:
    """What a host knows after one reading of the feed, before which nobody is asked for single statements."""
    with serving(handle) as server:
        registry.server = server
        registry.peer = Peer(OWN, guard(server.origin), ring_of(make()), DPOP, lambda: NOW, total_seconds=1)
        members = Members(storage, registry.pins, HOST, registry)
        members.refresh(NOW)
        yield members


def telling(registry: Wired, *, seconds: float = 0) -> Handle:
    """Answer with what the registry has for the home, after a while."""

    def handle(request: Handler) -> None:
        time.sleep(seconds)
        held = registry.statements if request.path.startswith("/statement") else registry.configurations
        request.answer(body=held[HOME].encode(), media=MEDIA)

    return handle


def test_a_crowd_at_one_unknown_key_makes_one_fetch_and_all_of_it_is_served(storage: Storage, registry: Wired) -> None:
    with reading(storage, registry, telling(registry, seconds=0.3)) as members, ThreadPoolExecutor(5) as pool:
        served = list(pool.map(lambda _: members.refetch(HOME, NOW), range(5)))
        assert served == [True] * 5
        assert len(registry.server.seen) == 2


def test_threads_that_wait_for_one_fetch_are_few(storage: Storage, registry: Wired) -> None:
    with reading(storage, registry, telling(registry, seconds=0.4)) as members, ThreadPoolExecutor(12) as pool:
        served = list(pool.map(lambda _: members.refetch(HOME, NOW), range(12)))
        assert served.count(False) == 12 - 5
        assert len(registry.server.seen) == 2


def test_one_member_is_asked_about_once_in_thirty_seconds(storage: Storage, registry: Wired) -> None:
    with reading(storage, registry, telling(registry)) as members:
        for second in range(60):
            members.refetch(HOME, NOW + timedelta(seconds=second))
        assert len(registry.server.seen) == 2 * 2


def test_who_stands_in_no_table_costs_no_request(storage: Storage, registry: Wired) -> None:
    """So there is nothing that a negative cache would have to remember of them."""
    with reading(storage, registry, telling(registry)) as members:
        for number in range(50):
            for ask in (members.verified, members.refetch):
                with pytest.raises(NotAMember):
                    ask(f"https://stranger{number}.example", NOW)
        assert registry.server.seen == []


def test_that_there_is_no_such_member_is_believed_for_a_minute(storage: Storage, registry: Wired) -> None:
    with reading(storage, registry, lambda request: request.answer(404)) as members:
        for second in range(0, 120, 10):
            assert not members.refetch(HOME, NOW + timedelta(seconds=second))
        assert len(registry.server.seen) == 2


def drip(request: Handler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", MEDIA)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.1)


HOSTILE: dict[str, Handle] = {
    "ten megabytes": lambda request: request.answer(body=b"x" * 10_000_000, media=MEDIA),
    "a slow drip": drip,
    "another type": lambda request: request.answer(body=b"{}"),
    "a redirect": lambda request: request.answer(302, Location="/statement"),
    "nested without end": lambda request: request.answer(body=b"." * 60_000, media=MEDIA),
}


@pytest.mark.parametrize("handle", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_bounded_and_leaves_the_last_good_copy(
    storage: Storage, registry: Wired, handle: Handle
) -> None:
    with reading(storage, registry, handle) as members:
        began = time.monotonic()
        assert not members.refetch(HOME, NOW)
        assert time.monotonic() - began < 5
        assert members.verified(HOME, NOW).code == "131130"
