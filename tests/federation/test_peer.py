"""Calling another party: over real sockets, against servers that misbehave."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from federation.address import AddressGuard
from federation.errors import (
    FeedEpochGone,
    PeerAddressRefused,
    PeerAnsweredBadly,
    PeerRefused,
    PeerUnreachable,
)
from federation.keys import PublicKeys, make, ring_of
from federation.peer import Peer, Transport
from federation.tokens import CLIENT_ASSERTION, peek, verify_dpop_proof
from tests.federation.world import NOW

OWN = "http://localhost:1"
Handle = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says, and remembers what came."""

    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        length = int(self.headers.get("Content-Length", 0))
        self.body = self.rfile.read(length).decode()
        # One handler serves every request of a connection, so what came is copied.
        server.seen.append(copy(self))
        server.handle(self)

    do_GET = do_POST = do_PUT = _any  # noqa: N815 - http.server's own names.

    def answer(self, status: int = 200, body: bytes = b"{}", media: str = "application/json", **headers: str) -> None:
        """Answer in full."""
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handle: Handle) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.handle = handle
        self.seen: list[Handler] = []
        self.origin = f"http://localhost:{self.server_address[1]}"

    def handle_error(self, *args: Any) -> None:
        """A caller that hangs up is what some tests are about."""


@contextmanager
def serving(handle: Handle) -> Iterator[Server]:
    server = Server(handle)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def guard(*origins: str) -> AddressGuard:
    return AddressGuard(frozenset(origins), OWN, lambda host, port: ["127.0.0.1"])


def fetch(handle: Handle, *, limit: int = 1000, seconds: float = 5.0) -> Any:
    with serving(handle) as server:
        transport = Transport(guard(server.origin), total_seconds=seconds)
        return transport.send("GET", server.origin + "/x", headers={}, limit=limit)


# --- What is never followed, waited for or read ---------------------------------------------------------------


def test_an_answer_comes_back_whole() -> None:
    answer = fetch(lambda request: request.answer(body=b'{"a": 1}', ETag='"1"'))
    assert (answer.status, answer.json, answer.headers["etag"]) == (200, {"a": 1}, '"1"')


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch(lambda request: request.answer()).status == 200


def test_no_cookie_is_kept() -> None:
    with serving(lambda request: request.answer(Set_Cookie="a=b")) as server:
        transport = Transport(guard(server.origin))
        for _ in range(2):
            transport.send("GET", server.origin, headers={})
    assert all("Cookie" not in seen.headers for seen in server.seen)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        serving(lambda request: request.answer()) as target,
        serving(lambda request: request.answer(status, Location=target.origin)) as server,
    ):
        transport = Transport(guard(server.origin, target.origin))
        with pytest.raises(PeerAnsweredBadly):
            transport.send("GET", server.origin, headers={})
        assert target.seen == []


def test_what_is_announced_as_too_large_is_not_read() -> None:
    with pytest.raises(PeerAnsweredBadly):
        fetch(lambda request: request.answer(body=b"x" * 1001))


def _endless(request: Handler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    request.close_connection = True
    for _ in range(100_000):
        request.wfile.write(b"x" * 1000)


def test_what_has_no_end_is_cut_off() -> None:
    with pytest.raises(PeerAnsweredBadly):
        fetch(_endless)


def _chunked(request: Handler) -> None:
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    for _ in range(3):
        request.wfile.write(b"1f4\r\n" + b"x" * 500 + b"\r\n")
    request.wfile.write(b"0\r\n\r\n")


def test_chunks_are_counted_too() -> None:
    assert len(fetch(_chunked, limit=1500).body) == 1500
    with pytest.raises(PeerAnsweredBadly):
        fetch(_chunked, limit=1499)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_a_compressed_answer_is_never_unpacked(encoding: str) -> None:
    with pytest.raises(PeerAnsweredBadly):
        fetch(lambda request: request.answer(Content_Encoding=encoding))


def _dripping_head(request: Handler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(request)


def _dripping_body(request: Handler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    _drip(request)


def _dripping_continues(request: Handler) -> None:
    for _ in range(100):
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def _drip(request: Handler) -> None:
    for _ in range(100):
        request.wfile.write(b"x")
        time.sleep(0.05)


def _silent(request: Handler) -> None:
    time.sleep(2)


@pytest.mark.parametrize("drip", [_dripping_head, _dripping_body, _dripping_continues, _silent])
def test_an_exchange_ends_at_its_deadline_however_slowly_it_drips(drip: Handle) -> None:
    began = time.monotonic()
    with pytest.raises(PeerUnreachable):
        fetch(drip, seconds=0.3)
    assert time.monotonic() - began < 4


def test_a_connection_that_was_cut_is_not_used_again() -> None:
    with serving(lambda request: _silent(request) if request.path == "/slow" else request.answer()) as server:
        transport = Transport(guard(server.origin), total_seconds=0.3)
        with pytest.raises(PeerUnreachable):
            transport.send("GET", server.origin + "/slow", headers={})
        assert transport.send("GET", server.origin + "/x", headers={}).status == 200


def test_what_was_left_unread_is_not_the_next_answer() -> None:
    with serving(
        lambda request: request.answer(body=b"x" * 5000) if request.path == "/big" else request.answer()
    ) as server:
        transport = Transport(guard(server.origin))
        with pytest.raises(PeerAnsweredBadly):
            transport.send("GET", server.origin + "/big", headers={}, limit=10)
        assert transport.send("GET", server.origin + "/x", headers={}).body == b"{}"


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"",
    ],
)
def test_broken_http_is_an_error_of_ours_and_never_a_crash(raw: bytes) -> None:
    def handle(request: Handler) -> None:
        request.wfile.write(raw)
        request.close_connection = True

    with pytest.raises((PeerUnreachable, PeerAnsweredBadly)):
        fetch(handle)


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{free.getsockname()[1]}"
    with pytest.raises(PeerUnreachable):
        Transport(guard(origin)).send("GET", origin, headers={})


def test_an_address_that_is_not_listed_is_not_called() -> None:
    with serving(lambda request: request.answer()) as server:
        for url in (server.origin, server.origin.replace("http:", "https:")):
            with pytest.raises(PeerAddressRefused):
                Transport(guard()).send("GET", url, headers={})
    assert server.seen == []


def test_a_certificate_nobody_vouches_for_is_refused() -> None:
    with serving(lambda request: request.answer()) as server:
        origin = server.origin.replace("http:", "https:")
        with pytest.raises(PeerUnreachable):
            Transport(guard(origin)).send("GET", origin, headers={})


@pytest.mark.parametrize("header", ["a\r\nHost: evil.example", "a\nb", "\x00"])
def test_a_header_cannot_be_split(header: str) -> None:
    with serving(lambda request: request.answer()) as server:
        with pytest.raises(PeerUnreachable):
            Transport(guard(server.origin)).send("GET", server.origin, headers={"If-Match": header})
        assert server.seen == []


# --- What a status means --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_party_that_is_busy_is_unreachable_for_now(status: int) -> None:
    answer = fetch(lambda request: request.answer(status, Retry_After="7"))
    with pytest.raises(PeerUnreachable) as caught:
        answer.expect(200)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("text", "seconds"), [("9999999", 3600), ("-1", None), ("Fri, 31 Dec 2027 23:59:59 GMT", None)]
)
def test_retry_after_is_taken_with_care(text: str, seconds: int | None) -> None:
    assert fetch(lambda request: request.answer(503, Retry_After=text)).retry_after == seconds


def test_a_refusal_keeps_what_was_said() -> None:
    with pytest.raises(PeerRefused) as caught:
        fetch(lambda request: request.answer(409, b'{"a": "\\u001b"}')).expect(200)
    assert (caught.value.answered, caught.value.body) == (409, b'{"a": "\\u001b"}')


def test_another_media_type_is_no_answer() -> None:
    with pytest.raises(PeerAnsweredBadly):
        fetch(lambda request: request.answer(media="text/html")).expect(200)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_json_is_no_answer(body: bytes) -> None:
    answer = fetch(lambda request: request.answer(body=body), limit=200_000)
    with pytest.raises(PeerAnsweredBadly):
        _ = answer.json


# --- With tokens ----------------------------------------------------------------------------------------------

PROTOCOL, DPOP = make(), make()


def peer_of(server: Server) -> Peer:
    return Peer(OWN, guard(server.origin), ring_of(PROTOCOL), DPOP, lambda: NOW)


def granting(request: Handler) -> None:
    """A host that grants numbered tokens and answers everything else."""
    server = request.server
    assert isinstance(server, Server)
    if request.path != "/oauth/token":
        request.answer()
        return
    number = sum(seen.path == "/oauth/token" for seen in server.seen)
    request.answer(body=json.dumps({"access_token": f"t{number}", "token_type": "DPoP", "expires_in": 600}).encode())


def call(peer: Peer, server: Server, **more: Any) -> Any:
    given = {"audience": server.origin, "token_endpoint": server.origin + "/oauth/token", "scope": "manage"}
    return peer.request("GET", server.origin + "/x?y=z", **{**given, **more})


def test_a_node_token_is_asked_for_once_and_bound_to_our_key() -> None:
    with serving(granting) as server:
        peer = peer_of(server)
        for _ in range(3):
            assert call(peer, server).status == 200
    asked, *used = server.seen
    form = {name: values[0] for name, values in parse_qs(asked.body).items()}
    claims = CLIENT_ASSERTION.verify(
        form["client_assertion"], PublicKeys([PROTOCOL.public]), now=NOW, issuer=OWN, audience=server.origin
    )
    assert (form["grant_type"], form["scope"], claims.subject) == ("client_credentials", "manage", OWN)
    assert (
        verify_dpop_proof(asked.headers["DPoP"], method="POST", url=server.origin + "/oauth/token", now=NOW).jkt
        == DPOP.kid
    )
    assert {seen.headers["Authorization"] for seen in used} == {"DPoP t1"}
    proofs = [
        verify_dpop_proof(seen.headers["DPoP"], method="GET", url=server.origin + "/x", now=NOW, access_token="t1")
        for seen in used
    ]
    assert len({proof.jti for proof in proofs}) == 3


def test_a_token_the_host_has_forgotten_is_asked_for_again_once() -> None:
    def forgetful(request: Handler) -> None:
        if request.headers.get("Authorization") == "DPoP t1":
            request.answer(401)
        else:
            granting(request)

    with serving(forgetful) as server:
        assert call(peer_of(server), server).status == 200
    assert [seen.path for seen in server.seen] == ["/oauth/token", "/x?y=z"] * 2


def test_a_token_that_was_given_is_not_replaced() -> None:
    with serving(lambda request: request.answer(401)) as server:
        assert call(peer_of(server), server, token="person").status == 401
    assert [seen.headers["Authorization"] for seen in server.seen] == ["DPoP person"]


def test_a_nonce_that_is_asked_for_is_given_once() -> None:
    def nonced(request: Handler) -> None:
        if request.headers["DPoP"] and "nonce" not in _claims(request.headers["DPoP"]):
            request.answer(400, b'{"error": "use_dpop_nonce"}', DPoP_Nonce="n1")
        else:
            granting(request)

    with serving(nonced) as server:
        peer = peer_of(server)
        assert peer.node_token(server.origin, server.origin + "/oauth/token", "feed") == "t2"
    first, second = server.seen
    assert parse_qs(first.body)["client_assertion"] != parse_qs(second.body)["client_assertion"]


def _claims(token: str) -> Any:
    return peek(token).claims


def test_the_newest_nonce_is_kept_so_that_one_request_is_one_round_trip() -> None:
    def nonced(request: Handler) -> None:
        given = _claims(request.headers["DPoP"]).get("nonce")
        if given not in {"n1", "n2"}:
            request.answer(401, WWW_Authenticate='DPoP error="use_dpop_nonce"', DPoP_Nonce="n1")
        else:
            request.answer(200, b"{}", DPoP_Nonce="n2")

    with serving(nonced) as server:
        peer = peer_of(server)
        for _ in range(3):
            assert call(peer, server, token="person").status == 200
    assert [_claims(seen.headers["DPoP"]).get("nonce") for seen in server.seen] == [None, "n1", "n2", "n2"]


@pytest.mark.parametrize("nonce", ["", "x" * 256, "n\u00e9"])
def test_a_nonce_that_no_header_may_hold_is_not_repeated(nonce: str) -> None:
    with serving(lambda request: request.answer(401, b"use_dpop_nonce", DPoP_Nonce=nonce)) as server:
        assert call(peer_of(server), server, token="person").status == 401
    assert all("nonce" not in _claims(seen.headers["DPoP"]) for seen in server.seen)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"access_token": "t", "expires_in": 600}',
        b'{"access_token": "t", "expires_in": 600, "token_type": "Bearer"}',
        b'{"access_token": 1, "expires_in": 600, "token_type": "DPoP"}',
        b'{"access_token": "t", "expires_in": "600", "token_type": "DPoP"}',
    ],
)
def test_a_token_answer_that_is_none_is_refused(body: bytes) -> None:
    with serving(lambda request: request.answer(body=body)) as server, pytest.raises(PeerAnsweredBadly):
        call(peer_of(server), server)


@pytest.mark.parametrize("elsewhere", ["http://localhost:2", "https://evil.example"])
def test_a_token_never_leaves_for_another_party(elsewhere: str) -> None:
    with serving(granting) as server:
        peer = peer_of(server)
        for given in ({"audience": elsewhere}, {"token_endpoint": elsewhere + "/oauth/token"}):
            with pytest.raises(PeerAddressRefused):
                call(peer, server, **given)
        with pytest.raises(PeerAddressRefused):
            peer.ping(elsewhere + "/ping", server.origin, "listings")
    assert server.seen == []


def test_a_ping_carries_an_assertion_and_nothing_else() -> None:
    with serving(lambda request: request.answer(202, b"")) as server:
        peer_of(server).ping(server.origin + "/api/v1/pings", server.origin, "offers")
    (seen,) = server.seen
    assert set(parse_qs(seen.body)) == {"feed", "client_id", "client_assertion_type", "client_assertion"}
    assert seen.headers["Authorization"] is None


# --- Feeds and statements -------------------------------------------------------------------------------------


def page(next_: str) -> bytes:
    return json.dumps({"next": next_, "items": [], "license": "https://example.org/l"}).encode()


def test_a_public_page_is_read_without_a_token() -> None:
    with serving(lambda request: request.answer(body=page(f"{request.server.origin}/f?afterChangeNumber=1"))) as server:  # type: ignore[attr-defined]
        read = peer_of(server).feed_page(server.origin + "/f", audience=server.origin, no_cache=True)
    assert read.next.endswith("=1")
    assert server.seen[0].headers["Authorization"] is None
    assert server.seen[0].headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("next_", ["https://evil.example/f?a", "http://localhost:2/f", "nonsense", ""])
def test_a_page_that_leads_away_is_refused(next_: str) -> None:
    with serving(lambda request: request.answer(body=page(next_))) as server, pytest.raises(PeerAnsweredBadly):
        peer_of(server).feed_page(server.origin + "/f", audience=server.origin)


def test_a_new_epoch_is_told() -> None:
    with serving(lambda request: request.answer(410)) as server, pytest.raises(FeedEpochGone):
        peer_of(server).feed_page(server.origin + "/f", audience=server.origin)


def test_a_statement_needs_its_media_type_and_size() -> None:
    media = "application/entity-statement+jwt"
    with serving(lambda request: request.answer(body=b"a.b.c", media=media)) as server:
        assert peer_of(server).fetch_entity_configuration(server.origin) == "a.b.c"
        assert peer_of(server).fetch_statement(server.origin + "/fetch", "https://a.example/?x&y") == "a.b.c"
    assert server.seen[0].path == "/.well-known/openid-federation"
    assert server.seen[1].path == "/fetch?sub=https%3A%2F%2Fa.example%2F%3Fx%26y"
    for body, kind in ((b"a.b.c", "application/json"), (b"x" * 65_537, media), ("é".encode(), media)):
        handle = partial(Handler.answer, body=body, media=kind)
        with serving(handle) as server, pytest.raises(PeerAnsweredBadly):
            peer_of(server).fetch_entity_configuration(server.origin)


def test_the_status_list_is_asked_for_conditionally() -> None:
    def handle(request: Handler) -> None:
        known = request.headers.get("If-None-Match") == '"1"'
        request.answer(304 if known else 200, b"" if known else b"a.b.c", "application/statuslist+jwt", ETag='"1"')

    with serving(handle) as server:
        peer = peer_of(server)
        assert peer.status_list(server.origin + "/s") == ("a.b.c", '"1"')
        assert peer.status_list(server.origin + "/s", '"1"') is None
