"""Asking for a desk elsewhere: once, whatever fails on the way."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from federation import outbox
from federation.errors import BadDeskCode, BadInput, BookingRefused, DeskTaken, NotNow, PersonElsewhere
from federation.messages.booking import Reason
from federation.storage import Storage
from node import notices
from node.home import asking, trips
from node.models.trips import Trip
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import Clock

Make = Callable[..., trips.Wish]
Read = Callable[[str], Trip]


def deliver(town: Town) -> outbox.Delivered:
    return outbox.deliver(town.storage, asking.carriers(town), now=town.clock())


def told(storage: Storage, person: SignedIn) -> list[str]:
    with storage.transaction() as db:
        return [notice.words for notice in notices.latest(db, person.staff_id)]


def test_a_desk_is_asked_for_and_confirmed(town: Town, wish: Make, person: SignedIn, trip_now: Read) -> None:
    trip = trip_now(asking.submit(town, wish(), person, now=town.clock()))
    assert (trip.state, trip.short_code, trip.version) == ("confirmed", "7KM-2QX", 1)


def test_the_host_learns_a_pairwise_subject_and_how_surely_they_signed_in(
    town: Town, host: FakeHost, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    trip = trip_now(asking.submit(town, wish(), person, now=town.clock()))
    (vouched,) = host.persons
    assert vouched is not None
    assert (vouched.sub, vouched.acr, vouched.auth_time) == (trip.sub, person.acr, person.auth_time)


def test_while_the_host_is_down_the_wish_is_kept_and_asked_again_under_one_number(
    town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    host.down = True
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    assert trip_now(trip_id).state == "asking"
    host.down = False
    clock.pass_by(minutes=1)
    assert deliver(town).done == 1
    assert (trip_now(trip_id).state, list(host.bookings)) == ("confirmed", [trip_id])


def test_a_lost_answer_makes_one_booking(
    town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    host.deaf = True
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    host.deaf = False
    clock.pass_by(minutes=1)
    deliver(town)
    assert (trip_now(trip_id).state, len(host.bookings)) == ("confirmed", 1)


def test_who_asked_while_the_host_was_down_is_told_when_it_answers(
    town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn, storage: Storage
) -> None:
    host.down = True
    asking.submit(town, wish(), person, now=town.clock())
    host.down = False
    clock.pass_by(minutes=1)
    deliver(town)
    assert told(storage, person) == ["予約が確定しました：%(site)s %(when)s"]


def test_a_wish_that_nobody_answers_lapses_and_the_host_is_told_to_forget_it(
    town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    host.down = True
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    asking.lapse(town, now=clock.pass_by(minutes=31))
    assert trip_now(trip_id).state == "cancelling"
    host.down = False
    clock.pass_by(minutes=1)
    deliver(town)
    assert (trip_now(trip_id).state, host.gone) == ("lapsed", {trip_id})


def test_a_persons_time_stays_taken_until_the_host_acknowledges_a_cancellation(
    town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    host.down = True
    asking.cancel(town, trip_id, person.staff_id, now=town.clock())
    assert trip_now(trip_id).state == "cancelling"
    with pytest.raises(PersonElsewhere):
        asking.submit(town, wish(hours=1), person, now=town.clock())
    host.down = False
    clock.pass_by(minutes=1)
    deliver(town)
    assert trip_now(trip_id).state == "cancelled"
    asking.submit(town, wish(hours=1), person, now=town.clock())


def test_a_refusal_keeps_its_reasons_and_frees_the_persons_time(
    town: Town, host: FakeHost, wish: Make, person: SignedIn, storage: Storage
) -> None:
    host.no = BookingRefused("no")
    host.no.__dict__["reasons"] = (Reason(code="closed", side="host", ja="休館です", en="Closed"),)
    with pytest.raises(BookingRefused):
        asking.submit(town, wish(), person, now=town.clock())
    with storage.transaction() as db:
        (trip,) = trips.of(db, person.staff_id, since=town.clock())
        assert (trip.state, trips.reasons_of(trip)[0].ja) == ("refused", "休館です")
    host.no = None
    asking.submit(town, wish(), person, now=town.clock())


def test_a_taken_desk_is_said_at_once(town: Town, host: FakeHost, wish: Make, person: SignedIn) -> None:
    host.no = DeskTaken("taken")
    with pytest.raises(DeskTaken):
        asking.submit(town, wish(), person, now=town.clock())


def test_nobody_is_in_two_towns_at_once_however_many_ask(town: Town, wish: Make, person: SignedIn) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(16)

    def contend(number: int) -> None:
        start.wait()
        try:
            asking.submit(town, wish(hours=number % 4 / 2, host=f"https://h{number}.example"), person, now=town.clock())
            outcomes.append("booked")
        except PersonElsewhere:
            outcomes.append("elsewhere")

    threads = [threading.Thread(target=contend, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(outcomes), outcomes.count("booked")) == (16, 1)


def test_two_trips_that_touch_do_not_overlap(town: Town, wish: Make, person: SignedIn) -> None:
    asking.submit(town, wish(), person, now=town.clock())
    asking.submit(town, wish(hours=2), person, now=town.clock())


def test_one_checks_in_and_out_by_the_code_on_the_desk(
    town: Town, clock: Clock, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    asking.arrive(town, trip_id, person.staff_id, "７ｋｍ−2qx", now=clock.pass_by(hours=4))
    assert (trip_now(trip_id).state, trip_now(trip_id).arrived_at) == ("checked_in", clock.now)
    asking.leave(town, trip_id, person.staff_id, now=clock.pass_by(hours=1))
    assert trip_now(trip_id).state == "completed"


@pytest.mark.parametrize("typed", ["", "ABC", "ABC-DEFG", "いろはにほへ", "../../", "A" * 10_000])
def test_what_is_no_desk_code_is_not_sent_anywhere(town: Town, wish: Make, person: SignedIn, typed: str) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    with pytest.raises(BadDeskCode):
        asking.arrive(town, trip_id, person.staff_id, typed, now=town.clock())


def test_what_is_over_is_not_cancelled(town: Town, host: FakeHost, wish: Make, person: SignedIn) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    asking.cancel(town, trip_id, person.staff_id, now=town.clock())
    with pytest.raises(NotNow):
        asking.cancel(town, trip_id, person.staff_id, now=town.clock())


def test_a_visit_is_extended_and_the_persons_time_with_it(
    town: Town, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    asking.extend(town, trip_id, person.staff_id, 60, now=town.clock())
    assert trip_now(trip_id).end == wish().end + timedelta(hours=1)
    with pytest.raises(PersonElsewhere):
        asking.submit(town, wish(hours=2), person, now=town.clock())


def test_an_extension_into_another_trip_is_refused_before_the_host_is_asked(
    town: Town, wish: Make, person: SignedIn, trip_now: Read
) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    asking.submit(town, wish(hours=2), person, now=town.clock())
    with pytest.raises(PersonElsewhere):
        asking.extend(town, trip_id, person.staff_id, 30, now=town.clock())
    assert trip_now(trip_id).end == wish().end


def test_an_extension_the_host_refuses_leaves_the_persons_time_as_it_was(
    town: Town, host: FakeHost, wish: Make, person: SignedIn
) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    host.no = DeskTaken("taken")
    with pytest.raises(DeskTaken):
        asking.extend(town, trip_id, person.staff_id, 30, now=town.clock())
    host.no = None
    asking.submit(town, wish(hours=2), person, now=town.clock())


@pytest.mark.parametrize("minutes", [0, -30, 7, 10_000])
def test_an_extension_by_any_other_length_is_none(town: Town, wish: Make, person: SignedIn, minutes: int) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    with pytest.raises(BadInput):
        asking.extend(town, trip_id, person.staff_id, minutes, now=town.clock())
