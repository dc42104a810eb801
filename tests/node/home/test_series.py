"""Several wishes by one press: each answered by itself, none lost, none made twice."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from federation import outbox
from federation.errors import DeskTaken, NotFound
from federation.messages.booking import Quote, QuoteRequest, Reason
from federation.storage import Storage
from node.home import asking, conditions, series, trips, weeks
from node.models.series import Series
from node.models.trips import Trip
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import Clock

Make = Callable[..., trips.Wish]
CLOSED = Reason(code="closed", side="host", ja="休館です", en="Closed")


def ask(town: Town, person: SignedIn, wishes: list[trips.Wish]) -> str:
    series_id = str(uuid.uuid4())
    series.ask(town, series_id, wishes, person, now=town.clock())
    return series_id


def outcomes(storage: Storage, series_id: str, person: SignedIn) -> list[str]:
    with storage.transaction() as db:
        found = series.get(db, series_id, person.staff_id)
        return [each.trip.state if each.trip else each.outcome for each in found.occurrences]


@pytest.fixture
def four(wish: Make, person: SignedIn, host: FakeHost, storage: Storage, clock: Clock) -> list[trips.Wish]:
    """One desk in four weeks, at a host whose rules ask for no consent."""
    host.quoted = Quote(allowed=True, outcome="confirmed")
    return list(weeks.repeated(wish(), 4, now=clock()))


class Weekly(FakeHost):
    """A host that is closed in some weeks, by the day of the month of the wish."""

    closed: frozenset[int] = frozenset()

    def quote(self, request: QuoteRequest) -> Quote:
        if request.places[0].start.day in self.closed:
            return Quote(allowed=False, outcome="refused", reasons=(CLOSED,))
        return super().quote(request)


def test_each_week_is_an_ordinary_booking(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage, host: FakeHost
) -> None:
    series_id = ask(town, person, four)
    assert outcomes(storage, series_id, person) == ["confirmed"] * 4
    assert sorted(each.places[0].start for each in host.bookings.values()) == [each.start for each in four]


def test_what_the_host_would_refuse_is_not_asked_and_says_why(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage, host: FakeHost
) -> None:
    host.__class__ = Weekly
    host.__dict__["closed"] = {8}
    series_id = ask(town, person, four)
    assert outcomes(storage, series_id, person) == ["confirmed", "confirmed", "closed", "confirmed"]
    with storage.transaction() as db:
        closed = series.get(db, series_id, person.staff_id).occurrences[2]
    assert [each.ja for each in series.reasons_of(closed)] == ["休館です"]


def test_a_second_press_asks_for_nothing(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage, host: FakeHost
) -> None:
    series_id = ask(town, person, four)
    series.ask(town, series_id, four, person, now=town.clock())
    assert (len(host.bookings), len(outcomes(storage, series_id, person))) == (4, 4)


def test_the_persons_other_booking_stands_and_its_week_says_so(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage
) -> None:
    asking.submit(town, replace(four[1], start=four[1].start + timedelta(hours=1)), person, now=town.clock())
    assert outcomes(storage, ask(town, person, four), person) == ["confirmed", "elsewhere", "confirmed", "confirmed"]


def test_our_own_limit_of_a_week_is_kept_within_one_series(
    town: Town, person: SignedIn, wish: Make, four: list[trips.Wish], storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        conditions.lay_down(
            db, privacy=(), work_kinds=(), host_codes=(), employments_barred=(), days_a_week=1, limit_yen=None,
            by=person.staff_id, now=town.clock(),
        )  # fmt: skip
    both = [four[0], wish(hours=24)]
    assert outcomes(storage, ask(town, person, both), person) == ["confirmed", "refused"]


def test_what_a_silent_host_has_not_answered_is_asked_again_by_itself(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage, host: FakeHost, clock: Clock
) -> None:
    host.down = True
    series_id = ask(town, person, four)
    assert outcomes(storage, series_id, person) == ["asking"] * 4
    host.down = False
    clock.pass_by(minutes=1)
    outbox.deliver(town.storage, asking.carriers(town), now=town.clock())
    assert outcomes(storage, series_id, person) == ["confirmed"] * 4


def test_a_desk_lost_between_the_look_and_the_asking_is_refused_alone(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage, host: FakeHost
) -> None:
    host.no = DeskTaken("a race")
    series_id = ask(town, person, four[:2])
    assert outcomes(storage, series_id, person) == ["refused", "refused"]
    with storage.transaction() as db:
        assert db.scalar(select(func.count()).where(Trip.state == "asking")) == 0


def test_all_that_is_to_come_is_cancelled_at_once(
    town: Town, person: SignedIn, four: list[trips.Wish], storage: Storage, host: FakeHost, clock: Clock
) -> None:
    series_id = ask(town, person, four)
    clock.pass_by(days=1)
    assert series.cancel_coming(town, series_id, person.staff_id, now=clock()) == 3
    assert outcomes(storage, series_id, person) == ["confirmed", "cancelled", "cancelled", "cancelled"]
    assert len(host.gone) == 3


def test_a_colleague_neither_sees_nor_ends_nor_repeats_a_series(
    town: Town, person: SignedIn, four: list[trips.Wish]
) -> None:
    series_id, other = ask(town, person, four), replace(person, staff_id=person.staff_id - 1)
    with town.storage.transaction() as db, pytest.raises(NotFound):
        series.get(db, series_id, other.staff_id)
    with pytest.raises(NotFound):
        series.cancel_coming(town, series_id, other.staff_id, now=town.clock())
    with pytest.raises(NotFound):
        series.ask(town, series_id, four, other, now=town.clock())
    with town.storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Series)) == 1


def test_no_week_lies_beyond_what_hosts_offer(wish: Make, clock: Clock) -> None:
    assert len(weeks.repeated(wish(), weeks.MOST, now=clock())) == weeks.MOST
    assert len(weeks.repeated(wish(hours=24 * 30), weeks.MOST, now=clock())) == 4
