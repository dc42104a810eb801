"""Letters over a real SMTP server: whole in Japanese, in TLS where it was asked for, and told apart when they do not go."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import BadInput, MailboxUnknown, MailLater, Unavailable
from node import post, smtp
from node.smtp import Smtp, Tls
from tests.node.mailserver import SENDER, USER, serving

TO = "taro@city.example.lg.jp"
JAPANESE = "予約が確定しました：千代田合同庁舎 4階 共用執務室（髙橋ビル）"


def written(
    settings_: Smtp, *, to: str = TO, subject: str = JAPANESE, text: str = "日時：13:00〜15:00"
) -> EmailMessage:
    return post.letter(
        settings_, town="所沢市", to=to, subject=subject, text=text, locale="ja", key="k1", made_at=datetime(2026, 11, 24, tzinfo=UTC)
    )  # fmt: skip


def test_a_letter_arrives_as_it_was_written(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        post.send(server.smtp, written(server.smtp), TO)
    (got,) = server.got
    assert (got["Subject"], got["To"], got["Message-ID"]) == (JAPANESE, TO, "<k1@city.example.lg.jp>")
    assert got["From"].addresses[0].display_name == "所沢市"
    assert got.get_content_type() == "text/plain"
    assert got.get_content().rstrip() == "日時：13:00〜15:00"
    assert (got["Content-Transfer-Encoding"], got["Auto-Submitted"]) == ("8bit", "auto-generated")


def test_on_the_wire_headers_are_ascii_and_lines_short(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        post.send(server.smtp, written(server.smtp, text="あ" * 3000), TO)
    head, _, body = server.raw[0].partition(b"\r\n\r\n")
    assert head.isascii()
    assert b"=?utf-8?" in head
    assert all(len(line) <= 998 for line in body.split(b"\r\n"))
    assert server.got[0].get_content().rstrip() == "あ" * 3000


def test_a_server_of_seven_bits_gets_seven_bits(tmp_path: Path) -> None:
    with serving(tmp_path, old=True) as server:
        post.send(server.smtp, written(server.smtp), TO)
    assert server.raw[0].isascii()
    assert server.got[0].get_content().rstrip() == "日時：13:00〜15:00"


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_the_account_is_shown_inside_tls(tmp_path: Path, tls: Tls) -> None:
    with serving(tmp_path, tls=tls, user=USER) as server:
        post.send(server.smtp, written(server.smtp), TO)
        assert len(server.got) == 1


def test_a_server_without_the_tls_that_was_asked_for_gets_no_letter(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        asked = Smtp("localhost", server.smtp.port, "starttls", SENDER, ca_bundle=server.smtp.ca_bundle)
        with pytest.raises(Unavailable):
            post.send(asked, written(asked), TO)
    assert server.got == []


def test_a_certificate_of_somebody_else_gets_no_letter(tmp_path: Path) -> None:
    with serving(tmp_path / "one", tls="starttls") as server, serving(tmp_path / "two") as other:
        asked = Smtp("localhost", server.smtp.port, "starttls", SENDER, ca_bundle=other.smtp.ca_bundle)
        with pytest.raises(Unavailable):
            post.send(asked, written(asked), TO)
    assert server.got == []


def test_what_kept_a_letter_is_told_apart_and_names_nobody(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.unknown, server.greylisted = {"gone@city.example.lg.jp"}, {TO}
        with pytest.raises(MailboxUnknown) as unknown:
            post.send(server.smtp, written(server.smtp, to="gone@city.example.lg.jp"), "gone@city.example.lg.jp")
        with pytest.raises(MailLater):
            post.send(server.smtp, written(server.smtp), TO)
        server.answer = "552 too much"
        with pytest.raises(MailLater):
            post.send(server.smtp, written(server.smtp), TO)
        server.answer = "421 going down"
        with pytest.raises(Unavailable):
            post.send(server.smtp, written(server.smtp), TO)
    with pytest.raises(Unavailable):
        post.send(server.smtp, written(server.smtp), TO)
    assert "gone@" not in str(unknown.value)


@settings(deadline=None)
@given(words=st.text(min_size=1, max_size=300))
def test_no_words_become_a_header(words: str) -> None:
    described = Smtp("localhost", 25, "none", SENDER)
    hostile = f"{words}\r\nBcc: evil@evil.example\r\n\r\nHello"
    message = written(
        described, subject=hostile.encode(errors="replace").decode(), text=hostile.encode(errors="replace").decode()
    )
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert message["Bcc"] is None
    assert not any(line.lower().startswith(b"bcc") for line in head.split(b"\r\n"))


@pytest.mark.parametrize(
    "change",
    [
        {"NODE_SMTP_HOST": ""},
        {"NODE_SMTP_HOST": "a b"},
        {"NODE_SMTP_FROM": "desks"},
        {"NODE_SMTP_FROM": "desks@city.example\r\nBcc: x@y.example"},
        {"NODE_SMTP_PORT": "0"},
        {"NODE_SMTP_TLS": "maybe"},
        {"NODE_SMTP_USER": "desks"},
        {"NODE_SMTP_CA_BUNDLE": "/nowhere.pem"},
    ],
)
def test_a_server_described_badly_stops_the_start(change: dict[str, str]) -> None:
    said = {"NODE_SMTP_HOST": "mail.city.example", "NODE_SMTP_FROM": SENDER}
    assert smtp.from_environment(said) == Smtp("mail.city.example", 587, "starttls", SENDER)
    with pytest.raises(BadInput):
        smtp.from_environment({**said, **change})


def test_a_password_never_goes_in_the_clear(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("word")
    secret.chmod(0o600)
    said = {"NODE_SMTP_HOST": "mail", "NODE_SMTP_FROM": SENDER, "NODE_SMTP_USER": "desks"}
    account = {**said, "NODE_SMTP_PASSWORD_FILE": str(secret)}
    assert smtp.from_environment(account) is not None
    with pytest.raises(BadInput, match="in the clear"):
        smtp.from_environment({**account, "NODE_SMTP_TLS": "none"})
