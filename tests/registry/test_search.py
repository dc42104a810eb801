"""Which desks a town finds, in which order, and at what price."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from registry.bureau import Bureau
from tests.registry.towns import NOW, Clock, Town, json_of

START = NOW + timedelta(days=1)
END = START + timedelta(hours=2)
NEAR = {"lat": 35.635, "lon": 139.579}

Join = Callable[[str], Town]
Harvest = Callable[[], None]


@pytest.fixture
def komae(join: Join) -> Town:
    return join("狛江市")


@pytest.fixture
def saitama(join: Join, komae: Town) -> Town:
    return join("埼玉県")


@pytest.fixture
def chichibu(join: Join, saitama: Town) -> Town:
    return join("秩父市")


@pytest.fixture
def site(komae: Town, saitama: Town) -> str:
    """A site in Komae that Saitama may see."""
    komae.agree(saitama)
    return komae.open_site(35.6349, 139.5788)


def names(desks: list[dict[str, Any]]) -> list[str]:
    return [desk["desk"]["id"] for desk in desks]


def test_a_town_without_an_agreement_finds_nothing(
    komae: Town, site: str, chichibu: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START)
    harvest()
    assert chichibu.search(client, START, END, **NEAR) == []


def test_an_offer_to_everyone_shows_to_everyone(
    komae: Town, chichibu: Town, harvest: Harvest, client: FlaskClient
) -> None:
    desk = komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(everyone=True)
    harvest()
    assert names(chichibu.search(client, START, END, **NEAR)) == [desk]


def test_a_town_finds_its_own_desks_for_nothing(komae: Town, harvest: Harvest, client: FlaskClient) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(everyone=True, price_yen=500)
    harvest()
    (found,) = komae.search(client, START, END, **NEAR)
    assert found.get("price_yen", 0) == 0


def test_nearest_come_first_and_say_how_far(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    far = komae.open_desk(komae.open_site(35.70, 139.58), start=START)
    near = komae.open_desk(site, start=START)
    harvest()
    found = saitama.search(client, START, END, **NEAR)
    assert names(found) == [near, far]
    assert [desk["distance_km"] for desk in found] == [0.0, 7.2]


def test_beyond_the_radius_nothing_is_found(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START)
    harvest()
    assert saitama.search(client, START, END, lat=35.9, lon=139.6, radius_km=10) == []


def test_a_desk_must_be_free_for_the_whole_of_the_wish(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    desk = komae.open_desk(site, start=START, hours=2)
    harvest()
    assert names(saitama.search(client, START, END, **NEAR)) == [desk]
    assert saitama.search(client, START, END + timedelta(minutes=1), **NEAR) == []
    assert saitama.search(client, START - timedelta(minutes=1), END, **NEAR) == []


def test_two_ranges_with_a_gap_are_not_one(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    desk, noon = komae.open_desk(site, start=START), START + timedelta(hours=1)
    komae.free(desk, (START, noon), (noon + timedelta(minutes=5), END))
    harvest()
    assert saitama.search(client, START, END, **NEAR) == []


def test_privacy_and_features_are_as_wished(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START, privacy="open", features=["monitor"])
    booth = komae.open_desk(site, start=START, privacy="private", features=["monitor", "web_meeting"])
    harvest()
    assert names(saitama.search(client, START, END, **NEAR, privacy=["private", "semi_private"])) == [booth]
    assert names(saitama.search(client, START, END, **NEAR, features="monitor,web_meeting")) == [booth]
    assert len(saitama.search(client, START, END, **NEAR, features=["monitor"])) == 2


def test_what_the_room_says_is_found(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START, room={"mobile": {"docomo": "fair"}})
    heard = komae.open_desk(site, start=START, room={"talking": "fine", "mobile": {"docomo": "good"}})
    harvest()
    assert names(saitama.search(client, START, END, **NEAR, features="docomo,talking")) == [heard]


def test_a_sheet_answers_until_its_last_day(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    sheet = {"version": 1, "checked_on": "2026-01-05", "answers": {"lock": "yes", "camera": "partly", "entry": "staff"}}
    day = START.astimezone(ZoneInfo("Asia/Tokyo")).date()
    checked = komae.open_desk(site, start=START, security={**sheet, "valid_until": day.isoformat()})
    komae.open_desk(site, start=START, security={**sheet, "valid_until": (day - timedelta(days=1)).isoformat()})
    komae.open_desk(site, start=START)
    harvest()
    assert names(saitama.search(client, START, END, **NEAR, security="lock,members_only")) == [checked]
    assert saitama.search(client, START, END, **NEAR, security="lock,camera") == []


def test_an_answer_has_one_photo_of_each(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    size = {"url": f"{komae.entity_id}/photos/{'a' * 64}", "width": 480, "height": 360}
    photo = {"alt": "窓際の席", "large": size, "small": size}
    komae.open_desk(site, start=START, photos=[photo, photo])
    harvest()
    assert [len(found["desk"]["photos"]) for found in saitama.search(client, START, END, **NEAR)] == [1]


def test_an_offer_of_one_site_shows_no_other(
    komae: Town, saitama: Town, chichibu: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    other = komae.open_site(35.70, 139.58)
    shown = komae.open_desk(other, start=START)
    komae.open_desk(site, start=START)
    komae.agree(chichibu, site_ids=[other])
    harvest()
    assert names(chichibu.search(client, START, END, **NEAR)) == [shown]


@pytest.mark.parametrize(("starts", "ends", "found"), [
    ("2026-11-25", "2026-11-25", 1), ("2026-11-26", "2027-03-31", 0), ("2026-04-01", "2026-11-24", 0),
])  # fmt: skip
def test_an_offer_counts_on_its_days_only(
    komae: Town, chichibu: Town, harvest: Harvest, client: FlaskClient, starts: str, ends: str, found: int
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(chichibu, starts_on=starts, ends_on=ends)
    harvest()
    assert len(chichibu.search(client, START, END, **NEAR)) == found


@pytest.mark.parametrize(("minutes", "price"), [(60, 300), (61, 600), (120, 600)])
def test_an_hourly_price_counts_hours_begun(
    komae: Town, chichibu: Town, harvest: Harvest, client: FlaskClient, minutes: int, price: int
) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(chichibu, price_yen=300, per="hour")
    harvest()
    (found,) = chichibu.search(client, START, START + timedelta(minutes=minutes), **NEAR)
    assert found["price_yen"] == price


def test_of_two_offers_the_cheaper_is_told(komae: Town, chichibu: Town, harvest: Harvest, client: FlaskClient) -> None:
    komae.open_desk(komae.open_site(35.63, 139.58), start=START)
    komae.agree(chichibu, price_yen=800)
    komae.agree(everyone=True, price_yen=500)
    harvest()
    assert [desk["price_yen"] for desk in chichibu.search(client, START, END, **NEAR)] == [500]


def test_pages_follow_on_without_gap_or_repetition(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    desks = {komae.open_desk(each, start=START) for each in [site, komae.open_site(35.7, 139.6)] for _ in range(4)}
    harvest()
    seen: list[str] = []
    query: dict[str, object] = {**NEAR, "start": "2026-11-25T00:00:00Z", "end": "2026-11-25T01:00:00Z", "limit": 3}
    cursor, totals = "", set()
    while cursor or not seen:
        answer = json_of(saitama.get(client, "/api/v1/search", "search", **query, cursor=cursor))
        seen += names(answer["desks"])
        totals.add(answer["total"])
        cursor = answer.get("cursor", "")
    assert (len(seen), set(seen), totals) == (8, desks, {8})


def test_an_old_feed_is_marked_and_not_passed_off_as_current(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient, clock: Clock
) -> None:
    komae.open_desk(site, start=START)
    harvest()
    read_at, komae.up = clock(), False
    clock.advance(minutes=16)
    (found,) = saitama.search(client, START, END, **NEAR)
    assert found["stale"] is True
    assert found["as_of"] == f"{read_at:%Y-%m-%dT%H:%M:%SZ}"


def test_the_number_of_statements_does_not_grow_with_the_desks(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient, bureau: Bureau
) -> None:
    counts = []
    for desks in (1, 30):
        for _ in range(desks):
            komae.open_desk(komae.open_site(35.64, 139.58), start=START)
        harvest()
        counts.append(_statements(bureau, lambda: saitama.search(client, START, END, **NEAR)))
    # Sites close by, sites and desks of four rounds outwards, and what is told of the page's.
    assert max(counts) <= 11


def _statements(bureau: Bureau, act: Callable[[], object]) -> int:
    told: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "free_range" in statement or "site" in statement or "desk" in statement:
            told.append(statement)

    engine = bureau.storage._engine
    event.listen(engine, "before_cursor_execute", count)
    act()
    event.remove(engine, "before_cursor_execute", count)
    return len(told)


@pytest.mark.parametrize("wrong", [
    {"start": "2026-11-25T01:00:00Z", "end": "2026-11-25T01:00:00Z"},
    {"start": "tomorrow"}, {"lat": "x"}, {"lat": 35.6}, {"lat": 139.5, "lon": 35.6}, {"privacy": "cosy"},
    {"features": "sauna"}, {"limit": 0}, {"limit": 100000}, {"cursor": "!!"}, {"cursor": "W10"}, {"cursor": "MTI"},
    {"municipality": "132190"}, {"radius_km": -1}, {"station": "x" * 101}, {"lat": "NaN", "lon": "NaN"},
    {"lat": "[" * 3000, "lon": "139.5"}, {"start": "2000-01-01T00:00:00Z"},
])  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(saitama: Town, client: FlaskClient, wrong: dict[str, object]) -> None:
    query: dict[str, object] = {"start": "2026-11-25T00:00:00Z", "end": "2026-11-25T01:00:00Z", **wrong}
    answer = saitama.get(client, "/api/v1/search", "search", **query)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_search_needs_the_search_scope(saitama: Town, client: FlaskClient) -> None:
    answer = saitama.get(client, "/api/v1/search", "feed", start="2026-11-25T00:00:00Z", end="2026-11-25T01:00:00Z")
    assert answer.status_code == 403


def test_nobody_searches_without_a_token(client: FlaskClient) -> None:
    assert client.get("/api/v1/search").status_code == 401


@pytest.mark.parametrize("typed", ["高崎", "てれわーく", "ミーティング", "窓側🪟", "吉"])
def test_a_desk_is_found_by_the_names_of_its_site_its_room_and_its_own(
    komae: Town, saitama: Town, harvest: Harvest, client: FlaskClient, typed: str
) -> None:
    komae.agree(saitama)
    site = komae.open_site(35.63, 139.58, name="髙﨑 ﾃﾚﾜｰｸ館")
    desk = komae.open_desk(site, start=START, room_name="Ｍｅｅｔｉｎｇみーてぃんぐ室", name="𠮷 窓側🪟")
    other = komae.open_site(35.64, 139.58)
    komae.open_desk(other, start=START)
    harvest()
    assert names(saitama.search(client, START, END, station=typed)) == [desk]


def test_who_sits_beside_whom_is_handed_on(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    beside = komae.open_desk(site, start=START + timedelta(days=9))
    komae.open_desk(site, start=START, adjacent=[beside])
    harvest()
    (found,) = saitama.search(client, START, END, **NEAR)
    assert found["desk"]["adjacent"] == [beside]


def test_a_name_matches_letters_and_no_patterns(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START, name="100%_A")
    komae.open_desk(site, start=START, name="100xxA")
    harvest()
    assert len(saitama.search(client, START, END, station="0%_a")) == 1


def test_names_that_a_town_may_not_see_are_unknown_to_it(
    komae: Town, site: str, chichibu: Town, harvest: Harvest, client: FlaskClient
) -> None:
    komae.open_desk(site, start=START, name="秘密")
    harvest()
    times = {"start": f"{START:%Y-%m-%dT%H:%M:%SZ}", "end": f"{END:%Y-%m-%dT%H:%M:%SZ}"}
    answers = [chichibu.get(client, "/api/v1/search", "search", station=word, **times) for word in ("秘密", "ないもの")]
    assert [(answer.status_code, json_of(answer)["type"].rpartition("/")[2]) for answer in answers] == [
        (400, "place-unknown")
    ] * 2


def test_a_renamed_site_is_found_by_its_new_name_alone(
    komae: Town, saitama: Town, site: str, harvest: Harvest, client: FlaskClient
) -> None:
    desk = komae.open_desk(site, start=START)
    harvest()
    data = next(item.data for item in komae.feeds["listings"] if item.id == site)
    komae.publish("listings", "site", site, {**(data or {}), "name": "新庁舎"})
    harvest()
    assert names(saitama.search(client, START, END, station="新庁")) == [desk]
    assert status_of(saitama, client, "狛江市役所") == 400


def status_of(town: Town, client: FlaskClient, station: str) -> int:
    times = {"start": f"{START:%Y-%m-%dT%H:%M:%SZ}", "end": f"{END:%Y-%m-%dT%H:%M:%SZ}"}
    return town.get(client, "/api/v1/search", "search", station=station, **times).status_code
