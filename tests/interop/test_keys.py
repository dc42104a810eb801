"""Keys of running installations: rotated under a stream of requests, revoked at once, and the registry's own replaced."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from deploy.demo.programs import DidNotStart
from federation import entity, kept
from federation.answer import Answer
from federation.audit import AuditEntry
from federation.errors import TachiyoriError
from federation.keys import KeyPair, make, ring_of
from federation.members import AnchorSeen, Member, find
from federation.peer import PAGE_BYTES
from federation.remote_registry import RemoteRegistry
from federation.storage import Storage
from federation.tokens import HISTORICAL_KEYS, PASS
from node import entity as own
from node.host.passes import Passes
from node.town import Keys, Town
from registry.custody import RECOVERY
from tests.corpus.cases import case
from tests.interop.conftest import SQLITE, restart
from tests.interop.wire import Wire, new_id, subject
from tests.story.acts import Day, soon
from tests.story.intruders import Caller, refused
from tests.story.stage import Actor, thumbprints

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]
ANNOUNCED = ("--announce", "20s")
TERMS = (*ANNOUNCED, "--overlap", "80s")
"""Far shorter than an operator would choose: the registry and both towns have seconds to learn of a key, and the overlap is just
longer than the minute after which everybody reads the registry's keys again, pinged or not."""


@dataclass
class Stream:
    """Requests of every kind, one after the other, from the home to the host and to the registry."""

    day: Day
    answered: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def flow(self, stop: threading.Event) -> None:
        """Ask until told to stop, and remember what was refused."""
        home, host = self.day.stage.home.open(), self.day.stage.host
        registry = RemoteRegistry(home.peer, home.config.registry)
        shown = Passes(host.origin, host.open().keys.passes)
        first = signed_pass(host.open())
        acts: dict[str, Callable[[], object]] = {
            "visit grant": lambda: Wire(home, host.origin).token_of(subject()),
            "node token": lambda: feed_of(home, host.origin, ask_token(home, host.origin)).expect(200),
            "members feed": lambda: registry.members_page(registry.members_feed),
            "statements": lambda: home.members.verified(host.origin, home.clock()),
            "pass": lambda: shown.verify(first, home.clock()),
        }  # fmt: skip
        while not stop.is_set():
            for name, act in acts.items():
                self._ask(name, act)

    def _ask(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except (AssertionError, TachiyoriError) as error:
            self.refused.append(f"{time.strftime('%X')} {name}: {error} {getattr(error, 'detail', '')}")
        else:
            self.answered[name] += 1


def ask_token(home: Town, host: str) -> str:
    """Return a node token, asked anew."""
    home.peer._kept.clear()
    return home.peer.node_token(host, host + entity.TOKEN, "feed")


def feed_of(home: Town, host: str, token: str) -> Answer:
    return home.peer.request("GET", f"{host}/feeds/visits", audience=host, token=token, limit=PAGE_BYTES)


def signed_pass(host: Town) -> str:
    """Return a pass as the host signs them now, good for a year."""
    claims = {
        "iss": host.config.entity_id,
        "aud": host.config.entity_id,
        "booking": new_id(),
        "version": 1,
        "desk": "d",
    }
    return PASS.sign(host.keys.passes.current, claims, now=host.clock(), life=timedelta(days=365))


@contextmanager
def streaming(day: Day) -> Iterator[Stream]:
    stream, stop = Stream(day), threading.Event()
    flow = threading.Thread(target=stream.flow, args=(stop,))
    flow.start()
    try:
        yield stream
    finally:
        stop.set()
        flow.join(60)


def recovery(day: Day) -> str:
    return str(Path(day.stage.registry.settings["REGISTRY_DATA"]) / "keys" / RECOVERY)


def online(town: Town) -> str:
    with town.storage.transaction() as db:
        return db.get_one(AnchorSeen, town.config.registry).online


def events(storage: Storage, event: str) -> list[str]:
    with storage.transaction() as db:
        return list(db.scalars(select(AuditEntry.reason).where(AuditEntry.event == event)))


@case("X04")
def test_every_key_is_rotated_without_a_refused_request(day: Day) -> None:
    stage = day.stage
    towns = [stage.home.open(), stage.host.open()]
    before = [kids(town.keys) for town in towns]
    with streaming(day) as stream:
        soon(lambda: stream.answered["pass"], "requests are answered")
        for actor in (stage.home, stage.host):
            for purpose in ("federation", "protocol"):
                actor.program.command("keys", "rotate", purpose, *TERMS)
            actor.program.command("keys", "rotate", "pass", *ANNOUNCED)
        stage.registry.command("keys", "rotate", "protocol", *TERMS)
        said = stage.registry.command("keys", "rotate", "federation", "--key", recovery(day), *TERMS)
        time.sleep(20 + 80 + 20)
    print(dict(stream.answered))
    assert stream.refused == []
    assert min(stream.answered.values()) > 20
    assert all(not kids(town.keys) & old for town, old in zip(towns, before, strict=True))
    for reader, other in (towns, reversed(towns)):
        soon(partial(knows_the_new, reader, other), "the new keys alone are known")
        assert online(reader) == thumbprints(said)[-1]
        assert alarms_of(reader) == []


def believes(reader: Town, other: Town) -> bool:
    try:
        return bool(reader.members.verified(other.config.entity_id, reader.clock()))
    except TachiyoriError:
        return False


def knows_the_new(reader: Town, other: Town) -> bool:
    return known(reader, other) == kids(other.keys, *ATTESTED)


ATTESTED = ("federation", "protocol")


def kids(keys: Keys, *purposes: str) -> frozenset[str]:
    rings = {"federation": keys.federation, "protocol": keys.protocol, "pass": keys.passes}
    return frozenset(rings[purpose].current.kid for purpose in purposes or rings)


def known(reader: Town, other: Town) -> frozenset[str]:
    """Return the keys that one town knows of another, by the registry's word and by the other's own."""
    with reader.storage.transaction() as db:
        row = find(db, other.config.entity_id)
    assert isinstance(row, Member)
    return kept.attested_keys(row.statement) | kept.spoken_keys(row.configuration).protocol


def alarms_of(town: Town) -> list[str]:
    return events(town.storage, "alarm")


def test_a_compromised_key_is_refused_from_now_on(day: Day) -> None:
    """Tokens of the host that it has verified before, and what a thief signs with the home's old key."""
    home, host = day.stage.home.open(), day.stage.host
    stolen, token = home.keys.protocol.current, ask_token(home, host.origin)
    assert feed_of(home, host.origin, token).status == 200

    host.program.command("keys", "compromise", "protocol")
    assert feed_of(home, host.origin, token).status == 401
    assert feed_of(home, host.origin, ask_token(home, host.origin)).status == 200

    day.stage.home.program.command("keys", "compromise", "protocol")
    soon(lambda: known(host.open(), home) >= kids(home.keys, "protocol"), "the host knows the new key", seconds=20)
    thief = Caller(home, host.origin, key=stolen)
    refused(thief.ask(thief.grant()), "invalid_client")
    Wire(home, host.origin).token_of(subject())
    assert alarms_of(home) == []


def test_a_compromised_federation_key_needs_the_operator(day: Day) -> None:
    home, host, registry = day.stage.home, day.stage.host.open(), day.stage.registry
    stolen, code = home.open().keys.federation.current, home.file.code
    invitation = registry.command("invite", code, "--quiet").split()[-1]
    said = home.program.command("keys", "compromise", "federation", "--invitation", invitation)
    assert vouched_by(home.open(), stolen).status_code == 409
    thumbprint = thumbprints(said)[-1]
    assert thumbprint in registry.command("admit")
    registry.command("admit", code, "--thumbprint", thumbprint)
    soon(lambda: kids(home.open().keys, "federation") <= known(host, home.open()), "the new key", seconds=20)
    assert 400 <= vouched_by(home.open(), stolen).status_code < 500
    Wire(home.open(), day.stage.host.origin).token_of(subject())
    assert alarms_of(home.open()) == []


def vouched_by(town: Town, stolen: KeyPair) -> requests.Response:
    """Hand the registry a configuration that a stolen federation key has signed, with a key of the thief's."""
    keys = Keys(ring_of(stolen), ring_of(make()), town.keys.passes)
    configuration = own.configuration(town.config, keys, town.clock())
    headers = {"Content-Type": "application/entity-statement+jwt"}
    return requests.post(f"{town.config.registry}/api/v1/configurations", configuration, headers=headers, timeout=30)


def test_a_lost_online_key_is_replaced_and_both_towns_follow(day: Day) -> None:
    """The home by the ping; the host, which was away, by reading of its own accord."""
    stage = day.stage
    home, host = stage.home.open(), stage.host.open()
    lost = online(home)
    stage.host.program.stop()
    (new,) = thumbprints(stage.registry.command("keys", "recover", "--key", recovery(day)))
    soon(lambda: online(home) == new, "the home hears of it", seconds=20)
    restart(stage.host)
    soon(lambda: online(host) == new, "the host reads it", seconds=150)
    for reader, other in ((home, host), (host, home)):
        soon(partial(believes, reader, other), "members are verified under the new key", seconds=20)
        assert f"{lost} -> {new}" in events(reader.storage, "anchor")
        assert f"anchor: {lost} -> {new}" in alarms_of(reader)
    assert lost in {key["kid"] for key in former_keys(home)}
    assert re.search("Alarm 1 .*anchor", status_of(stage.home))
    stage.home.program.command("acknowledge", "1", "--by", "1001")
    assert "Alarm" not in status_of(stage.home)


def former_keys(town: Town) -> list[dict[str, object]]:
    token = requests.get(town.config.registry + entity.HISTORY, timeout=30).text
    keys = town.members.anchor().keys
    return list(HISTORICAL_KEYS.verify(token, keys, now=town.clock(), issuer=town.config.registry)["keys"])


def status_of(actor: Actor) -> str:
    """Return what ``status`` prints; it exits with 1 while an alarm stands."""
    try:
        return actor.program.command("status")
    except DidNotStart as stands:
        return str(stands)
