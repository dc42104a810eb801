"""Whether a desk is free at this moment: what its label's page says to whoever stands there."""

from datetime import datetime, timedelta

import pytest

from federation.errors import PlaceNotShown
from node.app import app_of
from node.host import closures, opening, pools, sites, timetables, vacancy, visits
from node.host.pools import Kept
from node.host.vacancy import Vacancy
from node.models.sites import Room
from node.town import Town
from tests.node.home.conftest import Clock
from tests.node.views.conftest import Person
from tests.node.views.desks import NOON, NOW, TEN, Offered, books, offer

EVENING = NOW + timedelta(hours=8, minutes=15)


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def at(town: Town, offered: Offered, now: datetime) -> Vacancy:
    with town.storage.transaction() as db:
        return vacancy.of_desk(db, offered.desks[0], now)


def test_a_free_desk_is_free_until_it_closes(host_town: Town, offered: Offered) -> None:
    assert at(host_town, offered, NOW) == Vacancy("free", EVENING)


def test_a_desk_that_never_closes_is_free_without_an_end(host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        opening.set_hours(db, offered.desks[0], [(day, 0, 1440) for day in range(7)])
    assert at(host_town, offered, NOW) == Vacancy("free", None)


def test_a_booking_to_come_ends_the_free_time(host_town: Town, offered: Offered) -> None:
    books(host_town, offered)
    assert at(host_town, offered, NOW) == Vacancy("free", TEN)


def test_a_desk_in_use_says_when_it_comes_free(host_town: Town, offered: Offered) -> None:
    books(host_town, offered)
    assert at(host_town, offered, TEN) == Vacancy("taken", NOON)
    assert at(host_town, offered, NOON) == Vacancy("free", EVENING)


def test_who_came_before_the_time_sits_there_all_the_same(host_town: Town, offered: Offered) -> None:
    came = books(host_town, offered)
    early = TEN - timedelta(minutes=20)
    with host_town.storage.transaction(write=True) as db:
        visits.arrive(db, visits.get_place(db, came.place), early)
    assert at(host_town, offered, early) == Vacancy("taken", NOON, present=True)


def test_outside_of_its_hours_it_says_when_they_begin(host_town: Town, offered: Offered) -> None:
    tomorrow = NOW + timedelta(hours=23, minutes=30)
    assert at(host_town, offered, EVENING) == Vacancy("outside", tomorrow)


def test_a_closure_is_told_from_a_booking(host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        room = sites.get_place(db, offered.room)
        closures.close(db, room, NOW, NOON, template="inspection", note="", now=NOW)
    assert at(host_town, offered, NOW) == Vacancy("shut", NOON)


def test_a_closure_without_a_near_end_says_none(host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        room = sites.get_place(db, offered.room)
        closures.close(db, room, NOW, NOW + timedelta(days=40), template="other", note="", now=NOW)
    assert at(host_town, offered, NOW) == Vacancy("shut", None)


def test_a_desk_that_its_room_keeps_for_others_is_not_called_free(host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        pools.set_rules(db, offered.room, dict.fromkeys(range(5), Kept(own=1, release=timedelta(hours=2))))
    # The morning was released in time, the afternoon comes free at eleven.
    assert at(host_town, offered, NOW) == Vacancy("free", NOON + timedelta(hours=1))
    with host_town.storage.transaction(write=True) as db:
        pools.set_rules(db, offered.room, {NOW.weekday(): Kept(own=1)})
    assert at(host_town, offered, NOW) == Vacancy("kept", NOW + timedelta(hours=23, minutes=30))


def test_a_half_day_of_which_somebody_has_a_part_is_taken(host_town: Town, offered: Offered) -> None:
    books(host_town, offered)
    with host_town.storage.transaction(write=True) as db:
        timetables.choose_slots(db, db.get_one(Room, offered.room), "half_day")
    assert at(host_town, offered, NOW) == Vacancy("taken", NOON + timedelta(hours=1))


def test_a_withdrawn_desk_has_no_state(host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        sites.withdraw(db, sites.get_place(db, offered.desks[0]))
    with pytest.raises(PlaceNotShown):
        at(host_town, offered, NOW)


@pytest.mark.parametrize(
    ("hour", "words"), [(0, "いま空いています 10:00まで"), (1, "いまは予約されています 12:00に空く")]
)
def test_the_page_says_it_in_words(host_town: Town, offered: Offered, clock: Clock, hour: int, words: str) -> None:
    books(host_town, offered)
    clock.now = NOW + timedelta(hours=hour)
    page = Person(app_of(host_town).test_client()).reads(f"/desks/{offered.desks[0]}")
    assert words in page.replace("2026年11月24日(火) ", "")
