"""nginx before the registry and both towns, from the site file operators are given: names, ports and paths replaced."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.programs import ROOT
from tests.interop.authority import certify
from tests.story.stage import Front, free_ports

SITE = ROOT / "deploy/nginx/tachiyori.conf"
_PARTIES = ("registry", "home", "host")


@dataclass(frozen=True)
class Nginx:
    """A running nginx: the front to play behind, who certified it, where it answers without TLS, and its logs."""

    front: Front
    authority: Path
    plain: tuple[str, ...]
    folder: Path

    def logged(self, party: str) -> str:
        """Return the access log of one party's site."""
        return (self.folder / party / "tachiyori.log").read_text(encoding="utf-8")


@contextmanager
def nginx(folder: Path) -> Iterator[Nginx]:
    """Start nginx with one site for each party, and stop it at the end."""
    authority = certify(folder, ["localhost"])
    ports = free_ports(9)
    tls, plain, inner = ports[:3], ports[3:6], ports[6:]
    for party, site in zip(_PARTIES, zip(tls, plain, inner, strict=True), strict=True):
        (folder / party).mkdir()
        (folder / f"{party}.conf").write_text(_site(party, *site, folder=folder), encoding="utf-8")
    (folder / "nginx.conf").write_text(_frame(folder), encoding="utf-8")
    trust = {"PEER_CA_BUNDLE": str(authority)}
    front = Front(
        [f"https://localhost:{port}" for port in tls],
        (trust, *({**trust, "NODE_LISTEN": f"127.0.0.1:{port}"} for port in inner[1:])),
        (("--port", str(inner[0])), (), ()),
    )
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-e", folder / "errors", "-g", "daemon off;"])
    try:
        _wait(process, folder)
        yield Nginx(front, authority, tuple(f"http://localhost:{port}" for port in plain), folder)
    finally:
        process.terminate()
        process.wait(30)


def _site(party: str, tls: int, plain: int, inner: int, *, folder: Path) -> str:
    """Return the shipped file for one party. All its own names begin alike, so that several can stand side by side."""
    text = SITE.read_text(encoding="utf-8")
    for shipped, ours in (
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ", f"listen 127.0.0.1:{tls} "),
        ("127.0.0.1:8001", f"127.0.0.1:{inner}"),
        ("desks.city.example.lg.jp", "localhost"),
        ("/etc/tachiyori/tls", str(folder)),
        ("/var/log/nginx", str(folder / party)),
        ("tachiyori_", f"tachiyori_{party}_"),
    ):
        assert shipped in text, f"the site file no longer says {shipped}"
        text = text.replace(shipped, ours)
    return text


def _frame(folder: Path) -> str:
    # Started by root, the workers would be somebody who may not write into the folder of this test.
    user = "user root;" if os.geteuid() == 0 else ""
    kept = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    sites = " ".join(f"include {folder}/{party}.conf;" for party in _PARTIES)
    return f"{user} pid {folder}/pid; error_log {folder}/errors; events {{}} http {{ {kept} {sites} }}"


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + 30
    while not (folder / "pid").exists() or not (folder / "pid").read_text().strip():
        assert process.poll() is None, (folder / "errors").read_text()
        assert time.monotonic() < deadline, "nginx does not start"
        time.sleep(0.05)
