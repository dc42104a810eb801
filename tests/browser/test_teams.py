"""Three colleagues side by side, all or none, at a browser: on a small phone, and without scripts."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from federation import clock
from tests.browser import axe
from tests.browser.actors import Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, Demo
from tests.browser.test_day import OPEN_ALWAYS, signed_in

pytestmark = pytest.mark.browser
HOURS = {True: ("01:00", "02:00"), False: ("02:00", "03:00")}
"""Hours in which nobody else of the demo works, one for each run."""


def a_day() -> str:
    """Return a day on which nobody else of the demo works then, as a form takes it."""
    return (clock.now().astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(days=9)).date().isoformat()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_three_find_desks_side_by_side_book_them_and_give_them_back(demo: Demo, arrives: Opener, scripts: bool) -> None:
    asker = Visitor(*signed_in(demo, arrives, SAITAMA, "staff", 1, scripts=scripts, narrow=True))
    colleague, superior = demo.account(SAITAMA, "staff", 0), demo.account(SAITAMA, "manager")
    begins, ends = HOURS[scripts]
    asker.goes_to(f"/search?near=都庁前&day={a_day()}&slot=hours&from={begins}&to={ends}&people=3")
    card = asker.page.get_by_role("listitem").filter(has_text=OPEN_ALWAYS)
    card.get_by_role("link", name="3席をまとめて予約へ進む").first.click()
    asker.is_at("同僚と一緒に予約する")
    axe.looks_right(asker.page, scripts=scripts)
    numbers = asker.page.get_by_label("に座る方の職員番号")
    expect(numbers).to_have_count(2)
    numbers.nth(0).fill(colleague.username)
    numbers.nth(1).fill("nobody")
    asker.presses("内容を確認する")
    expect(asker.page.locator("#number2-error")).to_contain_text("＊この職員番号の方の予約はできません")
    expect(numbers.nth(0)).to_have_value(colleague.username)
    axe.looks_right(asker.page, scripts=scripts)
    expect(asker.page.get_by_role("checkbox", checked=True)).to_have_count(3)
    numbers.nth(1).fill(superior.username)
    asker.presses("内容を確認する")
    asker.is_at("同僚と一緒の予約の確認")
    seats = asker.page.locator("section").filter(has=asker.page.get_by_role("heading", name="座席（3席）"))
    expect(seats.get_by_role("heading", level=3)).to_have_count(3)
    axe.looks_right(asker.page, scripts=scripts)
    box = asker.page.get_by_role("checkbox", name="確認しました")
    if box.count():
        box.check()
    asker.presses("3席をまとめて予約する")
    asker.is_at("同僚と一緒の予約")
    asker.reads("全員分の座席がとれました")
    expect(asker.page.get_by_role("main").get_by_text("予約確定", exact=True)).to_have_count(3)
    axe.looks_right(asker.page, scripts=scripts)
    asker.page.get_by_text("全員分の予約を取り消す").click()
    asker.presses("3席を取り消す")
    asker.reads("3席の予約の取消しを受け付けました。")
    axe.looks_right(asker.page, scripts=scripts)
