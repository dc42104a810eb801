"""今日 at a glance: what is free, what is to be done, and 稼働率 as a chart, a table and a file that agree."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import pytest

from federation.cursors import FeedCursor
from federation.messages.sheet import SheetAnswers
from node.host import closures, house, securitysheets, sites
from node.models.sites import Room, Site
from node.town import Town
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person
from tests.node.views.desks import NOON, NOW, SITE, TEN, Offered, books, furnish, offer, statements

AFTERNOON = NOW + timedelta(hours=5)


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def sheet(town: Town, offered: Offered, checked_on: date) -> None:
    with town.storage.transaction(write=True) as db:
        room = db.get_one(Room, offered.room)
        made = securitysheets.fill_in(db, room, SheetAnswers(), checked_on, by=1, today=checked_on, now=NOW)
        securitysheets.sign(db, room, made.version, "site_admin", by=1, now=NOW)


def test_it_says_what_is_free_now_and_this_afternoon(site_admin: Person, host_town: Town, offered: Offered) -> None:
    books(host_town, offered, start=AFTERNOON, end=AFTERNOON + timedelta(hours=1))
    page = site_admin.reads("/admin")
    assert "いま空いている座席2席" in page
    assert "午後に空いている座席1席" in page


@pytest.mark.usefixtures("offered")
def test_after_the_afternoon_nothing_is_free_in_it(site_admin: Person, clock: Clock) -> None:
    clock.now = NOW + timedelta(hours=9)
    assert "午後に空いている座席0席" in site_admin.reads("/admin")


@pytest.mark.parametrize(("age", "words"), [
    (336, "30日以内に期限が切れます"), (365, "期限が切れています"), (10, ""),
])  # fmt: skip
def test_a_sheet_is_asked_for_before_it_is_a_year_old(
    site_admin: Person, host_town: Town, offered: Offered, age: int, words: str
) -> None:
    sheet(host_town, offered, NOW.date() - timedelta(days=age))
    page = site_admin.reads("/admin")
    assert words in page
    assert ("セキュリティ確認表" in page) == bool(words)


@pytest.mark.usefixtures("offered")
def test_house_rules_without_english_are_asked_for(site_admin: Person, host_town: Town) -> None:
    assert "利用上の注意がまだ掲載されていません" in site_admin.reads("/admin")
    with host_town.storage.transaction(write=True) as db:
        house.publish(db, "1", "静かに。", "", NOW)
    assert "利用上の注意に英語の本文がありません" in site_admin.reads("/admin")


@pytest.mark.usefixtures("offered")
def test_a_party_that_is_not_heard_of_is_said(site_admin: Person, host_town: Town) -> None:
    with host_town.storage.transaction(write=True) as db:
        for member in (0, 7):
            db.add(FeedCursor(member_id=member, feed="visits", next="", error="PeerUnreachable", read_at=NOW))
    assert "2団体からの情報を受け取れていません" in site_admin.reads("/admin")


def closed(town: Town, offered: Offered, start: datetime = TEN) -> None:
    with town.storage.transaction(write=True) as db:
        place = sites.get_place(db, offered.room)
        closures.close(db, place, start, start + timedelta(hours=2), template="other", now=NOW)


def test_what_closes_within_a_week_is_said_once_it_has_hit_somebody(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    closed(host_town, offered, NOON + timedelta(hours=2))
    assert "休止で" not in site_admin.reads("/admin")
    books(host_town, offered)
    closed(host_town, offered)
    assert "本庁舎の2026年11月24日(火)からの休止で、予約1件が取消しや移動になりました" in site_admin.reads("/admin")


def test_the_next_step_of_a_site_nobody_finds_is_said(site_admin: Person, host_town: Town, offered: Offered) -> None:
    assert "まだ他団体から見つけられません" not in site_admin.reads("/admin")
    with host_town.storage.transaction(write=True) as db:
        site = sites.add_site(db, host_town.config, {**SITE, "name": "分庁舎"})
    assert "分庁舎の座席は、まだ他団体から見つけられません。次にすること：部屋を追加する" in site_admin.reads("/admin")
    with host_town.storage.transaction(write=True) as db:
        furnish(db, db.get_one(Site, site.id), 0, 1)
    assert "次にすること：施設・部屋・座席を掲載する" in site_admin.reads("/admin")


def test_the_most_pressing_stands_first_and_the_list_is_bounded(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    with host_town.storage.transaction(write=True) as db:
        db.add(FeedCursor(member_id=0, feed="visits", next="", error="PeerUnreachable", read_at=NOW))
        for number in range(1, 80):
            furnish(db, db.get_one(Site, offered.site), number, 1)
    books(host_town, offered)
    closed(host_town, offered)
    page = site_admin.reads("/admin")
    first, second, third = (
        page.index(words) for words in ("情報を受け取れていません", "取消しや移動", "確認表が未記入")
    )
    assert first < second < third
    assert page.count("確認表が未記入") < 80
    assert "さらに" in page


def figures(person: Person, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(person.opens(path).text.removeprefix("\ufeff"))))


def test_the_chart_the_table_and_the_file_agree(site_admin: Person, host_town: Town, offered: Offered) -> None:
    books(host_town, offered)
    page = site_admin.opens("/admin/utilisation")
    rows = figures(site_admin, "/admin/utilisation.csv")
    assert len(rows) == 13
    monday, open_, guests, own, percent, bookings, *_ = rows[-1]
    # A week of four days (the 23rd is a holiday), two desks, 8:45 a day.
    assert (monday, open_, guests, own, bookings) == ("2026-11-23", "70.0", "2.0", "0.0", "1")
    assert f"{percent}%" in page.text
    heights = [float(each) for each in re.findall(r'chart__guests"[^>]*height="([0-9.]+)"', page.text)]
    assert heights[-1] == pytest.approx(200 * float(percent) / 100, abs=0.2)
    assert len(heights) == 12


@pytest.mark.parametrize(("asked", "weeks"), [
    ("2026", 35), ("2025", 53), ("1999", 12), ("2027", 12), ("20x6", 12), ("", 12), ("99999", 12),
])  # fmt: skip
def test_a_fiscal_year_may_be_asked_for(site_admin: Person, offered: Offered, asked: str, weeks: int) -> None:
    assert len(figures(site_admin, f"/admin/utilisation.csv?year={asked}")) == weeks + 1


def test_an_empty_town_has_a_page_too(site_admin: Person) -> None:
    assert site_admin.opens("/admin").status_code == 200
    assert site_admin.opens("/admin/utilisation").status_code == 200


def test_more_desks_and_bookings_ask_no_more(site_admin: Person, host_town: Town, offered: Offered) -> None:
    few = statements(site_admin, "/admin")
    for number in range(2):
        books(host_town, offered, number)
    with host_town.storage.transaction(write=True) as db:
        for number in range(1, 6):
            furnish(db, db.get_one(Site, offered.site), number, 4)
    # The town of the booking is read by its name, once.
    assert statements(site_admin, "/admin") <= few + 1
