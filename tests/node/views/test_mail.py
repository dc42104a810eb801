"""メールでのお知らせ: an address that was confirmed gets what its person chose, once, and nothing is decided by it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import outbox
from federation.storage import Storage
from node import jobs, notices
from node.home import following, reminders
from node.models.mail import MailWish
from node.models.trips import Trip
from node.town import Town
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW, Clock
from tests.node.mailserver import MailServer, serving
from tests.node.views.conftest import Person

TO = "taro@city.example.lg.jp"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with serving(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def town(town: Town, server: MailServer) -> Town:
    """The same town with a mail server."""
    return replace(town, config=replace(town.config, smtp=server.smtp))


@pytest.fixture
def reader(person: Person, town: Town, server: MailServer) -> Person:
    """The person, whose address is confirmed."""
    person.sends("/me/mail/address", {"address": TO}, shown_on="/me/mail")
    jobs.post_letters(town)
    confirms(person, code_in(server))
    server.got.clear()
    return person


def code_in(server: MailServer) -> str:
    found = re.search(r"\b\d{6}\b", server.got[-1].get_content())
    assert found
    return found[0]


def confirms(person: Person, code: str) -> int:
    return person.sends("/me/mail/code", {"code": code}, shown_on="/me/mail").status_code


def letters(town: Town, server: MailServer) -> list[str]:
    """Carry what is due and return the subjects that have arrived."""
    jobs.post_letters(town)
    return [str(each["Subject"]) for each in server.got]


def test_an_address_counts_once_its_code_was_typed(person: Person, town: Town, server: MailServer) -> None:
    person.sends("/me/mail/address", {"address": f" {TO} "}, shown_on="/me/mail")
    person.books()
    assert letters(town, server) == ["［立ち寄りデスク］メールアドレスの確認コード"]
    right = code_in(server)
    assert confirms(person, "000000" if right != "000000" else "1") == 400
    assert "まだ登録されていません" in person.reads("/me/mail")
    assert confirms(person, f" {right[:3]} {right[3:]}") == 303
    assert f"登録済み：{TO}" in person.reads("/me/mail")
    assert confirms(person, right) == 400


def test_codes_are_not_guessed(person: Person, town: Town, server: MailServer) -> None:
    person.sends("/me/mail/address", {"address": TO}, shown_on="/me/mail")
    jobs.post_letters(town)
    right = code_in(server)
    for _ in range(5):
        confirms(person, "x")
    assert confirms(person, right) == 400


def test_a_mailbox_is_not_flooded_with_codes(person: Person, town: Town, server: MailServer, clock: Clock) -> None:
    asked = []
    for _ in range(6):
        clock.pass_by(seconds=1)
        asked.append(person.sends("/me/mail/address", {"address": TO}, shown_on="/me/mail").status_code)
    assert asked == [303] * 5 + [429]
    assert len(letters(town, server)) == 1, "only the newest code is of any use"
    clock.pass_by(hours=1)
    assert person.sends("/me/mail/address", {"address": TO}, shown_on="/me/mail").status_code == 303


@pytest.mark.parametrize("typed", ["", "taro", "a@b", "a b@city.example", f"{'a' * 250}@c.example", "a@c.example\r\nBcc: x@y.example"])  # fmt: skip
def test_what_is_no_address_is_said_to_be_and_kept(person: Person, typed: str) -> None:
    answer = person.sends("/me/mail/address", {"address": typed}, shown_on="/me/mail")
    assert answer.status_code == 400
    assert "taro@city.example.lg.jp」の形で" in answer.text


def test_a_booking_says_all_that_is_needed(reader: Person, town: Town, server: MailServer) -> None:
    reader.books()
    (subject,) = letters(town, server)
    text = server.got[0].get_content()
    assert subject == "［立ち寄りデスク］予約の控え 11/24(火) 千代田合同庁舎"
    for said in (
        "予約が確定しました",
        "2026年11月24日(火) 13:00〜15:00",
        "4階 共用執務室 A-1",
        "7KM-2QX",
        "通用口",
        "職員証",
    ):
        assert said in text
    assert letters(town, server) == [subject], "carried once"


def test_a_letter_is_in_the_language_of_its_reader(reader: Person, town: Town, server: MailServer) -> None:
    reader.sends("/me/mail/kinds", {"kinds": "receipt", "language": "en"}, shown_on="/me/mail")
    reader.books()
    letters(town, server)
    assert "Tue, 24 Nov 2026 13:00–15:00" in server.got[0].get_content()
    assert server.got[0]["Subject"].startswith("[Tachiyori Desk] Your booking")


def test_what_the_host_changes_is_told_and_what_is_not_wanted_is_not(
    reader: Person, town: Town, server: MailServer, host: FakeHost, clock: Clock
) -> None:
    for wanted in ({"kinds": "changed"}, {"kinds": "receipt"}):
        server.got.clear()
        reader.sends("/me/mail/kinds", wanted, shown_on="/me/mail")
        trip_id = reader.books().location.rpartition("/")[2]
        host.changed(trip_id, state="cancelled", cause="closure")
        with town.storage.transaction(write=True) as db:
            following.ask_anew(
                db, next(iter({each.host for each in db.scalars(select(Trip))})), frozenset(), now=clock()
            )
        jobs.deliver(town)
        told = [subject.split()[0] for subject in letters(town, server)]
        expected = {"changed": "［立ち寄りデスク］予約についてのお知らせ", "receipt": "［立ち寄りデスク］予約の控え"}
        assert told == [expected[wanted["kinds"]]]


def test_one_s_own_cancellation_has_a_receipt(reader: Person, town: Town, server: MailServer) -> None:
    trip = reader.books().location
    letters(town, server)
    reader.sends(f"{trip}/cancel", shown_on=trip)
    letters(town, server)
    text = server.got[-1].get_content()
    assert "予約を取り消しました" in text
    assert "7KM-2QX" not in text


def test_the_evening_before_reminds_once_whatever_is_started_anew(
    reader: Person, town: Town, server: MailServer, clock: Clock
) -> None:
    reader.books(day="2026-11-26")
    letters(town, server)
    server.got.clear()
    clock.pass_by(hours=31, minutes=59)  # 16:59 of the day before
    assert jobs.remind(town) == 0
    clock.pass_by(minutes=1)
    assert [jobs.remind(town), jobs.remind(town)] == [1, 0]
    assert letters(town, server) == ["［立ち寄りデスク］まもなくご利用の予約 11/26(木) 千代田合同庁舎"]


def test_a_reminder_of_what_was_cancelled_since_does_not_go(
    reader: Person, town: Town, server: MailServer, clock: Clock
) -> None:
    trip = reader.books(day="2026-11-25").location
    letters(town, server)
    clock.pass_by(hours=8)
    jobs.remind(town)
    reader.sends("/me/mail/kinds", {"kinds": "reminder"}, shown_on="/me/mail")
    reader.sends(f"{trip}/cancel", shown_on=trip)
    server.got.clear()
    assert letters(town, server) == []


def test_who_books_that_same_evening_has_the_receipt_alone(
    reader: Person, town: Town, server: MailServer, clock: Clock
) -> None:
    clock.pass_by(hours=9)  # 18:00
    reader.books(day="2026-11-25")
    assert jobs.remind(town) == 0


def test_a_server_that_is_away_costs_time_alone(
    reader: Person, town: Town, server: MailServer, clock: Clock, storage: Storage
) -> None:
    reader.books()
    away = replace(town, config=replace(town.config, smtp=replace(server.smtp, port=1)))
    assert jobs.post_letters(away).failed == 1
    clock.pass_by(minutes=5)
    assert len(letters(town, server)) == 1
    with storage.transaction() as db:
        assert db.scalars(select(outbox.Promise.kind).where(outbox.Promise.kind == "letter")).all() == []


def test_a_greylisted_letter_goes_later_with_the_same_id(
    reader: Person, town: Town, server: MailServer, clock: Clock
) -> None:
    server.greylisted = {TO}
    reader.books()
    assert letters(town, server) == []
    clock.pass_by(minutes=1)
    assert len(letters(town, server)) == 1


def test_a_mailbox_that_is_gone_is_written_to_no_more_and_said_in_the_portal(
    reader: Person, town: Town, server: MailServer
) -> None:
    server.unknown = {TO}
    reader.books()
    assert letters(town, server) == []
    server.unknown = set()
    reader.books(**{"from": "16:00", "to": "17:00"})
    assert letters(town, server) == []
    assert "届きませんでした" in reader.reads("/me/mail")
    assert "メールを止めました" in reader.reads("/notices")


def test_any_notice_follows_and_a_removed_address_gets_none(
    reader: Person, town: Town, server: MailServer, storage: Storage, clock: Clock
) -> None:
    def tells() -> None:
        with storage.transaction(write=True) as db:
            staff_id = db.scalars(select(MailWish.staff_id)).one()
            notices.tell(
                db, staff_id, "パスワードを変更しました。ほかの端末では、もう一度サインインが必要です。", now=clock()
            )

    tells()
    assert letters(town, server) == ["［立ち寄りデスク］お知らせ"]
    tells()
    reader.sends("/me/mail/remove", shown_on="/me/mail")
    assert len(letters(town, server)) == 1


def test_the_zone_of_the_evening_is_the_reader_s() -> None:
    assert reminders.evening_before(NOW).isoformat() == "2026-11-23T17:00:00+09:00"


def test_a_question_to_an_approver_brings_the_link_that_decides_it(
    reader: Person, applicant: Person, town: Town, server: MailServer
) -> None:
    applicant.books()
    jobs.post_letters(town)
    words = server.got[-1].get_content()
    link = re.search(r"/approve/\S+", words)
    assert link is not None
    assert "申請 三郎さんの予約が承認を待っています" in words
    assert "開いただけでは何も決まりません" in words
    assert "の予約の承認" in reader.reads(link[0])


def test_a_letter_about_what_is_decided_by_then_has_no_link(
    reader: Person, applicant: Person, town: Town, server: MailServer
) -> None:
    applicant.books()
    chosen = reader.opens("/manager/approvals").text.split('name="approval" value="')[1][:36]
    reader.sends("/manager/approvals", {"approval": chosen, "act": "approve"})
    jobs.post_letters(town)
    assert all("/approve/" not in one.get_content() for one in server.got)
