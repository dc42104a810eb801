"""Processes of an installation: they are replaced when they die, and they die together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from federation.errors import AlreadyRunning, PortTaken
from federation.web.serving import Listener, claimed

T = TypeVar("T")
pytestmark = pytest.mark.peer

_PROGRAM = """
import sys, threading
from pathlib import Path
from typing import TypeVar
from federation.errors import TachiyoriError
from federation.web.serving import Installation, Listener, serve
data, target, *ports = sys.argv[1:]
listeners = tuple(Listener(int(port)) for port in ports)
try:
    serve(Installation(Path(data), "tests.federation.web.who:" + target, listeners, workers=1, threads=2), threading.Event.wait)
except TachiyoriError as error:
    print(error.code, error.facts, flush=True)
    sys.exit(2)
"""


@pytest.fixture
def ports() -> list[int]:
    probes = [socket.socket() for _ in range(2)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return found


@contextmanager
def running(data: Path, *ports: int) -> Iterator[subprocess.Popen[str]]:
    process = start(data, *ports)
    try:
        for port in ports:
            soon(lambda port=port: who(port))  # type: ignore[misc]
        yield process
    finally:
        process.kill()
        process.wait()


def start(data: Path, *ports: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PROGRAM, str(data), "who", *map(str, ports)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)


def who(port: int) -> int:
    """Return the id of the worker that answers on ``port``, or 0."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return int(answer.read())
    except (URLError, ConnectionError, TimeoutError):
        return 0


def soon(look: Callable[[], T], seconds: float = 40) -> T:
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
    return seen


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_killed_worker_is_replaced(tmp_path: Path, ports: list[int]) -> None:
    with running(tmp_path, ports[0]):
        worker = who(ports[0])
        os.kill(worker, signal.SIGKILL)
        soon(lambda: not alive(worker))
        assert soon(lambda: who(ports[0])) != worker


def test_a_killed_server_is_started_again_and_takes_its_workers_along(tmp_path: Path, ports: list[int]) -> None:
    with running(tmp_path, ports[0]) as parent:
        worker = who(ports[0])
        server = parent_of(worker)
        assert parent_of(server) == parent.pid
        time.sleep(10.5)
        os.kill(server, signal.SIGKILL)
        soon(lambda: not alive(worker))
        assert soon(lambda: who(ports[0])) != worker


def test_a_killed_parent_takes_all_along(tmp_path: Path, ports: list[int]) -> None:
    with running(tmp_path, *ports) as parent:
        workers = [who(port) for port in ports]
        crew = workers + [parent_of(worker) for worker in workers]
        parent.kill()
        parent.wait()
        soon(lambda: not any(alive(process) for process in crew))


def test_after_a_kill_the_same_port_is_served_again(tmp_path: Path, ports: list[int]) -> None:
    with running(tmp_path, ports[0]) as parent:
        worker = who(ports[0])
        parent.kill()
        parent.wait()
        with running(tmp_path, ports[0]):
            assert soon(lambda: who(ports[0]) not in {0, worker})


def test_sigterm_lets_the_request_under_way_finish(tmp_path: Path, ports: list[int]) -> None:
    with running(tmp_path, ports[0]) as parent, urlopen_slowly(ports[0]) as waiting:
        parent.terminate()
        assert b"200 OK" in waiting.recv(1000)
        assert parent.wait(10) == 0
        assert not who(ports[0])


@contextmanager
def urlopen_slowly(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /slowly HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        yield connection


def test_a_second_start_names_the_first_and_ends(tmp_path: Path, ports: list[int]) -> None:
    with running(tmp_path, ports[0]) as parent:
        command = [sys.executable, "-c", _PROGRAM, str(tmp_path), "who", str(ports[1])]
        second = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        assert second.returncode == 2
        assert "already-running" in second.stdout
        assert f"'pid': '{parent.pid}'" in second.stdout


def test_what_cannot_start_ends_with_a_word_about_it(tmp_path: Path, ports: list[int]) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path), "nobody", str(ports[0])]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "server-failed" in ended.stdout
    assert "no key for nobody" in ended.stderr


def test_a_lock_left_behind_means_nothing(tmp_path: Path) -> None:
    (tmp_path / "serve.lock").write_text("1\n")
    with claimed(tmp_path):
        assert (tmp_path / "serve.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_is_claimed_once(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(AlreadyRunning) as refused, claimed(tmp_path):
        pass
    assert refused.value.facts["pid"] == str(os.getpid())


def test_a_taken_port_is_refused_by_its_number() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            Listener(port).wait_until_free(0.2)
    assert refused.value.facts == {"port": port}
