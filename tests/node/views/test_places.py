"""The public pages of desks and sites: facts for everybody, the button for whoever reads, and nothing of any person."""

import re
from datetime import date

import pytest

from node.app import app_of
from node.host import opening, sites
from node.models.sites import Desk, Site
from node.town import Town
from tests.node.views.conftest import OWN, Person
from tests.node.views.desks import Offered, books, furnish, offer, statements

NOBODY = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1cffff"
STATION = {"name": "航空公園", "lines": ["西武新宿線"], "walk_minutes": 4}


@pytest.fixture
def visitor(host_town: Town) -> Person:
    """Somebody who is not signed in here."""
    return Person(app_of(host_town).test_client())


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def change(town: Town, id_: str, **facts: object) -> None:
    with town.storage.transaction(write=True) as db:
        sites.edit(db, town.config, sites.get_place(db, id_), facts)


def solid(page: str) -> list[str]:
    """The addresses behind a page's solid buttons."""
    return re.findall(r'data-type="solid-fill"[^>]*href="([^"]+)"', page)


# --- A desk ---------------------------------------------------------------------------------------------------


def test_a_label_leads_to_what_the_desk_is(visitor: Person, host_town: Town, offered: Offered) -> None:
    change(host_town, offered.desks[0], note="窓側", features=["monitor", "outlet"])
    change(host_town, offered.site, stations=[STATION])
    page = visitor.reads(f"/desks/{offered.desks[0]}")
    facts = (
        "本庁舎",
        "1階 執務室 A-01",
        "大部屋",
        "外部モニター",
        "窓側",
        "並木1-1-1",
        "航空公園駅 徒歩4分",
        "西武新宿線",
    )
    assert [fact for fact in facts if fact not in page] == []


def test_a_stranger_chooses_their_town_with_the_desk_carried_along(visitor: Person, offered: Offered) -> None:
    page = visitor.opens(f"/desks/{offered.desks[0]}").text
    assert solid(page) == [f"/desks/{offered.desks[0]}/home"]
    assert "座席に表示されているコードを入力しても入室できます" in page


def test_staff_of_this_town_book_right_here(site_admin: Person, offered: Offered) -> None:
    (link,) = solid(site_admin.opens(f"/desks/{offered.desks[0]}").text)
    assert link.startswith("/book?desk=http")
    assert site_admin.opens(link).status_code == 200


def test_a_session_that_has_ended_counts_as_none(site_admin: Person, offered: Offered) -> None:
    with site_admin.client.session_transaction(base_url=OWN) as kept:
        kept["who"] = {**kept["who"], "epoch": 99}
    assert solid(site_admin.opens(f"/desks/{offered.desks[0]}").text) == [f"/desks/{offered.desks[0]}/home"]


def test_the_page_tells_neither_the_code_on_the_desk_nor_who_sits_there(
    visitor: Person, host_town: Town, offered: Offered
) -> None:
    before = visitor.opens(f"/desks/{offered.desks[0]}").text
    books(host_town, offered, name="立寄 花子")
    with host_town.storage.transaction() as db:
        desk = db.get(Desk, offered.desks[0])
        assert desk is not None
    after = visitor.opens(f"/desks/{offered.desks[0]}").text
    assert after == before.replace("17:15</span>まで利用", "10:00</span>まで利用")
    assert desk.code not in after
    assert f"{desk.code[:3]}-{desk.code[3:]}" not in after


@pytest.mark.parametrize(
    ("pool", "words"), [("own", "所沢市の職員が使う座席です"), ("walk_in", "受付にお申し出ください")]
)
def test_a_desk_kept_for_others_says_so(
    visitor: Person, host_town: Town, offered: Offered, pool: str, words: str
) -> None:
    change(host_town, offered.desks[0], pool=pool)
    page = visitor.opens(f"/desks/{offered.desks[0]}").text
    assert words in page
    assert solid(page) == [f"/sites/{offered.site}"]


@pytest.mark.parametrize("which", ["desk", "room", "site"])
def test_what_is_withdrawn_is_not_found_and_says_what_to_do(
    visitor: Person, host_town: Town, offered: Offered, which: str
) -> None:
    ids = {"desk": offered.desks[0], "room": offered.room, "site": offered.site}
    with host_town.storage.transaction(write=True) as db:
        sites.withdraw(db, sites.get_place(db, ids[which]))
    answer = visitor.opens(f"/desks/{offered.desks[0]}")
    assert answer.status_code == 404
    assert "所属する自治体の画面で利用証をご確認ください" in answer.text
    assert visitor.opens(f"/sites/{offered.site}").status_code == (404 if which == "site" else 200)


@pytest.mark.parametrize("path", [f"/desks/{NOBODY}", f"/sites/{NOBODY}", "/desks/nothing", "/sites/%00", "/desks/"])
def test_what_never_was_is_not_found(visitor: Person, offered: Offered, path: str) -> None:
    assert visitor.opens(path).status_code == 404


# --- A site ---------------------------------------------------------------------------------------------------


def test_a_site_says_how_to_get_there_and_what_it_is_like(visitor: Person, host_town: Town, offered: Offered) -> None:
    words = {"entrance": "東口", "reception": "1階総合案内", "lunch": "地下に食堂", "welcome": "ようこそ所沢へ"}
    change(host_town, offered.site, stations=[STATION], **words)
    change(host_town, offered.room, usual_staff=12, talking="fine")
    page = visitor.reads(f"/sites/{offered.site}")
    facts = (*words.values(), "航空公園駅 徒歩4分", "約12名の職員", "大部屋", "会話可", "座席 2席")
    assert [fact for fact in facts if fact not in page] == []
    assert "月曜日から金曜日まで 08:30〜17:15" in page


def test_hours_are_said_in_words(visitor: Person, host_town: Town, offered: Offered) -> None:
    week = [(day, 540, 1200) for day in (0, 1, 2, 4)] + [(5, 540, 720), (5, 780, 1440)]
    with host_town.storage.transaction(write=True) as db:
        opening.set_hours(db, offered.site, week)
        opening.set_hours(db, offered.room, [(6, 600, 900)])
    page = visitor.reads(f"/sites/{offered.site}")
    assert "月曜日から水曜日まで、金曜日 09:00〜20:00" in page
    assert "土曜日 09:00〜12:00、13:00〜24:00" in page
    assert "この部屋の利用時間日曜日 10:00〜15:00" in page
    assert "日曜日 10:00〜15:00" in visitor.reads(f"/desks/{offered.desks[0]}")
    assert "年末年始は12月29日から1月3日まで" in page


def test_only_what_is_published_is_on_the_page(visitor: Person, host_town: Town, offered: Offered) -> None:
    change(host_town, offered.desks[1], pool="own")
    with host_town.storage.transaction(write=True) as db:
        site = db.get(Site, offered.site)
        assert site is not None
        sites.add_room(db, site, {"name": "秘密の部屋", "privacy": "private"})
    page = visitor.opens(f"/sites/{offered.site}").text
    assert "秘密の部屋" not in page
    assert [f"/desks/{desk}" in page for desk in offered.desks] == [True, False]


def test_the_site_leads_strangers_to_the_entrance_and_staff_to_the_search(
    visitor: Person, site_admin: Person, offered: Offered
) -> None:
    assert solid(visitor.opens(f"/sites/{offered.site}").text) == ["http://localhost:8000/"]
    assert solid(site_admin.opens(f"/sites/{offered.site}").text) == ["/search?near=35.799,139.469"]


def test_a_booking_changes_nothing_here(visitor: Person, host_town: Town, offered: Offered) -> None:
    before = visitor.opens(f"/sites/{offered.site}").text
    books(host_town, offered, name="立寄 花子")
    assert visitor.opens(f"/sites/{offered.site}").text == before


def test_more_rooms_and_desks_need_no_more_statements(visitor: Person, host_town: Town, offered: Offered) -> None:
    paths = (f"/sites/{offered.site}", f"/desks/{offered.desks[0]}")
    few = [statements(visitor, path) for path in paths]
    with host_town.storage.transaction(write=True) as db:
        site = db.get(Site, offered.site)
        assert site is not None
        for number in range(1, 6):
            furnish(db, site, number, 8)
    assert [statements(visitor, path) for path in paths] == few


def test_what_the_town_wrote_comes_back_escaped(visitor: Person, host_town: Town, offered: Offered) -> None:
    change(host_town, offered.site, welcome="<script>alert(1)</script>", description="<b>太字</b>")
    change(host_town, offered.desks[0], note="<script>alert(2)</script>")
    for path in (f"/sites/{offered.site}", f"/desks/{offered.desks[0]}"):
        page = visitor.opens(path).text
        assert "<script>alert" not in page
        assert "<b>" not in page


@pytest.mark.parametrize("kind", ["sites", "desks"])
def test_the_pages_speak_english_too(visitor: Person, host_town: Town, offered: Offered, kind: str) -> None:
    change(host_town, offered.site, name_en="Tokorozawa City Hall")
    id_ = offered.site if kind == "sites" else offered.desks[0]
    page = visitor.reads(f"/{kind}/{id_}?lang=en")
    assert "Tokorozawa City Hall" in page
    assert "Monday to Friday 08:30〜17:15" in page


def test_a_room_is_not_asked_for_what_is_its_buildings(visitor: Person, host_town: Town, offered: Offered) -> None:
    change(host_town, offered.room, access={"quiet": True})
    change(host_town, offered.site, access={"ostomate": False})
    for path in (f"/sites/{offered.site}", f"/desks/{offered.desks[0]}"):
        page = visitor.reads(path)
        assert "利用できます・あります 静かに過ごせる場所" in page
        assert page.count("エレベーター") == 1
        assert "利用できません・ありません オストメイト対応トイレ" in page


def test_the_hours_shown_are_those_of_the_season(visitor: Person, host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        opening.set_hours(db, offered.site, [(1, 600, 660)], first=date(2026, 11, 1), last=date(2026, 11, 30))
        opening.set_hours(db, offered.site, [(1, 540, 600)], first=date(2026, 12, 1))
    page = visitor.reads(f"/sites/{offered.site}")
    assert "火曜日 10:00〜11:00" in page
    assert "09:00〜10:00" not in page
