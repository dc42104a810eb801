"""The search's other views at a browser: the map by keyboard and without scripts, the week on a narrow screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.actors import Typist, Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, Demo
from tests.browser.test_closing import working_day

pytestmark = pytest.mark.browser
WISH = f"near=新宿&day={working_day()}&slot=day"
"""On a Sunday most places are closed; the map wants several."""


def is_well(page: Page) -> None:
    """Fail for what axe finds, and for a page that scrolls sideways."""
    wrong = [*axe.overflow(page), *axe.violations(page)]
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def a_visitor(demo: Demo, arrives: Opener, *, narrow: bool = False, scripts: bool = True) -> Visitor:
    arrived = arrives(demo.towns[SAITAMA], narrow=narrow, scripts=scripts)
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(SAITAMA, "staff"))
    return Visitor(arrived.page, arrived.origin)


def test_the_map_is_fetched_when_it_is_opened_and_not_before(demo: Demo, arrives: Opener) -> None:
    visitor = a_visitor(demo, arrives)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.goes_to(f"/search?{WISH}")
    expect(visitor.page.get_by_role("link", name="地図", exact=True)).to_be_visible()
    assert not [url for url in asked if "leaflet" in url or "map" in url]
    visitor.page.get_by_role("link", name="地図", exact=True).click()
    expect(visitor.page.get_by_role("region", name="地図")).to_be_visible()
    assert [url for url in asked if "leaflet" in url]


@pytest.mark.parametrize("narrow", [False, True])
def test_a_marker_leads_to_its_card_and_a_card_to_its_marker_by_keyboard(
    demo: Demo, arrives: Opener, narrow: bool
) -> None:
    page = a_visitor(demo, arrives, narrow=narrow).page
    page.goto(f"{demo.towns[SAITAMA]}/search/map?{WISH}")
    marks = page.locator(".dads-map__mark")
    cards = page.locator("[data-site]")
    expect(marks.first).to_be_visible()
    assert marks.count() == cards.count() > 1
    is_well(page)
    name = cards.nth(1).get_attribute("data-site")
    marks.nth(1).focus()
    expect(cards.nth(1)).to_have_attribute("data-chosen", "")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=name or "", exact=True)).to_be_focused()
    Typist(page, demo.towns[SAITAMA]).reaches("地図で見る")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(f"^2番 {re.escape(name or '')}"))).to_be_focused()
    is_well(page)


def test_without_scripts_the_map_is_a_list_that_says_so(demo: Demo, arrives: Opener) -> None:
    visitor = a_visitor(demo, arrives, scripts=False)
    visitor.goes_to(f"/search/map?{WISH}")
    visitor.reads("地図の表示にはJavaScriptが必要です")
    assert visitor.page.locator("[data-site]").count() > 1
    expect(visitor.page.get_by_role("region", name="地図")).to_have_count(0)


@pytest.mark.parametrize("narrow", [False, True])
def test_a_half_day_of_the_week_leads_to_desks_that_are_free_then(demo: Demo, arrives: Opener, narrow: bool) -> None:
    visitor = a_visitor(demo, arrives, narrow=narrow, scripts=not narrow)
    visitor.goes_to(f"/search/week?{WISH}")
    visitor.page.get_by_role("link", name="次の週").click()
    visitor.is_at("週の空き状況")
    if not narrow:
        is_well(visitor.page)
    free = visitor.page.locator("a.dads-week__mark[data-state=free]").first
    free.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("link", name="予約へ進む").first).to_be_visible()
