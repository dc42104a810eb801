"""A list that is sent again: places are found again, none is doubled, and what is no longer in it is told."""

import pytest
from sqlalchemy import select

from federation.feed import Feeds
from federation.storage import Storage
from node.config import Config
from node.host.sheets import carrying, cells, keeping
from node.models.imports import Import, ImportRow
from node.models.sites import Site
from tests.node.host.conftest import NOW
from tests.node.host.sheets.carried import numbers, take

HEADING = "NO,名称,住所,緯度,経度,説明"
ROWS = [
    "1,市民会館,東京都新宿区1-1,35.69,139.69,",
    "2,図書館,東京都新宿区2-2,35.69,139.70,",
    "3,体育館,東京都新宿区3-3,35.69,139.71,",
]


def file(*rows: str, heading: str = HEADING) -> str:
    return "\r\n".join([heading, *rows])


def names(storage: Storage) -> dict[str, str]:
    with storage.transaction() as db:
        return {site.name: site.facility_number for site in db.scalars(select(Site))}


@pytest.fixture(autouse=True)
def taken(storage: Storage, feeds: Feeds, config: Config) -> None:
    assert take(storage, config, "facilities", file(*ROWS), NOW, publish=True)["done"] == 3


def test_the_same_file_again_tells_nobody_anything(storage: Storage, config: Config) -> None:
    before = numbers(storage)
    assert take(storage, config, "facilities", file(*ROWS), NOW)["same"] == 3
    assert numbers(storage) == before


def test_without_ids_and_in_another_width_they_are_found_by_name_and_address(storage: Storage, config: Config) -> None:
    rows = [row.split(",", 1)[1].replace("新宿区1-1", "新宿区１－１") + "新しい説明" for row in ROWS]
    counted = take(storage, config, "facilities", file(*rows, heading="名称,住所,緯度,経度,説明"), NOW)
    assert (counted["update"], counted["new"]) == (3, 0)
    assert names(storage) == {"市民会館": "1", "図書館": "2", "体育館": "3"}


def test_a_new_name_with_the_same_id_is_a_change(storage: Storage, config: Config) -> None:
    assert take(storage, config, "facilities", file(ROWS[0].replace("市民会館", "文化会館")), NOW)["update"] == 1
    assert names(storage) == {"文化会館": "1", "図書館": "2", "体育館": "3"}


def test_rows_numbered_anew_stay_the_facilities_they_are(storage: Storage, config: Config) -> None:
    rows = [
        ROWS[0],
        "2,公民館,東京都新宿区9-9,35.69,139.72,",
        ROWS[1].replace("2", "3", 1),
        ROWS[2].replace("3", "4", 1),
    ]
    counted = take(storage, config, "facilities", file(*rows), NOW)
    assert (counted["same"], counted["update"], counted["new"]) == (1, 2, 1)
    assert names(storage) == {"市民会館": "1", "公民館": "2", "図書館": "3", "体育館": "4"}


def test_an_id_of_another_place_is_left_to_a_person(storage: Storage, config: Config) -> None:
    row = "2,公民館,東京都新宿区9-9,35.69,139.72,"
    id_ = carrying.receive(storage, config, "facilities", "x.csv", file(row).encode(), by="staff:1", now=NOW)
    with storage.transaction() as db:
        (found,) = db.scalars(select(ImportRow).where(ImportRow.import_id == id_))
        assert (found.verdict, found.chosen) == ("update", False)
        assert "同じ施設であることを確かめて" in str(found.remarks)


def test_what_is_no_longer_in_the_file_is_told_and_stays(storage: Storage, config: Config) -> None:
    id_ = carrying.receive(storage, config, "facilities", "x.csv", file(*ROWS[:2]).encode(), by="staff:1", now=NOW)
    with storage.transaction(write=True) as db:
        (remark,) = db.get_one(Import, id_).remarks
        keeping.drop(db, keeping.get(db, id_, NOW))
    assert remark["facts"] == {"count": 1, "shown": "体育館"}
    assert len(names(storage)) == 3


def test_desks_and_rooms_that_are_missing_are_told(storage: Storage, config: Config) -> None:
    desks = "施設,部屋,部屋の種別,座席\r\n市民会館,一室,個室,A\r\n市民会館,一室,個室,B\r\n市民会館,二室,個室,C"
    take(storage, config, "desks", desks, NOW)
    for kind, content, shown in (
        ("desks", "施設,部屋,座席\r\n市民会館,一室,A", "市民会館 一室 B"),
        ("rooms", "施設,部屋,部屋の種別\r\n市民会館,一室,個室", "市民会館 二室"),
    ):
        id_ = carrying.receive(storage, config, kind, "x.csv", content.encode(), by="staff:1", now=NOW)
        with storage.transaction() as db:
            assert [one["facts"]["shown"] for one in db.get_one(Import, id_).remarks] == [shown]


@pytest.mark.parametrize(
    ("now", "read", "renamed"),
    [
        ("01", "1", False),
        ("3-1", "3月1日", False),
        ("3-1", "2026/3/1", False),
        ("A室", "Ａ室", False),
        ("01", "2", True),
        ("3-1", "1月3日", True),
        ("A室", "B室", True),
    ],
)
def test_what_excel_makes_of_a_name_is_no_new_name(now: str, read: str, renamed: bool) -> None:
    assert cells.is_renamed(now, read) is renamed


def test_a_desk_is_found_by_the_name_that_excel_left_of_it(storage: Storage, config: Config) -> None:
    take(storage, config, "desks", "施設,部屋,部屋の種別,座席\r\n市民会館,3-1,個室,01\r\n市民会館,3-1,個室,02", NOW)
    counted = take(storage, config, "desks", "施設,部屋,座席,備考\r\n市民会館,3月1日,1,窓際", NOW)
    assert (counted["update"], counted["new"]) == (1, 0)


def test_a_row_that_is_put_right_says_nothing_of_columns_the_file_has_not(storage: Storage, config: Config) -> None:
    desks = "施設,部屋,部屋の種別,座席,設備,備考\r\n市民会館,一室,個室,A,電源,窓際"
    take(storage, config, "desks", desks, NOW)
    wrong = "施設,部屋,座席,対象\r\n市民会館,一室,A,だれか"
    id_ = carrying.receive(storage, config, "desks", "x.csv", wrong.encode(), by="staff:1", now=NOW)
    typed = {"pool": "自団体の職員", "features": "", "note": "", "published": ""}
    with storage.transaction(write=True) as db:
        kept = keeping.get(db, id_, NOW)
        again = carrying.correct(db, config, kept, keeping.row_of(db, kept, 2), typed, now=NOW)
    assert [one["field"] for one in again.differences] == ["pool"]
