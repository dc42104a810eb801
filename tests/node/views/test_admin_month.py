"""The month as one partner sees it, or one room: and why each day is as it is."""

import pytest
from sqlalchemy import select

from node.host import sites
from node.models.agreements import Agreement
from node.models.sites import Site
from node.town import Town
from tests.node import agreed
from tests.node.views.conftest import Person
from tests.node.views.desks import CODE, books, furnish, offer, statements

SATURDAY = {
    "kind": "extra",
    "first_day": "2026-11-28",
    "day_1_opens": "8:30",
    "day_1_closes": "12:00",
    "words": "庁舎開放日",
}


def amends(town: Town, **facts: object) -> None:
    with town.storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), facts)


def test_the_month_says_which_rule_decided(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    site_admin.sends(f"/admin/places/{offered.site}/exceptions/new", SATURDAY)
    closed = {"kind": "closed", "first_day": "2026-11-26", "words": "床の張替え"}
    site_admin.sends(f"/admin/places/{offered.room}/exceptions/new", closed)
    page = site_admin.reads("/admin/calendar")
    assert all(
        words in page
        for words in (
            "臨時に開く：庁舎開放日",
            "例外による休み：床の張替え（1階 執務室）",
            "祝日・年末年始：勤労感謝の日",
            "利用時間のない曜日",
            "午前 ○ 空きあり 2/2席",
        )
    )


def test_what_somebody_wrote_is_shown_as_words(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    site_admin.sends(f"/admin/places/{offered.site}/exceptions/new", {**SATURDAY, "words": "<script>%(x)s"})
    assert "&lt;script&gt;%(x)s" in site_admin.opens("/admin/calendar").text


def test_a_partner_sees_its_seats_used_up(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    amends(host_town, seats_a_day=1)
    books(host_town, offered)
    assert "1日1席" not in site_admin.reads("/admin/calendar")
    assert "協定の1日1席は、この日はすべて予約済みです" in site_admin.reads(f"/admin/calendar?partner={CODE}")


def test_a_partner_sees_the_weekdays_of_its_agreement(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    amends(host_town, weekdays=[0])
    page = site_admin.reads(f"/admin/calendar?partner={CODE}")
    assert "この曜日は、協定の対象に含まれていません" in page


def test_a_partner_sees_how_far_ahead_it_may_book(site_admin: Person, host_town: Town) -> None:
    offer(host_town)
    amends(host_town, horizon_days=2)
    assert "受付前" not in site_admin.reads("/admin/calendar")
    assert "受付前" in site_admin.reads(f"/admin/calendar?partner={CODE}")


def test_one_desk_can_be_looked_at_alone(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    assert "空きあり 1/1席" in site_admin.reads(f"/admin/calendar?within={offered.desks[0]}")
    assert "空きあり 2/2席" in site_admin.reads(f"/admin/calendar?within={offered.room}")


def test_what_partners_do_not_see_is_counted(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town, desks=3)
    with host_town.storage.transaction(write=True) as db:
        sites.withdraw(db, sites.get_place(db, offered.desks[0]))
        sites.edit(db, host_town.config, sites.get_place(db, offered.desks[1]), {"pool": "own"})
    page = site_admin.reads("/admin/calendar")
    assert "掲載をやめている座席：1席" in page
    assert "自団体の職員用の座席：1席" in page


@pytest.mark.parametrize("asked", ["partner=131016", "partner=%00", "within=x", f"within={'0' * 36}"])
def test_what_is_not_there_is_not_found(site_admin: Person, host_town: Town, asked: str) -> None:
    offer(host_town)
    assert site_admin.opens(f"/admin/calendar?{asked}").status_code == 404


def test_a_large_site_needs_no_more_statements(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    path = f"/admin/calendar?partner={CODE}"
    site_admin.opens(path)
    few = statements(site_admin, path)
    with host_town.storage.transaction(write=True) as db:
        for number in range(5):
            furnish(db, db.get_one(Site, offered.site), number + 1, 3)
    for day in range(10, 15):
        site_admin.sends(f"/admin/places/{offered.room}/exceptions/new", {**SATURDAY, "first_day": f"2026-11-{day}"})
    site_admin.opens(path)
    assert statements(site_admin, path) == few
