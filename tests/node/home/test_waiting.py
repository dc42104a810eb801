"""空いたら知らせる: one at a time, in order, each for a while."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from federation import outbox
from federation.errors import DeskTaken, NotFound, NotNow, TooMany
from federation.messages.booking import Alternative, Quote, Reason
from federation.storage import Storage
from node import notices
from node.home import asking, conditions, trips, waiting
from node.models.staff import Staff
from node.models.trips import Trip
from node.models.waiting import Waiting
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import FakeHost
from tests.node.home.conftest import Clock

Make = Callable[..., trips.Wish]
TAKEN = Quote(
    allowed=False, outcome="refused", reasons=(Reason(code=DeskTaken.code, side="host", ja="予約済み", en="Taken"),)
)
FREE = Quote(allowed=True, outcome="confirmed")


@dataclass
class Queue:
    """A desk that is taken, and two colleagues who want it: the person came first."""

    town: Town
    host: FakeHost
    clock: Clock
    wish: Make
    first: int
    second: int

    def joins(self, staff_id: int, *, hours: float = 0, anywhere: bool = False) -> str:
        with self.town.storage.transaction(write=True) as db:
            row = waiting.wait(
                db, self.wish(staff_id=staff_id, hours=hours), anywhere=anywhere, now=self.clock.pass_by(minutes=1)
            )
            return row.id

    def goes_on(self) -> int:
        return waiting.go_on(self.town, now=self.clock.pass_by(minutes=1))

    def row(self, waiting_id: str) -> Waiting:
        with self.town.storage.transaction() as db:
            return db.get_one(Waiting, waiting_id)

    def told(self, staff_id: int) -> list[str]:
        with self.town.storage.transaction() as db:
            return [each.words for each in notices.latest(db, staff_id)]


@pytest.fixture
def queue(town: Town, host: FakeHost, clock: Clock, wish: Make, person: SignedIn) -> Queue:
    host.quoted = TAKEN
    return Queue(town, host, clock, wish, person.staff_id, person.staff_id - 1)


def test_while_the_desk_is_taken_nobody_is_told_anything(queue: Queue) -> None:
    waiting_id = queue.joins(queue.first)
    assert (queue.goes_on(), queue.row(waiting_id).state, queue.told(queue.first)) == (0, "waiting", [])


def test_a_freed_desk_is_held_for_the_first_alone(queue: Queue) -> None:
    first, second = queue.joins(queue.first), queue.joins(queue.second)
    queue.host.quoted = FREE
    assert queue.goes_on() == 1
    assert (queue.row(first).state, queue.row(second).state) == ("offered", "waiting")
    assert [each.state for each in queue.host.bookings.values()] == ["held"]
    assert (len(queue.told(queue.first)), queue.told(queue.second)) == (1, [])


def test_what_is_taken_in_time_is_an_ordinary_booking(queue: Queue, trip_now: Callable[[str], Trip]) -> None:
    first, second = queue.joins(queue.first), queue.joins(queue.second)
    queue.host.quoted = FREE
    queue.goes_on()
    trip_id = waiting.take(queue.town, first, queue.first, now=queue.clock())
    assert trip_now(trip_id).state == "confirmed"
    assert waiting.take(queue.town, first, queue.first, now=queue.clock()) == trip_id
    queue.host.quoted = TAKEN
    assert (queue.goes_on(), queue.row(first).state, queue.row(second).state) == (0, "taken", "waiting")


def test_what_is_not_taken_in_time_goes_to_the_next(queue: Queue) -> None:
    first, second = queue.joins(queue.first), queue.joins(queue.second)
    queue.host.quoted = FREE
    queue.goes_on()
    held = queue.row(first).trip_id
    queue.clock.now = queue.row(second).start - timedelta(minutes=90)
    queue.clock.now = max(queue.clock.now, queue.row(first).offered_until or queue.clock.now)
    assert queue.goes_on() == 1
    assert (queue.row(first).state, queue.row(second).state) == ("passed", "offered")
    assert held in queue.host.gone
    with pytest.raises(NotNow):
        waiting.take(queue.town, first, queue.first, now=queue.clock())


def test_who_leaves_lets_go_of_what_is_held(queue: Queue) -> None:
    first, second = queue.joins(queue.first), queue.joins(queue.second)
    queue.host.quoted = FREE
    queue.goes_on()
    waiting.withdraw(queue.town, first, queue.first, now=queue.clock())
    assert (queue.goes_on(), queue.row(first).state, queue.row(second).state) == (1, "withdrawn", "offered")


def test_who_cancels_the_held_booking_has_left_too(queue: Queue) -> None:
    first = queue.joins(queue.first)
    queue.host.quoted = FREE
    queue.goes_on()
    asking.cancel(queue.town, queue.row(first).trip_id or "", queue.first, now=queue.clock())
    queue.goes_on()
    assert queue.row(first).state == "withdrawn"


def test_a_desk_lost_again_leaves_the_place_in_the_queue(queue: Queue) -> None:
    first, second = queue.joins(queue.first), queue.joins(queue.second)
    queue.host.quoted, queue.host.no = FREE, DeskTaken("somebody was quicker")
    queue.goes_on()
    queue.host.no, queue.host.quoted = None, TAKEN
    queue.goes_on()
    queue.host.quoted = FREE
    queue.goes_on()
    assert (queue.row(first).state, queue.row(second).state) == ("offered", "waiting")


def test_who_may_not_have_it_keeps_nobody_from_it(queue: Queue, storage: Storage) -> None:
    first, second = queue.joins(queue.first), queue.joins(queue.second)
    with storage.transaction(write=True) as db:
        db.get_one(Staff, queue.first).employment = "会計年度任用"
        conditions.lay_down(
            db, privacy=(), work_kinds=(), host_codes=(), employments_barred=("会計年度任用",), days_a_week=None,
            limit_yen=None, by=queue.first, now=queue.clock(),
        )  # fmt: skip
    queue.host.quoted = FREE
    queue.goes_on()
    queue.goes_on()
    assert (queue.row(first).state, queue.row(second).state) == ("waiting", "offered")


def test_any_desk_of_the_site_will_do_where_that_was_said(queue: Queue) -> None:
    other = Alternative(
        desk=queue.wish().desk.id.replace("0002", "0012"),
        desk_name="A-2",
        start=queue.wish().start,
        end=queue.wish().end,
    )
    queue.host.quoted = TAKEN.model_copy(update={"alternatives": (other,)})
    only, anywhere = queue.joins(queue.first), queue.joins(queue.second, hours=2, anywhere=True)
    queue.host.__dict__["listing"] = lambda _desk: (
        queue.wish().site,
        queue.wish().desk.model_copy(update={"id": other.desk, "name": "A-2"}),
    )
    assert queue.goes_on() == 0
    later = other.model_copy(update={"start": queue.wish(hours=2).start, "end": queue.wish(hours=2).end})
    queue.host.quoted = TAKEN.model_copy(update={"alternatives": (later,)})
    queue.goes_on()
    assert (queue.row(only).state, queue.row(anywhere).state) == ("waiting", "offered")
    assert [place.desk for each in queue.host.bookings.values() for place in each.places] == [other.desk]


def test_who_has_another_booking_by_then_waits_no_more(queue: Queue) -> None:
    first = queue.joins(queue.first)
    queue.host.quoted = FREE
    asking.submit(
        queue.town, replace(queue.wish(), host="https://h2.example"), SignedIn(queue.first, 1, "", queue.clock()),
        now=queue.clock(),
    )  # fmt: skip
    assert (queue.goes_on(), queue.row(first).state) == (0, "elsewhere")


def test_nobody_waits_for_what_has_begun(queue: Queue) -> None:
    first = queue.joins(queue.first)
    queue.clock.now = queue.row(first).start
    assert (queue.goes_on(), queue.row(first).state) == (0, "over")
    with pytest.raises(NotNow):
        queue.joins(queue.second)


def test_asking_twice_is_one_place_and_there_is_a_limit(queue: Queue) -> None:
    assert queue.joins(queue.first) == queue.joins(queue.first)
    for number in range(1, waiting.MOST):
        queue.joins(queue.first, hours=number * 24)
    with pytest.raises(TooMany):
        queue.joins(queue.first, hours=24 * 20)


def test_the_list_says_how_many_stand_before(queue: Queue) -> None:
    queue.joins(queue.first)
    queue.joins(queue.second, hours=1)
    with queue.town.storage.transaction() as db:
        assert [before for _, before in waiting.of(db, queue.first)] == [0]
        assert [before for _, before in waiting.of(db, queue.second)] == [1]


def test_nobody_takes_or_leaves_for_a_colleague(queue: Queue) -> None:
    first = queue.joins(queue.first)
    for step in (waiting.take, waiting.withdraw):
        with pytest.raises(NotFound):
            step(queue.town, first, queue.second, now=queue.clock())


def test_two_runs_at_once_hold_one_desk(queue: Queue) -> None:
    queue.joins(queue.first)
    queue.host.quoted = FREE
    start, now = threading.Barrier(4), queue.clock.pass_by(minutes=1)

    def run() -> None:
        start.wait()
        waiting.go_on(queue.town, now=now)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queue.host.bookings) == 1


def test_a_host_that_is_away_holds_it_when_it_answers(queue: Queue, trip_now: Callable[[str], Trip]) -> None:
    first = queue.joins(queue.first)
    queue.host.quoted, queue.host.deaf = FREE, True
    queue.goes_on()
    queue.host.deaf = False
    queue.clock.pass_by(minutes=1)
    outbox.deliver(queue.town.storage, asking.carriers(queue.town), now=queue.clock())
    assert trip_now(queue.row(first).trip_id or "").state == "held"
    queue.goes_on()
    assert len(queue.told(queue.first)) == 1
