"""The one door to smtplib: one letter to one person, as plain text (RFC 5322), and what became of it.

The plain text is all there is: no HTML, no attachment, nothing that a 無害化 gateway would take away.
"""

import smtplib
import ssl
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy

from federation.errors import MailboxUnknown, MailLater, TachiyoriError, Unavailable
from federation.language import Locale
from node.smtp import Smtp

_SECONDS = 15
_LONGEST_LINE = 998
"""Octets of a line as it travels (RFC 5322, 2.1.1)."""
_AWAY = frozenset({421, 454})
"""The server itself cannot serve now: closing (RFC 5321, 4.2.3), or no TLS or authentication for the moment."""
_LATER = 400


class _Policy(EmailPolicy):
    """RFC 5322 as it travels. The library's own folding loses the space between a Japanese word and an ASCII one."""

    def fold(self, name: str, value: str) -> str:
        """Return a header's lines; a subject is encoded whole (RFC 2047), in words of whole characters."""
        if name.lower() != "subject":
            return str(super().fold(name, value))
        return (
            f"{name}: {Header(str(value), header_name=name, maxlinelen=75).encode(linesep=self.linesep)}{self.linesep}"
        )

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the same as octets."""
        return self.fold(name, value).encode("ascii") if name.lower() == "subject" else super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n")


def letter(
    smtp: Smtp,
    *,
    town: str,
    to: str,
    subject: str,
    text: str,
    locale: Locale,
    key: str,
    made_at: datetime,
) -> EmailMessage:
    """Return a letter as it goes out; ``key`` makes the same Message-ID at every attempt, so that mailboxes know a repetition.

    What holds line ends becomes one line where it stands in a header; the library refuses any other way in.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(_line(town), addr_spec=smtp.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = _line(subject)
    message["Date"] = made_at
    message["Message-ID"] = f"<{key}@{smtp.sender.rpartition('@')[2]}>"
    # Nobody's absence note answers this one (RFC 3834, 5).
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = locale
    body = "\n".join(text.splitlines()) + "\n"
    long = any(len(line.encode()) > _LONGEST_LINE for line in body.splitlines())
    message.set_content(body, charset="utf-8", cte="base64" if long else "8bit")
    return message


def send(smtp: Smtp, message: EmailMessage, to: str) -> None:
    """Hand a letter to the town's server. Raises ``Unavailable``, ``MailLater`` or ``MailboxUnknown``, none of which names ``to``."""
    try:
        with _connected(smtp) as server:
            _hand_over(server, smtp, message, to)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _about_letter(code) from None
    except smtplib.SMTPAuthenticationError as error:
        raise Unavailable(f"the mail server refuses our account: {error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        if error.smtp_code in _AWAY or isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
            raise Unavailable(f"the mail server cannot serve now: {error.smtp_code}") from None
        raise MailLater(f"the mail server did not take the letter: {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"the mail server is away: {type(error).__name__}") from None


def _connected(smtp: Smtp) -> smtplib.SMTP:
    """Connect, and go no further without the TLS that was asked for (RFC 8314; RFC 3207)."""
    context = ssl.create_default_context(cafile=smtp.ca_bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if smtp.tls == "implicit":
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=_SECONDS, context=context)
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=_SECONDS)
    if smtp.tls == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _hand_over(server: smtplib.SMTP, smtp: Smtp, message: EmailMessage, to: str) -> None:
    if smtp.user:
        server.login(smtp.user, smtp.password())
    server.ehlo_or_helo_if_needed()
    options = ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
    if not options:
        message.set_content(message.get_content(), charset="utf-8", cte="base64")
    server.send_message(message, smtp.sender, [to], mail_options=options)


def _about_letter(code: int) -> TachiyoriError:
    if code in _AWAY:
        return Unavailable(f"the mail server cannot serve now: {code}")
    if code // 100 * 100 == _LATER:
        return MailLater(f"the mail server takes the letter later: {code}")
    return MailboxUnknown(f"the mail server refuses the address: {code}")


def _line(words: str) -> str:
    return " ".join(words.split())
