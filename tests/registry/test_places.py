"""Where a search begins."""

import json

import pytest

from federation.errors import BadInput, PlaceUnknown
from federation.messages.search import SearchQuery
from federation.storage import Storage
from registry import places
from registry.places import Spot

CSV = """name_ja,lat,lon,lines,pref_code,municipality_code
秩父,35.998,139.085,秩父鉄道 秩父本線,11,112071
日本橋,35.682,139.774,東京地下鉄 銀座線|東京地下鉄 東西線|東京都 浅草線,13,131024
日本橋,34.667,135.506,大阪市高速電気軌道 堺筋線,27,271004
"""
TOWNS = (
    "code,name_ja,name_kana,name_en,pref,lat,lon,kind\n132195,狛江市,こまえし,Komae City,東京都,35.635,139.579,city\n"
)


def wish(**where: object) -> SearchQuery:
    times = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-24T01:00:00Z"}
    return SearchQuery.read(json.dumps({**times, **where}))


def geojson(*stations: tuple[str, str, float, float]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"N02_003": line, "N02_004": "会社", "N02_005": name},
            "geometry": {"type": "LineString", "coordinates": [[lon, lat], [lon, lat]]},
        }
        for name, line, lat, lon in stations
    ]
    return json.dumps({"features": features}, ensure_ascii=False)


@pytest.fixture
def filled(storage: Storage) -> Storage:
    with storage.transaction(write=True) as db:
        places.import_stations(db, CSV.encode())
        places.import_municipalities(db, TOWNS.encode("utf-8-sig"))
    return storage


@pytest.mark.parametrize("typed", ["秩父", "秩父駅", " 秩父駅 "])
def test_a_station_is_found_as_people_write_it(filled: Storage, typed: str) -> None:
    with filled.transaction() as db:
        found = places.locate(db, wish(station=typed))
    assert (found.label, found.kind, found.lat) == ("秩父駅", "station", 35.998)


def test_a_station_is_told_with_its_lines(filled: Storage) -> None:
    with filled.transaction() as db:
        assert places.locate(db, wish(station="秩父")).lines == ("秩父鉄道 秩父本線",)


def test_of_two_stations_of_one_name_the_busier_is_meant(filled: Storage) -> None:
    with filled.transaction() as db:
        assert places.locate(db, wish(station="日本橋")).lat == 35.682


def test_a_municipality_is_where_its_office_is(filled: Storage) -> None:
    with filled.transaction() as db:
        assert places.locate(db, wish(municipality="132195")).label == "狛江市"


def test_coordinates_are_made_coarse_before_anything_is_done_with_them(filled: Storage) -> None:
    with filled.transaction() as db:
        assert places.locate(db, wish(lat=35.634912, lon=139.578812)).lat == 35.635


@pytest.mark.parametrize("where", [{"station": "　"}, {"municipality": "110001"}])
def test_a_place_nobody_knows_is_said(filled: Storage, where: dict[str, str]) -> None:
    with filled.transaction() as db, pytest.raises(PlaceUnknown):
        places.locate(db, wish(**where))


def test_what_is_no_station_may_be_a_name(filled: Storage) -> None:
    with filled.transaction() as db:
        assert places.locate(db, wish(station="防災センター")).kind == "name"


def test_two_places_at_once_are_refused(filled: Storage) -> None:
    with filled.transaction() as db, pytest.raises(BadInput):
        places.locate(db, wish(station="秩父", municipality="132195"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_governments_file_is_read_in_either_encoding(storage: Storage, encoding: str) -> None:
    text = geojson(
        ("大宮", "高崎線", 35.906, 139.624), ("大宮", "川越線", 35.907, 139.624), ("大宮", "他", 34.9, 135.6)
    )
    with storage.transaction(write=True) as db:
        assert places.import_stations(db, text.encode(encoding)) == 2


def test_backslashes_that_the_writer_put_behind_bytes_are_taken_out(storage: Storage) -> None:
    content = geojson(("能登中島", "七尾線", 37.1, 136.9)).encode("cp932").replace(b"\x94\x5c", b"\x94\x5c\x5c")
    with storage.transaction(write=True) as db:
        places.import_stations(db, content)
        assert places.locate(db, wish(station="能登中島")).kind == "station"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b'{"features": [{"properties": {}}]}',
        b"name_ja,lat,lon\nx,1,2\n",
        "name_ja,lat,lon\n秩父,139.085,35.998\n".encode(),
        b"a,b\n1,2\n",
    ],
)
def test_a_file_that_is_something_else_changes_nothing(filled: Storage, content: bytes) -> None:
    with pytest.raises(BadInput), filled.transaction(write=True) as db:
        places.import_stations(db, content)
    with filled.transaction() as db:
        assert places.locate(db, wish(station="秩父")).kind == "station"


def test_a_wrong_code_in_the_list_of_municipalities_names_its_line(filled: Storage) -> None:
    with pytest.raises(BadInput) as refused, filled.transaction(write=True) as db:
        places.import_municipalities(db, TOWNS.replace("132195", "132190").encode())
    assert refused.value.field == "line 2"


def test_distances_are_those_on_the_earth() -> None:
    assert Spot(35.6812, 139.7671).km_to(34.7025, 135.4959) == pytest.approx(403, abs=2)


@pytest.mark.parametrize("radius", [1, 50, 500])
def test_the_box_holds_the_circle(radius: float) -> None:
    spot = Spot(43.06, 141.35)
    south, north, west, east = spot.box(radius)
    assert (
        min(spot.km_to(south, 141.35), spot.km_to(north, 141.35), spot.km_to(43.06, west), spot.km_to(43.06, east))
        >= radius
    )
