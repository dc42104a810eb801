"""An evacuation at a host, as the homes of those who were there hear of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select

from federation import feed, outbox
from federation.tokens import ROLL_CALL
from node import jobs, notices
from node.home import asking, following, rollcalls, trips
from node.host import rollcall, rollreports, visits
from node.host.rollreports import Reporter
from node.models.bookings import Booking
from node.models.rollcalls import HeardRollCall, RollCallReport
from node.models.staff import Staff
from node.models.tables import METADATAS
from node.people import staff as directory
from tests.databases import Databases
from tests.node.pair import HOME, HOST, Pair, pair

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
    with made.home.storage.transaction(write=True) as db:
        directory.give_roles(db.get_one(Staff, made.person.staff_id), ("staff", "personnel"))
    yield made
    for town in (made.home, made.host):
        town.storage.close()
        town.proofs.close()


def evacuated(towns: Pair, *, is_drill: bool = False) -> str:
    """Somebody of the home is in the building, and nobody finds them."""
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    end = START + timedelta(hours=2)
    wish = trips.Wish(
        towns.person.staff_id,
        HOST,
        "千代田区",
        site,
        desk,
        START,
        end,
        work_kind="satellite",
        confidentiality="2",
        consent_version="3",
    )
    trip_id = asking.submit(towns.home, wish, towns.person, now=towns.clock())
    towns.clock.now = START
    host, now = towns.host, towns.clock()
    reporter = Reporter(HOST, host.config.code, host.keys.protocol)
    with host.storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, trip_id).places[0], now)
        call = rollcall.begin(db, is_drill=is_drill, by="staff:1", now=now)
        rollreports.end(db, reporter, call, by="staff:1", now=now)
    return trip_id


def hears(towns: Pair) -> None:
    home, now = towns.home, towns.clock.pass_by(minutes=5)
    following.follow_host(home, HOST, following.sources(home), now=now)
    outbox.deliver(home.storage, rollcalls.carriers(home), now=now)


def heard(towns: Pair) -> list[tuple[int | None, str]]:
    with towns.home.storage.transaction() as db:
        return [(one.staff_id, one.outcome) for call in rollcalls.heard(db) for one in call.people]


def told(towns: Pair) -> list[str]:
    with towns.home.storage.transaction() as db:
        return [one.words for one in notices.latest(db, towns.person.staff_id) if "在館者確認" in one.words]


def test_home_hears_who_of_its_own_is_missing_and_keeps_the_proof(towns: Pair) -> None:
    evacuated(towns)
    hears(towns)
    assert heard(towns) == [(towns.person.staff_id, "missing")]
    assert len(told(towns)) == 1
    with towns.home.storage.transaction() as db:
        proof = db.scalars(select(HeardRollCall)).one().token
    keys = towns.home.members.verified(HOST, towns.clock()).protocol_keys
    assert ROLL_CALL.verify(proof, keys, now=towns.clock(), issuer=HOST, audience=HOME).issuer == HOST


def test_a_report_read_twice_is_told_once(towns: Pair) -> None:
    evacuated(towns)
    hears(towns)
    with towns.host.storage.transaction(write=True) as db:
        towns.host.feeds.new_epochs(db)
    hears(towns)
    assert (len(heard(towns)), len(told(towns))) == (1, 1)


def test_a_drill_is_told_as_one(towns: Pair) -> None:
    evacuated(towns, is_drill=True)
    hears(towns)
    assert told(towns)[0].startswith("【訓練】")


@pytest.mark.parametrize("wrong", ["audience", "key", "form"])
def test_what_the_host_has_not_signed_for_us_is_not_believed(towns: Pair, wrong: str) -> None:
    evacuated(towns)
    keys = towns.host.keys
    ring = keys.passes if wrong == "key" else keys.protocol
    with towns.host.storage.transaction(write=True) as db:
        row = db.scalars(select(RollCallReport)).one()
        own = ROLL_CALL.verify(row.token, keys.protocol.public(), now=towns.clock(), issuer=HOST, audience=HOME)
        report = {"id": "no"} if wrong == "form" else own["report"]
        audience = HOST if wrong == "audience" else HOME
        claims = {"iss": HOST, "aud": audience, "report": report}
        row.token = ROLL_CALL.sign(ring.current, claims, now=towns.clock())
        feed.changed(db, "visits:1", rollreports.KIND, row.id)
    hears(towns)
    assert (heard(towns), told(towns)) == ([], [])


def test_the_town_itself_carries_it_with_its_other_promises(towns: Pair) -> None:
    evacuated(towns)
    following.follow_host(towns.home, HOST, following.sources(towns.home), now=towns.clock())
    jobs.deliver(towns.home)
    assert len(heard(towns)) == 1
