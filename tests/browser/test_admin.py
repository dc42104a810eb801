"""施設担当者 at a browser: a disaster is declared and ended, two edit one desk, and a slip is taken back."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from federation import clock
from tests.browser import axe
from tests.browser.actors import Person
from tests.browser.conftest import Opener
from tests.browser.demo import KOMAE, SAITAMA, TOKYO, Demo
from tests.browser.test_day import signed_in

pytestmark = pytest.mark.browser
HALL = "狛江市役所"
JAPAN = ZoneInfo("Asia/Tokyo")


def somebody(demo: Demo, arrives: Opener, code: str, role: str, **how: bool) -> Person:
    return Person(*signed_in(demo, arrives, code, role, **how))


def is_sound(person: Person) -> None:
    """The page has nothing that axe finds, and nothing sticks out, at 1280 and at 320."""
    for width in (1280, 320):
        person.page.set_viewport_size({"width": width, "height": 800})
        assert axe.violations(person.page) == []
        assert axe.overflow(person.page) == []
    person.page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_disaster_is_declared_seen_elsewhere_and_ended(demo: Demo, arrives: Opener, scripts: bool) -> None:
    admin = somebody(demo, arrives, KOMAE, "site_admin", scripts=scripts)
    admin.goes_to("/admin/emergencies")
    admin.presses(f"{HALL}を開放または閉鎖する")
    admin.page.get_by_role("radio", name="災害時臨時開放").check()
    admin.fills("終了日", (clock.now() + timedelta(days=1)).astimezone(JAPAN).date().isoformat())
    admin.fills("理由（すべての団体に表示します）", "地震のため会議室を開放します")
    admin.presses("何が起こるかを確認")
    admin.reads("無料で予約できます")
    if scripts:
        is_sound(admin)
    admin.presses("災害時臨時開放を始める")
    admin.reads("災害時臨時開放を始めました")
    visitor = somebody(demo, arrives, SAITAMA, "staff", scripts=scripts)
    words = visitor.page.get_by_text(f"狛江市：{HALL}を災害時臨時開放しています")
    for _ in range(40):
        if words.count():
            break
        visitor.page.wait_for_timeout(500)
        visitor.page.reload()
    expect(words).to_be_visible()
    visitor.page.get_by_role("link", name="お知らせの内容を見る").click()
    visitor.reads("地震のため会議室を開放します")
    if scripts:
        is_sound(visitor)
    admin.presses("今すぐ終わる")
    admin.reads("終わりました")


def test_the_second_of_two_is_shown_the_difference(demo: Demo, arrives: Opener) -> None:
    first, second = (somebody(demo, arrives, TOKYO, "site_admin") for _ in range(2))
    for admin in (first, second):
        admin.goes_to("/admin/sites")
        admin.page.get_by_role("main").get_by_role("link", name="東京都防災センター").first.click()
        admin.presses("施設の情報を変更")
    first.fills("昼食", "一階の売店")
    first.presses("保存")
    second.fills("昼食", "地下の食堂")
    second.presses("保存")
    second.is_at("ほかの担当者が先に保存しました")
    is_sound(second)
    second.page.get_by_role("radio", name="自分の入力：地下の食堂").check()
    second.presses("選んだ内容で保存")
    second.reads("地下の食堂")


def test_a_slip_is_taken_back_by_one_press(demo: Demo, arrives: Opener) -> None:
    admin = somebody(demo, arrives, TOKYO, "site_admin")
    admin.goes_to("/admin/sites")
    admin.page.get_by_role("main").get_by_role("link", name="東京都防災センター").first.click()
    admin.presses("東京都防災センターの掲載をやめる")
    if admin.page.get_by_role("button", name="予約を残して掲載をやめる").count():
        is_sound(admin)
        admin.presses("予約を残して掲載をやめる")
    admin.reads("直前の操作：東京都防災センターの掲載をやめました。")
    admin.presses("元に戻す")
    admin.reads("東京都防災センターの掲載を元に戻しました。")
