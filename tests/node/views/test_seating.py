"""座席の状況: what a room's seats are now, for those who are signed in, without anybody's name."""

import re
from datetime import timedelta

import pytest

from node.app import app_of
from node.host import sites, visits
from node.models.sites import Desk, Room
from node.town import Town
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import TEN, Offered, books, offer, statements


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def states(person: Person, offered: Offered) -> list[str]:
    """Return the states of the room's seats in order, as the table says them."""
    return re.findall(r'data-seat-state="[^"]*">([^<]+)<', person.opens(f"/rooms/{offered.room}/plan").text)


def test_a_seat_is_free_booked_in_use_and_free_again(
    site_admin: Person, host_town: Town, offered: Offered, clock: Clock
) -> None:
    came = books(host_town, offered)
    assert states(site_admin, offered) == ["空き", "空き"]
    clock.now = TEN + timedelta(minutes=1)
    assert states(site_admin, offered) == ["予約あり", "空き"]
    with host_town.storage.transaction(write=True) as db:
        visits.arrive(db, visits.get_place(db, came.place), clock.now)
    assert states(site_admin, offered) == ["利用中", "空き"]
    with host_town.storage.transaction(write=True) as db:
        visits.leave(db, visits.get_place(db, came.place), clock.now + timedelta(minutes=5))
    clock.now += timedelta(minutes=10)
    assert states(site_admin, offered) == ["空き", "空き"]


def test_nobodys_name_or_code_is_on_it(site_admin: Person, host_town: Town, offered: Offered, clock: Clock) -> None:
    came = books(host_town, offered)
    clock.now = TEN + timedelta(minutes=1)
    page = site_admin.opens(f"/rooms/{offered.room}/plan").text
    assert came.code not in page
    assert "埼玉県" not in page


def test_who_asks_again_is_answered_in_full_only_when_something_changed(
    site_admin: Person, host_town: Town, offered: Offered, clock: Clock
) -> None:
    path = f"/rooms/{offered.room}/plan/now"
    tag = site_admin.opens(path).headers["ETag"]
    clock.now += timedelta(minutes=3)
    assert site_admin.client.get(path, headers={"If-None-Match": tag}).status_code == 304
    books(host_town, offered)
    clock.now = TEN + timedelta(minutes=1)
    answer = site_admin.client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, "予約あり" in plain(answer)) == (200, True)
    assert "<html" not in answer.text


def test_the_plan_shows_what_the_table_says(site_admin: Person, host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        db.get_one(Desk, offered.desks[0]).plan_x = db.get_one(Desk, offered.desks[0]).plan_y = 0.5
    page = site_admin.opens(f"/rooms/{offered.room}/plan").text
    assert f'data-key="{offered.desks[0]}" data-column="9" data-row="6" data-state="free"' in page
    assert page.count("dads-plan__mark") == 1


def test_the_rooms_are_counted(site_admin: Person, host_town: Town, offered: Offered, clock: Clock) -> None:
    books(host_town, offered)
    assert "空き2席（全2席）" in site_admin.reads("/rooms")
    clock.now = TEN + timedelta(minutes=1)
    assert "空き1席（全2席）" in site_admin.reads(f"/rooms?site={offered.site}")


def test_a_withdrawn_room_and_strangers_see_nothing(site_admin: Person, host_town: Town, offered: Offered) -> None:
    anybody, path = app_of(host_town).test_client(), f"/rooms/{offered.room}/plan"
    for each in ("/rooms", path, f"{path}/now"):
        assert anybody.get(each).status_code in {302, 303, 401}
    with host_town.storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Room, offered.room))
    assert site_admin.opens(path).status_code == 404
    assert "まだありません" in site_admin.reads("/rooms")


def test_many_seats_are_asked_for_as_few_are(site_admin: Person, host_town: Town, offered: Offered) -> None:
    paths = (f"/rooms/{offered.room}/plan", "/rooms")
    few = [statements(site_admin, path) for path in paths]
    with host_town.storage.transaction(write=True) as db:
        for number in range(30):
            sites.publish(db, sites.add_desk(db, db.get_one(Room, offered.room), {"name": f"C-{number}"}))
    assert [statements(site_admin, path) for path in paths] == few
