"""Lighthouse's own measure of the pages people see first: signing in, a public place, and the search as staff have it."""

from pathlib import Path

import pytest

from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, Demo
from tests.browser.lighthouse import ALL, Lighthouse, Report

pytestmark = [pytest.mark.browser, pytest.mark.alone]
LEAST = 95
LEAST_SPEED = 90
RUNS = 5
SEARCH = "/search?near=%E6%96%B0%E5%AE%BF"


@pytest.fixture
def public(tmp_path: Path) -> Lighthouse:
    return Lighthouse(tmp_path)


@pytest.fixture
def signed_in(demo: Demo, arrives: Opener, tmp_path: Path) -> Lighthouse:
    person = arrives(demo.towns[SAITAMA])
    person.goes_to("/signin")
    person.signs_in(demo.account(SAITAMA, "staff"))
    kept = person.page.context.cookies(demo.towns[SAITAMA])
    return Lighthouse(tmp_path, {"Cookie": "; ".join(f"{each['name']}={each['value']}" for each in kept)})


def is_good(report: Report) -> None:
    """Fail for a page that is less accessible or less sound than it should be, with what cost the points."""
    assert all(report.scores[each] >= LEAST for each in ALL), f"{report.scores}\n" + "\n".join(report.flaws)


def test_the_sign_in_page_is_good(demo: Demo, public: Lighthouse) -> None:
    is_good(public.visits(f"{demo.towns[SAITAMA]}/signin", *ALL))


def test_the_public_page_of_a_place_is_good(demo: Demo, arrives: Opener, public: Lighthouse) -> None:
    visitor = arrives(demo.towns[SAITAMA])
    visitor.goes_to("/signin")
    visitor.signs_in(demo.account(SAITAMA, "staff"))
    visitor.goes_to(SEARCH)
    place = visitor.page.locator("#found a[href*='/sites/']").first.get_attribute("href")
    assert place
    is_good(public.visits(place, *ALL))


def test_the_search_is_good(demo: Demo, signed_in: Lighthouse) -> None:
    report = signed_in.visits(f"{demo.towns[SAITAMA]}{SEARCH}", *ALL)
    assert "/search" in report.url
    is_good(report)


def test_the_search_is_quick(demo: Demo, signed_in: Lighthouse) -> None:
    """As an office's computer has it: a phone's processor would be ours, four times as busy as it happens to be."""
    assert signed_in.speed_of(f"{demo.towns[SAITAMA]}{SEARCH}", runs=RUNS, preset="desktop") >= LEAST_SPEED
