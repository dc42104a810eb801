"""An incident recorded at one town is known at the other, with what each has written, and to nobody else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from federation import audit, outbox
from federation.errors import Forbidden
from node import incidents, notices, papers
from node.home import asking, trips
from node.host import visits
from node.incidents import Recorded
from node.models.bookings import Booking
from node.models.incidents import Incident
from node.models.staff import Staff
from node.people import staff as directory
from node.views.privacy import comparison
from tests.node.pair import HOME, HOST, Pair

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LOOKED_ON = Recorded("looking", "serious", "maybe", False, "画面をのぞき込まれた。", "4階", START)


@pytest.fixture
def visited(towns: Pair) -> str:
    """A visit of which the host's reception wrote down arrival and departure."""
    with towns.home.storage.transaction(write=True) as db:
        directory.give_roles(db.get_one(Staff, towns.person.staff_id), ("staff", "personnel"))
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(
        towns.person.staff_id, HOST, "千代田区", site, desk, START, START + timedelta(hours=2), "satellite", "2", "3"
    )
    trip_id = asking.submit(towns.home, wish, towns.person, now=towns.clock())
    towns.clock.now = START
    with towns.host.storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, trip_id).places[0], START)
    return trip_id


def recorded(towns: Pair, visited: str) -> str:
    """Let the host's reception record an incident of the visit, by its 受付番号."""
    with towns.host.storage.transaction(write=True) as db:
        code = db.get_one(Booking, visited).short_code or ""
        visit = incidents.visit_of(db, HOST, code.lower())
        assert visit is not None
        row = incidents.record(db, LOOKED_ON, visit, "所沢市", by="staff:1", now=START)
        incidents.write(db, row, "受付で申告を受けた。", by="staff:1", role="reception", now=START)
        return row.id


def carry(towns: Pair) -> None:
    for town in (towns.host, towns.home):
        outbox.deliver(town.storage, incidents.carriers(town), now=towns.clock())


def thread(towns: Pair, incident_id: str) -> list[list[tuple[bool, str]]]:
    found = []
    for town in (towns.host, towns.home):
        with town.storage.transaction() as db:
            found.append([(one.is_ours, one.words) for one in incidents.look(db, incident_id).entries])
    return found


def test_both_towns_see_one_thread(towns: Pair, visited: str) -> None:
    incident_id = recorded(towns, visited)
    carry(towns)
    with towns.home.storage.transaction(write=True) as db:
        answer = towns.clock.pass_by(minutes=5)
        incidents.write(
            db, incidents.get(db, incident_id), "本人に確認した。", by="staff:1", role="personnel", now=answer
        )
        assert any("事故・トラブルの連絡" in one.words for one in notices.latest(db, towns.person.staff_id))
    carry(towns)
    carry(towns)
    first, second = "受付で申告を受けた。", "本人に確認した。"
    assert thread(towns, incident_id) == [[(True, first), (False, second)], [(False, first), (True, second)]]


def test_the_facts_stay_its_recorders(towns: Pair, visited: str) -> None:
    incident_id = recorded(towns, visited)
    carry(towns)
    with towns.home.storage.transaction() as db:
        theirs = incidents.message(incidents.look(db, incident_id)).model_copy(update={"severity": "minor"})
    towns.home.hosts(HOST).put_incident(incident_id, theirs)
    with towns.host.storage.transaction() as db:
        assert db.get_one(Incident, incident_id).severity == "serious"


def test_a_town_that_had_no_part_in_the_visit_is_refused(towns: Pair, visited: str) -> None:
    incident_id = recorded(towns, visited)
    with towns.host.storage.transaction() as db:
        said = incidents.message(incidents.look(db, incident_id))
    foreign = said.model_copy(update={"booking": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"})
    with pytest.raises(Forbidden):
        towns.host.hosts(HOME).put_incident("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0008", foreign)
    with towns.home.storage.transaction() as db:
        assert db.scalars(select(Incident)).all() == []


def test_what_is_due_runs_from_when_the_town_knew(towns: Pair, visited: str) -> None:
    incident_id = recorded(towns, visited)
    with towns.host.storage.transaction() as db:
        days = [one.day for one in incidents.due(incidents.look(db, incident_id))]
    assert days == [date(2026, 11, 25), date(2026, 11, 29), date(2026, 12, 24)]


@pytest.mark.parametrize(("day", "following"), [
    (date(2026, 11, 20), date(2026, 11, 24)), (date(2026, 12, 28), date(2027, 1, 4)),
])  # fmt: skip
def test_a_working_day_is_no_weekend_and_no_holiday(day: date, following: date) -> None:
    assert incidents.next_working_day(day) == following


def test_a_visit_on_one_paper_says_what_differs(towns: Pair, visited: str) -> None:
    paper = papers.of_trip(towns.home, visited)
    differing = {one.words for one in paper.compared if one.agrees is False}
    assert differing == {"状態", "予約の版", "入室"}
    assert {step.event for step in paper.steps if step.side == "host"} >= {"booking.put"}
    assert all(step.met == "met" for step in paper.steps if step.event in {"trip-asked", "booking.put"})


def test_the_host_reads_its_visitors_home_on_the_paper(towns: Pair, visited: str) -> None:
    paper = papers.of_booking(towns.host, visited)
    assert {step.side for step in paper.steps} == {"home", "host"}
    towns.wire.down.add(HOME)
    assert papers.of_booking(towns.host, visited).away is not None


@pytest.mark.parametrize(("roles", "page"), [
    (("staff", "site_admin"), "/reception/incidents"), (("staff", "site_admin", "personnel"), "/personnel/incidents"),
    (("staff", "reception"), None), (("staff",), None),
])  # fmt: skip
def test_whoever_handles_incidents_is_told_once_and_led_to_it(
    towns: Pair, visited: str, roles: tuple[str, ...], page: str | None
) -> None:
    with towns.home.storage.transaction(write=True) as db:
        directory.give_roles(db.get_one(Staff, towns.person.staff_id), roles)
    incident_id = recorded(towns, visited)
    carry(towns)
    with towns.home.storage.transaction() as db:
        told = [one.link for one in notices.latest(db, towns.person.staff_id) if "事故・トラブルの連絡" in one.words]
    assert told == ([f"{page}/{incident_id}"] if page else [])


def test_the_other_town_closing_it_does_not_end_the_report_that_we_owe(towns: Pair, visited: str) -> None:
    incident_id = recorded(towns, visited)
    carry(towns)
    with towns.host.storage.transaction(write=True) as db:
        incidents.handle(db, incidents.get(db, incident_id), "closed", by="staff:1", now=towns.clock())
    carry(towns)
    for step in ("concluded", "nothing more"):
        with towns.home.storage.transaction(write=True) as db:
            row = incidents.get(db, incident_id)
            assert (row.closed_at is None) is (step == "concluded")
            incidents.handle(db, row, "concluded", by="staff:1", now=towns.clock())
        with towns.host.storage.transaction(write=True) as db:
            incidents.write(
                db, incidents.get(db, incident_id), "確認した。", by="staff:1", role="personnel", now=towns.clock()
            )
        carry(towns)


def test_what_is_late_counts_until_it_is_done_or_over(towns: Pair, visited: str) -> None:
    incident_id = recorded(towns, visited)
    carry(towns)
    with towns.home.storage.transaction(write=True) as db:
        row = incidents.look(db, incident_id)
        days = [one.day for one in incidents.outstanding(row)]
        assert [incidents.late(db, day) for day in (days[0], days[0] + timedelta(days=1))] == [0, 1]
        incidents.write(db, row, "本人に確認した。", by="staff:1", role="personnel", now=towns.clock())
        assert [incidents.late(db, days[1]), incidents.late(db, days[2] + timedelta(days=1))] == [0, 1]
        incidents.handle(db, row, "closed", by="staff:1", now=towns.clock())
        assert incidents.late(db, days[2] + timedelta(days=1)) == 0


def compared(towns: Pair, visited: str) -> comparison.Comparison:
    with towns.home_app.test_request_context():
        paper = comparison.paper_of(towns.home, visited, ours=True)
        assert paper is not None
        return comparison.of(paper)


def test_lines_stand_under_what_the_other_town_has_of_them(towns: Pair, visited: str) -> None:
    with towns.host.storage.transaction(write=True) as db:
        audit.record(db, event="visit.arrive", actor="staff:1", subject=visited, verdict="allowed", now=towns.clock())
    found = compared(towns, visited)
    assert {row[1] for row in found.agreeing} == {"所沢市", "千代田区"}
    assert [row[2] for row in found.own if row[1] == "千代田区"] == ["入室の記録"]
    assert (found.alone, found.unanswered, found.away) == ([], [], False)


def test_what_one_town_alone_has_stands_apart_with_that_town(towns: Pair, visited: str) -> None:
    agreeing = compared(towns, visited).agreeing
    with towns.host.storage.transaction(write=True) as db:
        audit.record(db, event="booking.delete", actor=HOME, subject=visited, verdict="allowed", now=towns.clock())
    found = compared(towns, visited)
    assert [row[1] for row in found.alone] == ["千代田区"]
    assert found.agreeing == agreeing


def test_while_the_other_town_is_away_nothing_is_said_to_agree(towns: Pair, visited: str) -> None:
    towns.wire.down.add(HOST)
    found = compared(towns, visited)
    assert (found.away, found.agreeing, found.alone, found.own) == (True, [], [], [])
    assert found.unanswered
    with towns.home_app.test_request_context():
        assert comparison.paper_of(towns.host, "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009", ours=False) is None
