"""Hours at a browser: a week, an exception, a one-off Saturday; the month says so, and another town finds the Saturday."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from federation import clock
from tests.browser import axe
from tests.browser.actors import SiteAdmin, Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, TOKYO, Demo

pytestmark = pytest.mark.browser
HALL, ROOM = "東京都防災センター", "土曜開放室"


def is_well(page: Page) -> None:
    """Fail for what axe finds, and for a page that scrolls sideways."""
    wrong = [*axe.overflow(page), *axe.violations(page)]
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def a_saturday() -> date:
    """Return a Saturday in one to two weeks, whatever day it is."""
    today = clock.now().astimezone(ZoneInfo("Asia/Tokyo")).date()
    return today + timedelta(days=7 + (5 - today.weekday()) % 7)


def excepts(admin: SiteAdmin, choice: str, day: date, words: str, *times: str) -> None:
    """Add an exception to the place whose exceptions are open."""
    admin.presses("例外を登録")
    admin.is_at("例外を登録")
    admin.page.get_by_role("radio", name=choice).check()
    admin.fills("開始日", day.isoformat())
    for label, time in zip(("時間帯1の開始", "時間帯1の終了"), times, strict=False):
        admin.page.get_by_label(label).fill(time)
    admin.fills("理由", words)
    is_well(admin.page)
    admin.presses("保存")
    admin.reads(words)


def test_a_saturday_is_opened_once_and_found(demo: Demo, arrives: Opener) -> None:
    saturday = a_saturday()
    arrived = arrives(demo.towns[TOKYO])
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(TOKYO, "site_admin"))
    admin = SiteAdmin(arrived.page, arrived.origin)
    admin.opens_a_room(HALL, ROOM)
    room = admin.page.url.rpartition("/")[2]
    admin.publishes_a_desk(HALL, ROOM)
    admin.goes_to(f"/admin/places/{room}/hours")
    for day in "月火水木金土日":
        for end, time in (("開始", "9:00"), ("終了", "17:00")):
            admin.fills(f"{day}曜日の時間帯1の{end}", "" if day in "土日" else time)
    is_well(admin.page)
    admin.presses("保存")
    admin.goes_to(f"/admin/places/{room}/exceptions")
    excepts(admin, "終日休み", saturday + timedelta(days=2), "床の張替え")
    excepts(admin, "臨時に開く", saturday, "土曜の開放日", "9:00", "12:00")
    is_well(admin.page)
    admin.goes_to("/admin/calendar")
    admin.page.get_by_role("link", name=HALL).click()
    admin.chooses("部屋・座席", ROOM)
    admin.presses("表示")
    admin.goes_to(admin.page.url.removeprefix(admin.origin).replace("month=", f"month={saturday:%Y-%m}&was="))
    admin.reads("臨時に開く：土曜の開放日")
    is_well(admin.page)
    visitor = a_visitor(demo, arrives)
    visitor.searches("都庁前", saturday.isoformat(), "9:00", "12:00")
    visitor.finds(ROOM)
    visitor.takes(ROOM)
    visitor.reads("09:00〜12:00")


def a_visitor(demo: Demo, arrives: Opener) -> Visitor:
    """Return somebody of 埼玉県 at their own town's search page."""
    arrived = arrives(demo.towns[SAITAMA])
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(SAITAMA, "staff", 1))
    visitor = Visitor(arrived.page, arrived.origin)
    visitor.goes_to("/search")
    return visitor
