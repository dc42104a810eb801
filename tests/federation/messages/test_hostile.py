"""What a hostile town writes into its messages stays outside, before a page or a database stumbles over it."""

import json

import pytest

from federation.errors import BadInput
from federation.messages.booking import Booking, Place
from federation.messages.listing import SiteListing
from federation.messages.search import SearchQuery
from tests.node.fakehost import SITE

BOOKING: dict[str, object] = {
    "id": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009",
    "state": "confirmed",
    "version": 1,
    "changed_at": "2026-11-24T00:00:00Z",
    "places": [],
}
PLACE = {
    "desk": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0002",
    "desk_name": "A-1",
    "site": "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0001",
    "site_name": "庁舎",
    "start": "2026-11-24T04:00:00Z",
    "end": "2026-11-24T03:00:00Z",
    "sub": "abcdefghijklmnop",
}


@pytest.mark.parametrize(
    "zone", ["Nowhere/City", "Asia", "../../etc/passwd", "/etc/localtime", "Asia/Tokyo\n", "x" * 99]
)
def test_a_site_in_no_zone_of_the_world_is_not_taken(zone: str) -> None:
    with pytest.raises(BadInput) as refused:
        SiteListing.read(json.dumps({**SITE.wire(), "zone": zone}))
    assert refused.value.field == "zone"


@pytest.mark.parametrize("name", ["name", "address", "description", "welcome"])
def test_a_text_with_a_nul_is_not_taken(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        SiteListing.read(json.dumps({**SITE.wire(), name: "庁舎\0"}))
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("news", "field"),
    [
        ({"price_yen": 10**30}, "price_yen"),
        ({"price_yen": 2**31}, "price_yen"),
        ({"version": 2**63}, "version"),
        ({"state": "x" * 21}, "state"),
        ({"short_code": "7" * 21}, "short_code"),
        ({"places": [PLACE]}, "places.0"),
        ({"places": [{**PLACE, "start": "2026-11-24T02:00:00Z"}] * 21}, "places"),
    ],
)
def test_a_booking_that_no_database_keeps_is_not_taken(news: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        Booking.read(json.dumps({**BOOKING, **news}))
    assert refused.value.field == field


def test_nobody_asks_for_more_than_a_month_in_one_piece() -> None:
    asked = {"desk": PLACE["desk"], "sub": PLACE["sub"], "start": "2026-11-24T00:00:00Z"}
    Place.read(json.dumps({**asked, "end": "2026-12-25T00:00:00Z"}))
    with pytest.raises(BadInput):
        Place.read(json.dumps({**asked, "end": "2026-12-25T00:00:01Z"}))
    with pytest.raises(BadInput):
        SearchQuery.read(json.dumps({"start": asked["start"], "end": "2199-12-25T00:00:01Z"}))
