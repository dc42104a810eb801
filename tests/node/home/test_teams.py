"""Desks for a team: all or none, whatever fails and wherever a process dies."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import func, select

from federation import outbox
from federation.audit import AuditEntry
from federation.errors import BookingLapsed, DeskTaken, NotFound, PersonElsewhere
from federation.host import Person
from federation.messages.booking import OCCUPYING, Booking, BookingChange, BookingRequest
from federation.storage import Storage
from node import notices
from node.home import asking, behalf, teams, trips
from node.models.staff import Staff
from node.models.teams import Team
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town
from tests.contention import at_once
from tests.node.fakehost import DESK, HOST, FakeHost
from tests.node.home.conftest import NOW, Clock

Make = Callable[..., trips.Wish]


class Killed(BaseException):
    """The process ends here: nothing catches it, and nothing is tidied up."""


@dataclass
class Strict(FakeHost):
    """A host that gives each desk to one at a time, and at which the process may die, before or after it has heard."""

    dies_at: tuple[str, int, str] | None = None
    """A verb, how many of them went well before, and ``before`` or ``after`` the host has heard it."""
    done: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: list[str] = field(default_factory=list)

    def put_booking(self, uuid: str, request: BookingRequest, person: Person | None) -> Booking:
        self._dies("put", "before")
        with self.lock:
            desk = request.places[0].desk
            self.asked.append(desk)
            others = [each for key, each in self.bookings.items() if key != uuid and each.state in OCCUPYING]
            if any(each.places[0].desk == desk for each in others):
                raise DeskTaken(f"{desk} is taken")
            booking = super().put_booking(uuid, request, person)
        self._dies("put", "after")
        return booking

    def patch_booking(self, uuid: str, change: BookingChange, version: int) -> Booking:
        self._dies("patch", "before")
        with self.lock:
            booking = super().patch_booking(uuid, change, version)
        self._dies("patch", "after")
        return booking

    def delete_booking(self, uuid: str) -> Booking | None:
        with self.lock:
            return super().delete_booking(uuid)

    def standing(self) -> list[str]:
        """Return the states of what stands here."""
        return sorted(each.state for each in self.bookings.values() if each.state in OCCUPYING)

    def _dies(self, verb: str, when: str) -> None:
        if self.dies_at and self.dies_at[::2] == (verb, when):
            self.done[verb] = self.done.get(verb, 0) + 1
            if self.done[verb] > self.dies_at[1]:
                raise Killed


@dataclass
class Together:
    """A person and two colleagues who want three desks, and what has become of it."""

    town: Town
    host: Strict
    clock: Clock
    by: Staff
    signed_in: SignedIn
    wishes: list[trips.Wish]
    team_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def asks(self) -> None:
        teams.ask(self.town, self.team_id, self.wishes, self.by, self.signed_in, now=self.clock())

    def goes_on(self, **later: float) -> None:
        """Let the jobs run, as a process that was started anew does."""
        now = self.clock.pass_by(**(later or {"seconds": 30}))
        teams.go_on(self.town, now=now)
        outbox.deliver(self.town.storage, asking.carriers(self.town), now=now)

    @property
    def team(self) -> Team:
        with self.town.storage.transaction() as db:
            return db.get_one(Team, self.team_id)

    @property
    def states(self) -> list[str]:
        return [seat.trip.state for seat in self.team.seats]

    def told(self, staff_id: int) -> list[str]:
        with self.town.storage.transaction() as db:
            return [each.words.partition("：")[0] for each in notices.latest(db, staff_id)]


def desk_id(number: int) -> str:
    return f"5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c1{number:03}"


def seats(wish: Make, people: Sequence[int], desks: Sequence[int], host: str = HOST) -> list[trips.Wish]:
    return [
        replace(wish(staff_id=staff_id, host=host), desk=DESK.model_copy(update={"id": desk_id(desk)}))
        for staff_id, desk in zip(people, desks, strict=True)
    ]


@pytest.fixture
def host(clock: Clock) -> Strict:
    return Strict(clock)


@pytest.fixture
def people(storage: Storage, person: SignedIn) -> list[Staff]:
    """The person and two others of 企画課."""
    with storage.transaction(write=True) as db:
        others = [directory.add(db, number=f"77{n}", name=f"隣席 {n}郎", section="企画課", now=NOW) for n in (1, 2)]
        return [directory.get(db, person.staff_id), *others]


@pytest.fixture
def together(town: Town, host: Strict, clock: Clock, wish: Make, person: SignedIn, people: list[Staff]) -> Together:
    wishes = seats(wish, [each.id for each in people], [3, 1, 2])
    return Together(town, host, clock, people[0], person, wishes)


def test_all_are_held_before_any_is_taken_and_each_is_its_own_persons(together: Together, people: list[Staff]) -> None:
    together.asks()
    assert (together.team.state, together.states) == ("confirmed", ["confirmed"] * 3)
    assert [seat.trip.staff_id for seat in together.team.seats] == [each.id for each in people]
    assert together.host.asked == [desk_id(1), desk_id(2), desk_id(3)]
    assert [person is not None for person in together.host.persons] == [False, False, True]


def test_colleagues_hear_who_asked_once_all_have_a_desk(
    together: Together, people: list[Staff], storage: Storage
) -> None:
    together.asks()
    assert [together.told(each.id) for each in people] == [[], *[["%(by)sさんが、あなたの予約を申し込みました"]] * 2]
    with storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).where(AuditEntry.event == "booked-for")).all()
        assert {line.actor for line in lines} == {f"staff:{people[0].id}"}
        assert len(lines) == len(behalf.of(db, people[0].id, now=together.clock())) == 2


def test_one_desk_that_is_taken_leaves_none(together: Together, wish: Make, people: list[Staff]) -> None:
    (other,) = seats(wish, [people[0].id - 1], [2])
    asking.submit(together.town, other, replace(together.signed_in, staff_id=other.staff_id), now=together.clock())
    together.asks()
    assert (together.team.state, together.states) == ("released", ["cancelled", "cancelled", "refused"])
    assert together.host.standing() == ["confirmed"]
    assert [together.told(each.id) for each in people] == [[], [], []]
    with together.town.storage.transaction() as db:
        assert behalf.of(db, people[0].id, now=together.clock()) == []
        assert teams.of(db, people[0].id, now=together.clock()) == []


def test_one_who_is_elsewhere_is_refused_before_anybody_is_asked(
    together: Together, wish: Make, storage: Storage
) -> None:
    busy = replace(wish(staff_id=together.wishes[2].staff_id), host="https://h2.example")
    asking.submit(together.town, busy, replace(together.signed_in, staff_id=busy.staff_id), now=together.clock())
    asked = len(together.host.asked)
    with pytest.raises(PersonElsewhere):
        together.asks()
    assert len(together.host.asked) == asked
    with storage.transaction() as db:
        assert [db.scalar(select(func.count()).select_from(table)) for table in (Team, Trip)] == [0, 1]


def test_a_second_press_asks_for_nothing_and_nobody_else_repeats_it(together: Together, people: list[Staff]) -> None:
    together.asks()
    together.asks()
    assert len(together.host.bookings) == 3
    with pytest.raises(NotFound):
        replace(together, by=people[1]).asks()


def test_a_host_that_is_away_is_waited_for_a_short_while(together: Together, people: list[Staff]) -> None:
    together.host.down = True
    together.asks()
    assert (together.team.state, together.states) == ("gathering", ["asking"] * 3)
    together.host.down = False
    together.goes_on()
    assert (together.team.state, together.states) == ("confirmed", ["confirmed"] * 3)
    assert together.told(people[0].id) == ["同僚と一緒の予約は、全員分の座席がとれました"]


@pytest.mark.parametrize("trouble", ["down", "deaf"])
def test_a_host_that_stays_away_keeps_nothing(together: Together, people: list[Staff], trouble: str) -> None:
    setattr(together.host, trouble, True)
    together.asks()
    together.goes_on(minutes=3)
    assert together.team.state == "released"
    assert [together.told(each.id) for each in people] == [
        ["全員分の座席がそろわなかったため、同僚と一緒の予約を取りやめました"], [], [],
    ]  # fmt: skip
    setattr(together.host, trouble, False)
    together.goes_on(minutes=10)
    together.goes_on(minutes=10)
    assert (together.states, together.host.standing()) == (["cancelled"] * 3, [])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("good", range(3))
@pytest.mark.parametrize("verb", ["put", "patch"])
def test_a_process_that_dies_leaves_no_half_team(together: Together, verb: str, good: int, when: str) -> None:
    together.host.dies_at = (verb, good, when)
    with pytest.raises(Killed):
        together.asks()
    together.host.dies_at = None
    together.goes_on()
    assert (together.team.state, together.states) == ("confirmed", ["confirmed"] * 3)
    assert together.host.standing() == ["confirmed"] * 3


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("good", range(3))
def test_what_was_left_over_for_long_is_given_back(together: Together, good: int, when: str) -> None:
    together.host.dies_at = ("put", good, when)
    with pytest.raises(Killed):
        together.asks()
    together.host.down, together.host.dies_at = True, None
    together.goes_on(minutes=3)
    together.host.down = False
    together.goes_on(minutes=10)
    assert (together.team.state, together.host.standing()) == ("released", [])


@pytest.mark.parametrize("good", range(3))
def test_taking_goes_on_however_long_the_host_is_away(together: Together, good: int) -> None:
    together.host.dies_at = ("patch", good, "after")
    with pytest.raises(Killed):
        together.asks()
    together.host.dies_at, together.host.down = None, True
    together.goes_on(minutes=30)
    assert together.team.state == "confirming"
    together.host.down = False
    together.goes_on(minutes=10)
    assert (together.team.state, together.host.standing()) == ("confirmed", ["confirmed"] * 3)


def test_a_desk_the_host_holds_no_longer_gives_all_back(together: Together, people: list[Staff]) -> None:
    together.host.dies_at = ("patch", 1, "before")
    with pytest.raises(Killed):
        together.asks()
    together.host.dies_at, together.host.no = None, BookingLapsed("the hold ran out")
    together.goes_on()
    together.goes_on()
    assert (together.team.state, together.host.standing()) == ("released", [])
    assert together.told(people[1].id) == []


def test_who_declines_while_desks_are_gathered_ends_it_for_all(together: Together) -> None:
    together.host.dies_at = ("patch", 0, "before")
    with pytest.raises(Killed):
        together.asks()
    together.host.dies_at = None
    seat = together.team.seats[1].trip
    asking.cancel(together.town, seat.id, seat.staff_id, now=together.clock())
    together.goes_on()
    assert (together.team.state, together.host.standing()) == ("released", [])


def test_hosts_that_approve_by_hand_are_asked_for_all(together: Together) -> None:
    together.host.state = "requested"
    together.asks()
    assert (together.team.state, together.states) == ("confirmed", ["requested"] * 3)


def test_of_two_teams_that_want_the_same_desks_one_has_them_all(
    together: Together, wish: Make, people: list[Staff], storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        rivals = [directory.add(db, number=f"88{n}", name="競合", section="財政課", now=NOW) for n in range(3)]
    wishes = seats(wish, [each.id for each in rivals], [1, 2, 3])
    signed_in = replace(together.signed_in, staff_id=rivals[0].id)
    both = [together, Together(together.town, together.host, together.clock, rivals[0], signed_in, wishes)]
    assert at_once(2, lambda number: both[number].asks()) == []
    together.goes_on()
    assert sorted(each.team.state for each in both) == ["confirmed", "released"]
    assert together.host.standing() == ["confirmed"] * 3


def test_two_teams_that_want_the_same_colleague_do_not_both_have_them(
    together: Together, wish: Make, people: list[Staff], storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        rival = directory.add(db, number="888", name="競合", section="企画課", now=NOW)
    wishes = seats(wish, [rival.id, people[2].id, people[1].id], [7, 8, 9], host="https://h2.example")
    signed_in = replace(together.signed_in, staff_id=rival.id)
    both = [together, Together(together.town, together.host, together.clock, rival, signed_in, wishes)]
    raised = at_once(2, lambda number: both[number].asks())
    assert [type(error) for error in raised] == [PersonElsewhere]
    assert together.host.standing() == ["confirmed"] * 3


def test_a_press_and_the_job_at_once_make_one_team(together: Together) -> None:
    together.host.down = True
    together.asks()
    together.host.down = False
    now = together.clock.pass_by(seconds=30)
    assert at_once(4, lambda _: teams.go_on(together.town, now=now)) == []
    together.goes_on()
    assert (together.team.state, together.host.standing()) == ("confirmed", ["confirmed"] * 3)


def test_who_asked_cancels_all_at_once_and_colleagues_hear_of_it(together: Together, people: list[Staff]) -> None:
    together.asks()
    with pytest.raises(NotFound):
        teams.cancel(together.town, together.team_id, people[1], now=together.clock())
    assert teams.cancel(together.town, together.team_id, people[0], now=together.clock()) == 3
    assert (together.states, together.host.standing()) == (["cancelled"] * 3, [])
    assert together.told(people[1].id)[0].startswith("%(by)sさんが、あなたのために申し込んだ予約を取り消しました")
    assert teams.cancel(together.town, together.team_id, people[0], now=together.clock()) == 0


def test_a_team_is_given_up_while_it_is_gathered(together: Together, people: list[Staff]) -> None:
    together.host.down = True
    together.asks()
    assert teams.cancel(together.town, together.team_id, people[0], now=together.clock()) == 3
    together.host.down = False
    together.goes_on(minutes=10)
    assert (together.team.state, together.states, together.told(people[1].id)) == ("released", ["cancelled"] * 3, [])


def test_a_team_is_seen_by_its_own_people_alone(together: Together, people: list[Staff], storage: Storage) -> None:
    together.asks()
    with storage.transaction() as db:
        assert {teams.get(db, together.team_id, each.id).id for each in people} == {together.team_id}
        assert [each.id for each in teams.of(db, people[0].id, now=together.clock())] == [together.team_id]
        with pytest.raises(NotFound):
            teams.get(db, together.team_id, people[0].id - 1)


def test_a_team_that_stands_is_left_in_peace(together: Together) -> None:
    together.asks()
    assert teams.go_on(together.town, now=together.clock.pass_by(days=1)) == 0


def test_a_host_that_is_silent_is_asked_once_for_all_teams(together: Together, wish: Make, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        other = directory.add(db, number="888", name="競合", section="財政課", now=NOW)
    wishes = seats(wish, [other.id], [9])
    signed_in = replace(together.signed_in, staff_id=other.id)
    together.host.down = True
    for each in (together, Together(together.town, together.host, together.clock, other, signed_in, wishes)):
        each.asks()
    together.host.asked.clear()
    teams.go_on(together.town, now=together.clock.pass_by(seconds=30))
    assert together.host.asked == [desk_id(1)]
