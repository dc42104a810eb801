"""The first desk of somebody who has never seen the software: from the list of sites to a published desk, by keyboard alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import Opener
from tests.browser.demo import TOKYO, Demo

pytestmark = pytest.mark.browser
MOST_TABS = 120
STEPS = 11
"""Things typed, chosen or pressed until the first desk is published; reaching them by Tab is not counted."""


class Keyboard:
    """Hands that have no mouse: they find a control by Tab, and count what they do there."""

    def __init__(self, page: Page) -> None:
        self.page, self.steps = page, 0

    def reaches(self, control: Locator) -> None:
        """Press Tab until the control has the focus."""
        for _ in range(MOST_TABS):
            if control.evaluate("it => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{control} is not reached by Tab")

    def types(self, label: str, words: str) -> None:
        self.reaches(self.page.get_by_role("textbox", name=label).first)
        self.page.keyboard.type(words)
        self.steps += 1

    def presses(self, name: str) -> None:
        main = self.page.get_by_role("main")
        self.reaches(main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.steps += 1
        wrong = [*axe.overflow(self.page), *axe.violations(self.page)]
        assert not wrong, f"{self.page.url}\n" + "\n".join(wrong)


def test_the_first_desk_is_published_in_a_few_steps(demo: Demo, arrives: Opener) -> None:
    arrived = arrives(demo.towns[TOKYO])
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(TOKYO, "site_admin"))
    arrived.goes_to("/admin/sites")
    page, hands = arrived.page, Keyboard(arrived.page)
    hands.presses("施設を追加")
    hands.types("施設の名称", "三宅支庁")
    hands.types("所在地", "東京都三宅村伊豆642")
    hands.types("緯度", "34.0757, 139.4797")
    hands.presses("施設を追加")
    hands.presses("部屋を追加")
    hands.types("部屋の名称", "会議室")
    hands.presses("部屋を追加")
    hands.presses("座席を追加")
    hands.presses("座席を追加")
    hands.presses("施設・部屋・座席をまとめて掲載する")
    assert hands.steps <= STEPS
    expect(page.get_by_role("main")).to_contain_text("済：施設・部屋・座席を掲載する")
    public = page.url.replace("/admin/sites/", "/sites/")
    assert page.context.request.get(public).ok
    # Taken back, so that nobody else who uses this demo finds it.
    page.get_by_role("button", name="三宅支庁の掲載をやめる").click()
