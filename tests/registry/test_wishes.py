"""Wishes beyond time and place: gaps, desks together, accessibility, price, lines, and what stood in the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.registry.towns import NOW, Town, json_of

START = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)
NEAR = {"lat": 35.635, "lon": 139.579}

Join = Callable[[str], Town]
Harvest = Callable[[], None]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


@pytest.fixture
def saitama(join: Join, komae: Town) -> Town:
    town = join("埼玉県")
    komae.agree(town)
    return town


@pytest.fixture
def site(komae: Town) -> str:
    return komae.open_site(35.6349, 139.5788)


def ids(desks: list[dict[str, Any]]) -> list[str]:
    return [desk["desk"]["id"] for desk in desks]


def answer(town: Town, client: FlaskClient, **query: object) -> dict[str, Any]:
    times = {"start": f"{START:%Y-%m-%dT%H:%M:%SZ}", "end": f"{START + 2 * HOUR:%Y-%m-%dT%H:%M:%SZ}"}
    got = town.get(client, "/api/v1/search", "search", **{**times, **NEAR, **query})
    assert got.status_code == 200, got.text
    return json_of(got)


def misses(found: dict[str, Any]) -> dict[str, int]:
    return {miss["filter"]: miss["count"] for miss in found.get("near_misses", [])}


# --- A gap between two times ----------------------------------------------------------------------------------


def test_the_first_gap_that_is_long_enough_is_told(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    desk = komae.open_desk(site, start=START)
    komae.free(desk, (START, START + HOUR), (START + 2 * HOUR, START + 4 * HOUR), (START + 5 * HOUR, START + 9 * HOUR))
    harvest()
    (found,) = saitama.search(client, START, START + 9 * HOUR, **NEAR, minutes=120)
    assert found["fits_from"] == found["free_from"] == "2026-11-25T02:00:00Z"
    assert found["free_until"] == "2026-11-25T04:00:00Z"


def test_a_gap_lies_within_the_asked_time(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START, hours=2)
    harvest()
    assert saitama.search(client, START + HOUR, START + 5 * HOUR, **NEAR, minutes=61) == []
    (found,) = saitama.search(client, START + HOUR, START + 5 * HOUR, **NEAR, minutes=60)
    assert (found["free_from"], found["fits_from"]) == ("2026-11-25T00:00:00Z", "2026-11-25T01:00:00Z")


def test_a_gap_never_begins_before_the_next_quarter_of_an_hour(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=NOW)
    harvest()
    (found,) = saitama.search(client, NOW, NOW + 4 * HOUR, **NEAR, minutes=60)
    assert found["fits_from"] == "2026-11-24T00:15:00Z"


def test_an_hourly_price_is_for_the_gap(
    komae: Town, join: Join, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    chichibu = join("秩父市")
    komae.open_desk(site, start=START)
    komae.agree(chichibu, price_yen=300, per="hour")
    harvest()
    (found,) = chichibu.search(client, START, START + 8 * HOUR, **NEAR, minutes=90)
    assert found["price_yen"] == 600


# --- Desks that sit together ----------------------------------------------------------------------------------


@pytest.fixture
def row_of_three(komae: Town, site: str) -> list[str]:
    """Three desks in a row; only the later one of two names the earlier as its neighbour."""
    desks: list[str] = []
    for number in range(3):
        desks.append(komae.open_desk(site, start=START, name=f"A-{number}", adjacent=desks[-1:]))
    return desks


def test_desks_that_sit_together_are_one_hit(
    komae: Town, saitama: Town, site: str, row_of_three: list[str], harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START)
    harvest()
    found = answer(saitama, client, adjacent=3)
    (group,) = found["desks"]
    assert {group["desk"]["id"], *(each["id"] for each in group["together"])} == set(row_of_three)
    assert {group["desk"]["name"], *(each["name"] for each in group["together"])} == {"A-0", "A-1", "A-2"}
    assert found["total"] == 1


def test_a_taken_desk_between_them_parts_a_group(
    komae: Town, saitama: Town, row_of_three: list[str], harvest: Harvest, client: FlaskClient
) -> None:
    komae.free(row_of_three[1], (START + 8 * HOUR, START + 9 * HOUR))
    harvest()
    found = answer(saitama, client, adjacent=2)
    assert (found.get("desks"), misses(found)) == (None, {"adjacent": 2})


def test_a_group_is_free_at_one_time(
    komae: Town, saitama: Town, row_of_three: list[str], harvest: Harvest, client: FlaskClient
) -> None:
    for hours, desk in enumerate(row_of_three):
        komae.free(desk, (START + hours * HOUR, START + (hours + 4) * HOUR))
    harvest()
    (found,) = saitama.search(client, START, START + 8 * HOUR, **NEAR, minutes=120, adjacent=3)
    assert (found["fits_from"], len(found["together"])) == ("2026-11-25T02:00:00Z", 2)


# --- Accessibility, price, lines ------------------------------------------------------------------------------


@pytest.mark.parametrize(("building", "room", "wanted", "meets"), [
    ({"wheelchair": True}, {"wheelchair": True}, "wheelchair", True),
    ({"wheelchair": True}, {}, "wheelchair", False),
    ({}, {"wheelchair": True}, "wheelchair", False),
    ({"quiet": True}, {}, "quiet", True),
    ({"quiet": True}, {"quiet": False}, "quiet", False),
    ({}, {"hearing_loop": True}, "hearing_loop", True),
    ({"lift": True, "quiet": True}, {"lift": False}, "lift,quiet", True),
    ({"lift": False}, {"lift": True}, "lift", False),
    ({}, {}, "lift", False),
])  # fmt: skip
def test_accessible_is_what_is_known_to_be(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, building: dict[str, bool],
    room: dict[str, bool], wanted: str, meets: bool,
) -> None:  # fmt: skip
    there = komae.open_site(35.6349, 139.5788, access=building)
    komae.open_desk(there, start=START, room={"access": room})
    harvest()
    found = answer(saitama, client, accessibility=wanted)
    assert bool(found.get("desks")) is meets
    assert misses(found) == ({} if meets else {"accessibility": 1})


def test_what_costs_too_much_is_left_out(
    komae: Town, join: Join, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    chichibu = join("秩父市")
    desk = komae.open_desk(site, start=START)
    komae.agree(chichibu, price_yen=500)
    harvest()
    assert ids(answer(chichibu, client, max_price_yen=500)["desks"]) == [desk]
    assert misses(answer(chichibu, client, max_price_yen=499)) == {"max_price_yen": 1}


def test_sites_on_a_wished_line_come_first(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    near = komae.open_desk(site, start=START)
    along = komae.open_site(35.70, 139.58, stations=[{"name": "吉祥寺", "lines": ["京王井の頭線", "ＪＲ中央線"]}])
    far = komae.open_desk(along, start=START)
    harvest()
    assert ids(answer(saitama, client)["desks"]) == [near, far]
    found = answer(saitama, client, lines=["中央線", "小田急線"])["desks"]
    assert (ids(found), [each.get("line") for each in found]) == ([far, near], ["中央線", None])
    first = answer(saitama, client, lines="中央線", limit=1)
    assert ids(answer(saitama, client, lines="中央線", limit=1, cursor=first["cursor"])["desks"]) == [near]


# --- What stood in the way ------------------------------------------------------------------------------------


def test_each_filter_that_alone_stood_in_the_way_is_told_with_how_much_it_hides(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    for _ in range(2):
        komae.open_desk(site, start=START, privacy="open", features=["monitor"])
    komae.open_desk(site, start=START + 4 * HOUR, privacy="private", features=["monitor"])
    harvest()
    found = answer(saitama, client, privacy="private", features="monitor")
    assert misses(found) == {"privacy": 2, "time": 1}
    assert misses(answer(saitama, client, privacy="private", features="printer")) == {}


def test_farther_away_is_a_near_miss(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START)
    harvest()
    assert misses(answer(saitama, client, lat=35.9, lon=139.6, radius_km=10)) == {"radius_km": 1}


def test_nothing_is_told_of_what_the_asker_may_not_see(
    komae: Town, join: Join, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    chichibu = join("秩父市")
    komae.open_desk(site, start=START)
    harvest()
    found = answer(chichibu, client, privacy="open", radius_km=1)
    assert (found.get("desks"), misses(found)) == (None, {})


@pytest.mark.parametrize("wrong", [
    {"minutes": 5}, {"minutes": "x"}, {"minutes": 180}, {"adjacent": 1}, {"adjacent": 9}, {"accessibility": "stairs"},
    {"max_price_yen": -1}, {"lines": ",".join(["中央線"] * 31)}, {"lines": "x" * 101},
])  # fmt: skip
def test_a_wish_that_makes_no_sense_is_refused(saitama: Town, client: FlaskClient, wrong: dict[str, object]) -> None:
    query = {"start": "2026-11-25T00:00:00Z", "end": "2026-11-25T02:00:00Z", **wrong}
    got = saitama.get(client, "/api/v1/search", "search", **query)
    assert (got.status_code, got.mimetype) == (400, "application/problem+json")
