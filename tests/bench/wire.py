"""Requests as they go over the wire, and a connection that asks one at a time."""

import socket
import time
from collections.abc import Collection, Mapping

GOOD = (b"200", b"201")


class Connection:
    """A connection to 127.0.0.1 that sends requests and insists on 200 or 201, or what else is ``good``."""

    def __init__(self, port: int, good: Collection[bytes] = GOOD) -> None:
        self._port = port
        self._good = good
        self._socket: socket.socket | None = None
        self._rest = b""

    def open(self) -> None:
        """Connect anew, perhaps to another of the server's workers."""
        self.close()
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def close(self) -> None:
        """Disconnect."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, request: bytes) -> bytes:
        """Send a whole request and return the body of the answer; raise ``AssertionError`` unless it is a good one."""
        if self._socket is None:
            self.open()
        assert self._socket is not None
        self._socket.sendall(request)
        head = self._until(b"\r\n\r\n")
        body = self._exactly(_length(head))
        assert head[9:12] in self._good, (head + body).decode(errors="replace")[:2000]
        return body

    def _until(self, mark: bytes) -> bytes:
        while (at := self._rest.find(mark)) < 0:
            self._more()
        head, self._rest = self._rest[: at + len(mark)], self._rest[at + len(mark) :]
        return head

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._more()
        body, self._rest = self._rest[:size], self._rest[size:]
        return body

    def _more(self) -> None:
        assert self._socket is not None
        received = self._socket.recv(262144)
        assert received, "the server hung up"
        self._rest += received


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise AssertionError(f"an answer without its length: {head!r}")


def written(method: str, target: str, host: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """Write a request as it goes over the wire (RFC 9112); ``target`` is a path with its query."""
    said = dict(headers or {})
    if body:
        said = {"Content-Type": "application/json", **said, "Content-Length": str(len(body))}
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *map(": ".join, said.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def wait_until_answered(port: int, seconds: float = 120) -> None:
    """Return once something accepts connections on the port; raise ``TimeoutError`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing listens on port {port}") from None
            time.sleep(0.05)
        else:
            return
