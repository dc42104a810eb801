"""The town's own mail server as its operator describes it: frozen, from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from federation.errors import BadInput
from federation.settings import file, needed, secret_in

Tls = Literal["implicit", "starttls", "none"]

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,252})")
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
"""A mailbox (RFC 5321, 4.1.2) without quoted strings, literals and names of other scripts: what town halls give out."""
LONGEST = 254
"""The most characters an address may have on the wire (RFC 5321, 4.5.3.1.3, without its angle brackets)."""
_PORTS: Mapping[str, int] = {"implicit": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True)
class Smtp:
    """One server and the address from which the town writes. Credentials go nowhere without TLS."""

    host: str
    port: int
    tls: Tls
    sender: str
    user: str = ""
    password_file: Path | None = None
    ca_bundle: Path | None = None

    def password(self) -> str:
        """Read the account's password anew, so that a changed one needs no restart."""
        return secret_in(self.password_file, "NODE_SMTP_PASSWORD_FILE") if self.password_file else ""


def from_environment(environ: Mapping[str, str]) -> Smtp | None:
    """Return what ``NODE_SMTP_…`` describe, or None; raise ``BadInput`` naming the variable that is missing or wrong."""
    if not environ.get("NODE_SMTP_HOST", "").strip():
        orphans = sorted(name for name, value in environ.items() if name.startswith("NODE_SMTP_") and value.strip())
        if orphans:
            raise BadInput(f"{orphans[0]} is set, but NODE_SMTP_HOST is not", field="NODE_SMTP_HOST")
        return None
    tls = _tls(environ)
    described = Smtp(
        host=_host(needed(environ, "NODE_SMTP_HOST")),
        port=_port(environ, tls),
        tls=tls,
        sender=_sender(needed(environ, "NODE_SMTP_FROM")),
        user=environ.get("NODE_SMTP_USER", "").strip(),
        password_file=file(environ, "NODE_SMTP_PASSWORD_FILE"),
        ca_bundle=file(environ, "NODE_SMTP_CA_BUNDLE"),
    )
    if bool(described.user) is not bool(described.password()):
        raise BadInput("NODE_SMTP_USER and NODE_SMTP_PASSWORD_FILE go together", field="NODE_SMTP_USER")
    if described.user and tls == "none":
        raise BadInput("NODE_SMTP_USER needs TLS: a password never goes in the clear", field="NODE_SMTP_TLS")
    return described


def _tls(environ: Mapping[str, str]) -> Tls:
    text = environ.get("NODE_SMTP_TLS", "").strip() or "starttls"
    if text not in _PORTS:
        raise BadInput(f"NODE_SMTP_TLS is implicit, starttls or none, not {text}", field="NODE_SMTP_TLS")
    return cast(Tls, text)


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise BadInput(f"NODE_SMTP_HOST is no host name: {text}", field="NODE_SMTP_HOST")
    return text


def _port(environ: Mapping[str, str], tls: Tls) -> int:
    text = environ.get("NODE_SMTP_PORT", "").strip() or str(_PORTS[tls])
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536):
        raise BadInput(f"NODE_SMTP_PORT is no port: {text}", field="NODE_SMTP_PORT")
    return int(text)


def _sender(text: str) -> str:
    if not ADDRESS.fullmatch(text) or len(text) > LONGEST:
        raise BadInput(f"NODE_SMTP_FROM is no address such as desks@city.example.lg.jp: {text}", field="NODE_SMTP_FROM")
    return text
