"""What a town does by itself, and how one town's pings make the other read."""

import logging
from datetime import datetime, timedelta

import pytest

from federation.errors import PeerUnreachable
from node import jobs
from node.host import closures
from node.models.sites import Desk
from node.pings import Pings
from tests.node.pair import HOME, HOST, Pair
from tests.node.test_two_towns import booked, trip


def closed(towns: Pair, start: datetime) -> None:
    with towns.host.storage.transaction(write=True) as db:
        room = db.get_one(Desk, towns.desk).room
        closures.close(db, room, start, start + timedelta(hours=4), template="other", now=towns.clock())


def pings_to(towns: Pair) -> int:
    return sum(path == "/api/v1/pings" and status == 202 for _method, path, status in towns.wire.passed)


def test_before_joining_a_town_calls_nobody(towns: Pair) -> None:
    names = {job.name for job in jobs.jobs(towns.home)}
    assert "112089 promises" in names
    assert not names & {"112089 pings", "112089 members", "112089 status", "112089 visits elsewhere"}


def test_after_joining_it_does(towns: Pair) -> None:
    (towns.home.config.data / "anchor.json").write_text("{}")
    assert {"112089 pings", "112089 status"} <= {job.name for job in jobs.jobs(towns.home)}


def test_the_jobs_of_two_towns_have_names_of_their_own(towns: Pair) -> None:
    table = jobs.all_jobs([towns.home, towns.host])
    assert len({job.name for job in table}) == len(table)


def test_each_town_of_an_installation_has_threads_of_its_own(towns: Pair) -> None:
    assert {job.lane for job in jobs.all_jobs([towns.home, towns.host])} == {"112089", "131016"}
    assert all(job.name.startswith(job.lane) for job in jobs.jobs(towns.home))


def test_a_ping_makes_the_home_read_what_the_host_did(towns: Pair) -> None:
    trip_id = booked(towns)
    pings = Pings(towns.host)
    pings.send()
    closed(towns, trip(towns, trip_id).start)
    pings.send()
    assert trip(towns, trip_id).state == "confirmed"
    jobs.deliver(towns.home)
    assert trip(towns, trip_id).state == "cancelled"


def test_the_readers_are_told_once_of_each_move(towns: Pair) -> None:
    booked(towns)
    pings = Pings(towns.host)
    pings.send()
    told = pings_to(towns)
    assert told == 1
    pings.send()
    assert pings_to(towns) == told


def test_a_reader_that_is_away_holds_nothing_up(towns: Pair) -> None:
    booked(towns)
    towns.wire.down.add(HOME)
    assert Pings(towns.host).send() == 0


def test_without_any_ping_polling_finds_it(towns: Pair) -> None:
    trip_id = booked(towns)
    closed(towns, trip(towns, trip_id).start)
    assert jobs.follow_hosts(towns.home) == {}
    assert trip(towns, trip_id).state == "cancelled"


def test_a_party_that_does_not_answer_is_a_line_and_no_failure(
    towns: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(_town: object) -> None:
        raise PeerUnreachable(f"{HOST} is down")

    monkeypatch.setattr(jobs, "deliver", unreachable)
    (job,) = [job for job in jobs.jobs(towns.home) if job.name == "112089 promises"]
    with caplog.at_level(logging.WARNING):
        job.function()
    assert "peer-unreachable" in caplog.text
    assert "Traceback" not in caplog.text


def test_every_job_may_run_twice(towns: Pair) -> None:
    for _ in range(2):
        for work in (jobs.deliver, jobs.lapse_holds, jobs.close_visits, jobs.roll_horizon, jobs.purge):
            work(towns.host)
