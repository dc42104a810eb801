"""What a visitor says goes from home to host over the protocol, also after the host was away, and names nobody there."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from federation import outbox
from federation.errors import NotFound
from federation.messages.feedback import Feedback
from node import notices
from node.home import asking, feedback, following, trips
from node.host import visits
from node.models.bookings import Booking
from node.models.feedback import FeedbackAnswer
from tests.node.pair import HOST, Pair
from tests.node.test_two_towns import renew

START, END = datetime(2026, 11, 24, 4, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
SAID = Feedback(quiet="yes", network="so_so", again="yes", note="窓側が寒い")


@pytest.fixture
def over(towns: Pair) -> str:
    """A visit that reception saw begin and end, of which home has heard by the host's feed."""
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(towns.person.staff_id, HOST, "千代田区", site, desk, START, END, "satellite", "2", "3")
    trip_id = asking.submit(towns.home, wish, towns.person, now=towns.clock())
    with towns.host.storage.transaction(write=True) as db:
        place = db.get_one(Booking, trip_id).places[0]
        visits.arrive(db, place, START)
        visits.leave(db, place, END - timedelta(minutes=5))
    towns.clock.now = END
    towns.registry.later(days=1, hours=3)
    renew(towns)
    following.follow_all(towns.home, following.sources(towns.home), now=END)
    return trip_id


def kept(towns: Pair) -> list[FeedbackAnswer]:
    with towns.host.storage.transaction() as db:
        return list(db.scalars(select(FeedbackAnswer)))


def give(towns: Pair, trip_id: str) -> bool:
    return feedback.give(towns.home, trip_id, towns.person.staff_id, SAID, now=towns.clock())


def test_the_person_is_asked_and_the_host_hears(towns: Pair, over: str) -> None:
    with towns.home.storage.transaction() as db:
        assert any("いかがでしたか" in told.words for told in notices.latest(db, towns.person.staff_id))
    assert give(towns, over)
    (row,) = kept(towns)
    assert (row.quiet, row.network, row.again, row.note) == ("yes", "so_so", "yes", "窓側が寒い")
    assert ("PUT", f"/api/v1/bookings/{over}/feedback", 204) in towns.wire.passed


def test_a_host_that_was_away_has_it_once_from_the_outbox(towns: Pair, over: str) -> None:
    towns.wire.down.add(HOST)
    assert not give(towns, over)
    towns.wire.down.clear()
    towns.wire.lose_answers = True
    outbox.deliver(towns.home.storage, feedback.carriers(towns.home), now=towns.clock.pass_by(minutes=1))
    towns.wire.lose_answers = False
    outbox.deliver(towns.home.storage, feedback.carriers(towns.home), now=towns.clock.pass_by(minutes=10))
    assert len(kept(towns)) == 1
    with towns.home.storage.transaction() as db:
        assert feedback.of(db, [over])[over].state == "sent"


def test_a_booking_the_host_does_not_know_is_nobodys(towns: Pair) -> None:
    with pytest.raises(NotFound):
        towns.home.hosts(HOST).put_feedback("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009", SAID)
