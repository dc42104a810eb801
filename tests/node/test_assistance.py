"""Help that somebody needs: told to a host on their own word alone, kept apart there, and gone with the day."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from federation import outbox
from federation.audit import AuditEntry
from federation.feed import FeedEntry
from node import jobs, leaving
from node.home import asking, assistance, manifest, offered
from node.models.agreements import Agreement
from node.models.assistance import Assistance, ToldAssistance
from node.models.retention import DeletionRecord
from node.models.trips import Trip
from tests.node import agreed
from tests.node.pair import HOST, Pair
from tests.node.test_two_towns import END, START, wish

WORDS = "車いすを使っています"


def says(towns: Pair, *, tells: bool = True) -> None:
    with towns.home.storage.transaction(write=True) as db:
        who, now = towns.person.staff_id, towns.clock()
        assistance.say(db, who, ["stairs"], WORDS, tells_hosts=tells, now=now)


def books(towns: Pair) -> str:
    return asking.submit(towns.home, wish(towns), towns.person, now=towns.clock())


def kept(towns: Pair) -> list[str]:
    with towns.host.storage.transaction() as db:
        return list(db.scalars(select(ToldAssistance.words)))


@pytest.mark.parametrize(("tells", "told"), [(True, [WORDS]), (False, [])])
def test_a_host_is_told_where_the_person_wants_it_and_nowhere_else(towns: Pair, tells: bool, told: list[str]) -> None:
    says(towns, tells=tells)
    books(towns)
    assert kept(towns) == told


def test_a_request_that_is_carried_later_tells_it_too_and_what_was_taken_back_it_does_not(towns: Pair) -> None:
    for taken_back in (False, True):
        says(towns)
        wanted = wish(towns)
        towns.wire.down.add(HOST)
        trip_id = asking.submit(towns.home, wanted, towns.person, now=towns.clock())
        if taken_back:
            with towns.home.storage.transaction(write=True) as db:
                assert assistance.take_back(db, towns.person.staff_id, now=towns.clock())
        towns.wire.down.clear()
        later = towns.clock.pass_by(minutes=1)
        outbox.deliver(towns.home.storage, asking.carriers(towns.home), now=later)
        assert kept(towns) == ([] if taken_back else [WORDS])
        asking.cancel(towns.home, trip_id, towns.person.staff_id, now=later)
        jobs.purge(towns.host)


def test_a_host_that_agreed_to_no_names_keeps_none_of_it(towns: Pair) -> None:
    with towns.host.storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"named_manifest": False})
    says(towns)
    books(towns)
    assert kept(towns) == []


@pytest.mark.parametrize("nameless", [True, False])
def test_home_tells_none_of_it_where_it_tells_no_name(
    towns: Pair, monkeypatch: pytest.MonkeyPatch, nameless: bool
) -> None:
    says(towns)
    trip_id = books(towns)
    monkeypatch.setattr(offered, "is_nameless", lambda *_: nameless)
    with towns.home.storage.transaction() as db:
        assert (manifest.of(db, db.get_one(Trip, trip_id)).assistance is None) is nameless
        assert manifest.tells_help(db, towns.person.staff_id, HOST) is not nameless


def test_it_is_in_no_feed_and_no_log_of_either_town(towns: Pair) -> None:
    says(towns)
    books(towns)
    for town in (towns.home, towns.host):
        with town.storage.transaction() as db:
            said = [str(row) for row in db.execute(select(AuditEntry.reason, AuditEntry.subject))]
            fed = [str(data) for data in db.scalars(select(FeedEntry.data))]
        assert said
        assert not [line for line in said + fed if WORDS in line or "stairs" in line]


def test_the_day_after_it_is_gone_with_one_record(towns: Pair) -> None:
    says(towns)
    books(towns)
    towns.clock.now = END + timedelta(hours=8, minutes=59)
    jobs.purge(towns.host)
    assert kept(towns) == [WORDS]
    towns.clock.pass_by(minutes=1)
    jobs.purge(towns.host)
    jobs.purge(towns.host)
    assert kept(towns) == []
    with towns.host.storage.transaction() as db:
        records = db.scalars(select(DeletionRecord).where(DeletionRecord.kind == "assistance")).all()
    assert [one.count for one in records] == [1]


def test_it_goes_with_a_booking_that_is_taken_back(towns: Pair) -> None:
    says(towns)
    trip_id = books(towns)
    asking.cancel(towns.home, trip_id, towns.person.staff_id, now=towns.clock())
    jobs.purge(towns.host)
    assert kept(towns) == []


def test_who_leaves_takes_it_along(towns: Pair) -> None:
    says(towns)
    with towns.home.storage.transaction(write=True) as db:
        leaving.end(db, towns.person.staff_id, on=START.date() - timedelta(days=30), by="staff:0", now=towns.clock())
        assert db.scalar(select(func.count()).select_from(Assistance)) == 0


def test_it_is_told_as_the_wish_was_last_said(towns: Pair) -> None:
    says(towns)
    says(towns, tells=False)
    with towns.home.storage.transaction() as db:
        assert assistance.told(db, towns.person.staff_id) is None
        assert db.scalar(select(func.count()).select_from(Assistance)) == 1
