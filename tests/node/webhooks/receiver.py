"""A real HTTP server that receives what a node sends, and answers as a test says."""

import hashlib
import hmac
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


@dataclass(frozen=True)
class Got:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Check the signature as a receiver would who has read Standard Webhooks 1.0 and none of our code."""
        signed = b".".join((self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body))
        mark = hmac.new(b64decode(secret.split("_", 1)[1]), signed, hashlib.sha256).digest()
        return "v1," + b64encode(mark).decode() in self.headers["webhook-signature"].split(" ")


class Handler(BaseHTTPRequestHandler):
    """Keeps what came, and answers."""

    def do_POST(self) -> None:  # http.server's own name.
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.got.append(Got(self.path, {name.lower(): text for name, text in self.headers.items()}, body))
        receiver.answers.pop(0)(self) if len(receiver.answers) > 1 else receiver.answers[0](self)

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@dataclass
class Receiver:
    """``answers`` are given in their order, the last one again and again."""

    origin: str = ""
    answers: list[Answer] = field(default_factory=lambda: [saying(200)])
    got: list[Got] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over, so that an answer that hangs comes back."""


def saying(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda handler: handler.says(status, body, **headers)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """A sender that hangs up is what some tests are about."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = _Quiet(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://localhost:{server.server_address[1]}")
    server.receiver = receiver  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
