"""What is told of, and what is not: each happening once, and nobody by name."""

import pytest
from sqlalchemy import select

from node import jobs
from node.home import asking, waiting
from node.host import approvals, closures, visits
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.sites import Desk
from node.pings import Pings
from node.webhooks import kinds
from tests.node.pair import DESK_CODE, Pair
from tests.node.test_two_towns import START, booked, renew, trip, wish
from tests.node.webhooks.conftest import Add, Send, promised
from tests.node.webhooks.receiver import Receiver


def types(receiver: Receiver) -> list[str]:
    return [str(got.json["type"]) for got in receiver.got]


def hears(towns: Pair) -> None:
    """Have the home hear what the host did."""
    pings = Pings(towns.host)
    pings.send()
    jobs.deliver(towns.home)


def test_a_day_is_told_to_the_host_in_its_steps(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.host)
    trip_id = booked(towns)
    towns.clock.now = START
    towns.registry.later(days=1, hours=1)
    renew(towns)
    asking.arrive(towns.home, trip_id, towns.person.staff_id, DESK_CODE, now=towns.clock())
    asking.extend(towns.home, trip_id, towns.person.staff_id, 60, now=towns.clock())
    asking.leave(towns.home, trip_id, towns.person.staff_id, now=towns.clock.pass_by(minutes=30))
    send(towns.host)
    assert types(receiver) == [kinds.MADE, kinds.CHECKED_IN, kinds.CHANGED]


def test_a_message_says_where_and_when_and_of_which_town(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.host)
    found = trip(towns, booked(towns))
    send(towns.host)
    said = receiver.got[0].json
    assert (said["type"], said["data"]["state"], said["data"]["count"]) == ("booking.made", "confirmed", 1)
    assert said["data"]["home"] == {"code": "112089", "name": "所沢市"}
    assert said["data"]["host"] == {"code": "131016", "name": "千代田区"}
    (place,) = said["data"]["places"]
    assert (place["site"], place["room"], place["desk"]) == ("千代田合同庁舎", "4階 共用執務室", "A-1")
    assert place["start"] == found.start.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_no_message_says_who(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.host)
    add(towns.home)
    trip_id = booked(towns)
    send(towns.host)
    send(towns.home)
    found = trip(towns, trip_id)
    told = b"".join(got.body for got in receiver.got).decode()
    personal = (trip_id, found.sub, found.short_code, found.staff.name, found.staff.number, found.staff.section)
    assert len(receiver.got) == 2
    assert all(personal)
    assert [word for word in personal if word in told] == []


def test_a_booking_has_one_name_at_a_receiver_and_another_at_the_next(
    towns: Pair, add: Add, send: Send, receiver: Receiver
) -> None:
    add(towns.host, url=f"{receiver.origin}/one")
    add(towns.host, url=f"{receiver.origin}/two")
    trip_id = booked(towns)
    asking.cancel(towns.home, trip_id, towns.person.staff_id, now=towns.clock())
    send(towns.host)
    names = {
        path: {got.json["data"]["booking"] for got in receiver.got if got.path == path} for path in ("/one", "/two")
    }
    assert [len(each) for each in names.values()] == [1, 1]
    assert names["/one"] != names["/two"]


def test_a_cancellation_is_told_on_both_sides(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.host)
    add(towns.home)
    asking.cancel(towns.home, booked(towns), towns.person.staff_id, now=towns.clock())
    send(towns.host)
    send(towns.home)
    assert types(receiver) == [kinds.MADE, kinds.CANCELLED, kinds.TRIP_BOOKED, kinds.TRIP_CANCELLED]


def test_who_does_not_come_is_told_of(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.host, kinds=(kinds.NO_SHOW,))
    towns.clock.now = trip(towns, booked(towns)).end
    assert jobs.close_visits(towns.host) == 1
    send(towns.host)
    assert types(receiver) == [kinds.NO_SHOW]


def test_a_closure_is_a_change_by_the_host(towns: Pair, add: Add, send: Send, receiver: Receiver) -> None:
    add(towns.home)
    found = trip(towns, booked(towns))
    hears(towns)
    with towns.host.storage.transaction(write=True) as db:
        room = db.get_one(Desk, towns.desk).room
        closures.close(db, room, found.start, found.end, template="other", now=towns.clock())
    hears(towns)
    hears(towns)
    send(towns.home)
    assert types(receiver) == [kinds.TRIP_BOOKED, kinds.TRIP_CHANGED]
    assert receiver.got[1].json["data"]["state"] == "cancelled"
    assert receiver.got[1].json["data"]["cause"] == "closure"


@pytest.mark.parametrize(("verdict", "here", "elsewhere"), [("approve", kinds.CHANGED, "confirmed"), ("refuse", kinds.CANCELLED, "refused")])  # fmt: skip
def test_an_approval_is_told_of_too(
    towns: Pair, add: Add, send: Send, receiver: Receiver, verdict: str, here: str, elsewhere: str
) -> None:
    with towns.host.storage.transaction(write=True) as db:
        db.scalars(select(Agreement)).one().host_approves = True
    add(towns.host)
    add(towns.home)
    trip_id = booked(towns)
    with towns.host.storage.transaction(write=True) as db:
        getattr(approvals, verdict)(db, trip_id, towns.clock())
    hears(towns)
    send(towns.host)
    send(towns.home)
    assert types(receiver) == [kinds.MADE, here, kinds.TRIP_BOOKED, kinds.TRIP_CHANGED]
    assert [got.json["data"]["state"] for got in receiver.got] == ["requested", elsewhere, "requested", elsewhere]


def test_only_the_kinds_that_were_chosen_are_told(towns: Pair, add: Add) -> None:
    add(towns.host, kinds=(kinds.CANCELLED,))
    booked(towns)
    assert promised(towns) == 0


def test_a_town_without_receivers_promises_nothing(towns: Pair) -> None:
    booked(towns)
    assert promised(towns) == promised(towns, at_home=True) == 0


def test_what_is_undone_is_not_told(towns: Pair, add: Add) -> None:
    add(towns.host)

    def undone() -> None:
        with towns.host.storage.transaction(write=True) as db:
            booking = db.scalars(select(Booking)).one()
            visits.arrive(db, booking.places[0], booking.places[0].start)
            raise ZeroDivisionError

    booked(towns)
    before = promised(towns)
    with pytest.raises(ZeroDivisionError):
        undone()
    assert promised(towns) == before == 1


def test_an_offer_of_the_queue_is_told_of_once_it_is_held(
    towns: Pair, add: Add, send: Send, receiver: Receiver
) -> None:
    trip_id = booked(towns)
    add(towns.home, kinds=(kinds.TRIP_OFFERED, kinds.TRIP_BOOKED, kinds.TRIP_CANCELLED))
    asking.cancel(towns.home, trip_id, towns.person.staff_id, now=towns.clock())
    wanted = wish(towns)
    with towns.home.storage.transaction(write=True) as db:
        row = waiting.wait(db, wanted, anywhere=False, now=towns.clock())
    assert waiting.go_on(towns.home, now=towns.clock()) == 1
    send(towns.home)
    assert types(receiver) == [kinds.TRIP_CANCELLED, kinds.TRIP_OFFERED]
    waiting.take(towns.home, row.id, towns.person.staff_id, now=towns.clock())
    send(towns.home)
    assert types(receiver)[2:] == [kinds.TRIP_BOOKED]
