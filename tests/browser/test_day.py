"""A day in another town, as its people live it at their browsers: nothing is known that no page has said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from federation import clock
from tests.browser import axe
from tests.browser.actors import Receptionist, SiteAdmin, Superior, Typist, Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import KOMAE, SAITAMA, TOKYO, Demo

pytestmark = pytest.mark.browser
JAPAN = ZoneInfo("Asia/Tokyo")
HALL = "狛江市役所"
LEEWAY = timedelta(minutes=5)
OPEN_ALWAYS = "東京都防災センター"
"""Whatever the time is when the tests run, somebody may sit there."""


@dataclass(frozen=True)
class Hour:
    """An hour that begins within minutes, as a form takes it; before midnight it is shorter."""

    day: str
    begins: str
    ends: str


def soon(now: datetime) -> Hour:
    """Return an hour that begins on a quarter in 5 to 20 minutes.

    One may check in to it already, and a slow machine can publish, find and book before it has begun.
    """
    soonest = (now + LEEWAY).astimezone(JAPAN).replace(second=0, microsecond=0)
    start = soonest + timedelta(minutes=15 - soonest.minute % 15)
    end = start + timedelta(hours=1)
    ends = end.strftime("%H:%M") if end.date() == start.date() else "24:00"
    return Hour(start.date().isoformat(), start.strftime("%H:%M"), ends)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_desk_is_published_found_booked_and_used(demo: Demo, arrives: Opener, scripts: bool) -> None:
    room = "当直室" if scripts else "宿直室"
    admin = SiteAdmin(*signed_in(demo, arrives, KOMAE, "site_admin", scripts=scripts))
    admin.opens_a_room(HALL, room)
    printed = admin.publishes_a_desk(HALL, room)
    hour = soon(clock.now())
    visitor = a_visitor(demo, arrives, scripts=scripts)
    visitor.searches("狛江", hour.day, hour.begins, hour.ends)
    visitor.finds(room)
    visitor.takes(room)
    code = visitor.books()
    visitor.shows_pass(code, HALL)
    visitor.checks_in(printed)
    visitor.leaves()
    for width in (1280, 320):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        assert axe.overflow(visitor.page) == []
        if scripts:
            assert axe.violations(visitor.page) == []
    visitor.says_how_it_was()
    visitor.goes_to("/bookings")
    visitor.reads("送信済み")
    assert axe.overflow(visitor.page) == []
    superior = Superior(*signed_in(demo, arrives, SAITAMA, "manager", scripts=scripts))
    superior.finds_in_attendance("中村 翔", "狛江市", HALL, "利用済")
    superior.page.get_by_role("main").get_by_role("link", name="訂正").first.click()
    superior.reads("受入団体の記録")
    if scripts:
        assert not [*axe.overflow(superior.page), *axe.violations(superior.page)]


def test_reception_lets_in_who_has_no_desk_code(demo: Demo, arrives: Opener) -> None:
    hour = soon(clock.now())
    visitor = a_visitor(demo, arrives)
    visitor.searches("都庁前", hour.day, hour.begins, hour.ends)
    visitor.takes(OPEN_ALWAYS)
    code = visitor.books()
    receptionist = Receptionist(*signed_in(demo, arrives, TOKYO, "reception"))
    receptionist.lets_in("中村 翔", code)
    receptionist.sees_out("中村 翔", code)
    superior = Superior(*signed_in(demo, arrives, SAITAMA, "manager"))
    superior.finds_in_attendance("中村 翔", OPEN_ALWAYS, "利用済")


def test_the_wrong_desk_says_so(demo: Demo, arrives: Opener) -> None:
    hour = soon(clock.now())
    visitor = a_visitor(demo, arrives)
    visitor.searches("都庁前", hour.day, hour.begins, hour.ends)
    visitor.takes(OPEN_ALWAYS)
    visitor.books()
    visitor.fills("座席に表示されているコード", "ZZZ-ZZZ")
    visitor.presses("入室する")
    expect(visitor.page.locator("#code-error")).to_contain_text("＊")
    visitor.cancels()


def test_what_is_missing_is_said_at_its_field(demo: Demo, arrives: Opener) -> None:
    """As somebody who has confirmed nothing yet: what was confirmed once is not asked again."""
    visitor = Visitor(*signed_in(demo, arrives, SAITAMA, "reception"))
    visitor.goes_to("/search")
    hour = soon(clock.now())
    visitor.searches("都庁前", hour.day, hour.begins, hour.ends)
    visitor.takes(OPEN_ALWAYS)
    visitor.presses("予約する")
    box = visitor.page.get_by_role("checkbox", name="確認しました")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.locator(f"#{box.get_attribute('aria-describedby')}")).to_contain_text("＊利用上の注意を読み")


def test_a_keyboard_is_enough(demo: Demo, arrives: Opener) -> None:
    """From the registry's entrance to a booked desk, by Tab, letters, arrows and Enter alone."""
    hour, account = soon(clock.now()), demo.account(SAITAMA, "manager")
    typist = Typist(arrives(demo.registry).page, demo.registry)
    typist.goes_to("/")
    typist.enters("進む（埼玉県）")
    typist.types("職員番号", account.username)
    typist.types("パスワード", account.password)
    typist.enters("サインイン")
    typist.types("利用場所", "都庁前")
    typist.types_date("利用日時", hour.day)
    typist.types_choice("時間帯", "時間")
    typist.types("開始", hour.begins)
    typist.types("終了", hour.ends)
    typist.enters("探す")
    typist.enters("予約へ進む")
    typist.ticks_by_space("確認しました")
    typist.enters("予約する")
    visitor = Visitor(typist.page, demo.towns[SAITAMA])
    visitor.shows_pass(visitor.code(), OPEN_ALWAYS)
    visitor.cancels()


def test_nothing_scrolls_sideways_on_a_small_phone(demo: Demo, arrives: Opener) -> None:
    hour = soon(clock.now())
    visitor = a_visitor(demo, arrives, narrow=True)
    visitor.searches("都庁前", hour.day, hour.begins, hour.ends)
    assert axe.overflow(visitor.page) == []
    visitor.takes(OPEN_ALWAYS)
    assert axe.overflow(visitor.page) == []
    visitor.books()
    assert axe.overflow(visitor.page) == []
    visitor.cancels()


def test_the_entrance_remembers_one_s_town(demo: Demo, arrives: Opener) -> None:
    someone = arrives(demo.registry)
    someone.goes_to("/?q=こまえ")
    someone.is_at("所属する自治体を選択してください")
    someone.presses("進む")
    someone.is_at("サインイン")
    someone.goes_to("/")
    someone.reads("前回選択した自治体")


# --- Who arrives -------------------------------------------------------------------------------------------------


def signed_in(
    demo: Demo, arrives: Opener, code: str, role: str, number: int = 0, *, scripts: bool = True, narrow: bool = False
) -> tuple[Page, str]:
    """Let one of a town's people sign in; what an actor is made of."""
    someone = arrives(demo.towns[code], scripts=scripts, narrow=narrow)
    someone.goes_to("/")
    someone.signs_in(demo.account(code, role, number))
    return someone.page, someone.origin


def a_visitor(demo: Demo, arrives: Opener, *, scripts: bool = True, narrow: bool = False) -> Visitor:
    """Let 埼玉県's 中村 翔 sign in and open the search."""
    visitor = Visitor(*signed_in(demo, arrives, SAITAMA, "staff", 1, scripts=scripts, narrow=narrow))
    visitor.goes_to("/search")
    return visitor
