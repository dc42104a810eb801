"""How many desks a town finds in each half day of a week, beside what the search itself would say."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from registry.bureau import Bureau
from tests.registry.test_search import NEAR
from tests.registry.towns import NOW, Town, json_of, problem

MONDAY = datetime(2026, 11, 29, 15, tzinfo=UTC)
"""The midnight with which Monday 30 November begins in Japan."""
SUNDAY_ENDS = MONDAY + timedelta(days=7)
MORNING = MONDAY + timedelta(hours=8, minutes=30)
AFTERNOON = MONDAY + timedelta(hours=13)

Join = Callable[[str], Town]
Harvest = Callable[[], None]
Cells = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


@pytest.fixture
def saitama(join: Join, komae: Town) -> Town:
    return join("埼玉県")


@pytest.fixture
def site(komae: Town, saitama: Town) -> str:
    """A site in Komae that Saitama may see."""
    komae.agree(saitama)
    return komae.open_site(35.6349, 139.5788)


def asked(town: Town, client: FlaskClient, **changed: object) -> TestResponse:
    week = {"start": f"{MONDAY:%Y-%m-%dT%H:%M:%SZ}", "end": f"{SUNDAY_ENDS:%Y-%m-%dT%H:%M:%SZ}"}
    return town.get(client, "/api/v1/search/week", "search", **{**week, **NEAR, **changed})


def week(town: Town, client: FlaskClient, **changed: object) -> dict[str, Any]:
    answer = asked(town, client, **changed)
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def cells(answer: dict[str, Any]) -> Cells:
    return {
        (found["site"]["id"], cell["day"], cell["half"]): cell
        for found in answer.get("sites", [])
        for cell in found.get("half_days", [])
    }


def counts(cell: dict[str, Any]) -> dict[str, int]:
    return {count["privacy"]: count["desks"] for count in cell.get("counts", [])}


def test_a_half_day_counts_the_desks_that_are_free_in_all_of_it(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=MORNING, hours=3.5)
    booth = komae.open_desk(site, start=MORNING, hours=8.75, privacy="open")
    komae.open_desk(site, start=MORNING, hours=3.25)
    harvest()
    found = cells(week(saitama, client))
    assert counts(found[site, "2026-11-30", "morning"]) == {"private": 1, "open": 1}
    assert counts(found[site, "2026-11-30", "afternoon"]) == {"open": 1}
    assert found[site, "2026-11-30", "afternoon"]["counts"][0]["desk"] == booth
    assert counts(found[site, "2026-12-01", "morning"]) == {}


def test_a_site_has_half_days_of_its_own(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    late = komae.open_site(35.635, 139.579, half_days={"morning_start": "09:30", "noon_end": "12:30"})
    komae.open_desk(late, start=MONDAY + timedelta(hours=9.5), hours=3)
    harvest()
    cell = cells(week(saitama, client))[late, "2026-11-30", "morning"]
    assert (cell["start"], cell["end"]) == ("2026-11-30T00:30:00Z", "2026-11-30T03:30:00Z")
    assert counts(cell) == {"private": 1}


def test_days_outside_every_agreement_are_left_out(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(komae.open_site(35.6349, 139.5788), start=MORNING, hours=48)
    komae.agree(saitama, starts_on="2026-12-01", ends_on="2026-12-02")
    harvest()
    assert {day for _site, day, _half in cells(week(saitama, client))} == {"2026-12-01", "2026-12-02"}


def test_a_town_without_an_agreement_is_told_of_no_site(
    join: Join, komae: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=MORNING)
    harvest()
    assert "sites" not in week(join("秩父市"), client)


def test_a_site_without_a_desk_as_wished_is_left_out_and_a_full_one_stays(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    full = komae.open_site(35.64, 139.58)
    komae.free(komae.open_desk(full, start=MORNING, features=["monitor"]))
    komae.open_desk(site, start=MORNING)
    harvest()
    answer = week(saitama, client, features="monitor")
    assert [found["site"]["id"] for found in answer["sites"]] == [full]
    assert len(cells(answer)) == 14


def test_the_nearest_are_told_and_that_there_are_more(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    for place in (site, komae.open_site(35.7, 139.58)):
        komae.open_desk(place, start=MORNING)
    harvest()
    answer = week(saitama, client, limit=1)
    assert ([found["site"]["id"] for found in answer["sites"]], answer["more"]) == ([site], True)
    assert week(saitama, client)["more"] is False


def test_what_is_left_of_a_running_half_day_is_counted_and_nothing_of_one_that_is_over(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=NOW - timedelta(days=1), hours=24)
    komae.open_desk(site, start=NOW + timedelta(minutes=10), hours=4)
    harvest()
    found = cells(week(saitama, client, start="2026-11-22T15:00:00Z", end="2026-11-24T15:00:00Z"))
    cell = found[site, "2026-11-24", "morning"]
    assert (cell["start"], counts(cell)) == ("2026-11-24T00:15:00Z", {"private": 1})
    assert counts(found[site, "2026-11-23", "afternoon"]) == {}


def test_a_sheet_is_asked_about_each_day_itself(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    sheet = {"version": 1, "checked_on": "2026-01-05", "answers": {"lock": "yes"}, "valid_until": "2026-11-30"}
    komae.open_desk(site, start=MORNING, hours=48, security=sheet)
    harvest()
    found = cells(week(saitama, client, security="lock"))
    assert counts(found[site, "2026-11-30", "afternoon"]) == {"private": 1}
    assert counts(found[site, "2026-12-01", "afternoon"]) == {}


def test_each_cell_says_what_the_search_would_say(
    join: Join, komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient
) -> None:
    chance, other = random.Random(7), join("川越市")
    sites = [komae.open_site(35.63 + number / 100, 139.58) for number in range(4)]
    for host, place in [(komae, place) for place in sites for _ in range(3)] + [(other, other.open_site(35.6, 139.6))]:
        desk = host.open_desk(place, start=MORNING, privacy=chance.choice(["private", "open"]))
        begins = [MONDAY + timedelta(days=day, hours=chance.choice([8, 8.5, 9, 12, 13])) for day in range(7)]
        host.free(desk, *((start, start + timedelta(hours=chance.choice([3, 3.5, 4.5, 9]))) for start in begins))
    komae.agree(saitama, ends_on="2026-12-03")
    other.agree(saitama, starts_on="2026-12-02")
    harvest()
    told = {key: sum(counts(cell).values()) for key, cell in cells(week(saitama, client, privacy="private")).items()}
    assert any(told.values())
    for day in range(7):
        for half, begins_at, length in (("morning", 8.5, 3.5), ("afternoon", 13, 4.25)):
            start = MONDAY + timedelta(days=day, hours=begins_at)
            found = saitama.search(client, start, start + timedelta(hours=length), **NEAR, privacy="private", limit=200)
            iso = (MONDAY + timedelta(days=day, hours=12)).date().isoformat()
            listed = [desk["site"]["id"] for desk in found]
            shown = {key[0]: count for key, count in told.items() if key[1:] == (iso, half)}
            assert {place: listed.count(place) for place in shown} == shown
            assert set(listed) <= set(shown)


def test_the_number_of_statements_grows_neither_with_sites_nor_with_days(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient, bureau: Bureau
) -> None:
    komae.open_desk(site, start=MORNING)
    harvest()
    one_day = f"{MONDAY + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    few = _statements(bureau, lambda: week(saitama, client, end=one_day))
    for _ in range(20):
        komae.open_desk(komae.open_site(35.64, 139.58), start=MORNING)
    harvest()
    assert _statements(bureau, lambda: week(saitama, client)) == few


def _statements(bureau: Bureau, act: Callable[[], object]) -> int:
    told: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if any(f"FROM {table}" in statement for table in ("free_range", "site", "desk", "offer")):
            told.append(statement)

    engine = bureau.storage._engine
    event.listen(engine, "before_cursor_execute", count)
    act()
    event.remove(engine, "before_cursor_execute", count)
    assert told
    return len(told)


def test_more_than_a_week_is_refused(saitama: Town, client: FlaskClient) -> None:
    answer = asked(saitama, client, end=f"{SUNDAY_ENDS + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}")
    assert (answer.status_code, problem(answer)) == (400, "bad-input")


def test_a_name_that_a_town_may_not_see_is_unknown_to_it(
    join: Join, komae: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=MORNING)
    harvest()
    where = {"lat": "", "lon": "", "station": "狛江市役所"}
    assert problem(asked(join("秩父市"), client, **where)) == "place-unknown"


def test_a_week_needs_the_search_scope(saitama: Town, client: FlaskClient) -> None:
    assert saitama.get(client, "/api/v1/search/week", "feed").status_code == 403


# --- Filters --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("room", "found"), [({"wheelchair": True}, True), ({"wheelchair": False}, False), ({}, False)])
def test_rooms_count_that_are_known_to_be_accessible(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, room: dict[str, bool], found: bool
) -> None:
    komae.agree(saitama)
    there = komae.open_site(35.6349, 139.5788, access={"wheelchair": True})
    komae.open_desk(there, start=MORNING, hours=3.5, room={"access": room})
    harvest()
    assert bool(week(saitama, client, accessibility="wheelchair").get("sites")) is found


def test_a_gap_that_is_long_enough_is_enough(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=MORNING + timedelta(hours=1), hours=1)
    komae.open_desk(site, start=MORNING + timedelta(hours=3), hours=2)
    harvest()
    found = cells(week(saitama, client, minutes=60))
    assert counts(found[site, "2026-11-30", "morning"]) == {"private": 1}
    assert counts(cells(week(saitama, client, minutes=30))[site, "2026-11-30", "morning"]) == {"private": 2}
    assert counts(cells(week(saitama, client))[site, "2026-11-30", "morning"]) == {}


def test_desks_count_that_are_free_side_by_side(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    first = komae.open_desk(site, start=MORNING, hours=3.5, name="A-1")
    komae.open_desk(site, start=MORNING, hours=3.5, name="A-2", adjacent=[first], privacy="open")
    komae.open_desk(site, start=MORNING, hours=3.5, name="A-3")
    harvest()
    found = cells(week(saitama, client, adjacent=2))
    assert counts(found[site, "2026-11-30", "morning"]) == {"private": 1, "open": 1}
    assert counts(cells(week(saitama, client, adjacent=3))[site, "2026-11-30", "morning"]) == {}


def test_a_gap_costs_what_its_length_costs(
    komae: Town, join: Join, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    chichibu = join("秩父市")
    komae.agree(chichibu, price_yen=100, per="hour")
    komae.open_desk(site, start=MORNING, hours=3.5)
    harvest()
    assert cells(week(chichibu, client))[site, "2026-11-30", "morning"]["price_yen"] == 400
    assert cells(week(chichibu, client, minutes=60))[site, "2026-11-30", "morning"]["price_yen"] == 100
