"""F13 over real sockets: a party that answers with too much, too slowly, packed, from elsewhere or not at all.

The node keeps what it knew, calls nobody else, comes back in time, and says what was wrong to who reads the log.
"""

import gzip
import re
import socket
import time
from collections.abc import Mapping

import pytest

from federation import entity
from federation.errors import TachiyoriError
from federation.remote_registry import MEMBERS_FEED
from tests.corpus.cases import case
from tests.corpus.hostile import Act, Captive
from tests.federation.test_peer import Handler

pytestmark = pytest.mark.peer
PATHS = (entity.CONFIGURATION, MEMBERS_FEED, entity.STATUS)
SECONDS = 5.0
MEDIA = {entity.CONFIGURATION: "entity-statement+jwt", MEMBERS_FEED: "json", entity.STATUS: "statuslist+jwt"}


def drip(request: Handler) -> None:
    """Send a letter every fifth of a second, for as long as somebody reads."""
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    request.close_connection = True
    for _ in range(200):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.2)


def endless(request: Handler) -> None:
    """Send without end and without saying how much."""
    request.send_response(200)
    request.send_header("Content-Type", f"application/{MEDIA[request.path.partition('?')[0]]}")
    request.end_headers()
    request.close_connection = True
    for _ in range(40_000):
        request.wfile.write(b" " * 1000)


def bomb(request: Handler) -> None:
    """Send ten megabytes, packed into ten thousand bytes."""
    request.answer(body=gzip.compress(b" " * 10_000_000), Content_Encoding="gzip")


ACTS: Mapping[str, tuple[Act, str]] = {
    "10 MB": (endless, "more than|reset|aborted"),
    "a bomb": (bomb, "gzip|encoded|compressed"),
    "a page for people": (lambda request: request.answer(body=b"<html>", media="text/html"), "text/html"),
    "no JSON, no token": (lambda request: request.answer(body=b"\xff\xfe", media="application/json"), "."),
    "an error": (lambda request: request.answer(500), "500"),
    "nothing": (lambda request: request.connection.shutdown(socket.SHUT_RDWR), "."),
}


@case("F13", "S02")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ACTS)
def test_a_bad_answer_changes_nothing_and_is_named(prisoner: Captive, path: str, name: str) -> None:
    act, words = ACTS[name]
    misbehave(prisoner, path, act, words)


@case("F13", "S02")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_led_elsewhere(prisoner: Captive, path: str, status: int) -> None:
    bait = prisoner.target.bait
    misbehave(prisoner, path, lambda request: request.answer(status, Location=f"{bait.origin}/x"), "redirect")


@case("F13")
def test_a_slow_drip_is_cut(prisoner: Captive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prisoner.town.peer.transport, "_total", 1.0)
    misbehave(prisoner, entity.CONFIGURATION, drip, "whole answer|timed out|reset")


def misbehave(prisoner: Captive, path: str, act: Act, words: str) -> None:
    """Have the registry act like this at one address; hold that nothing is believed, nobody called, and all in time."""
    before = {name: prisoner.believed(name) for name in ("anchor", "about", "own", "status")}
    calls, begun = prisoner.target.bait.calls, time.monotonic()
    prisoner.registry.acts[path] = act
    try:
        with pytest.raises(TachiyoriError) as refused:
            prisoner.hear()
    finally:
        prisoner.registry.acts.clear()
    assert time.monotonic() - begun < SECONDS
    assert re.search(words, refused.value.detail), refused.value.detail
    assert (prisoner.target.bait.calls, prisoner.leaf.status) == (calls, "valid")
    if path == entity.CONFIGURATION:
        assert {name: prisoner.believed(name) for name in before} == before
    prisoner.hear()
