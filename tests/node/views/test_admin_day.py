"""A day desk by desk: why a partner cannot have one, in words an administrator can pass on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from node.host import closures, pools, sites, timetables
from node.host.pools import Kept
from node.models.agreements import Agreement
from node.models.sites import Room, Site
from node.town import Town
from tests.node import agreed
from tests.node.views.conftest import Person
from tests.node.views.desks import CODE, NOW, books, furnish, offer, statements

TUESDAY, NEXT = "/admin/calendar/2026-11-24", "/admin/calendar/2026-12-01"


def amends(town: Town, **facts: object) -> None:
    with town.storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), facts)


def test_each_reason_is_told_with_its_hours(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    books(host_town, offered)
    with host_town.storage.transaction(write=True) as db:
        room = sites.get_place(db, offered.room)
        four = NOW + timedelta(hours=6)
        closures.close(db, room, four, four + timedelta(hours=1), template="assembly", note="委員会", now=NOW)
    page = site_admin.reads(TUESDAY)
    assert all(
        words in page
        for words in (
            "00:00〜08:30 予約できません利用時間の外です",
            "10:00〜12:00 予約できません予約または当日利用があります",
            "12:00〜15:00 予約できます",
            "15:00〜16:00 予約できません休止：議会：委員会",
        )
    )
    assert "花子" not in page


def test_pools_name_for_whom_and_when_it_is_released(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    with host_town.storage.transaction(write=True) as db:
        pools.set_rules(db, offered.room, {1: Kept(own=1, walk_in=1, release=timedelta(hours=24))})
    page = site_admin.reads(NEXT)
    assert "自団体の職員に取り置いています" in page
    assert "当日利用に取り置いています" in page
    assert "2026年11月30日(月) 08:30に開放します" in page
    assert "2026年11月30日(月) 13:00に開放します" in page
    assert "利用枠により取り置いている座席：2席" in site_admin.reads("/admin/calendar?month=2026-12")


def test_what_the_agreement_does_not_bring_is_told_to_the_partner_alone(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    amends(host_town, weekdays=[0], lead_minutes=180)
    assert "この曜日は" not in site_admin.reads(TUESDAY)
    assert "この曜日は、協定の対象に含まれていません" in site_admin.reads(f"{TUESDAY}?partner={CODE}")
    amends(host_town, weekdays=[])
    page = site_admin.reads(f"{TUESDAY}?partner={CODE}")
    assert "受付期限を過ぎました。開始の3時間前まで" in page
    assert "12:00〜17:15 予約できます" in page


def test_an_exception_a_holiday_and_a_desk_that_is_withdrawn(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    closed = {"kind": "closed", "first_day": "2026-11-26", "words": "床の<張替え>"}
    site_admin.sends(f"/admin/places/{offered.room}/exceptions/new", closed)
    with host_town.storage.transaction(write=True) as db:
        sites.withdraw(db, sites.get_place(db, offered.desks[1]))
    page = site_admin.reads("/admin/calendar/2026-11-26")
    assert "例外による休み：床の<張替え>" in page.replace("&lt;", "<").replace("&gt;", ">")
    assert "掲載していません" in page
    assert "祝日・年末年始：勤労感謝の日" in site_admin.reads("/admin/calendar/2026-11-23")


def test_the_rest_of_a_half_day_is_not_offered(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    books(host_town, offered)
    with host_town.storage.transaction(write=True) as db:
        timetables.choose_slots(db, db.get_one(Room, offered.room), "half_day")
    assert "予約の単位の一部がふさがっています" in site_admin.reads(f"{TUESDAY}?within={offered.desks[0]}")


@pytest.mark.parametrize(
    "path",
    [
        "2026-02-30", "20261124", "x", "1999-01-01", "2026-11-24?within=x", "2026-11-24?partner=131016",
        f"2026-11-24?site={'0' * 36}",
    ],
)  # fmt: skip
def test_what_is_no_day_or_place_is_not_found(site_admin: Person, host_town: Town, path: str) -> None:
    offer(host_town)
    assert site_admin.opens(f"/admin/calendar/{path}").status_code == 404


def test_many_desks_are_shown_in_pages_without_more_statements(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path = f"{TUESDAY}?partner={CODE}"
    site_admin.opens(path)
    few = statements(site_admin, path)
    with host_town.storage.transaction(write=True) as db:
        for number in range(4):
            furnish(db, db.get_one(Site, offered.site), number + 1, 15)
    site_admin.opens(path)
    assert statements(site_admin, path) == few
    assert "1／2ページ" in site_admin.reads(path)
    assert "2／2ページ" in site_admin.reads(f"{path}&page=2")
