"""What the first visit of the search costs somebody on a slow line: requests, bytes and fonts, measured at a browser."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import expect

from tests.browser.actors import Person
from tests.browser.conftest import Opener
from tests.browser.demo import SAITAMA, Demo
from tests.browser.test_closing import working_day
from tests.browser.weighing import Loaded, first_visit

pytestmark = pytest.mark.browser

MOST_REQUESTS = 12
MOST_BYTES = 200_000
"""Of everything but fonts, as it came over the line."""
MOST_FONTS = 12
MOST_FONT_BYTES = 400_000
VIEWS = ["/search", "/search/week", "/search/map"]


@pytest.fixture
def person(demo: Demo, arrives: Opener) -> Person:
    arrived = arrives(demo.towns[SAITAMA])
    arrived.goes_to("/signin")
    arrived.signs_in(demo.account(SAITAMA, "staff"))
    return arrived


def told(loaded: Sequence[Loaded]) -> str:
    """Return what came, the heaviest first, for whoever has to find what grew."""
    heaviest = sorted(loaded, key=lambda each: -each.size)
    return "\n".join(f"{each.size:>9,} {each.url}" for each in heaviest)


@pytest.mark.parametrize("view", VIEWS)
def test_a_first_visit_stays_within_its_budgets(person: Person, view: str) -> None:
    loaded = first_visit(person.page, f"{person.origin}{view}?near=新宿&day={working_day()}&slot=day")
    expect(person.page.get_by_role("heading", level=2).first).to_be_visible()
    fonts, others = [each for each in loaded if each.is_font], [each for each in loaded if not each.is_font]
    assert len(others) <= MOST_REQUESTS, told(others)
    assert sum(each.size for each in others) <= MOST_BYTES, told(others)
    assert 0 < len(fonts) <= MOST_FONTS, told(fonts)
    assert sum(each.size for each in fonts) <= MOST_FONT_BYTES, told(fonts)


def test_leaflet_comes_when_the_map_is_opened_and_not_before(person: Person) -> None:
    listed = first_visit(person.page, f"{person.origin}/search?near=新宿&day={working_day()}&slot=day")
    mapped = first_visit(person.page, f"{person.origin}/search/map?near=新宿&day={working_day()}&slot=day")
    assert not [each.url for each in listed if "leaflet" in each.url or "/map." in each.url]
    assert [each.url for each in mapped if "leaflet" in each.url]
