"""A real SMTP server on this machine, which can be away, not know somebody, and put senders off, as servers do."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from node.smtp import Smtp, Tls
from tests.interop.authority import certify
from tests.story.stage import free_ports

SENDER, USER, PASSWORD = "desks@city.example.lg.jp", "desks", "smtp-password"


@dataclass
class MailServer:
    """What the town writes to: ``smtp`` are its settings, ``got`` what has arrived."""

    smtp: Smtp
    got: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    greylisted: set[str] = field(default_factory=set)
    """Addresses that are put off once."""
    answer: str = ""
    """What is answered to the letter itself, where not 250."""
    old: bool = False
    """Whether it passes seven bits only."""

    async def handle_EHLO(  # noqa: N802 - the library's own name.
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [each for each in responses if not (self.old and "8BITMIME" in each)]

    async def handle_RCPT(  # noqa: N802 - the same.
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return "550 5.1.1 no such user <" + address + ">"
        if address in self.greylisted:
            self.greylisted.discard(address)
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same.
        if self.answer:
            return self.answer
        self.raw.append(cast(bytes, envelope.original_content))
        self.got.append(message_from_bytes(self.raw[-1], policy=default))
        return "250 OK"


@contextmanager
def serving(folder: Path, *, tls: Tls = "none", user: str = "", old: bool = False) -> Iterator[MailServer]:
    """Run a server until the end; ``old`` is one that passes seven bits only."""
    folder.mkdir(exist_ok=True)
    authority = certify(folder, ["localhost"])
    secret = folder / "smtp.secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    account: dict[str, Any] = {"user": user, "password_file": secret} if user else {}
    (port,) = free_ports(1)
    server = MailServer(Smtp("localhost", port, tls, SENDER, ca_bundle=authority, **account), old=old)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "fullchain.pem", folder / "privkey.pem")
    wiring: dict[str, Any] = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {}
    if tls == "implicit":
        wiring = {"ssl_context": context}
    if user:
        # Inside TLS from the start, this library does not know of it.
        known = tls == "starttls"
        wiring |= {"auth_required": known, "authenticator": _authenticate, "auth_require_tls": known}
    controller = Controller(server, hostname="localhost", port=port, ready_timeout=60, **wiring)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))
