"""The desk somebody stands at: which host is asked, how often, and what is offered from now on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from federation.errors import TooMany
from federation.messages.booking import Availability, FreeRange
from node.home import asking, here, trips
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import CODE, DESK, DESK_ID, HOST, SITE, FakeHost
from tests.node.home.conftest import NOW, Clock

Wishes = Callable[..., trips.Wish]
QUARTER = timedelta(minutes=15)


def test_only_hosts_of_today_s_bookings_are_asked_unnamed(
    town: Town, person: SignedIn, wish: Wishes, clock: Clock
) -> None:
    asking.submit(town, wish(), person, now=clock())
    asking.submit(town, wish(hours=48, host="https://node.later.example"), person, now=clock())
    with town.storage.transaction() as db:
        assert list(here.hosts_now(db, person.staff_id, now=clock())) == [HOST]
        assert list(here.hosts_now(db, person.staff_id + 1, now=clock())) == []


def test_the_first_host_that_knows_the_code_is_believed(town: Town, person: SignedIn, host: FakeHost) -> None:
    assert here.find_desk(town, person.staff_id, CODE, [HOST], now=NOW) == (HOST, SITE, DESK)
    assert here.find_desk(town, person.staff_id, "000000", [HOST], now=NOW) is None
    assert host.codes == [CODE, "000000"]


def test_a_person_tries_so_many_codes_a_minute(town: Town, person: SignedIn, host: FakeHost) -> None:
    for _ in range(here.TRIES):
        here.find_desk(town, person.staff_id, "000000", [HOST], now=NOW)
    with pytest.raises(TooMany) as refusal:
        here.find_desk(town, person.staff_id, CODE, [HOST], now=NOW + timedelta(seconds=30))
    assert refusal.value.retry_after == 31
    assert len(host.codes) == here.TRIES
    here.find_desk(town, person.staff_id + 1, CODE, [HOST], now=NOW)
    here.find_desk(town, person.staff_id, CODE, [HOST], now=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(("ahead", "found"), [(31, False), (30, True), (0, True), (-119, True), (-120, False)])
def test_a_booking_is_found_from_half_an_hour_before_to_its_end(
    town: Town, person: SignedIn, wish: Wishes, clock: Clock, ahead: int, found: bool
) -> None:
    trip_id = asking.submit(town, wish(), person, now=clock())
    now = wish().start - timedelta(minutes=ahead)
    with town.storage.transaction() as db:
        trip = here.find_trip(db, person.staff_id, HOST, DESK_ID, now=now)
        assert (trip.id if trip else None) == (trip_id if found else None)
        assert here.find_trip(db, person.staff_id + 1, HOST, DESK_ID, now=now) is None


def free(*spans: tuple[int, int]) -> Availability:
    """Return free ranges in minutes from now."""
    ranges = (FreeRange(start=NOW + timedelta(minutes=a), end=NOW + timedelta(minutes=b)) for a, b in spans)
    return Availability(desk=DESK_ID, as_of=NOW, free=tuple(ranges))


@pytest.mark.parametrize(
    ("spans", "past", "wished"),
    [
        ([(0, 600)], 0, (0, 495)),
        ([(0, 600)], 7, (15, 495)),
        ([(0, 60)], 7, (15, 60)),
        ([(0, 15)], 7, None),
        ([(30, 600)], 7, None),
        ([(480, 600)], 500, (510, 600)),
        ([(480, 2000)], 500, (510, 900)),
        ([], 0, None),
    ],
)
def test_from_now_is_from_the_next_quarter_as_far_as_the_desk_is_free(
    spans: list[tuple[int, int]], past: int, wished: tuple[int, int] | None
) -> None:
    when = here.from_now(free(*spans), SITE, now=NOW + timedelta(minutes=past))
    minutes = (when.start - NOW, when.end - NOW) if when else None
    assert minutes == (tuple(timedelta(minutes=one) for one in wished) if wished else None)
