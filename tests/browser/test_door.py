"""The door when the server is really gone: one town's own node is stopped under an open page, and comes back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from federation import cards
from tests.browser import axe, hall
from tests.browser.conftest import Opener
from tests.browser.hall import FORGED, NAME, NAMELESS, SALT, Hall

pytestmark = pytest.mark.browser


@pytest.fixture(name="hall")
def made(tmp_path: Path) -> Hall:
    return hall.made(tmp_path)


def types(page: Page, words: str) -> None:
    """Type as a reader does: key by key, and a line ends with the return key."""
    page.get_by_label("受付番号または").select_text()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def in_hand(visit_pass: str) -> str:
    """Add what a home adds where it told no name: salt and name, in base 32."""
    return cards.carried(visit_pass, SALT, NAME)


def waiting(page: Page, count: int) -> None:
    expect(page.get_by_role("main")).to_contain_text(f"サーバーにまだ送っていない記録：{count}件")


def test_the_door_goes_on_without_a_server(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    with hall.open():
        person.goes_to("/reception")
        person.signs_in(hall.guard)
        person.goes_to("/reception/rollcall")
        page.get_by_role("button", name="点呼を始める").click()
        page.get_by_text("名簿にも来庁予定にもない方を加える").click()
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert not [*axe.overflow(page), *axe.violations(page)]
        page.get_by_role("button", name="点呼を終了する").click()
        person.reads("知らせた団体")
        assert not [*axe.overflow(page), *axe.violations(page)]
        person.goes_to("/reception/offline")
        person.reads("このページは端末に保存済みです")
        person.reads("時点の名簿（3件）を持っています")
        assert not [*axe.overflow(page), *axe.violations(page)]
    page.reload()
    person.reads("サーバーに接続できません")
    types(page, hall.passes[FORGED])
    expect(page.get_by_role("heading", name="偽物")).to_be_visible()
    types(page, "000000")
    expect(page.get_by_role("heading", name="この番号は名簿にありません")).to_be_visible()
    types(page, "abc-234")
    expect(page.get_by_role("heading", name="名簿にあり")).to_be_visible()
    page.get_by_role("button", name="入室").click()
    types(page, in_hand(hall.passes[NAMELESS]).lower())
    person.reads(f"利用証に書かれた氏名：{NAME}")
    for number, said in (("S1002", "職員証と一致しません"), ("ｓ-1001", "職員証と一致しました")):
        page.get_by_label("職員証の番号").fill(number)
        page.get_by_role("button", name="職員証と照合").click()
        person.reads(said)
    assert not [*axe.overflow(page), *axe.violations(page)]
    page.get_by_label("実際の時刻").fill("99:99")
    page.get_by_role("button", name="入室").click()
    person.reads("時刻を「08:30」の形で")
    page.get_by_label("実際の時刻").fill("")
    page.get_by_role("button", name="入室").click()
    waiting(page, 2)
    assert not [*axe.overflow(page), *axe.violations(page)]
    hall.cancels(1)
    with hall.open():
        page.reload()
        waiting(page, 0)
        expect(page.get_by_role("alert")).to_contain_text("本庁舎 1階 A-1")
        page.get_by_role("button", name="確認した").click()
        expect(page.get_by_role("alert")).to_be_hidden()
    assert hall.place(0).arrived_at is not None
    assert hall.place(1).arrived_at is None


DAMAGED = """() => {
  localStorage.setItem("tachiyori-door-records", '{"half a rec');
  localStorage.setItem("tachiyori-door-refused", '[{"id": 3}, null]');
  localStorage.setItem("tachiyori-door-list", '{"expected": 7}');
}"""


def test_the_door_goes_on_with_damaged_storage(hall: Hall, arrives: Opener) -> None:
    person = arrives(hall.config.entity_id)
    page = person.page
    with hall.open():
        person.goes_to("/reception")
        person.signs_in(hall.guard)
        person.goes_to("/reception/offline")
        person.reads("時点の名簿（3件）を持っています")
        page.evaluate(DAMAGED)
        page.reload()
        person.reads("この端末に残っていた記録の一部を読み取れませんでした")
        person.reads("時点の名簿（3件）を持っています")
        assert page.evaluate("localStorage.getItem('tachiyori-door-records-damaged')") == '{"half a rec'
        person.goes_to("/signout/unsent")
        assert not [*axe.overflow(page), *axe.violations(page)]
