"""来なかった予約: what a site does about them, and the answer to who says they came."""

from datetime import timedelta

import pytest

from node.host import absences, noshows, rounds
from node.models.bookings import Booking
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import NOON, NOW, Came, books, offer, statements

PATH = "/admin/no-shows"


@pytest.fixture
def missed(host_town: Town) -> Came:
    came = books(host_town, offer(host_town, desks=6), name="井上 彩")
    with host_town.storage.transaction(write=True) as db:
        rounds.close_visits(db, NOON)
        noshows.dispute(db, db.get_one(Booking, came.id), NOON)
    return came


def test_a_site_lays_down_its_grace_and_its_bound(site_admin: Person, missed: Came, host_town: Town) -> None:
    site = missed.offered.site
    assert site_admin.sends(f"{PATH}/sites/{site}", {"grace": "30", "most": "３"}, shown_on=PATH).status_code == 303
    with host_town.storage.transaction() as db:
        rule = absences.rules_of(db)[site]
        assert (rule.grace_minutes, rule.most) == (30, 3)
    assert 'value="30"' in site_admin.opens(PATH).text


@pytest.mark.parametrize(("field", "typed"), [("grace", "4"), ("grace", "半時間"), ("most", "0"), ("most", "51")])
def test_what_is_no_number_changes_nothing_and_stays_typed(
    site_admin: Person, missed: Came, host_town: Town, field: str, typed: str
) -> None:
    answer = site_admin.sends(f"{PATH}/sites/{missed.offered.site}", {field: typed}, shown_on=PATH)
    assert (answer.status_code, f'value="{typed}"' in answer.text) == (400, True)
    with host_town.storage.transaction() as db:
        assert absences.rules_of(db) == {}


def test_the_word_of_a_visitor_is_a_thing_to_do_and_answered_once(site_admin: Person, missed: Came) -> None:
    assert "来庁していたとの申し出が1件あります" in site_admin.reads("/admin")
    page = site_admin.reads(PATH)
    assert (missed.code in page, "井上" in page) == (True, False)
    assert site_admin.sends(f"{PATH}/{missed.id}/strike", shown_on=PATH).status_code == 303
    assert "取消し済み" in site_admin.reads(PATH)
    site_admin.sends(f"{PATH}/{missed.id}/uphold", shown_on=PATH)
    assert "取消し済み" in site_admin.reads(PATH)
    assert "申し出が1件" not in site_admin.reads("/admin")


def test_a_booking_nobody_disputes_is_not_answered(site_admin: Person, missed: Came, host_town: Town) -> None:
    other = books(host_town, missed.offered, 1)
    assert site_admin.sends(f"{PATH}/{other.id}/strike", shown_on=PATH).status_code == 404


def test_reception_sees_that_the_desk_was_offered_to_others(site_admin: Person, host_town: Town) -> None:
    came = books(host_town, offer(host_town))
    now = NOW + timedelta(hours=2)
    host_town.clock.now = now  # type: ignore[attr-defined]
    with host_town.storage.transaction(write=True) as db:
        noshows.lay_down(db, came.offered.site, grace_minutes=30, most=None)
        noshows.release_absent(db, now)
    assert "座席を開放済み" in plain(site_admin.opens("/reception"))


def test_more_of_them_need_no_more_statements(site_admin: Person, missed: Came, host_town: Town) -> None:
    few = statements(site_admin, PATH)
    for number in range(1, 4):
        books(host_town, missed.offered, number)
    with host_town.storage.transaction(write=True) as db:
        rounds.close_visits(db, NOON)
    assert statements(site_admin, PATH) == few
