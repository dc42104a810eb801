"""A desk every week, and last week's once more, at a browser: on a small phone, and without scripts."""

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
HOURS = {True: ("06:00", "07:00"), False: ("07:00", "08:00")}
"""Hours in which nobody else of the demo works, one for each run."""


def next_week() -> str:
    """Return the day a week from now, as a form takes it."""
    return (clock.now().astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(days=7)).date().isoformat()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_desk_is_booked_for_three_weeks_and_given_back(demo: Demo, arrives: Opener, scripts: bool) -> None:
    visitor = Visitor(*signed_in(demo, arrives, SAITAMA, "personnel", scripts=scripts, narrow=True))
    visitor.goes_to("/search")
    visitor.searches("都庁前", next_week(), *HOURS[scripts])
    visitor.takes(OPEN_ALWAYS)
    visitor.presses("毎週くり返して予約する")
    visitor.is_at("毎週くり返して予約する")
    visitor.chooses("くり返す週の数", "3週")
    visitor.presses("この内容で確認する")
    weeks = visitor.page.locator("section").filter(has=visitor.page.get_by_role("heading", name="各週の見込み"))
    expect(weeks.get_by_role("heading", level=3)).to_have_count(3)
    axe.looks_right(visitor.page, scripts=scripts)
    box = visitor.page.get_by_role("checkbox", name="確認しました")
    if box.count():
        box.check()
    visitor.presses("3件をまとめて予約する")
    visitor.is_at("まとめて申し込んだ予約")
    visitor.reads("予約確定")
    axe.looks_right(visitor.page, scripts=scripts)
    visitor.page.get_by_text("これからの予約をすべて取り消す").click()
    visitor.presses("3件を取り消す")
    visitor.reads("これからの予約3件の取消しを受け付けました。")
