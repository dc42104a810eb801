"""One visit on one paper, from either side: what was judged, both towns' lines, and what each says of the other's."""

from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation import audit
from federation.errors import TachiyoriError
from federation.messages.trail import RestedOn
from node import papers
from node.home import asking, conditions, corrections, houserules, trips
from node.host import visits
from node.matching import Step
from node.models.agreements import Agreement
from node.models.approvals import Approval
from node.models.attendance import Attendance
from node.models.bookings import Booking
from node.models.staff import Staff
from node.papers import Paper
from node.people import assurance, sessions
from node.people import staff as directory
from node.people.signin import SignedIn
from tests.node import agreed
from tests.node.pair import HOME, HOST, Pair

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
NAME = "髙﨑 𠮷田 辻\U000e0100"


def asked(towns: Pair, *, after: timedelta = timedelta(0)) -> str:
    """Ask for a desk; with ``after`` the host hears of it only then."""
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(
        towns.person.staff_id, HOST, "千代田区", site, desk, START, START + timedelta(hours=2), "satellite", "2", "3"
    )
    if after:
        towns.wire.down.add(HOST)
    trip_id = asking.submit(towns.home, wish, towns.person, now=towns.clock())
    if after:
        towns.clock.now += after
        towns.wire.down.clear()
        asking.carry(towns.home, trip_id, None, now=towns.clock())
    return trip_id


def visited(towns: Pair, trip_id: str) -> None:
    """Let reception write down that the visitor came and went, and the home learn of it."""
    towns.clock.now = START
    with towns.host.storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, trip_id).places[0], START)
    towns.clock.now = START + timedelta(hours=1)
    with towns.host.storage.transaction(write=True) as db:
        visits.leave(db, db.get_one(Booking, trip_id).places[0], towns.clock())
    held = towns.home.hosts(HOST).get_booking(trip_id)
    with towns.home.storage.transaction(write=True) as db:
        trip = trips.locked(db, trip_id)
        assert trip is not None
        trips.follow(db, trip, held, now=towns.clock(), unasked=True)


def step(paper: Paper, event: str) -> Step:
    return next(one for one in paper.steps if one.event == event)


def lay_down(towns: Pair, *, approved: bool = False) -> None:
    """Lay down one more version of the conditions."""
    with towns.home.storage.transaction(write=True) as db:
        conditions.lay_down(
            db,
            privacy=(),
            work_kinds=(),
            host_codes=(),
            employments_barred=(),
            days_a_week=None,
            limit_yen=None,
            approval=conditions.Approving(by="superior") if approved else None,
            by=towns.person.staff_id,
            now=towns.clock(),
        )


def personnel(towns: Pair) -> FlaskClient:
    """The person of the home at its pages, who serves in its personnel department."""
    client = towns.home_app.test_client()
    with towns.home.storage.transaction(write=True) as db:
        who = db.get_one(Staff, towns.person.staff_id)
        who.name = NAME
        directory.give_roles(who, ("staff", "personnel"))
        signed_in = SignedIn(who.id, 1, assurance.ONE_FACTOR, towns.clock(), "one")
        sessions.begin(db, signed_in)
    with client.session_transaction(base_url=HOME) as kept:
        since = int(towns.clock().timestamp())
        kept["who"] = {"id": signed_in.staff_id, "epoch": 1, "acr": signed_in.acr, "since": since, "session": "one"}
    return client


def test_both_papers_name_the_agreement_in_the_version_of_then(towns: Pair) -> None:
    trip_id = asked(towns)
    towns.clock.pass_by(minutes=30)
    with towns.host.storage.transaction(write=True) as db:
        agreement = db.scalars(select(Agreement)).one()
        agreed.amend(db, agreement, {"seats_a_day": 9}, now=towns.clock())
        assert agreement.version == 2
    rested = RestedOn(name="相互利用協定", number="6千総第1号", version=1)
    assert papers.of_trip(towns.home, trip_id).agreement == rested
    assert papers.of_booking(towns.host, trip_id).agreement == rested


def test_the_conditions_are_those_of_when_it_was_asked(towns: Pair) -> None:
    lay_down(towns)
    trip_id = asked(towns)
    towns.clock.pass_by(minutes=1)
    lay_down(towns)
    judged = papers.of_trip(towns.home, trip_id).at_home
    assert judged is not None
    assert (judged.conditions, judged.at) == (1, towns.clock() - timedelta(minutes=1))


def test_who_approved_is_a_role_and_the_host_learns_that_it_was_decided(towns: Pair) -> None:
    lay_down(towns, approved=True)
    trip_id = asked(towns)
    with towns.home.storage.transaction(write=True) as db:
        chief = directory.add(db, number="000900", name="課長 花子", section="企画課", now=towns.clock())
        directory.give_roles(chief, ("staff", "manager"))
        row = db.scalars(select(Approval)).one()
        row.state, row.by_id, row.decided_at = "approved", chief.id, towns.clock()
        said = {"actor": f"staff:{chief.id}", "subject": row.id, "reason": f"1 trips of staff:{row.staff_id}"}
        audit.record(db, event="approval", verdict="allowed", now=towns.clock(), **said)
    judged = papers.of_trip(towns.home, trip_id).at_home
    assert judged is not None
    assert judged.approval is not None
    assert (judged.approval.state, judged.approval.decider) == ("approved", "superior")
    assert step(papers.of_booking(towns.host, trip_id), "approval").reason == ""


def test_corrections_and_the_consent_stand_on_the_paper(towns: Pair) -> None:
    trip_id = asked(towns)
    visited(towns, trip_id)
    with towns.home.storage.transaction(write=True) as db:
        row = db.scalars(select(Attendance)).one()
        corrections.correct(db, row, None, START + timedelta(minutes=50), "早退", by="staff:1", now=towns.clock())
        houserules.confirm(db, row.staff_id, HOST, "3", host_name="千代田区", now=towns.clock())
    judged = papers.of_trip(towns.home, trip_id).at_home
    assert judged is not None
    assert [one.reason for one in judged.corrections] == ["早退"]
    assert judged.consented_at == towns.clock()


def test_a_wish_that_was_carried_later_is_met_by_its_host(towns: Pair) -> None:
    paper = papers.of_trip(towns.home, asked(towns, after=timedelta(minutes=20)))
    assert step(paper, "trip-asked").met == step(paper, "booking.put").met == "met"
    assert paper.agrees


def test_a_cancellation_is_a_line_of_both_towns(towns: Pair) -> None:
    trip_id = asked(towns)
    towns.clock.pass_by(minutes=10)
    asking.cancel(towns.home, trip_id, towns.person.staff_id, now=towns.clock())
    paper = papers.of_trip(towns.home, trip_id)
    assert step(paper, "trip-cancelled").met == step(paper, "booking.delete").met == "met"


def test_a_line_that_the_other_town_lacks_is_a_difference(towns: Pair) -> None:
    trip_id = asked(towns)
    with towns.host.storage.transaction(write=True) as db:
        lines = {"actor": HOME, "subject": trip_id, "verdict": "allowed"}
        audit.record(db, event="booking.leave", now=towns.clock(), **lines)  # type: ignore[arg-type]  # The verdict is one.
    paper = papers.of_trip(towns.home, trip_id)
    assert step(paper, "booking.leave").met == "missing"
    assert not paper.agrees


def test_many_lines_are_asked_for_page_after_page_and_bounded(towns: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    trip_id = asked(towns)
    with towns.host.storage.transaction(write=True) as db:
        for _ in range(150):
            audit.record(db, event="door-note", actor="staff:1", subject=trip_id, verdict="allowed", now=towns.clock())
    paper = papers.of_trip(towns.home, trip_id)
    assert step(paper, "booking.put").met == "met"
    assert not paper.is_cut
    monkeypatch.setattr(papers, "MOST", 100)
    assert papers.of_trip(towns.home, trip_id).is_cut


def test_another_place_with_the_same_number_is_not_on_the_paper(towns: Pair) -> None:
    trip_id = asked(towns)
    with towns.host.storage.transaction(write=True) as db:
        number = str(db.get_one(Booking, trip_id).places[0].id)
        audit.record(db, event="photo-added", actor="staff:1", subject=number, verdict="allowed", now=towns.clock())
        audit.record(db, event="door-note", actor="staff:1", subject=number, verdict="allowed", now=towns.clock())
    events = {one.event for one in papers.of_booking(towns.host, trip_id).steps}
    assert "door-note" in events
    assert "photo-added" not in events


def test_the_pdf_has_the_name_and_the_lines_of_both_towns(towns: Pair) -> None:
    trip_id = asked(towns)
    visited(towns, trip_id)
    answer = personnel(towns).get(f"/personnel/papers/{trip_id}/paper.pdf", base_url=HOME)
    assert answer.status_code == 200
    document = pypdfium2.PdfDocument(answer.data)
    read = "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "")
    for words in (
        NAME,
        "企画課",
        "予約の申込みの記録",
        "予約の申込みの受付",
        "6千総第1号 第1版",
        "利用済",
        "双方の記録は一致",
    ):
        assert words in read


def test_a_host_that_is_away_leaves_its_part_open(towns: Pair) -> None:
    trip_id = asked(towns)
    towns.wire.down.add(HOST)
    paper = papers.of_trip(towns.home, trip_id)
    assert isinstance(paper.away, TachiyoriError)
    assert {one.met for one in paper.steps} == {"unknown"}
