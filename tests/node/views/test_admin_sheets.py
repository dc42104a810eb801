"""座席・利用時間・休止 as CSV: written, read back as nothing new, and changed by the same functions as forms."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from federation.feed import FeedEntry
from node.host import closures, opening, sites
from node.models.bookings import Booking
from node.models.opening import Closure
from node.models.sites import Desk, Site
from node.town import Town
from tests.node.views.conftest import Person
from tests.node.views.desks import NOON, NOW, TEN, books, hours, offer
from tests.node.views.test_admin_imports import send, take_over

DESKS = "施設,部屋,部屋の種別,座席,設備,対象,備考,掲載"
HOURS = "施設,部屋,座席,月曜日,火曜日,水曜日,木曜日,金曜日,土曜日,日曜日,祝日・年末年始"
CLOSURES = "施設,部屋,座席,開始日,開始時刻,終了日,終了時刻,理由,利用職員へのことば"
ROOM = "1階 執務室"


def exported(person: Person, kind: str) -> str:
    content: bytes = person.opens(f"/admin/export/{kind}.csv").data
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    return content.decode("utf-8-sig")


def feed(town: Town, kind: str) -> list[Mapping[str, Any]]:
    """Return what the feeds say of one kind, without ids."""
    with town.storage.transaction() as db:
        found = db.scalars(select(FeedEntry.data).where(FeedEntry.kind == kind)).all()
    unnamed = ("id", "url", "desk_id", "as_of")
    return [{name: value for name, value in (data or {}).items() if name not in unnamed} for data in found]


@pytest.mark.parametrize("kind", ["desks", "hours", "closures"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_what_is_written_reads_back_as_nothing_new(
    site_admin: Person, host_town: Town, kind: str, encoding: str
) -> None:
    offered = offer(host_town)
    with host_town.storage.transaction(write=True) as db:
        desk = db.get_one(Desk, offered.desks[0])
        sites.edit(db, host_town.config, desk, {"note": "=窓際, 「静か」", "features": ["monitor", "outlet"]})
        opening.set_hours(db, offered.room, [(0, 510, 720), (0, 780, 1035), (5, 0, 1440)])
        room = sites.get_place(db, offered.room)
        closures.close(db, room, TEN, NOON, template="inspection", now=NOW)
    written = exported(site_admin, kind)
    page = site_admin.reads(send(site_admin, written.encode(encoding), kind))
    assert "新規0更新0" in page.replace(" ", "")
    assert "要修正0" in page


def test_a_desk_by_a_sheet_is_a_desk_as_typed(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town, desks=0).room
    at = send(site_admin, f"{DESKS}\n本庁舎,{ROOM},,B-01,外部モニター・電源,他団体の職員,窓際,掲載する", "desks")
    assert "取り込んだ行1" in take_over(site_admin, at, ["2"])
    form = {"prefix": "B-", "first": "2", "count": "1", "features": "monitor", "pool": "guests", "publish": "1"}
    site_admin.sends(f"/admin/rooms/{room}/desks/new", form)
    with host_town.storage.transaction(write=True) as db:
        typed = db.scalars(select(Desk).where(Desk.name == "B-02")).one()
        facts = {"name": "B-01", "note": "窓際", "features": ["monitor", "outlet"]}
        sites.edit(db, host_town.config, typed, facts)
    one, other = feed(host_town, "desk")
    assert one == other
    one, other = feed(host_town, "free")
    assert one == other


def test_a_desk_is_changed_and_a_room_is_added(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    rows = [
        f"本庁舎,{ROOM},,A-01,Wi-Fi,当日利用,,掲載しない",
        "本庁舎,応接室,個室,C-01,,,,",
        "本庁舎,どこか,,C-01,,,,",
        "別館,応接室,個室,C-01,,,,",
        "本庁舎,応接室,個室,C-02,温泉,,,",
    ]
    at = send(site_admin, "\n".join([DESKS, *rows]), "desks")
    page = site_admin.reads(at)
    for words in ("「部屋の種別」も書くと", "この名前は登録されていません", "から選んでください", "要修正3"):
        assert words in page
    take_over(site_admin, at, ["2", "3", "4", "5", "6"])
    with host_town.storage.transaction() as db:
        changed = db.get_one(Desk, offered.desks[0])
        assert (changed.features, changed.pool, changed.published) == (["wifi"], "walk_in", False)
        added = db.scalars(select(Desk).where(Desk.name == "C-01")).one()
        assert (added.room.name, added.room.privacy, added.published) == ("応接室", "private", False)


def test_hours_by_a_sheet_are_hours_as_typed(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=1)
    day = "8:30-12:00・13:00～17:15"
    at = send(site_admin, f"{HOURS}\n本庁舎,,,{day},{day},{day},{day},9時～15時,休,,利用できる", "hours")
    take_over(site_admin, at, ["2"])
    by_sheet = feed(host_town, "free")
    wanted = [(weekday, *span) for weekday in range(4) for span in ((510, 720), (780, 1035))] + [(4, 540, 900)]
    assert sorted(hours(host_town, offered.site)) == sorted(wanted)
    with host_town.storage.transaction(write=True) as db:
        opening.set_hours(db, offered.site, ())
        sites.changed(db, db.get_one(Site, offered.site))
    with host_town.storage.transaction(write=True) as db:
        opening.set_hours(db, offered.site, wanted)
        site = db.get_one(Site, offered.site)
        sites.edit(db, host_town.config, site, {"opens_on_holidays": True})
    assert feed(host_town, "free") == by_sheet


@pytest.mark.parametrize("cell", ["17:15-8:30", "朝から", "9:00-12:00・11:00-13:00", "8-9・10-11・12-13"])
def test_hours_that_cannot_be_are_told(site_admin: Person, host_town: Town, cell: str) -> None:
    offer(host_town)
    assert "要修正1" in site_admin.reads(send(site_admin, f"{HOURS}\n本庁舎,,,{cell},,,,,,,", "hours"))


def test_a_closure_by_a_sheet_shows_whom_it_hits_and_closes(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    booked = books(host_town, offered)
    at = send(site_admin, f"{CLOSURES}\n本庁舎,{ROOM},,令和8年11月24日,9:00,,,議会,臨時会のため", "closures")
    assert "予約1件を取り消し、所属団体へ知らせます" in site_admin.reads(at)
    assert "取り込んだ行1" in take_over(site_admin, at, ["2"])
    with host_town.storage.transaction() as db:
        closure = db.scalars(select(Closure)).one()
        assert (closure.place_id, closure.template, closure.note) == (offered.room, "assembly", "臨時会のため")
        assert db.get_one(Booking, booked.id).state == "cancelled"


def test_a_closure_does_not_hit_whom_nobody_was_shown(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    at = send(site_admin, f"{CLOSURES}\n本庁舎,,,2026/11/24,,,,その他,", "closures")
    booked = books(host_town, offered)
    page = take_over(site_admin, at, ["2"])
    assert "取り込めなかった行1" in page
    assert "ほかの操作と重なりました" in page
    with host_town.storage.transaction() as db:
        assert db.get_one(Booking, booked.id).state == "confirmed"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("本庁舎,,,2026-02-30,,,,,", "の形で書いてください"),
        ("本庁舎,,,2026-11-23,,,,,", "すでに過ぎています"),
        ("本庁舎,,,2026-12-01,,2028-12-01,,,", "1年以内"),
        ("本庁舎,,,2026-12-01,17:00,,9:00,,", "終了は開始より後"),
        ("本庁舎,,,2026-12-01,25時,,,,", "時刻を読み取れません"),
        ("分庁舎,,,2026-12-01,,,,,", "登録されていません"),
    ],
)
def test_a_closure_that_cannot_be_is_told(site_admin: Person, host_town: Town, row: str, words: str) -> None:
    offer(host_town)
    assert words in site_admin.reads(send(site_admin, f"{CLOSURES}\n{row}", "closures"))


def test_the_access_columns_and_telephone_reach_the_site(site_admin: Person, host_town: Town) -> None:
    heading = (
        "ID,名称,POIコード,所在地_連結表記,緯度,経度,電話番号,内線番号,車椅子可,バリアフリートイレ,授乳室,字幕,筆談対応"
    )
    row = "7,市民会館,1307,埼玉県所沢市,35.8,139.47,04-2998-1111,123,○,有(故障中),有,無,可"
    at = send(site_admin, f"{heading}\n{row}")
    assert "バリアフリートイレ：有無として読み取れません。（有(故障中)）" in site_admin.reads(at)
    take_over(site_admin, at, ["2"])
    with host_town.storage.transaction(write=True) as db:
        made = db.scalars(select(Site)).one()
        assert (made.phone, made.extension, made.facility_type) == ("04-2998-1111", "内線123", "community")
        assert made.access == {"wheelchair": True, "captions": False, "writing": True}
        sites.edit(db, host_town.config, made, {"access": {**made.access, "writing": False}})
    page = site_admin.reads(f"{send(site_admin, f'{heading}{chr(10)}{row}')}/choose")
    assert "筆談：いいえ → はい 手で変更済み" in page
