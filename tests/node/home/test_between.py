"""Between two meetings: the least way first, whichever of the two places a desk was found at."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadWish
from federation.messages.search import FoundPlace, FreeDesk, Host, SearchAnswer
from node.home.between import merged
from tests.node.fakehost import DESK, HOST, SITE

NOON = datetime(2026, 11, 24, 3, tzinfo=UTC)
SHINJUKU = FoundPlace(label="新宿駅", kind="station", lat=35.690, lon=139.700)
URAWA = FoundPlace(label="浦和駅", kind="station", lat=35.859, lon=139.657)
LATITUDES = st.floats(35.5, 36.0)


def desk(lat: float, number: int = 0) -> FreeDesk:
    return FreeDesk(
        host=Host(entity_id=HOST, code="131016", name="千代田区"),
        site=SITE.model_copy(update={"lat": lat, "lon": 139.68}),
        desk=DESK.model_copy(update={"url": f"{HOST}/desks/{number}"}),
        free_from=NOON,
        free_until=NOON,
        as_of=NOON,
    )


def answer(place: FoundPlace, *desks: FreeDesk) -> SearchAnswer:
    return SearchAnswer(place=place, desks=desks, total=len(desks), as_of=NOON)


@given(st.lists(LATITUDES, max_size=8), st.lists(LATITUDES, max_size=8))
def test_desks_come_by_both_ways_together_and_each_once(near: list[float], then: list[float]) -> None:
    here = [desk(lat, number) for number, lat in enumerate(near)]
    there = [desk(lat, number + 4) for number, lat in enumerate(then)]
    found, legs = merged(answer(SHINJUKU, *here), answer(URAWA, *there))
    ways = [legs[each.desk.url].total for each in found.desks]
    assert ways == sorted(ways)
    assert len({each.desk.url for each in found.desks}) == len(found.desks) == found.total


def test_a_desk_on_the_way_comes_before_one_beside_the_first_place() -> None:
    on_the_way, behind = desk(35.75, 1), desk(35.60, 2)
    found, legs = merged(answer(SHINJUKU, behind, on_the_way), answer(URAWA, on_the_way))
    assert [each.desk.url for each in found.desks] == [on_the_way.desk.url, behind.desk.url]
    assert round(legs[on_the_way.desk.url].total, 1) == round(
        legs[on_the_way.desk.url].onward + legs[on_the_way.desk.url].there, 1
    )


def test_a_place_without_a_position_is_named_at_its_field() -> None:
    with pytest.raises(BadWish) as caught:
        merged(answer(SHINJUKU), answer(FoundPlace(label="県庁", kind="name")))
    assert caught.value.field == "then"
