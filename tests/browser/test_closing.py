"""A room is closed, or lent as a whole, as the administrator and the visitor see it at their browsers."""

from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from deploy.demo.scenes import working_days
from federation import clock
from tests.browser.actors import SiteAdmin, Typist, Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, TOKYO, Demo
from tests.browser.test_day import OPEN_ALWAYS, a_visitor, signed_in
from tests.browser.test_hours import is_well

pytestmark = pytest.mark.browser


def overmorrow() -> str:
    return (clock.now().astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(days=2)).date().isoformat()


def working_day() -> str:
    """The next one after today, when most places are open."""
    return next(working_days(clock.now())).isoformat()


def address_of(admin: SiteAdmin, room: str, desk: str) -> str:
    """The address on a desk's sticker, which leads to its page and its booking."""
    admin.goes_to("/admin/sites")
    for name in (OPEN_ALWAYS, room):
        admin.page.get_by_role("main").get_by_role("link", name=name, exact=True).click()
        admin.is_at(name)
    link = admin.page.get_by_role("main").get_by_role("link", name=desk, exact=True)
    return f"{admin.origin}{(link.get_attribute('href') or '').removeprefix('/admin')}"


def wants(visitor: Visitor, desk: str, day: str, begins: str, ends: str) -> None:
    """Open the confirmation of a desk at a time."""
    when = {"day": day, "slot": "hours", "from": begins, "to": ends}
    visitor.goes_to(f"/book?{urlencode({'desk': desk, **when})}")
    visitor.is_at("予約の確認")


def books(visitor: Visitor, desk: str, day: str, begins: str, ends: str) -> str:
    wants(visitor, desk, day, begins, ends)
    return visitor.books()


def hears(visitor: Visitor, words: str) -> None:
    """Look at the notices until one has the words: they come by the host's feed."""
    for _ in range(90):
        visitor.goes_to("/notices")
        if visitor.page.get_by_text(words).count():
            return
        visitor.page.wait_for_timeout(1000)
    raise AssertionError(visitor.page.get_by_role("main").inner_text())


def room_of(admin: SiteAdmin, room: str) -> str:
    """The id of a room, as the form for closures has it."""
    admin.goes_to("/admin/closures/new")
    option = admin.page.locator("select[name=place] option").filter(has_text=room).first
    return option.get_attribute("value") or ""


def chooses_by_arrows(page: Page, words: str) -> None:
    """Move down the list that has the focus until what is chosen has the words."""
    page.keyboard.press("Home")
    for _ in range(7):
        if words in str(page.evaluate("document.activeElement.selectedOptions[0].text")):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{words} is not in the list")


def test_of_two_bookings_in_a_closed_room_one_is_moved_and_one_cancelled(demo: Demo, arrives: Opener) -> None:
    closed, free, day = "第七控室", "第八控室", overmorrow()
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin"))
    admin.opens_a_room(OPEN_ALWAYS, closed)
    admin.publishes_a_desk(OPEN_ALWAYS, closed)
    visitor = a_visitor(demo, arrives)
    desk = address_of(admin, closed, "Q-01")
    moving = books(visitor, desk, day, "18:00", "19:00")
    ending = books(visitor, desk, day, "20:00", "21:00")
    admin.opens_a_room(OPEN_ALWAYS, free)
    admin.publishes_a_desk(OPEN_ALWAYS, free)
    hands = Typist(admin.page, admin.origin)
    admin.page.set_viewport_size({"width": 320, "height": 720})
    admin.goes_to(f"/admin/closures/new?place={room_of(admin, closed)}")
    is_well(admin.page)
    hands.reaches("期日前投票")
    for _ in range(2):
        admin.page.keyboard.press("ArrowDown")
    hands.types_date("開始日", day)
    hands.enters("影響を確認")
    admin.reads("影響のある予約（2件）")
    is_well(admin.page)
    for code, words in ((moving, free), (ending, "取り消す")):
        hands.reaches(f"{code}の扱い")
        chooses_by_arrows(admin.page, words)
    hands.enters("休止を登録")
    admin.reads("2件のうち1件は座席を移しました")
    admin.goes_to(admin.page.url.removeprefix(admin.origin).replace("/calendar?", f"/calendar/{day}?"))
    admin.reads("休止：議会")
    is_well(admin.page)
    hears(visitor, "議会")
    hears(visitor, "予約が取り消されました")
    visitor.page.get_by_role("link").filter(has_text=free).first.click()
    visitor.reads("座席が変わりました")
    visitor.reads(f"{closed} Q-01")
    visitor.shows_pass(moving, free)
    visitor.cancels()


def test_a_closure_is_changed_by_keyboard_alone(demo: Demo, arrives: Opener) -> None:
    room, day = "第十控室", overmorrow()
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin"))
    admin.opens_a_room(OPEN_ALWAYS, room)
    admin.publishes_a_desk(OPEN_ALWAYS, room)
    form = {"place": room_of(admin, room), "template": "assembly", "start_day": day}
    admin.goes_to(f"/admin/closures/new?{urlencode(form)}")
    hands = Typist(admin.page, admin.origin)
    hands.enters("休止を登録")
    admin.page.set_viewport_size({"width": 320, "height": 720})
    is_well(admin.page)
    card = admin.page.get_by_role("listitem").filter(has_text=room).filter(has_text="議会").last
    card.get_by_role("link", name="休止を変更").focus()
    with admin.page.expect_navigation():
        admin.page.keyboard.press("Enter")
    admin.is_at("休止を変更")
    is_well(admin.page)
    hands.types("終了時刻", "13:00")
    hands.enters("影響を確認")
    admin.reads("影響のある予約はありません")
    is_well(admin.page)
    hands.enters("休止を変更")
    admin.reads("休止を変更しました")
    admin.reads("〜13:00")


def test_a_room_is_lent_and_booked_as_a_whole(demo: Demo, arrives: Opener) -> None:
    room, day = "第九控室", overmorrow()
    admin = SiteAdmin(*signed_in(demo, arrives, TOKYO, "site_admin"))
    admin.opens_a_room(OPEN_ALWAYS, room)
    admin.publishes_a_desk(OPEN_ALWAYS, room)
    desk = address_of(admin, room, "Q-01")
    admin.presses("部屋の情報を変更")
    admin.ticks("部屋全体の予約を受け付ける")
    admin.fills("部屋全体の定員", "7")
    admin.presses("保存")
    admin.reads("定員7名")
    visitor = a_visitor(demo, arrives)
    code = books(visitor, address_of(admin, room, "部屋全体"), day, "22:00", "23:00")
    visitor.shows_pass(code, room)
    assert visitor.sees_desk() == "部屋全体"
    other = Visitor(*signed_in(demo, arrives, SAITAMA, "staff"))
    wants(other, desk, day, "22:00", "23:00")
    other.reads("その座席は、その時間帯に予約済みです")
