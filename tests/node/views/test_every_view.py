"""What narrows a search narrows all of its views: the list, the map, the week, and the desks of one site."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from federation.messages.plan import PlannedDesk, RoomPlan
from federation.messages.search import Beside
from tests.node.fakehost import DESK, DESK_ID, SITE, FakeHost
from tests.node.views.conftest import FakeRegistry, Person, plain
from tests.node.views.test_search import address, desk_id, free, unquoted

WISH = "near=九段下&day=2026-11-24&slot=afternoon"
DESKS = f"/search/desks?site={quote(SITE.url, safe='')}&near=35.694,139.753&day=2026-11-24&slot=afternoon"
FROM_14_30 = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize("page", [f"/search?{WISH}", f"/search/map?{WISH}", f"/search/week?{WISH}", DESKS])
@pytest.mark.parametrize(("chosen", "asked"), [
    ("gap=120", "minutes=120"), ("people=3", "adjacent=3"), ("access=lift", "accessibility=lift"), ("yen=500", "max_price_yen=500"),
])  # fmt: skip
def test_every_view_asks_with_every_filter(
    person: Person, registry: FakeRegistry, page: str, chosen: str, asked: str
) -> None:
    person.opens(f"{page}&{chosen}")
    assert asked in registry.asked[-1]


@pytest.mark.parametrize("filters", ["gap=120", "people=3", "then=浦和"])
def test_every_view_leads_to_the_others_with_every_filter(person: Person, registry: FakeRegistry, filters: str) -> None:
    registry.spots = {"九段下": (35.695, 139.751), "浦和": (35.859, 139.657)}
    for view in ("/search", "/search/map"):
        text = unquoted(person.opens(f"{view}?{WISH}&{filters}").text)
        for other in ("/search?", "/search/map?", "/search/week?"):
            assert f"{other}near=九段下&day=2026-11-24&slot=afternoon&from=13:00&to=17:15&{filters}" in text
    registry.desks = (free(2),)
    assert f"&{filters}" in unquoted(person.opens(f"/search/map?{WISH}&{filters}").text).partition("/search/desks?")[2]


def test_the_map_names_the_filters_that_go_along(person: Person) -> None:
    page = person.reads(f"/search/map?{WISH}&gap=120&people=2")
    assert "空きの長さ：2時間" in page
    assert "並んで2名" in page


def test_between_two_meetings_the_map_asks_around_both(person: Person, registry: FakeRegistry) -> None:
    registry.spots = {"九段下": (35.695, 139.751), "浦和": (35.859, 139.657)}
    page = person.reads(f"/search/map?{WISH}&then=浦和")
    assert "九段下駅から浦和へ行く途中" in page
    assert len(registry.asked) == 2


def test_a_next_place_without_a_position_is_said_on_the_map(person: Person, registry: FakeRegistry) -> None:
    registry.spots = {"九段下": (35.695, 139.751)}
    answer = person.opens(f"/search/map?{WISH}&then=県庁")
    assert (answer.status_code, "用務先は、駅名か自治体名" in plain(answer)) == (400, True)


def test_a_desk_is_picked_for_the_gap_that_was_found(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2, fits_from=FROM_14_30),)
    text = unquoted(person.opens(f"{DESKS}&gap=120").text)
    assert f"/book?desk={address(2)}&day=2026-11-24&slot=hours&from=14:30&to=16:30" in text
    assert "のうち2時間" in text


def test_a_group_is_picked_on_the_plan_desk_by_desk(person: Person, registry: FakeRegistry, host: FakeHost) -> None:
    names = {DESK_ID: "A-1", desk_id(2): "A-2", desk_id(3): "A-3"}
    desks = tuple(PlannedDesk(desk=each, name=name, column=2, row=3) for each, name in names.items())
    host.planned = RoomPlan(room=DESK.room_id, columns=16, rows=10, desks=desks)
    registry.desks = (free(2, together=(Beside(id=desk_id(3), name="A-3"),)),)
    text = unquoted(person.opens(f"{DESKS}&people=2").text)
    assert text.count('data-state="free"') == 3
    assert text.count(f"/book?desk={address(3)}") == 2
    assert "A-2、A-3は隣どうしで" in text


def test_the_map_counts_every_desk_of_a_group(person: Person, registry: FakeRegistry) -> None:
    registry.desks = (free(2, together=(Beside(id=desk_id(3), name="A-3"),)),)
    assert "○ 3席" in person.reads(f"/search/map?{WISH}&people=2")
