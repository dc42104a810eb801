"""A booking at another hour and desk, at a browser: by keyboard on a small phone, and without scripts."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from federation import clock
from tests.browser import axe
from tests.browser.actors import Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, Demo
from tests.browser.test_day import OPEN_ALWAYS, signed_in

pytestmark = pytest.mark.browser
HOURS = {True: (("05:00", "05:30"), ("05:30", "06:00")), False: (("04:00", "04:30"), ("04:15", "04:45"))}
"""Hours in which nobody else of the demo works, before and after; without scripts they overlap."""


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_booking_is_moved_and_stands_until_then(demo: Demo, arrives: Opener, scripts: bool) -> None:
    visitor = Visitor(*signed_in(demo, arrives, SAITAMA, "personnel", scripts=scripts, narrow=True))
    day = (clock.now().astimezone(ZoneInfo("Asia/Tokyo")) + timedelta(days=9)).date()
    before, after = HOURS[scripts]
    visitor.goes_to("/search")
    visitor.searches("都庁前", day.isoformat(), *before)
    visitor.takes(OPEN_ALWAYS)
    visitor.books()
    visitor.presses("日時・座席を変える")
    visitor.is_at("日時・座席の変更")
    axe.looks_right(visitor.page, scripts=scripts)
    visitor.fills("開始", after[0])
    visitor.fills("終了", after[1])
    visitor.presses("この内容で確認する")
    visitor.reads("変更後の予約")
    axe.looks_right(visitor.page, scripts=scripts)
    visitor.presses("この内容に変更する")
    visitor.reads("予約を変更しました。")
    visitor.reads(f"{after[0]}〜{after[1]}")
