"""From results to a held desk in two presses: one on the card, one on the confirmation."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.actors import Visitor
from tests.browser.conftest import Opener
from tests.browser.demo import Demo
from tests.browser.test_closing import overmorrow
from tests.browser.test_day import OPEN_ALWAYS, a_visitor

pytestmark = pytest.mark.browser


@dataclass
class Finger:
    """Counts what it presses."""

    presses: int = 0

    def on(self, target: Locator) -> None:
        target.click()
        self.presses += 1


def finds(visitor: Visitor, begins: str, ends: str) -> None:
    """Look at the results for the place that is always open."""
    visitor.goes_to(f"/search?near={OPEN_ALWAYS}&day={overmorrow()}&slot=hours&from={begins}&to={ends}")
    visitor.is_at("空いている座席")


@pytest.mark.parametrize(
    ("scripts", "narrow"), [(True, False), (True, True), (False, True)], ids=["wide", "narrow", "without scripts"]
)
def test_a_desk_is_held_two_presses_after_the_results(demo: Demo, arrives: Opener, scripts: bool, narrow: bool) -> None:
    visitor = a_visitor(demo, arrives, scripts=scripts, narrow=narrow)
    finds(visitor, "08:00", "08:30")
    visitor.takes(OPEN_ALWAYS)
    visitor.books()
    visitor.cancels()
    finds(visitor, "09:00", "09:30")
    finger = Finger()
    finger.on(visitor.page.locator("#found").get_by_role("link", name="予約へ進む").first)
    finger.on(visitor.page.get_by_role("button", name="予約する", exact=True))
    expect(visitor.page.locator(".dads-ticket__code")).to_be_visible()
    assert finger.presses == 2
    visitor.cancels()
