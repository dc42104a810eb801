"""Who does not come, as home and visitor hear of it, and what the visitor can say to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from federation.errors import Conflict
from federation.messages.listing import ReceptionHours, SiteListing
from node import notices
from node.home import absences, asking, doorclosing, following, reminders, trips
from node.host import noshows, visitcorrections, visits
from node.models.bookings import Booking
from node.models.sites import Desk
from node.models.tables import METADATAS
from node.models.trips import Trip
from tests.databases import Databases
from tests.node.pair import HOST, Pair, pair

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def towns(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> Iterator[Pair]:
    urls = []
    for name in ("home", "host"):
        (tmp_path / name).mkdir()
        urls.append(databases.sqlite(metadatas, tmp_path / name))
    made = pair(tmp_path, *urls)
    yield made
    for town in (made.home, made.host):
        town.storage.close()
        town.proofs.close()


@pytest.fixture
def booked(towns: Pair) -> str:
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(
        towns.person.staff_id,
        HOST,
        "千代田区",
        site,
        desk,
        START,
        START + timedelta(hours=2),
        work_kind="satellite",
        confidentiality="2",
        consent_version="3",
    )
    return asking.submit(towns.home, wish, towns.person, now=towns.clock())


def hears(towns: Pair) -> None:
    following.follow_host(towns.home, HOST, following.sources(towns.home), now=towns.clock())


def told(towns: Pair) -> str:
    with towns.home.storage.transaction() as db:
        return notices.latest(db, towns.person.staff_id)[0].words


def trip(towns: Pair, trip_id: str) -> Trip:
    with towns.home.storage.transaction() as db:
        return db.get_one(Trip, trip_id)


def given_away(towns: Pair) -> None:
    towns.clock.now = START + timedelta(minutes=30)
    with towns.host.storage.transaction(write=True) as db:
        site = db.get_one(Desk, towns.desk).room.site_id
        noshows.lay_down(db, site, grace_minutes=30, most=3)
        noshows.release_absent(db, towns.clock())
    hears(towns)


def disputes(towns: Pair, trip_id: str) -> None:
    asking.dispute(towns.home, trip_id, towns.person.staff_id, now=towns.clock())


def test_home_and_visitor_hear_that_the_desk_went_to_others(towns: Pair, booked: str) -> None:
    given_away(towns)
    assert (trip(towns, booked).state, "ほかの方に開放しました" in told(towns)) == ("no_show", True)
    with towns.home.storage.transaction() as db:
        (missed,) = absences.of_everybody(db, now=towns.clock())
        assert missed.counts == 1


@pytest.mark.parametrize(("struck", "counts", "words"), [(True, 0, "認められ、"), (False, 1, "認められませんでした")])
def test_a_dispute_is_answered_and_told(towns: Pair, booked: str, struck: bool, counts: int, words: str) -> None:
    given_away(towns)
    disputes(towns, booked)
    assert trip(towns, booked).dispute == "open"
    with towns.host.storage.transaction(write=True) as db:
        noshows.answer(db, booked, struck=struck, by="staff:1", now=towns.clock())
    hears(towns)
    assert words in told(towns)
    with towns.home.storage.transaction() as db:
        assert absences.of_everybody(db, now=towns.clock())[0].counts == counts


def test_a_booking_that_stands_is_not_disputed(towns: Pair, booked: str) -> None:
    with pytest.raises(Conflict):
        disputes(towns, booked)


def test_a_host_that_corrects_times_is_told_of(towns: Pair, booked: str) -> None:
    towns.clock.now = START + timedelta(hours=1)
    with towns.host.storage.transaction(write=True) as db:
        place = db.get_one(Booking, booked).places[0]
        visits.arrive(db, place, towns.clock())
    hears(towns)
    assert trip(towns, booked).arrived_at == START + timedelta(hours=1)
    with towns.host.storage.transaction(write=True) as db:
        place = db.get_one(Booking, booked).places[0]
        visitcorrections.correct(db, place, (START, None), "誤り", by="staff:1", now=towns.clock())
    hears(towns)
    assert "受入団体が入室・退室の時刻を訂正しました" in told(towns)
    assert trip(towns, booked).arrived_at == START


def test_who_has_not_come_is_reminded_once_shortly_before(towns: Pair, booked: str) -> None:
    with towns.home.storage.transaction(write=True) as db:
        assert reminders.before_start(db, now=START - timedelta(minutes=11)) == 0
        assert reminders.before_start(db, now=START - timedelta(minutes=10)) == 1
        assert reminders.before_start(db, now=START) == 0
    assert "まもなくご利用の開始時刻です" in told(towns)


def test_who_is_still_there_is_told_of_the_night_door_once_an_evening(towns: Pair, booked: str) -> None:
    closes = START.replace(hour=8, minute=15)  # 17:15 in Japan
    with towns.home.storage.transaction(write=True) as db:
        row = db.get_one(Trip, booked)
        facts = {"night_entrance": "北側の通用口", "reception_hours": ReceptionHours()}
        row.site_listing = SiteListing.read(row.site_listing).model_copy(update=facts).text()
        row.state, row.arrived_at = "checked_in", START
        assert doorclosing.tell_night_door(db, now=closes - timedelta(minutes=16)) == 0
        assert doorclosing.tell_night_door(db, now=closes - timedelta(minutes=15)) == 1
        assert doorclosing.tell_night_door(db, now=closes) == 0
        assert doorclosing.tell_night_door(db, now=closes + timedelta(days=1)) == 1
    assert "夜間の入口から出てください" in told(towns)


def test_who_has_left_is_told_of_no_door(towns: Pair, booked: str) -> None:
    with towns.home.storage.transaction(write=True) as db:
        row = db.get_one(Trip, booked)
        facts = {"night_entrance": "北側の通用口", "reception_hours": ReceptionHours()}
        row.site_listing = SiteListing.read(row.site_listing).model_copy(update=facts).text()
        row.state, row.arrived_at, row.left_at = "checked_in", START, START + timedelta(hours=1)
        assert doorclosing.tell_night_door(db, now=START.replace(hour=8, minute=15)) == 0
