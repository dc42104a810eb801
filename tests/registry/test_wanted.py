"""A town hears what was searched in vain near its own sites: counts from three up, of its own neighbourhood alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from federation.messages.demand import DemandReport
from registry import places
from registry.bureau import Bureau
from registry.models import UnmetSearch
from tests.registry.towns import NOW, Town

HOUR = NOW + timedelta(days=1)
KOMAE = (35.635, 139.579)
STATIONS = """name_ja,lat,lon,lines,pref_code
狛江,35.632,139.577,小田急小田原線,13
登戸,35.621,139.570,小田急小田原線|JR南武線,14
秩父,35.998,139.085,秩父鉄道 秩父本線,11
泉,35.640,139.590,小さな線,13
泉,43.100,141.350,本線|支線|新線,01
"""
TOWNS = """code,name_ja,name_kana,name_en,pref,lat,lon,kind
132195,狛江市,こまえし,Komae City,東京都,35.635,139.579,city
132080,調布市,ちょうふし,Chofu City,東京都,35.651,139.541,city
132063,府中市,ふちゅうし,Fuchu City,東京都,35.669,139.510,city
342084,府中市,ふちゅうし,Fuchu City,広島県,34.568,133.236,city
"""
Join = Callable[[str], Town]
Harvest = Callable[[], None]


@pytest.fixture
def komae(join: Join, bureau: Bureau, harvest: Harvest) -> Town:
    """狛江市 with one site, where stations and municipalities are known."""
    with bureau.storage.transaction(write=True) as db:
        places.import_stations(db, STATIONS.encode())
        places.import_municipalities(db, TOWNS.encode())
    town = join("狛江市")
    town.open_site(*KOMAE)
    harvest()
    return town


def missed(bureau: Bureau, label: str, times: int = 3, *, kind: str = "station", hour: datetime = HOUR) -> None:
    with bureau.storage.transaction(write=True) as db:
        for _ in range(times):
            db.add(UnmetSearch(kind=kind, label=label, hour=hour, asked_at=NOW, asker="110001", reason="full"))


def hears(town: Town, client: FlaskClient) -> list[tuple[str, int]]:
    answer = town.get(client, "/api/v1/demand", "feed")
    assert answer.status_code == 200
    assert "110001" not in answer.text
    return [(wish.place, wish.times) for wish in DemandReport.read(answer.data).wishes]


def test_what_was_searched_near_its_sites_is_told(komae: Town, client: FlaskClient, bureau: Bureau) -> None:
    missed(bureau, "登戸駅", 5)
    missed(bureau, "狛江駅")
    missed(bureau, "秩父駅", 9)
    assert hears(komae, client) == [("登戸駅", 5), ("狛江駅", 3)]


def test_fewer_than_three_are_not_told(komae: Town, client: FlaskClient, bureau: Bureau) -> None:
    missed(bureau, "狛江駅", 2)
    missed(bureau, "狛江駅", 2, hour=HOUR + timedelta(hours=1))
    assert hears(komae, client) == []


def test_a_station_is_the_one_that_a_search_by_its_name_means(komae: Town, client: FlaskClient, bureau: Bureau) -> None:
    missed(bureau, "泉駅")
    assert hears(komae, client) == []


def test_municipalities_count_by_their_offices_and_those_of_one_name_not_at_all(
    komae: Town, client: FlaskClient, bureau: Bureau
) -> None:
    for label in ("調布市", "府中市", "狛江市"):
        missed(bureau, label, kind="municipality")
    assert hears(komae, client) == [("狛江市", 3), ("調布市", 3)]


def test_coordinates_count_as_coarsely_as_they_are_kept(komae: Town, client: FlaskClient, bureau: Bureau) -> None:
    for label in ("35.6, 139.6", "35.7, 139.6", "36.0, 139.1", "somewhere"):
        missed(bureau, label, kind="coordinates")
    assert hears(komae, client) == [("35.6, 139.6", 3), ("35.7, 139.6", 3)]


def test_what_has_no_place_and_what_is_long_past_is_not_told(komae: Town, client: FlaskClient, bureau: Bureau) -> None:
    missed(bureau, "", kind="name")
    missed(bureau, "", kind="anywhere")
    missed(bureau, "狛江駅", hour=NOW - timedelta(days=28, hours=1))
    missed(bureau, "登戸駅", hour=NOW - timedelta(days=27))
    assert hears(komae, client) == [("登戸駅", 3)]


def test_another_town_hears_of_its_own_neighbourhood(
    komae: Town, join: Join, client: FlaskClient, bureau: Bureau, harvest: Harvest
) -> None:
    missed(bureau, "狛江駅")
    missed(bureau, "秩父駅")
    chichibu = join("秩父市")
    assert hears(chichibu, client) == []
    chichibu.open_site(35.992, 139.085)
    harvest()
    assert hears(chichibu, client) == [("秩父駅", 3)]


def test_it_is_for_members_alone_and_not_asked_every_minute(komae: Town, client: FlaskClient) -> None:
    assert client.get("/api/v1/demand").status_code == 401
    assert komae.get(client, "/api/v1/demand", "search").status_code == 403
    assert komae.get(client, "/api/v1/demand", "feed").headers["Cache-Control"] == "private, max-age=3600"


def test_more_sites_and_more_wishes_need_no_more_statements(
    komae: Town, client: FlaskClient, bureau: Bureau, harvest: Harvest
) -> None:
    few = statements(bureau, komae, client)
    for number in range(12):
        komae.open_site(35.5 + number / 50, 139.5)
        missed(bureau, "狛江駅", hour=HOUR + timedelta(hours=number))
    harvest()
    assert len(hears(komae, client)) == 12
    assert statements(bureau, komae, client) == few


def statements(bureau: Bureau, town: Town, client: FlaskClient) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    town.get(client, "/api/v1/demand", "feed")
    engine = bureau.storage._engine
    event.listen(engine, "before_cursor_execute", note)
    town.get(client, "/api/v1/demand", "feed")
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)
