"""A small identity provider that answers by HTTP, and lies as it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from federation.tokens import half_hash
from tests.federation.forgery import IAT, PAIR, compact

ACCESS_TOKEN = "an-access-token"


@dataclass
class LyingIdp:
    """One provider with one person; every field is a lie it may be told to tell. None leaves a claim out."""

    origin: str = ""
    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [PAIR.public_jwk()])
    token: str = ""
    """The ID token in place of one it would sign."""
    bodies: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    drips: bool = False
    requests: list[tuple[str, str, dict[str, list[str]], dict[str, str]]] = field(default_factory=list)
    nonce: str = ""
    nonces: dict[str, str] = field(default_factory=dict)
    """Nonces by code, where several sign-ins are under way at once."""
    signer: Any = PAIR

    def asked(self, path: str) -> int:
        """Say how often a path was asked for."""
        return sum(1 for _method, asked, _form, _headers in self.requests if asked == path)

    def document(self, path: str, form: dict[str, list[str]]) -> Any:
        own = self.origin
        if path == "/.well-known/openid-configuration":
            endpoints = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
            more = {"userinfo_endpoint": "/userinfo", "end_session_endpoint": "/end"}
            document = {name: own + path for name, path in {**endpoints, **more}.items()}
            told = {"issuer": own, "authorization_response_iss_parameter_supported": True}
            return {**document, **told, **self.discovery}
        if path == "/jwks":
            return {"keys": self.keys}
        if path == "/userinfo":
            return {"sub": "8c0e-f81d", **self.userinfo}
        return {
            "token_type": "Bearer",
            "access_token": ACCESS_TOKEN,
            "id_token": self.token or self.id_token(form["code"][0]),
        }

    def id_token(self, code: str = "") -> str:
        """Sign what is told."""
        good = {
            "iss": self.origin,
            "sub": "8c0e-f81d",
            "aud": "desks",
            "iat": IAT,
            "exp": IAT + 300,
            "auth_time": IAT - 60,
            "nonce": self.nonces.get(code, self.nonce),
            "at_hash": half_hash(ACCESS_TOKEN),
            "employee": "012345",
            "name": "立寄 太郎",
            "department": "企画課",
            "groups": ["desk-users", "desk-managers"],
        }
        claims = {name: value for name, value in {**good, **self.claims}.items() if value is not None}
        head = {"alg": "ES256", "kid": PAIR.kid, "typ": "JWT", **self.header}
        return compact(head, claims, pair=self.signer)


@contextmanager
def running() -> Iterator[LyingIdp]:
    """Serve one on a port of its own."""
    idp = LyingIdp()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            idp.requests.append((self.command, path, form, dict(self.headers)))
            body = idp.bodies.get(path) or json.dumps(idp.document(path, form)).encode()
            self.send_response(idp.statuses.get(path, 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Location", idp.origin + "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self._write(body)

        do_POST = do_GET  # noqa: N815 - The name http.server looks for.

        def _write(self, body: bytes) -> None:
            try:
                for byte in body if idp.drips else ():
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.05)
                if not idp.drips:
                    self.wfile.write(body)
            except OSError:
                return  # The other side has had enough.

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    server.daemon_threads = True
    idp.origin = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield idp
    server.shutdown()
    server.server_close()
    thread.join()
