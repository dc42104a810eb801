"""受付: a 職員証 held against the pass of somebody whose name nobody told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation import cards
from federation.audit import AuditEntry
from federation.messages.booking import BookingRequest, Place, Visitor
from node.host import bookings, visitors
from node.host.passes import Passes
from node.models.agreements import Agreement
from node.models.bookings import BookingPlace
from node.town import Town
from tests.node import agreed
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOON, NOW, TEN, Came, books, offer

SALT = "00112233445566778899aabbccddeeff"
NAME, NUMBER = "髙橋 花子", "S1001"
UUID = "5b7b1a52-1d4c-4a6e-9a55-0d9e0c3e7f10"


@pytest.fixture
def shown(host_town: Town) -> str:
    offered, sub = offer(host_town), "subject-number-0000"
    with host_town.storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"named_manifest": False})
    visitor = Visitor(sub=sub, name="-", card=cards.digest(SALT, NAME, NUMBER))
    place = Place(desk=offered.desks[0], start=TEN, end=NOON, sub=sub)
    passes = Passes(host_town.config.entity_id, host_town.keys.passes)
    with host_town.storage.transaction(write=True) as db:
        wish = BookingRequest(places=(place,), visitors=(visitor,), not_after=TEN)
        made = bookings.decide(db, passes, offered.home, UUID, wish, now=NOW)
    return cards.carried(made.visit_pass, SALT, NAME)


def test_the_guard_reads_the_name_from_the_pass_and_is_asked_for_the_number(site_admin: Person, shown: str) -> None:
    page = site_admin.sends("/reception", {"code": shown})
    words = plain(page)
    assert page.status_code == 200
    assert all(one in words for one in ("本日の名簿にあり", f"利用証に書かれた氏名：{NAME}", "職員証の番号"))


@pytest.mark.parametrize("number", ["S1001", "ｓ-1001", " s1001 "])
def test_the_card_of_the_pass_is_met(site_admin: Person, shown: str, number: str) -> None:
    words = plain(site_admin.sends("/reception/card", {"code": shown, "number": number}))
    assert f"職員証と一致しました：{NAME}さん" in words
    assert "入室" in words


def test_another_card_is_not(site_admin: Person, shown: str) -> None:
    assert "職員証と一致しません" in plain(site_admin.sends("/reception/card", {"code": shown, "number": "S1002"}))


def test_without_a_number_it_is_asked_for_again(site_admin: Person, shown: str) -> None:
    page = site_admin.sends("/reception/card", {"code": shown, "number": " "})
    assert page.status_code == 400
    assert "職員証の番号" in plain(page)


def test_what_the_reader_typed_in_another_state_of_the_keyboard_is_read(site_admin: Person, shown: str) -> None:
    for typed in (shown.lower(), "".join(chr(ord(one) + 0xFEE0) for one in shown)):
        assert NAME in plain(site_admin.sends("/reception", {"code": typed}))


def test_nothing_of_it_is_kept_but_that_it_was_compared(site_admin: Person, shown: str, host_town: Town) -> None:
    site_admin.sends("/reception/card", {"code": shown, "number": "S1002"})
    site_admin.sends("/reception/card", {"code": shown, "number": NUMBER})
    with host_town.storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        compared = [(one.verdict, one.subject) for one in lines if one.event == "card.compared"]
    assert compared == [("refused", UUID), ("allowed", UUID)]
    assert not any(NAME in repr(vars(one)) or NUMBER in repr(vars(one)) for one in lines)


def test_one_card_after_the_other_is_not_tried(site_admin: Person, shown: str) -> None:
    answers = [site_admin.sends("/reception/card", {"code": shown, "number": str(n)}).status_code for n in range(12)]
    assert answers == [200] * 10 + [429] * 2


def test_one_code_after_the_other_is_not_tried(site_admin: Person, shown: str) -> None:
    answers = [site_admin.sends("/reception", {"code": f"00000{n % 10}"}).status_code for n in range(22)]
    assert (answers[0], answers[-1]) == (200, 429)


@pytest.mark.parametrize("rest", ["-A", "-" + "A" * 26 + "-7Y", "-" + "A" * 26 + "-A-B", "--", "-" + "0" * 26])
def test_what_no_home_writes_is_false(site_admin: Person, shown: str, rest: str) -> None:
    assert "偽物" in plain(site_admin.sends("/reception", {"code": shown.split("-", 1)[0] + rest}))


def test_whose_name_was_told_is_not_asked_for_a_number(site_admin: Person, host_town: Town) -> None:
    came = books(host_town, offer(host_town), name="井上 彩")
    page = site_admin.sends("/reception/card", {"code": came.visit_pass, "number": "1"})
    assert "職員証の番号" not in plain(page)


def test_it_goes_with_the_names(host_town: Town, shown: str) -> None:
    def kept() -> str:
        with host_town.storage.transaction() as db:
            return db.scalars(select(BookingPlace.card)).one()

    assert shown
    assert kept() == cards.digest(SALT, NAME, NUMBER)
    for days, left in ((6, 22), (8, 0)):
        with host_town.storage.transaction(write=True) as db:
            visitors.purge_names(db, NOON + timedelta(days=days))
        assert len(kept()) == left


def test_a_mistyped_code_is_told_from_one_nobody_has(site_admin: Person, host_town: Town) -> None:
    came: Came = books(host_town, offer(host_town))
    wrong = came.code[:-1] + ("0" if came.code[-1] != "0" else "1")
    assert "番号の形が違います" in plain(site_admin.sends("/reception", {"code": wrong}))
    assert "番号の形が違います" not in plain(site_admin.sends("/reception", {"code": "000000"}))


def test_a_pass_without_its_salt_is_no_reason_to_ask_for_a_card(site_admin: Person, shown: str) -> None:
    answer = site_admin.sends("/reception", {"code": shown.split("-", 1)[0]})
    assert answer.headers["Location"] == f"/reception/visits/{UUID}"
