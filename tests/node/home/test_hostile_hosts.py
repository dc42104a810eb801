"""One host that lies or breaks harms nobody but itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from federation.messages.feed import FeedItem, FeedPage
from node.home import asking, following, trips
from node.models.trips import Trip
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import HOST, FakeHost

HOSTILE = "https://a-hostile.example"


def test_a_host_cannot_take_years_of_a_persons_time(
    town: Town, host: FakeHost, wish: Callable[..., trips.Wish], person: SignedIn, trip_now: Callable[[str], Trip]
) -> None:
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    place = host.bookings[trip_id].places[0]
    longer = place.model_copy(update={"end": place.end + timedelta(days=36500)})
    booking = host.changed(trip_id, places=(longer,))
    item = FeedItem(state="updated", kind="booking", id=trip_id, modified=2, data=booking.wire())
    with town.storage.transaction(write=True) as db:
        following.take(db, HOST, item, now=town.clock())
    assert (trip_now(trip_id).version, trip_now(trip_id).end) == (2, place.end)
    asking.submit(town, wish(hours=24), person, now=town.clock())


def test_a_feed_that_breaks_the_reader_does_not_hold_up_the_others(
    town: Town, host: FakeHost, wish: Callable[..., trips.Wish], person: SignedIn, trip_now: Callable[[str], Trip]
) -> None:
    asking.submit(town, wish(hours=3, host=HOSTILE), person, now=town.clock())
    trip_id = asking.submit(town, wish(), person, now=town.clock())
    booking = host.changed(trip_id, state="cancelled", cause="closure")
    item = FeedItem(state="updated", kind="booking", id=trip_id, modified=2, data=booking.wire())

    def source(entity_id: str) -> Any:
        first = f"{entity_id}/feeds/visits"
        last = f"{first}?epoch=e&afterChangeNumber=2"

        def fetch(url: str) -> FeedPage:
            if entity_id == HOSTILE:
                raise OverflowError("an integer no database takes")
            return FeedPage(next=last, items=() if url == last else (item,))

        return (7 if entity_id == HOSTILE else 8), first, fetch

    assert following.follow_all(town, source, now=town.clock()) == {HOSTILE: "OverflowError"}
    assert HOST > HOSTILE
    assert trip_now(trip_id).state == "cancelled"
