"""Our people say how it was: asked once, carried to the host, kept no longer than until it has it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from federation import outbox
from federation.errors import FeedbackClosed, FeedbackNotTaken, NotFound
from federation.messages.feedback import Feedback
from federation.storage import Storage
from node import notices
from node.home import asking, feedback, trips
from node.models.feedback import TripFeedback
from node.models.trips import Trip
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import CODE, FakeHost
from tests.node.home.conftest import NOW, Clock

SAID = Feedback(quiet="yes", network="no", again="so_so", note="回線が細い")


@pytest.fixture
def over(town: Town, person: SignedIn, wish: Callable[..., trips.Wish], clock: Clock) -> str:
    """A trip whose person has come and gone."""
    trip_id = asking.submit(town, wish(), person, now=NOW)
    clock.now = NOW + timedelta(hours=4)
    asking.arrive(town, trip_id, person.staff_id, CODE, now=clock())
    asking.leave(town, trip_id, person.staff_id, now=clock.pass_by(hours=1))
    return trip_id


def give(town: Town, trip_id: str, staff_id: int, said: Feedback = SAID) -> bool:
    return feedback.give(town, trip_id, staff_id, said, now=town.clock())


def row(storage: Storage, trip_id: str) -> TripFeedback:
    with storage.transaction() as db:
        return db.get_one(TripFeedback, trip_id)


def asked(storage: Storage, person: SignedIn) -> int:
    with storage.transaction() as db:
        return sum("いかがでしたか" in told.words for told in notices.latest(db, person.staff_id))


def test_who_has_left_is_asked_once(town: Town, over: str, person: SignedIn, storage: Storage, host: FakeHost) -> None:
    assert asked(storage, person) == 1
    for state in ("confirmed", "completed", "completed"):
        with storage.transaction(write=True) as db:
            trip = trips.locked(db, over)
            assert trip is not None
            trips.follow(db, trip, host.changed(over, state=state), now=town.clock(), unasked=True)
    assert asked(storage, person) == 1


def test_the_host_has_it_and_we_keep_nothing_of_it(
    town: Town, over: str, person: SignedIn, storage: Storage, host: FakeHost
) -> None:
    assert give(town, over, person.staff_id)
    assert host.said == {over: SAID}
    assert (row(storage, over).state, row(storage, over).said) == ("sent", "")


def test_a_host_that_is_away_hears_of_it_later(
    town: Town, over: str, person: SignedIn, storage: Storage, host: FakeHost, clock: Clock
) -> None:
    host.down = True
    assert not give(town, over, person.staff_id)
    assert row(storage, over).state == "sending"
    host.down = False
    outbox.deliver(storage, feedback.carriers(town), now=clock.pass_by(minutes=1))
    assert (host.said, row(storage, over).state, row(storage, over).said) == ({over: SAID}, "sent", "")


def test_the_last_that_was_said_is_what_arrives(
    town: Town, over: str, person: SignedIn, storage: Storage, host: FakeHost, clock: Clock
) -> None:
    host.down, last = True, SAID.model_copy(update={"quiet": "no"})
    give(town, over, person.staff_id)
    clock.pass_by(seconds=1)
    give(town, over, person.staff_id, last)
    host.down = False
    outbox.deliver(storage, feedback.carriers(town), now=clock.pass_by(minutes=1))
    assert host.said == {over: last}


def test_nobody_speaks_for_somebody_else(town: Town, over: str, person: SignedIn, host: FakeHost) -> None:
    with pytest.raises(NotFound):
        give(town, over, person.staff_id - 1)
    assert host.said == {}


def test_not_before_the_end_and_not_after_thirty_days(
    town: Town, over: str, person: SignedIn, clock: Clock, wish: Callable[..., trips.Wish], host: FakeHost
) -> None:
    ahead = asking.submit(town, wish(hours=24), person, now=clock())
    with pytest.raises(FeedbackClosed):
        give(town, ahead, person.staff_id)
    clock.pass_by(days=30)
    with pytest.raises(FeedbackClosed):
        give(town, over, person.staff_id)
    assert host.said == {}


def test_a_host_without_an_ear_is_not_asked_again(
    town: Town, over: str, person: SignedIn, storage: Storage, host: FakeHost, clock: Clock
) -> None:
    host.no = NotFound("an older release")
    with pytest.raises(FeedbackNotTaken):
        give(town, over, person.staff_id)
    assert (row(storage, over).state, row(storage, over).said) == ("refused", "")
    host.no = None
    outbox.deliver(storage, feedback.carriers(town), now=clock.pass_by(minutes=1))
    assert host.said == {}


def test_what_never_arrives_is_dropped(
    town: Town, over: str, person: SignedIn, storage: Storage, host: FakeHost, clock: Clock
) -> None:
    host.down = True
    give(town, over, person.staff_id)
    for days, state in ((29, "sending"), (2, "refused")):
        with storage.transaction(write=True) as db:
            feedback.forget(db, clock.pass_by(days=days))
        assert row(storage, over).state == state
    assert row(storage, over).said == ""


def test_who_never_came_is_not_asked(
    town: Town, person: SignedIn, storage: Storage, host: FakeHost, wish: Callable[..., trips.Wish], clock: Clock
) -> None:
    trip_id = asking.submit(town, wish(), person, now=NOW)
    with storage.transaction(write=True) as db:
        trip = db.get_one(Trip, trip_id)
        trips.follow(db, trip, host.changed(trip_id, state="no_show"), now=clock(), unasked=True)
    with storage.transaction() as db:
        assert db.scalars(select(TripFeedback)).all() == []
