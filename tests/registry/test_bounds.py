"""What agreements bound, as a search shows it: days, hours, lengths, deadlines, rooms, prefectures."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.registry.test_search import END, NEAR, START, Harvest, Join, names
from tests.registry.test_week import MORNING, cells, week
from tests.registry.test_wishes import answer, misses
from tests.registry.towns import Town

HOUR = timedelta(hours=1)


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


@pytest.fixture
def saitama(join: Join, komae: Town) -> Town:
    return join("埼玉県")


@pytest.mark.parametrize(("bounds", "found"), [
    ({}, 1),
    ({"weekdays": [2]}, 1), ({"weekdays": [0, 1, 3, 4, 5, 6]}, 0),
    ({"opens": 540, "closes": 660}, 1), ({"opens": 541}, 0), ({"closes": 659}, 0), ({"closes": 660}, 1),
    ({"shortest_minutes": 120, "longest_minutes": 120}, 1), ({"shortest_minutes": 121}, 0), ({"longest_minutes": 119}, 0),
    ({"lead_minutes": 1430}, 1), ({"lead_minutes": 1440}, 0),
    ({"horizon_days": 1}, 1), ({"horizon_days": 0}, 0),
    ({"closes_at": f"{END:%Y-%m-%dT%H:%M:%SZ}"}, 1), ({"closes_at": f"{END - HOUR:%Y-%m-%dT%H:%M:%SZ}"}, 0),
    ({"homes": [], "prefectures": ["11"]}, 1), ({"homes": [], "prefectures": ["12"]}, 0),
])  # fmt: skip
def test_a_search_shows_what_the_bounds_let_be(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, bounds: dict[str, Any], found: int
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama, **bounds)
    harvest()
    assert len(saitama.search(client, START, END, **NEAR)) == found


def test_days_and_hours_are_the_site_s_own(komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58, zone="America/New_York"), start=START)
    komae.agree(saitama, weekdays=[1], opens=19 * 60, closes=21 * 60)
    harvest()
    assert len(saitama.search(client, START, END, **NEAR)) == 1
    assert saitama.search(client, START - HOUR, END - HOUR, **NEAR) == []


def test_kinds_of_work_count_once_they_are_declared(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama, work_kinds=["satellite"])
    harvest()
    asked: tuple[dict[str, str], ...] = ({}, {"work_kind": "satellite"}, {"work_kind": "between_trips"})
    assert [len(saitama.search(client, START, END, **NEAR, **kind)) for kind in asked] == [1, 1, 0]


def test_rooms_that_an_offer_names_are_all_it_shows(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    site, room = komae.open_site(35.63, 139.58), str(uuid.uuid4())
    within = komae.open_desk(site, start=START, room_id=room)
    komae.open_desk(site, start=START)
    komae.agree(saitama, site_ids=[site], room_ids=[room], price_yen=300, price_basis="条例")
    harvest()
    for query in ({}, {"minutes": 60}):
        told = saitama.search(client, START, END, **NEAR, **query)
        assert (names(told), [one["price_yen"] for one in told]) == ([within], [300])


def test_of_gaps_the_first_within_agreed_hours_is_told(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama, opens=10 * 60, closes=12 * 60, longest_minutes=60)
    harvest()
    (found,) = saitama.search(client, START, START + 6 * HOUR, **NEAR, minutes=60)
    assert found["fits_from"] == "2026-11-25T01:00:00Z"
    assert saitama.search(client, START, START + 6 * HOUR, **NEAR, minutes=90) == []


def test_the_deadline_is_reckoned_from_each_gap(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama, lead_minutes=25 * 60)
    harvest()
    (found,) = saitama.search(client, START, START + 6 * HOUR, **NEAR, minutes=60)
    assert datetime.fromisoformat(found["fits_from"]) - saitama.clock() >= 25 * HOUR


def test_what_is_named_is_known_though_its_agreement_does_not_reach(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama, weekdays=[0])
    harvest()
    assert saitama.search(client, START, END, station="狛江市役所") == []


def test_a_week_has_the_half_days_that_are_let(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    site, room = komae.open_site(35.63, 139.58), str(uuid.uuid4())
    komae.open_desk(site, start=MORNING, hours=48, room_id=room)
    komae.open_desk(site, start=MORNING, hours=48)
    komae.agree(saitama, weekdays=[0, 1], closes=12 * 60, site_ids=[site], room_ids=[room])
    harvest()
    told = cells(week(saitama, client))
    assert {key[1:]: cell["counts"][0]["desks"] for key, cell in told.items()} == {
        ("2026-11-30", "morning"): 1,
        ("2026-12-01", "morning"): 1,
    }


@pytest.mark.parametrize(
    ("bounds", "free"),
    [
        ({"weekdays": [0]}, 1),
        ({"opens": 720}, 1),
        ({"shortest_minutes": 240}, 1),
        ({"lead_minutes": 9999}, 1),
        ({"homes": ["112089"]}, 0),
    ],
)
def test_what_agreements_bound_is_told_where_nothing_else_is_in_the_way(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, bounds: dict[str, Any], free: int
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(saitama, **bounds)
    harvest()
    assert misses(answer(saitama, client)).get("agreement", 0) == free


def test_a_desk_that_is_taken_is_not_said_to_be_beyond_an_agreement(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START + timedelta(hours=8))
    komae.agree(saitama, weekdays=[0])
    harvest()
    assert "agreement" not in misses(answer(saitama, client))
