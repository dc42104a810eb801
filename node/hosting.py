"""Several towns in one installation: each request is led to the one town it names, and to nothing of another.

The town is chosen by the Host header, which must be, letter by letter, the host and port of an origin that a town's own
configuration names. Anything else is answered 421 Misdirected Request (RFC 9110, 15.5.20).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from federation.web import logs
from node.app import create_app
from node.config import Config
from node.towns import check_apart, origins_of, towns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEALTH = "/healthz"


def application() -> "WSGIApplication":
    """Return what ``serve`` runs in each worker: every town that the process's environment describes."""
    return Hosting({config: create_app(config) for config in towns(os.environ)})


class Hosting:
    """A WSGI application made of the towns' own."""

    def __init__(self, apps: "Mapping[Config, WSGIApplication]") -> None:
        """Take each town's application; raise ``BadInput`` when two towns have something in common."""
        check_apart(apps)
        self._rooms = {
            host: (config.code, app) for config, app in apps.items() for host in map(host_of, origins_of(config))
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the town that the Host header names; only the health of the process is told to anyone."""
        room = self._rooms.get(environ.get("HTTP_HOST", ""))
        if room is None:
            return _of_no_town(environ, start_response)
        code, app = room
        with logs.speaking_for(code):
            return app(environ, start_response)


def host_of(origin: str) -> str:
    """Return what a client writes into Host for ``origin``: the port only where it does not go without saying."""
    parts = urlsplit(origin)
    usual = {"https": 443, "http": 80}[parts.scheme]
    return parts.netloc.removesuffix(f":{usual}")


def _of_no_town(environ: "WSGIEnvironment", start_response: "StartResponse") -> Sequence[bytes]:
    status, text = ("200 OK", b"ok\n") if environ.get("PATH_INFO") == _HEALTH else _MISDIRECTED
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
    return [text]


_MISDIRECTED = (
    "421 Misdirected Request",
    "この名前の団体はここにありません。アドレスを確認してください。\nNo town of this name is here. Check the address.\n".encode(),
)
