"""A demo of its own for the browser tests: free ports, a folder of its own, ended when the tests end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.demo.programs import ROOT

PARTIES = 5
"""The registry and four towns, on ports that follow each other."""
PATIENCE = 300.0
"""Seconds the whole federation has to be ready, on a machine that does other things as well."""
SAITAMA, KOMAE, TOKYO = "110001", "132195", "130001"


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in somewhere; ``operator`` signs in at the registry."""

    origin: str
    role: str
    username: str
    password: str


@dataclass(frozen=True)
class Demo:
    """A running demo, as its ``demo.json`` tells it."""

    folder: Path
    registry: str
    towns: Mapping[str, str]
    accounts: Mapping[tuple[str, str], Sequence[Account]]

    def account(self, code: str, role: str, number: int = 0) -> Account:
        """Return one of a town's accounts of a role; raise ``KeyError`` where the demo has none."""
        return self.accounts[code, role][number]

    @property
    def operator(self) -> Account:
        """The registry's operator."""
        return self.accounts["", "operator"][0]


def read(folder: Path) -> Demo:
    """Read what a demo has written of itself into its folder."""
    told: Mapping[str, Any] = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
    operator = told["operator"]
    accounts = {("", "operator"): [Account(told["registry"], "operator", operator["username"], operator["password"])]}
    for town in told["nodes"]:
        for each in town["accounts"]:
            known = Account(town["url"], each["role"], each["username"], each["password"])
            accounts.setdefault((town["code"], each["role"]), []).append(known)
    return Demo(folder, told["registry"], {town["code"]: town["url"] for town in told["nodes"]}, accounts)


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """Start a demo in ``folder``, wait until it is ready, and end it with everything it started."""
    environment = {**os.environ, "DEMO_FOLDER": str(folder), "DEMO_PORT": str(free_ports())}
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.demo"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        _wait(process, folder)
        yield read(folder)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (folder / "demo.json").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the demo is not ready:\n{(folder / 'demo.log').read_text(encoding='utf-8')[-3000:]}")
        time.sleep(0.2)


def free_ports() -> int:
    """Return the first of as many free ports in a row as the demo needs, below those the system gives out itself."""
    start = 18000 + os.getpid() % 1000 * 10
    return next(port for port in range(start, 32000, PARTIES) if all(map(_is_free, range(port, port + PARTIES))))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("localhost", port)) != 0
