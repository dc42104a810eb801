"""What a listing says of a place's manners and accessibility: missing is unknown, and newer words are passed over."""

import json
from pathlib import Path

import pytest

from federation.errors import BadInput
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.search import SearchQuery
from federation.messages.space import Access, MobileReception

GOLDEN = Path(__file__).parent / "golden"
DESK = json.loads((GOLDEN / "DeskListing-room.json").read_text())
SITE = json.loads((GOLDEN / "SiteListing-space.json").read_text())


def read_desk(**changes: object) -> DeskListing:
    return DeskListing.read(json.dumps({**DESK, **changes}))


def test_what_is_missing_is_unknown_and_not_no() -> None:
    access = Access.read('{"wheelchair": false}')
    assert (access.wheelchair, access.ostomate) == (False, None)
    assert access.wire() == {"wheelchair": False}


def test_a_newer_towns_words_do_not_keep_its_desk_out() -> None:
    desk = read_desk(features=["monitor", "hologram"], room={"talking": "telepathy", "mobile": {"au": "superb"}})
    assert desk.features == ("monitor",)
    assert (desk.room.talking, desk.room.mobile.au) == (None, None)


def test_a_newer_facility_type_counts_as_none() -> None:
    assert SiteListing.read(json.dumps({**SITE, "facility_type": "moon_base"})).facility_type is None


@pytest.mark.parametrize("features", ["monitor", {"monitor": 1}, 5, ["monitor"] * 21])
def test_what_is_no_list_of_features_is_refused(features: object) -> None:
    with pytest.raises(BadInput, match="features"):
        read_desk(features=features)


@pytest.mark.parametrize("measured_on", ["2026-11-20T00:00:00Z", "yesterday", "2026-11-20\n"])
def test_reception_is_dated_by_a_day(measured_on: str) -> None:
    with pytest.raises(BadInput, match="measured_on"):
        MobileReception.read(json.dumps({"measured_on": measured_on}))


def test_a_photo_without_words_is_refused() -> None:
    photo = {**DESK["photos"][0], "alt": ""}
    with pytest.raises(BadInput, match="alt"):
        read_desk(photos=[photo])


def test_a_desk_meets_what_its_room_says() -> None:
    room = {"talking": "fine", "eating": "yes", "mobile": {"docomo": "good", "au": "fair"}}
    assert read_desk(room=room).meets() == (*DESK["features"], "talking", "eating", "docomo")


def test_a_search_for_something_unknown_is_refused() -> None:
    asked = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-24T01:00:00Z", "features": ["hologram"]}
    with pytest.raises(BadInput, match="features"):
        SearchQuery.read(json.dumps(asked))
