"""施設・部屋・座席: added, changed, offered and withdrawn; and what nobody can make of it by mistake."""

import pytest
from sqlalchemy import func, select

from node.models.sites import Desk, Room, Site
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import SITE, furnish, hours, offer, statements

FACTS = {
    **{name: str(value) for name, value in SITE.items()},
    "morning_start": "08:30",
    "noon_end": "12:00",
    "noon_start": "13:00",
    "evening_end": "17:15",
}


def test_a_site_a_room_and_several_desks_are_added(site_admin: Person, host_town: Town) -> None:
    site = site_admin.sends("/admin/sites/new", FACTS).headers["Location"]
    room = site_admin.sends(f"{site}/rooms/new", {"name": "会議室", "privacy": "private", "talking": "quiet"})
    form = {"prefix": "A-", "first": "8", "count": "3", "pool": "guests", "publish": "1"}
    answer = site_admin.sends(f"{room.headers['Location']}/desks/new", form)
    assert answer.status_code == 303
    page = site_admin.reads(answer.headers["Location"])
    assert all(words in page for words in ("A-08", "A-09", "A-10", "座席を3席追加しました"))


def test_stations_are_read_a_line_each(site_admin: Person) -> None:
    page = site_admin.sends("/admin/sites/new", {**FACTS, "stations": "航空公園駅, 8, 西武新宿線\n新所沢駅、20"})
    assert "航空公園駅 徒歩8分、新所沢駅 徒歩20分" in site_admin.reads(page.headers["Location"])


def test_publishing_a_site_with_all_in_it_offers_its_desks(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    site_admin.sends(f"/admin/places/{offered.room}/withdraw")
    assert "掲載中0席" in site_admin.reads("/admin/sites")
    assert site_admin.sends(f"/admin/places/{offered.site}/publish", {"all": "1"}).status_code == 303
    assert "掲載中2席" in site_admin.reads("/admin/sites")


def test_withdrawing_a_desk_says_that_bookings_stay(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    page = site_admin.sends(f"/admin/places/{offered.desks[0]}/withdraw").headers["Location"]
    assert "すでにある予約は残ります" in site_admin.reads(page)


def test_problems_stand_first(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    page = site_admin.reads("/admin/sites")
    assert page.index("セキュリティ確認表が未記入です") < page.index("掲載中2席")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "入力してください"),
        ("name", "あ" * 101, "100文字以内で入力してください（現在101文字）"),
        ("name", "本庁\0舎", "使用できない制御文字"),
        ("lat", "139.7", "20から46までの数値"),
        ("lon", "北緯", "122から154までの数値"),
        ("morning_start", "25:00", "00:00から24:00までの範囲"),
        ("evening_end", "12:30", "順になるように"),
        ("stations", "所沢駅, 遠い", "1行目を"),
        ("stations", "所沢駅 8分", "1行目を"),
    ],
)
def test_a_wrong_fact_is_told_beside_its_field(
    site_admin: Person, host_town: Town, field: str, typed: str, words: str
) -> None:
    answer = site_admin.sends("/admin/sites/new", {**FACTS, field: typed})
    assert answer.status_code == 400
    assert words in plain(answer)
    assert FACTS["address"] in answer.text
    with host_town.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Site)) == 0


def test_a_name_of_ten_thousand_letters_is_refused(site_admin: Person) -> None:
    assert site_admin.sends("/admin/sites/new", {**FACTS, "name": "a" * 10_000}).status_code == 400
    assert site_admin.sends("/admin/sites/new", {**FACTS, "name": "あ" * 10_000}).status_code == 413


def test_desks_are_added_all_or_none(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    form = {"prefix": "A-", "first": "2", "count": "5", "pool": "guests"}
    answer = site_admin.sends(f"/admin/rooms/{offered.room}/desks/new", form)
    assert answer.status_code == 400
    assert "この部屋には「A-02」がすでにあります" in plain(answer)
    with host_town.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Desk)) == 2


def test_no_more_than_fifty_desks_are_added_at_once(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town).room
    form = {"prefix": "B-", "first": "1", "count": "51", "pool": "guests", "features": "jacuzzi"}
    page = plain(site_admin.sends(f"/admin/rooms/{room}/desks/new", form))
    assert "1から50までの整数" in page
    assert "選択肢から選んでください" in page


@pytest.mark.parametrize("page", ["sites/{}", "rooms/{}", "desks/{}", "places/{}/hours", "sites/{}/stickers"])
def test_an_id_that_is_not_ours_is_not_found(site_admin: Person, page: str) -> None:
    foreign = "00000000-0000-4000-8000-000000000000"
    assert site_admin.opens(f"/admin/{page.format(foreign)}").status_code == 404
    assert site_admin.opens(f"/admin/{page.format('本庁舎')}").status_code == 404


def test_a_checklist_has_the_day_somebody_looked(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town).room
    form = {"name": "会議室", "privacy": "private", "talking": "quiet", "security_lock": "あり"}
    assert site_admin.sends(f"/admin/rooms/{room}/edit", form).status_code == 400
    late = {**form, "security_checked_on": "2026-11-25"}
    assert "今日までの日付" in plain(site_admin.sends(f"/admin/rooms/{room}/edit", late))
    assert (
        site_admin.sends(f"/admin/rooms/{room}/edit", {**form, "security_checked_on": "2026-11-20"}).status_code == 303
    )
    with host_town.storage.transaction() as db:
        assert db.get_one(Room, room).security == {"lock": "あり"}


def test_a_desk_is_renamed_and_keeps_its_code(site_admin: Person, host_town: Town) -> None:
    desk = offer(host_town).desks[0]
    with host_town.storage.transaction() as db:
        code = db.get_one(Desk, desk).code
    form = {"name": "窓側", "pool": "own", "features": "monitor", "note": "柱の横"}
    page = site_admin.sends(f"/admin/desks/{desk}", form).headers["Location"]
    assert "窓側" in site_admin.reads(page)
    with host_town.storage.transaction() as db:
        assert (db.get_one(Desk, desk).code, db.get_one(Desk, desk).pool) == (code, "own")


def test_stickers_bear_the_code_and_the_desks_own_address(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    with host_town.storage.transaction() as db:
        code = db.get_one(Desk, offered.desks[0]).code
    page = site_admin.opens(f"/admin/rooms/{offered.room}/stickers").text
    assert f"{code[:3]}-{code[3:]}" in page
    assert page.count("dads-sticker__qr") == 2
    assert "style=" not in page


def test_weekly_hours_are_replaced_and_given_up(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town).room
    form = {
        "own": "1",
        "day0_1_opens": "09:00",
        "day0_1_closes": "12:00",
        "day5_1_opens": "10:00",
        "day5_1_closes": "00:00",
    }
    assert site_admin.sends(f"/admin/places/{room}/hours", form).status_code == 303
    assert hours(host_town, room) == ((0, 540, 720), (5, 600, 1440))
    assert 'value="09:00"' in site_admin.opens(f"/admin/places/{room}/hours").text
    site_admin.sends(f"/admin/places/{room}/hours", {"own": "0"})
    assert hours(host_town, room) == ()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"day0_1_opens": "25:00", "day0_1_closes": "26:00"}, "00:00から24:00までの範囲"),
        ({"day0_1_opens": "17:00", "day0_1_closes": "09:00"}, "終了は開始より後の時刻"),
        ({"day0_1_opens": "09:00"}, "開始と終了の両方"),
        ({}, "1日以上の時間"),
        (
            {"day0_1_opens": "09:00", "day0_1_closes": "12:00", "day0_2_opens": "11:00", "day0_2_closes": "13:00"},
            "前の時間帯と重なっています",
        ),
    ],
)
def test_impossible_hours_change_nothing(site_admin: Person, host_town: Town, form: dict[str, str], words: str) -> None:
    room = offer(host_town).room
    answer = site_admin.sends(f"/admin/places/{room}/hours", {"own": "1", **form})
    assert answer.status_code == 400
    assert words in plain(answer)
    assert hours(host_town, room) == ()


@pytest.mark.parametrize("path", ["/admin", "/admin/sites", "/admin/calendar"])
def test_more_rooms_and_desks_need_no_more_statements(site_admin: Person, host_town: Town, path: str) -> None:
    offer(host_town, rooms=1, desks=1)
    few = statements(site_admin, path)
    with host_town.storage.transaction(write=True) as db:
        for number in range(1, 6):
            furnish(db, db.scalars(select(Site)).one(), number, 6)
    assert statements(site_admin, path) == few
