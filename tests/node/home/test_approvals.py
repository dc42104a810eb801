"""承認: who is asked, what a decision does at the host, and the truth when it comes too late. On both databases."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.errors import BookingLapsed, DeskTaken
from federation.messages.booking import Quote
from federation.storage import Storage
from node import notices
from node.home import (
    approvals,
    asking,
    conditions,
    deputies,
    extensions,
    needs,
    series,
    standing,
    superiors,
    teams,
    trips,
    waiting,
)
from node.home.approvals import Decided
from node.models.approvals import Approval
from node.models.staff import Staff
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town
from tests.contention import at_once
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import NOW, Clock

Make = Callable[..., trips.Wish]
TODAY = date(2026, 11, 24)


@dataclass
class Office:
    """A person whose bookings need their 所属長, the 所属長, somebody of personnel, and a bystander of another section."""

    town: Town
    host: FakeHost
    clock: Clock
    wish: Make
    signed_in: SignedIn
    chief: Staff
    personnel: Staff
    other: Staff

    def asks(self, **changes: object) -> str:
        return asking.submit(self.town, replace(self.wish(), **changes), self.signed_in, now=self.clock())  # type: ignore[arg-type]  # Fields of a wish by name.

    def decides(self, act: str, by: Staff | None = None, reason: str = "") -> Decided:
        by = by or self.chief
        return approvals.decide(self.town, self.waits(by), act, by, reason, now=self.clock())  # type: ignore[arg-type]  # One of the three acts, as each test names it.

    def waits(self, by: Staff | None = None) -> list[str]:
        with self.town.storage.transaction() as db:
            return [one.id for one in approvals.waiting(db, by or self.chief, now=self.clock())]

    def state(self, trip_id: str) -> tuple[str, str]:
        """The approval's state and the trip's."""
        with self.town.storage.transaction() as db:
            row = needs.find(db, trip_id)
            return row.state if row else "", db.get_one(Trip, trip_id).state

    def told(self, whom: Staff | int) -> list[str]:
        with self.town.storage.transaction() as db:
            return [one.words for one in notices.latest(db, whom if isinstance(whom, int) else whom.id)]

    def wants(self, approval: conditions.Approving) -> None:
        with self.town.storage.transaction(write=True) as db:
            conditions.lay_down(
                db, privacy=(), work_kinds=(), host_codes=(), employments_barred=(), days_a_week=None, limit_yen=None,
                approval=approval, by=self.personnel.id, now=self.clock(),
            )  # fmt: skip


@pytest.fixture
def office(town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn) -> Office:
    with town.storage.transaction(write=True) as db:
        chief = directory.add(
            db, number="000100", name="課長 一郎", section="企画課", roles=("staff", "manager"), now=NOW
        )
        personnel = directory.add(
            db, number="000200", name="人事 二郎", section="人事課", roles=("staff", "personnel"), now=NOW
        )
        other = directory.add(
            db, number="000300", name="財政 課長", section="財政課", roles=("staff", "manager"), now=NOW
        )
    made = Office(town, host, clock, wish, person, chief, personnel, other)
    made.wants(conditions.Approving("superior"))
    return made


def test_without_the_condition_nobody_is_asked(office: Office) -> None:
    office.wants(conditions.Approving())
    assert office.state(office.asks()) == ("", "confirmed")


def test_the_desk_is_held_while_the_superior_is_asked(office: Office) -> None:
    assert office.state(office.asks()) == ("asked", "held")
    assert office.waits() != []
    assert office.waits(office.other) == office.waits(office.personnel) == []


def test_an_approval_confirms_at_the_host_and_tells_the_applicant(office: Office) -> None:
    trip_id = office.asks()
    assert office.decides("approved") == Decided(done=1)
    assert office.state(trip_id) == ("approved", "confirmed")
    assert any("承認しました" in words for words in office.told(office.signed_in.staff_id))


@pytest.mark.parametrize("act", ["returned", "refused"])
def test_a_no_gives_the_desk_back_and_says_why(office: Office, act: str) -> None:
    trip_id = office.asks()
    office.decides(act, reason="会議と重なります")
    assert office.state(trip_id) == (act, "cancelled")
    with office.town.storage.transaction() as db:
        assert "会議と重なります" in str(notices.latest(db, office.signed_in.staff_id)[0].facts)
        assert db.get_one(Trip, trip_id).cause == approvals.CAUSES[act]


def test_a_longer_stay_is_asked_for_beside_the_one_that_stands(office: Office) -> None:
    trip_id = office.asks()
    office.decides("approved")
    longer = extensions.stay_longer(office.town, trip_id, 60, office.signed_in, now=office.clock())
    assert longer != trip_id
    assert (office.state(trip_id), office.state(longer)) == (("approved", "confirmed"), ("asked", "held"))
    office.decides("refused", reason="窓口の当番です")
    assert (office.state(trip_id), office.state(longer)) == (("approved", "confirmed"), ("refused", "cancelled"))


def test_a_longer_stay_that_needs_nobody_is_simply_longer(office: Office) -> None:
    office.wants(conditions.Approving())
    trip_id = office.asks()
    assert extensions.stay_longer(office.town, trip_id, 60, office.signed_in, now=office.clock()) == trip_id
    assert office.host.bookings[trip_id].places[0].end == office.wish().end + timedelta(hours=1)


def test_a_longer_stay_beyond_a_standing_approval_is_asked_for(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        chief, person = directory.get(db, office.chief.id), directory.get(db, office.signed_in.staff_id)
        scope = standing.Scope(TODAY, TODAY, 8 * 60, 15 * 60)
        standing.give(db, chief, person, scope, now=NOW)
    trip_id = office.asks()
    assert office.state(trip_id) == ("covered", "confirmed")
    longer = extensions.stay_longer(office.town, trip_id, 30, office.signed_in, now=office.clock())
    assert office.state(longer) == ("asked", "held")


@pytest.mark.parametrize("who", ["other", "personnel"])
def test_who_is_not_the_superior_decides_nothing(office: Office, who: str) -> None:
    trip_id = office.asks()
    ids = office.waits()
    assert approvals.decide(office.town, ids, "approved", getattr(office, who), now=office.clock()) == Decided(gone=1)
    assert office.state(trip_id) == ("asked", "held")


def test_nobody_approves_what_they_asked_for_themselves(office: Office) -> None:
    own = replace(office.signed_in, staff_id=office.chief.id)
    trip_id = asking.submit(office.town, office.wish(staff_id=office.chief.id), own, now=office.clock())
    assert office.waits() == []
    office.decides("approved", office.personnel)
    assert office.state(trip_id) == ("approved", "confirmed")


def test_after_the_hold_has_run_out_an_approval_tells_the_truth(office: Office) -> None:
    trip_id = office.asks()
    office.host.no = BookingLapsed("ran out")
    office.host.changed(trip_id, state="lapsed", cause="lapsed")
    office.host.bookings[trip_id] = office.host.bookings[trip_id].model_copy(update={"version": 1})
    assert office.decides("approved") == Decided(late=1)
    assert office.state(trip_id)[0] == "lapsed"
    assert any("期限が過ぎていました" in words for words in office.told(office.signed_in.staff_id))


def test_a_hold_known_to_be_over_is_not_even_carried_to_the_host(
    office: Office, trip_now: Callable[[str], Trip]
) -> None:
    trip_id = office.asks()
    with office.town.storage.transaction(write=True) as db:
        db.get_one(Trip, trip_id).hold_until = office.clock.now + timedelta(hours=1)
    office.clock.pass_by(hours=2)
    assert office.decides("approved") == Decided(late=1)
    assert trip_now(trip_id).state == "held"


def test_what_lapses_undecided_is_told_to_the_approver(office: Office) -> None:
    trip_id = office.asks()
    with office.town.storage.transaction(write=True) as db:
        db.get_one(Trip, trip_id).hold_until = office.clock.now + timedelta(hours=1)
    approvals.go_on(office.town, now=office.clock.pass_by(hours=2))
    assert office.state(trip_id)[0] == "lapsed"
    assert "承認されないまま" in office.told(office.chief)[0]


def test_what_the_applicant_takes_back_waits_no_more(office: Office) -> None:
    trip_id = office.asks()
    asking.cancel(office.town, trip_id, office.signed_in.staff_id, now=office.clock())
    approvals.go_on(office.town, now=office.clock())
    assert office.state(trip_id) == ("withdrawn", "cancelled")
    assert office.waits() == []


def test_nobody_is_asked_for_a_desk_the_host_refuses(office: Office) -> None:
    office.host.no = DeskTaken("taken")
    with pytest.raises(DeskTaken):
        office.asks()
    approvals.go_on(office.town, now=office.clock())
    assert office.told(office.chief) == []


def test_a_host_that_is_away_hears_of_the_approval_later(office: Office) -> None:
    trip_id = office.asks()
    office.host.down = True
    assert office.decides("approved") == Decided(done=1)
    assert office.state(trip_id) == ("approved", "held")
    office.host.down = False
    approvals.go_on(office.town, now=office.clock.pass_by(minutes=1))
    assert office.state(trip_id) == ("approved", "confirmed")


def test_of_two_approvers_at_once_one_decides(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        second = directory.add(
            db, number="000101", name="次長 花子", section="企画課", roles=("staff", "manager"), now=NOW
        )
    trip_id, ids = office.asks(), office.waits()
    acts: list[tuple[Staff, approvals.Act]] = [(office.chief, "approved"), (second, "refused")]
    found: list[Decided] = []

    def decide(number: int) -> None:
        by, act = acts[number]
        found.append(approvals.decide(office.town, ids, act, by, "理由", now=NOW))

    assert at_once(2, decide) == []
    assert sorted((one.done, one.gone) for one in found) == [(0, 1), (1, 0)]
    assert office.state(trip_id) in {("approved", "confirmed"), ("refused", "cancelled")}


def test_a_named_approver_comes_before_the_chief_of_the_section(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        directory.get(db, office.signed_in.staff_id).approver = office.other.number
    office.asks()
    assert office.waits() == []
    assert office.decides("approved", office.other).done == 1


def test_a_transfer_changes_the_approver_of_what_is_asked_already(office: Office) -> None:
    trip_id = office.asks()
    with office.town.storage.transaction(write=True) as db:
        directory.get(db, office.signed_in.staff_id).section = "財政課"
    assert office.waits() == []
    office.decides("approved", office.other)
    assert office.state(trip_id) == ("approved", "confirmed")


def test_a_deputy_decides_within_the_days_and_not_after(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        deputies.appoint(db, office.chief, office.other.number, TODAY, TODAY, now=office.clock())
    trip_id = office.asks(start=NOW + timedelta(days=3), end=NOW + timedelta(days=3, hours=2))
    assert len(office.waits(office.other)) == 1
    office.clock.pass_by(days=1)
    assert office.waits(office.other) == []
    office.clock.now = NOW
    office.decides("approved", office.other)
    assert office.state(trip_id) == ("approved", "confirmed")


def test_a_deputy_does_not_decide_of_themselves(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        deputies.appoint(db, office.chief, "012345", TODAY, TODAY, now=office.clock())
        mine = directory.get(db, office.signed_in.staff_id)
    office.asks()
    assert office.waits(mine) == []


def test_personnel_may_decide_what_waits_too_long(office: Office) -> None:
    office.wants(conditions.Approving("superior", escalate_hours=4))
    trip_id = office.asks(start=NOW + timedelta(days=3), end=NOW + timedelta(days=3, hours=2))
    approvals.go_on(office.town, now=office.clock.pass_by(hours=3))
    assert office.waits(office.personnel) == []
    approvals.go_on(office.town, now=office.clock.pass_by(hours=1))
    assert "4時間" in office.told(office.personnel)[0] or "%(hours)s" in office.told(office.personnel)[0]
    office.decides("approved", office.personnel)
    assert office.state(trip_id) == ("approved", "confirmed")


@pytest.mark.parametrize("whose", ["superior", "personnel"])
@pytest.mark.parametrize("left", [None, TODAY])
def test_whoever_is_told_may_decide_and_nobody_else(office: Office, whose: str, left: date | None) -> None:
    office.wants(conditions.Approving(whose))
    with office.town.storage.transaction(write=True) as db:
        directory.get(db, office.other.id).left_on = left
        deputies.appoint(db, office.personnel, "000001", TODAY, TODAY, now=office.clock())
    office.asks()
    with office.town.storage.transaction(write=True) as db:
        row = db.scalars(select(Approval)).one()
        everybody = [one for one in db.scalars(select(Staff)) if one.left_on is None]
        for row.staff.approver in ("", "000300", "999999", "012345"):
            for row.staff.section in ("企画課", "財政課", "無人課", ""):
                db.flush()
                told = superiors.of(db, row.staff, row.whose, escalated=False, today=TODAY)
                may = [one.number for one in everybody if approvals.waiting(db, one, now=office.clock())]
                assert sorted(may) == [one.number for one in told], (row.staff.approver, row.staff.section)


def test_a_series_is_approved_as_one(office: Office) -> None:
    office.host.quoted = Quote(allowed=True, outcome="confirmed")
    wishes = [office.wish(hours=24 * 7 * week) for week in range(3)]
    series.ask(office.town, str(uuid.uuid4()), wishes, office.signed_in, now=office.clock())
    assert len(office.waits()) == 1
    assert office.decides("approved") == Decided(done=1)
    assert {booking.state for booking in office.host.bookings.values()} == {"confirmed"}
    assert len(office.host.bookings) == 3


def test_a_team_is_confirmed_once_everybodys_seat_is_approved(office: Office) -> None:
    with office.town.storage.transaction() as db:
        by, colleague = directory.get(db, office.signed_in.staff_id), directory.find(db, "000001")
    assert colleague is not None
    wishes = [office.wish(), replace(office.wish(staff_id=colleague.id), desk=office.wish().desk)]
    teams.ask(office.town, str(uuid.uuid4()), wishes, by, office.signed_in, now=office.clock())
    assert {booking.state for booking in office.host.bookings.values()} == {"held"}
    office.decides("approved")
    teams.go_on(office.town, now=office.clock.pass_by(minutes=1))
    assert {booking.state for booking in office.host.bookings.values()} == {"held"}
    office.decides("approved", office.other)
    teams.go_on(office.town, now=office.clock.pass_by(minutes=1))
    assert {booking.state for booking in office.host.bookings.values()} == {"confirmed"}


def test_one_seat_that_is_not_approved_gives_the_team_back(office: Office) -> None:
    with office.town.storage.transaction() as db:
        by, colleague = directory.get(db, office.signed_in.staff_id), directory.find(db, "000001")
    assert colleague is not None
    wishes = [office.wish(), office.wish(staff_id=colleague.id)]
    teams.ask(office.town, str(uuid.uuid4()), wishes, by, office.signed_in, now=office.clock())
    office.decides("refused", reason="人手が足りません")
    teams.go_on(office.town, now=office.clock.pass_by(minutes=1))
    approvals.go_on(office.town, now=office.clock())
    assert {booking.state for booking in office.host.bookings.values()} == {"cancelled"}
    assert office.waits(office.other) == []


def test_an_offer_from_the_queue_is_approved_once_it_is_taken(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        row = waiting.wait(db, office.wish(), anywhere=False, now=office.clock())
    waiting.go_on(office.town, now=office.clock.pass_by(minutes=1))
    assert office.waits() == []
    trip_id = waiting.take(office.town, row.id, office.signed_in.staff_id, now=office.clock())
    assert office.state(trip_id) == ("asked", "held")
    office.decides("approved")
    assert office.state(trip_id) == ("approved", "confirmed")


def test_within_a_standing_approval_nobody_is_asked(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        mine = directory.get(db, office.signed_in.staff_id)
        given = standing.give(db, office.chief, mine, standing.Scope(TODAY, TODAY), now=office.clock())
    trip_id = office.asks()
    assert office.state(trip_id) == ("covered", "confirmed")
    with office.town.storage.transaction() as db:
        row = needs.find(db, trip_id)
        assert row is not None
        assert row.standing_id == given.id


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (standing.Scope(TODAY, TODAY, 13 * 60, 15 * 60), True),
        (standing.Scope(TODAY, TODAY, 13 * 60 + 15, 15 * 60), False),
        (standing.Scope(TODAY, TODAY, 13 * 60, 14 * 60 + 45), False),
        (standing.Scope(TODAY + timedelta(days=1), TODAY + timedelta(days=9)), False),
        (standing.Scope(TODAY, TODAY, host_codes=("131016",)), True),
        (standing.Scope(TODAY, TODAY, host_codes=("131024",)), False),
        (standing.Scope(TODAY, TODAY, site_ids=("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0001",)), True),
        (standing.Scope(TODAY, TODAY, site_ids=("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c9999",)), False),
    ],
)
def test_period_places_and_hours_bound_a_standing_approval(
    office: Office, scope: standing.Scope, covered: bool
) -> None:
    with office.town.storage.transaction(write=True) as db:
        standing.give(db, office.chief, None, scope, now=office.clock())
    assert office.state(office.asks())[0] == ("covered" if covered else "asked")


def test_a_standing_approval_ends_with_a_transfer_and_when_it_is_ended(office: Office) -> None:
    with office.town.storage.transaction(write=True) as db:
        mine = directory.get(db, office.signed_in.staff_id)
        given = standing.give(db, office.chief, mine, standing.Scope(TODAY, TODAY), now=office.clock())
        mine.section = "財政課"
    assert office.state(office.asks())[0] == "asked"
    with office.town.storage.transaction(write=True) as db:
        directory.get(db, office.signed_in.staff_id).section = "企画課"
        standing.end(db, given.id, office.chief, now=office.clock())
    assert office.state(office.asks(start=NOW + timedelta(hours=7), end=NOW + timedelta(hours=8)))[0] == "asked"


def test_each_decision_leaves_a_line_in_the_audit_log(office: Office, storage: Storage) -> None:
    office.asks()
    office.decides("approved")
    with storage.transaction() as db:
        line = db.scalars(select(AuditEntry).where(AuditEntry.event == "approval")).one()
    assert line.actor == f"staff:{office.chief.id}"
