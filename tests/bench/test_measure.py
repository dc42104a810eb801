"""The measurement itself: an error is never taken for speed, and what is missing is said."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bench.measure import Candidate, Skipped, compare
from tests.bench.wire import Connection, written


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Answer one request on a port of this machine with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join()


def test_a_client_that_fails_ends_the_measurement() -> None:
    def fail() -> object:
        raise AssertionError("503")

    with pytest.raises(AssertionError, match="503"):
        compare("x", Candidate([fail]), Candidate([lambda: None]), rounds=1, seconds=0.01)


def test_the_ratio_is_that_of_the_rounds() -> None:
    before: list[str] = []
    ours = Candidate([lambda: None], lambda: before.append("ours"))
    found = compare("x", ours, Candidate([lambda: None, lambda: None]), rounds=3, seconds=0.01)
    assert (found.clients, found.rounds) == (1, 3)
    assert found.spread[0] <= found.ratio <= found.spread[1]
    assert before == ["ours"] * 4


@pytest.mark.parametrize(("status", "good"), [("200 OK", True), ("201 Created", True), ("409 Conflict", False)])
def test_only_success_is_an_answer(status: str, good: bool) -> None:
    with answering(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode()) as port:
        connection = Connection(port)
        if good:
            assert connection.ask(written("GET", "/", "localhost")) == b"{}"
        else:
            with pytest.raises(AssertionError, match="409"):
                connection.ask(written("GET", "/", "localhost"))
        connection.close()


def test_what_is_left_out_says_why() -> None:
    assert Skipped("search (postgresql)", "nobody answers").line().endswith("skipped: nobody answers")
