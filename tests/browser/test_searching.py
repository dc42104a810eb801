"""The search page in a browser: results follow the form with scripts, and come by its button without, on a small phone too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import axe
from tests.browser.actors import Person
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, Demo
from tests.browser.test_closing import working_day

pytestmark = pytest.mark.browser

Searcher = Callable[..., Person]


@pytest.fixture
def searches(demo: Demo, arrives: Opener) -> Searcher:
    def search(**window: object) -> Person:
        person = Person(arrives(demo.towns[SAITAMA], **window).page, demo.towns[SAITAMA])
        person.goes_to("/signin")
        person.signs_in(demo.account(SAITAMA, "staff"))
        person.goes_to(f"/search?near=浦和&day={working_day()}&slot=day")
        person.page.get_by_text("絞り込み・並べ替え").click()
        return person

    return search


@pytest.mark.parametrize("narrow", [False, True])
def test_results_follow_the_form_and_the_address_follows_them(searches: Searcher, *, narrow: bool) -> None:
    page = searches(narrow=narrow).page
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_role("checkbox", name="個室", exact=True).check()
    page.wait_for_url("**privacy=private**")
    expect(page.locator("#found .dads-chip-label", has_text="大部屋")).to_have_count(0)
    expect(page.locator("#found").get_by_role("link", name="予約へ進む").first).to_be_visible()
    expect(page.locator("#count")).to_contain_text("席見つかりました")
    assert page.evaluate("document.body.dataset.same") == "yes"
    expect(page.get_by_role("checkbox", name="個室", exact=True)).to_be_focused()
    assert (axe.violations(page), axe.overflow(page)) == ([], [])


def test_a_day_that_cannot_be_read_is_told_in_place(searches: Searcher) -> None:
    page = searches().page
    page.get_by_label("利用日時").fill("2020-01-01")
    expect(page.locator("#found")).to_contain_text("過ぎた日付は選べません")
    assert axe.violations(page) == []


def test_without_scripts_the_button_searches(searches: Searcher) -> None:
    person = searches(narrow=True, scripts=False)
    person.page.get_by_role("checkbox", name="個室", exact=True).check()
    person.presses("この条件で探す")
    assert "privacy=private" in person.page.url
    expect(person.page.locator("#found .dads-chip-label", has_text="大部屋")).to_have_count(0)
    expect(person.page.get_by_role("checkbox", name="個室", exact=True)).to_be_checked()
