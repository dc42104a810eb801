"""Messages: what goes in, what comes out, and what is refused with the path of the field."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.messages.booking import BookingRequest, Place
from federation.messages.feed import FeedItem, FeedPage
from federation.messages.listing import SiteListing
from federation.messages.search import SearchQuery

DESK = "6f1d2c1e-2b3a-4c5d-8e9f-0a1b2c3d4e5f"
PLACE = {"desk": DESK, "start": "2026-11-24T00:00:00Z", "end": "2026-11-24T12:00:00+09:00", "sub": "abcdefghijklmnop"}


def request(**changes: object) -> str:
    return json.dumps({"places": [PLACE | changes], "not_after": "2026-11-24T00:00:00Z"})


def test_a_request_is_read_with_its_times_in_utc() -> None:
    place = BookingRequest.read(request()).places[0]
    assert (place.start, place.end) == (datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC))


def test_what_is_written_is_read_back_the_same() -> None:
    wish = BookingRequest.read(request())
    assert BookingRequest.read(wish.text()) == wish


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"end": None}, "places.0.end"),
        ({"end": "2026-11-24T12:00:00"}, "places.0.end"),
        ({"end": "2026-11-24T25:00:00Z"}, "places.0.end"),
        ({"end": "2026-11-23T00:00:00Z"}, "places.0"),
        ({"start": "1999-01-01T00:00:00Z"}, "places.0.start"),
        ({"start": 1764000000}, "places.0.start"),
        ({"desk": "desk 1"}, "places.0.desk"),
        ({"desk": DESK.upper()}, "places.0.desk"),
        ({"sub": ["abcdefghijklmnop"]}, "places.0.sub"),
        ({"sub": "https://node.example/u/1"}, "places.0.sub"),
    ],
)
def test_a_wrong_field_is_refused_with_its_path(changes: dict[str, object], path: str) -> None:
    with pytest.raises(BadInput) as refusal:
        BookingRequest.read(request(**changes))
    assert refusal.value.field == path


@pytest.mark.parametrize("body", ["", "[]", "null", '"x"', "{", '{"a":1,"a":2}', "[" * 10_000, "\ufeff{}", b"\xff{}"])
def test_what_is_not_a_json_object_is_refused(body: str | bytes) -> None:
    with pytest.raises(BadInput):
        BookingRequest.read(body)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadInput):
        BookingRequest.read(text)


def test_an_unknown_member_from_a_newer_version_is_ignored() -> None:
    body = json.loads(request()) | {"colour": "blue"}
    assert BookingRequest.read(json.dumps(body)) == BookingRequest.read(request())


def test_a_retry_is_the_same_wish_on_its_places_whatever_their_order() -> None:
    first, other = (Place.read(json.dumps(PLACE | {"sub": sub * 4})) for sub in ("abcd", "efgh"))
    wish = BookingRequest(places=(first, other), not_after=first.start)
    assert wish.same_places((other, first))
    assert not wish.same_places((first,))


def test_the_last_page_of_a_feed_says_that_it_is_empty() -> None:
    page = FeedPage(next="https://node.example/feeds/listings?epoch=a&afterChangeNumber=1")
    assert page.wire()["items"] == []


def test_a_tombstone_has_no_data_and_a_living_item_has_some() -> None:
    with pytest.raises(BadInput):
        FeedItem.read('{"state":"deleted","kind":"desk","id":"1","modified":1,"data":{}}')
    with pytest.raises(BadInput):
        FeedItem.read('{"state":"updated","kind":"desk","id":"1","modified":1}')


def test_swapped_coordinates_are_noticed() -> None:
    site = {
        "id": DESK,
        "url": "https://node.example/sites/1",
        "municipality_code": "132195",
        "name": "市役所",
        "address": "和泉本町",
    }
    with pytest.raises(BadInput) as refusal:
        SiteListing.read(json.dumps(site | {"lat": 139.57, "lon": 35.63}))
    assert refusal.value.field == "lat"


def test_a_search_names_a_latitude_with_its_longitude() -> None:
    times = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-24T03:00:00Z"}
    with pytest.raises(BadInput):
        SearchQuery.read(json.dumps(times | {"lat": 35.6}))
