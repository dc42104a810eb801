"""施設・部屋・座席: added, changed, offered and withdrawn; and what nobody can make of it by mistake."""

import pytest
from sqlalchemy import func, select

from node.host import sites
from node.models.sites import Desk, Site
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import SITE, furnish, hours, offer, statements

FACTS = {
    **{name: str(value) for name, value in SITE.items()},
    "morning_start": "08:30",
    "noon_end": "12:00",
    "noon_start": "13:00",
    "evening_end": "17:15",
    "reception_opens": "08:30",
    "reception_closes": "17:15",
}


def test_a_site_a_room_and_several_desks_are_added(site_admin: Person, host_town: Town) -> None:
    site = site_admin.sends("/admin/sites/new", FACTS).headers["Location"]
    room = site_admin.sends(f"{site}/rooms/new", {"name": "会議室", "privacy": "private", "talking": "quiet"})
    form = {"prefix": "A-", "first": "8", "count": "3", "pool": "guests", "publish": "1"}
    answer = site_admin.sends(f"{room.headers['Location']}/desks/new", form)
    assert answer.status_code == 303
    page = site_admin.reads(answer.headers["Location"])
    assert all(words in page for words in ("A-08", "A-09", "A-10", "座席を3席追加しました"))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("髙﨑𠮷野館", "高崎吉野"),
        ("ﾃﾚﾜｰｸ・てれわーく室", "テレワーク"),
        ("🪑窓側😀", "😀"),
        ("あ" * 200, "ア"),
        ("１００%_席", "0%"),
    ],
)
def test_a_name_is_kept_shown_and_found(site_admin: Person, host_town: Town, name: str, typed: str) -> None:
    offered = offer(host_town)
    site_admin.sends(
        f"/admin/rooms/{offered.room}/desks/new", {"prefix": "B", "first": "1", "count": "1", "pool": "own"}
    )
    form = {"name": name, "pool": "guests", "note": ""}
    assert site_admin.sends(f"/admin/desks/{offered.desks[0]}", form).status_code == 303
    assert name in site_admin.reads(f"/admin/rooms/{offered.room}")
    answer = site_admin.client.get("/admin/sites", query_string={"q": typed})
    assert f'href="/admin/desks/{offered.desks[0]}"' in answer.text
    assert f'href="/admin/desks/{offered.desks[1]}"' not in answer.text


def test_what_is_not_found_and_blanks_are_said(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    assert "見つかりませんでした" in site_admin.reads("/admin/sites?q=ないもの")
    assert "座席を追加" in site_admin.reads("/admin/sites?q=%E3%80%80")
    assert site_admin.opens("/admin/sites?q=%00%ff").status_code == 200


def test_stations_are_read_a_row_each(site_admin: Person, host_town: Town) -> None:
    first = {"station1_name": "航空公園駅", "station1_walk": "8", "station1_lines": "西武新宿線、西武池袋線"}
    page = site_admin.sends("/admin/sites/new", {**FACTS, **first, "station3_name": "新所沢", "station3_walk": "２０"})
    assert "航空公園駅 徒歩8分、新所沢駅 徒歩20分" in site_admin.reads(page.headers["Location"])
    again = site_admin.opens(f"{page.headers['Location']}/edit").text
    assert 'value="西武新宿線、西武池袋線"' in again
    with host_town.storage.transaction() as db:
        assert [one["name"] for one in db.scalars(select(Site)).one().stations] == ["航空公園", "新所沢"]


def test_both_coordinates_may_be_pasted_at_once(site_admin: Person, host_town: Town) -> None:
    site_admin.sends("/admin/sites/new", {**FACTS, "lat": "35.7993, 139.4686", "lon": ""})
    with host_town.storage.transaction() as db:
        site = db.scalars(select(Site)).one()
        assert (site.lat, site.lon) == (35.7993, 139.4686)


def test_what_a_site_is_like_is_kept_and_shown(site_admin: Person, host_town: Town) -> None:
    words = {"night_entrance": "北側の通用口", "phone": "04-2998-1111", "wifi": "あり", "contact": "総務課"}
    chosen = {"facility_type": "hall", "access_wheelchair": "yes", "access_ostomate": "no", "access_quiet": ""}
    page = site_admin.sends("/admin/sites/new", {**FACTS, **words, **chosen}).headers["Location"]
    shown = site_admin.reads(page)
    assert all(word in shown for word in words.values())
    with host_town.storage.transaction() as db:
        site = db.scalars(select(Site)).one()
        assert (site.facility_type, site.access) == ("hall", {"wheelchair": True, "ostomate": False})


def test_how_a_room_is_used_is_kept_and_shown(site_admin: Person, host_town: Town) -> None:
    room = offer(host_town).room
    form = {"name": "会議室", "privacy": "private", "talking": "low", "web_meeting": "headset", "eating": "drinks"}
    mobile = {"mobile_docomo": "good", "mobile_rakuten": "poor"}
    undated = site_admin.sends(f"/admin/rooms/{room}/edit", {**form, **mobile})
    assert (undated.status_code, "測定日：入力してください。" in plain(undated)) == (400, True)
    dated = {**form, **mobile, "mobile_measured_on": "2026-11-20", "features": "outlet", "access_quiet": "yes"}
    page = site_admin.sends(f"/admin/rooms/{room}/edit", dated).headers["Location"]
    shown = site_admin.reads(page)
    words = (
        "小声なら会話可",
        "ヘッドセットを使えばWeb会議可",
        "ふたつきの飲み物のみ可",
        "楽天モバイル ×（つながらない）",
        "静かに過ごせる場所",
    )
    assert all(word in shown for word in words)
    assert 'value="2026-11-20"' in site_admin.opens(f"/admin/rooms/{room}/edit").text


def test_what_is_missing_is_named_until_strangers_can_come(site_admin: Person, host_town: Town) -> None:
    site = site_admin.sends("/admin/sites/new", FACTS).headers["Location"]
    assert "部屋を追加する座席を追加する協定を登録する" in site_admin.reads(site)
    with host_town.storage.transaction(write=True) as db:
        furnish(db, db.scalars(select(Site)).one(), 0, 1)
    ready = site_admin.reads(site)
    assert "済：座席を追加する" in ready
    assert "まとめて掲載する" in ready
    site_admin.sends(f"/admin/places/{site.rpartition('/')[2]}/publish", {"all": "1"})
    assert "済：施設・部屋・座席を掲載する" in site_admin.reads(site)
    assert "入口の写真" in site_admin.reads(site)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("sites", {"facility_type": "castle"}),
        ("sites", {"access_wheelchair": "perhaps"}),
        ("sites", {"reception_closes": "07:00"}),
        ("sites", {"station10_lines": "山手線"}),
        ("rooms", {"web_meeting": "shouting"}),
        ("rooms", {"mobile_au": "superb"}),
        ("rooms", {"mobile_measured_on": "2026-11-25"}),
        ("rooms", {"features": "sauna"}),
    ],
)
def test_a_word_that_is_not_offered_is_refused(
    site_admin: Person, host_town: Town, kind: str, wrong: dict[str, str]
) -> None:
    offered = offer(host_town)
    id_ = offered.site if kind == "sites" else offered.room
    right = FACTS if kind == "sites" else {"name": "会議室", "privacy": "private", "talking": "quiet"}
    answer = site_admin.sends(f"/admin/{kind}/{id_}/edit", {**right, **wrong})
    assert (answer.status_code, answer.text.count('aria-invalid="true"') + answer.text.count("data-invalid") > 0) == (
        400,
        True,
    )


def test_publishing_a_site_with_all_in_it_offers_its_desks(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    site_admin.sends(f"/admin/places/{offered.room}/withdraw")
    assert "掲載中0席" in site_admin.reads("/admin/sites")
    assert site_admin.sends(f"/admin/places/{offered.site}/publish", {"all": "1"}).status_code == 303
    assert "掲載中2席" in site_admin.reads("/admin/sites")


def test_withdrawing_a_desk_says_so(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    page = site_admin.sends(f"/admin/places/{offered.desks[0]}/withdraw").headers["Location"]
    assert "A-01の掲載をやめました。" in site_admin.reads(page)


def test_problems_stand_first(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    page = site_admin.reads("/admin/sites")
    assert page.index("セキュリティ確認表が未記入です") < page.index("掲載中2席")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "入力してください"),
        ("name", "あ" * 201, "200文字以内で入力してください（現在201文字）"),
        ("name", "本庁\0舎", "使用できない制御文字"),
        ("lat", "139.7", "20から46までの数値"),
        ("lon", "北緯", "122から154までの数値"),
        ("morning_start", "25:00", "00:00から24:00までの範囲"),
        ("evening_end", "12:30", "順になるように"),
        ("station2_name", "所沢駅", "入力してください"),
        ("station2_walk", "遠い", "0から180までの整数"),
        ("station2_lines", "西武池袋線", "駅名を入力するか"),
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


def test_an_empty_form_asks_in_the_order_of_its_fields_and_for_a_position_once(site_admin: Person) -> None:
    page = plain(site_admin.sends("/admin/sites/new", {**FACTS, "name": "", "address": "", "lat": "", "lon": ""}))
    name, address, position = (page.index(words) for words in ("名称：入力", "所在地：入力", "緯度：地図サイト"))
    assert name < address < position
    assert "122から154まで" not in page


def test_a_desk_is_not_said_to_be_published_while_its_site_is_not(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    assert "掲載待ち" not in site_admin.reads(f"/admin/rooms/{offered.room}")
    site_admin.sends(f"/admin/places/{offered.site}/withdraw", {"keep": "1"})
    page = site_admin.reads(f"/admin/rooms/{offered.room}")
    assert "掲載待ち" in page
    assert "掲載中" not in page


def test_what_a_new_site_lacks_is_said_once(site_admin: Person, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        site = sites.add_site(db, host_town.config, SITE)
    page = site_admin.reads(f"/admin/sites/{site.id}")
    assert "部屋を追加する" in page
    assert "座席がありません" not in page


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


def test_a_desk_is_renamed_and_keeps_its_code(site_admin: Person, host_town: Town) -> None:
    desk = offer(host_town).desks[0]
    with host_town.storage.transaction() as db:
        code = db.get_one(Desk, desk).code
    form = {"name": "窓側", "pool": "own", "features": "monitor", "note": "柱の横"}
    page = site_admin.sends(f"/admin/desks/{desk}", form).headers["Location"]
    assert "窓側" in site_admin.reads(page)
    with host_town.storage.transaction() as db:
        assert (db.get_one(Desk, desk).code, db.get_one(Desk, desk).pool) == (code, "own")


def test_some_stickers_are_chosen(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, rooms=2)
    path = f"/admin/sites/{offered.site}/stickers"
    assert site_admin.opens(path).text.count("dads-sticker__qr") == 4
    chosen = site_admin.opens(f"{path}?desk={offered.desks[1]}").text
    assert (chosen.count("dads-sticker__qr"), f"/desks/{offered.desks[1]}" in chosen) == (1, False)
    assert site_admin.opens(f"{path}?desk=nothing").text.count("dads-sticker__qr") == 4


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


def test_swapped_coordinates_are_offered_put_right(site_admin: Person, host_town: Town) -> None:
    swapped = {**FACTS, "lat": FACTS["lon"], "lon": FACTS["lat"]}
    answer = site_admin.sends("/admin/sites/new", swapped)
    assert answer.status_code == 400
    assert "緯度と経度を直しました（35.7993、139.4686）" in plain(answer)
    assert 'name="lat" type="text" value="35.7993"' in answer.text
    assert site_admin.sends("/admin/sites/new", FACTS).status_code == 303


def test_a_site_outside_its_prefecture_is_asked_about_once(site_admin: Person, host_town: Town) -> None:
    far = {**FACTS, "lat": "35.2324", "lon": "139.1069"}
    answer = site_admin.sends("/admin/sites/new", far)
    assert "位置が埼玉県の外です" in plain(answer)
    assert 'name="position_seen" value="35.2324,139.1069"' in answer.text
    assert site_admin.sends("/admin/sites/new", {**far, "position_seen": "35.2324,139.1069"}).status_code == 303


def test_a_name_of_200_letters_is_kept_and_found(site_admin: Person, host_town: Town) -> None:
    name = ("𠮷野ﾎﾞﾗﾝﾃｨｱ髙﨑😀" * 20)[:200]
    page = site_admin.sends("/admin/sites/new", {**FACTS, "name": name}).headers["Location"]
    assert name in site_admin.reads(page)
