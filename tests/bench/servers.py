"""What is measured runs as it runs in life: the same server program, two workers of eight threads, on either database."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import databases
from tests.bench.wire import wait_until_answered

WORKERS, THREADS = 2, 8


@dataclass(frozen=True)
class Ground:
    """An empty database, and a folder for what else a server keeps."""

    name: str
    url: str
    folder: Path


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(target: str, port: int, environ: Mapping[str, str]) -> Iterator[None]:
    """Run ``module:function`` by our own server program (``federation.web.listening``) while the block runs.

    What it logs is shown when the block fails.
    """
    arguments = (target, "127.0.0.1", port, WORKERS, THREADS, os.getpid())
    command = [sys.executable, "-m", "federation.web.listening", *map(str, arguments)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=log, stderr=log, process_group=0)
        try:
            wait_until_answered(port)
            yield
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-4000:])
            raise
        finally:
            process.terminate()
            process.wait(timeout=30)


def why_no_postgresql() -> str:
    """Say why there is no PostgreSQL here; empty when there is one."""
    try:
        psycopg.connect(databases.SERVER, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return " ".join(str(error).split())
    return ""


@contextmanager
def ground(kind: str) -> Iterator[Ground]:
    """Make an empty database of the kind, ``sqlite`` or ``postgresql``, and a folder; both are gone afterwards."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="tachiyori-bench-")))
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'bench.db'}"
        else:
            name = databases.new_database()
            held.callback(databases.drop_database, name)
            url = databases.url_of(name)
        yield Ground(kind, url, folder)
