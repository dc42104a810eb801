"""A team between two whole towns: desks are held, taken and given back over the real protocol."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from federation import outbox
from node.home import asking, teams, trips
from node.host import sites
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.sites import Desk
from node.models.staff import Staff
from node.models.teams import Team
from node.people import staff as directory
from tests.contention import at_once
from tests.federation.world import NOW
from tests.node import agreed
from tests.node.pair import HOST, Pair

START, END = datetime(2026, 11, 24, 4, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def desks(towns: Pair) -> list[str]:
    """The host's one desk and two more beside it."""
    with towns.host.storage.transaction(write=True) as db:
        first = db.get_one(Desk, towns.desk)
        more = [sites.add_desk(db, first.room, {"name": name}) for name in ("A-2", "A-3")]
        for each in more:
            sites.publish(db, each)
        return [first.id, *(each.id for each in more)]


@pytest.fixture
def people(towns: Pair) -> list[Staff]:
    """The person, and three others of the same section."""
    with towns.home.storage.transaction(write=True) as db:
        others = [directory.add(db, number=f"77{n}", name=f"隣席 {n}郎", section="企画課", now=NOW) for n in range(3)]
        return [directory.get(db, towns.person.staff_id), *others]


def amend(towns: Pair, **terms: Any) -> None:
    with towns.host.storage.transaction(write=True) as db:
        agreement = db.scalars(select(Agreement)).one()
        agreed.amend(db, agreement, {"name": agreement.name, "number": agreement.number, **terms})


def ask(towns: Pair, people: Sequence[Staff], desks: Sequence[str]) -> str:
    """Ask for these desks for these people, the first of whom asks."""
    listings = [towns.home.hosts(HOST).listing(desk) for desk in desks]
    wishes = [
        trips.Wish(person.id, HOST, "千代田区", site, desk, START, END, "satellite", "2", "3")
        for person, (site, desk) in zip(people, listings, strict=True)
    ]
    team_id, by = str(uuid.uuid4()), people[0]
    signed_in = towns.person if by.id == towns.person.staff_id else None
    teams.ask(towns.home, team_id, wishes, by, signed_in, now=towns.clock())
    return team_id


def team(towns: Pair, team_id: str) -> tuple[str, list[str]]:
    with towns.home.storage.transaction() as db:
        found = db.get_one(Team, team_id)
        return found.state, [seat.trip.state for seat in found.seats]


def at_host(towns: Pair) -> list[str]:
    with towns.host.storage.transaction() as db:
        return sorted(db.scalars(select(Booking.state).where(Booking.state != "cancelled")))


def test_three_sit_together(towns: Pair, desks: list[str], people: list[Staff]) -> None:
    assert team(towns, ask(towns, people[:3], desks)) == ("confirmed", ["confirmed"] * 3)
    assert at_host(towns) == ["confirmed"] * 3


def test_one_that_is_taken_leaves_the_others_free(towns: Pair, desks: list[str], people: list[Staff]) -> None:
    ask(towns, people[3:], [max(desks)])
    state, seats = team(towns, ask(towns, people[:3], desks))
    assert (state, sorted(seats), at_host(towns)) == ("released", ["cancelled", "cancelled", "refused"], ["confirmed"])
    host = towns.home.hosts(HOST)
    assert all(host.availability(desk, START, END).free for desk in desks if desk != max(desks))


def test_an_agreement_for_two_seats_seats_no_team_of_three(towns: Pair, desks: list[str], people: list[Staff]) -> None:
    amend(towns, seats_a_day=2)
    state, seats = team(towns, ask(towns, people[:3], desks))
    assert (state, sorted(seats), at_host(towns)) == ("released", ["cancelled", "cancelled", "refused"], [])


def test_a_host_that_approves_by_hand_has_requests_for_all(towns: Pair, desks: list[str], people: list[Staff]) -> None:
    amend(towns, host_approves=True)
    assert team(towns, ask(towns, people[:3], desks)) == ("confirmed", ["requested"] * 3)
    assert at_host(towns) == ["requested"] * 3


def test_answers_that_are_lost_leave_nothing_behind(towns: Pair, desks: list[str], people: list[Staff]) -> None:
    towns.wire.lose_answers = True
    team_id = ask(towns, people[:3], desks)
    assert (team(towns, team_id)[0], at_host(towns)) == ("gathering", ["held"])
    teams.go_on(towns.home, now=towns.clock.pass_by(minutes=3))
    assert (team(towns, team_id)[0], at_host(towns)) == ("released", [])
    towns.wire.lose_answers = False
    outbox.deliver(towns.home.storage, asking.carriers(towns.home), now=towns.clock.pass_by(minutes=10))
    assert team(towns, team_id) == ("released", ["cancelled"] * 3)


def test_two_teams_that_contend_for_two_desks_are_answered_all_or_none(
    towns: Pair, desks: list[str], people: list[Staff]
) -> None:
    found = dict[int, str]()

    def press(number: int) -> None:
        found[number] = ask(towns, people[2 * number : 2 * number + 2], desks[:2][:: 1 - 2 * number])

    assert at_once(2, press) == []
    assert sorted(team(towns, each) for each in found.values())[0] == ("confirmed", ["confirmed"] * 2)
    assert at_host(towns) == ["confirmed"] * 2
