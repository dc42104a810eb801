"""What is said of a room's manners reaches the listings of its desks; what no listing could say is never stored."""

from datetime import date
from typing import Any

import pytest

from federation.errors import BadInput
from federation.feed import Feeds
from federation.messages.listing import DeskListing, SiteListing
from federation.storage import Storage
from node.config import Config
from node.host import listings, sites
from node.models.sites import Room, Site
from tests.node.host.conftest import Desks, page

LONG = "髙﨑𠮷ｶﾞ😀" * 33 + "髙﨑"
"""Two hundred letters that text fields of other systems lose."""


def edit(storage: Storage, config: Config, id_: str, **facts: Any) -> None:
    with storage.transaction(write=True) as db:
        sites.edit(db, config, sites.get_place(db, id_), facts)


def desk_in_feed(storage: Storage, feeds: Feeds, id_: str) -> DeskListing:
    data = next(item.data for item in page(storage, feeds, "listings") if item.id == id_)
    return DeskListing.model_validate(data, strict=False)


def test_what_a_room_says_is_told_of_its_desks(desks: Desks, storage: Storage, feeds: Feeds, config: Config) -> None:
    facts = {"talking": "low", "eating": "drinks", "web_meeting": "headset", "screen": "hidden", "usual_staff": 12}
    signals = {"mobile": {"au": "good"}, "mobile_measured_on": date(2026, 11, 20), "features": ["outlet"]}
    edit(storage, config, desks.room, **facts, **signals)
    edit(storage, config, desks.first, features=["monitor"])
    told = desk_in_feed(storage, feeds, desks.first)
    assert told.features == ("monitor", "outlet", "web_meeting", "screen_hidden")
    assert (told.room.usual_staff, told.room.talking, told.room.mobile.measured_on) == (12, "low", "2026-11-20")
    assert "au" in told.meets()


def test_nothing_is_claimed_of_a_room_nobody_described(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    assert desk_in_feed(storage, feeds, desks.first).room.wire() == {"talking": "quiet"}


def test_a_wheelchair_needs_the_building_too(desks: Desks, storage: Storage, feeds: Feeds, config: Config) -> None:
    edit(storage, config, desks.room, access={"wheelchair": True})
    assert "wheelchair" not in desk_in_feed(storage, feeds, desks.first).features
    edit(storage, config, desks.site, access={"wheelchair": True})
    assert "wheelchair" in desk_in_feed(storage, feeds, desks.first).features


def test_what_a_site_says_is_told(desks: Desks, storage: Storage, config: Config) -> None:
    facts = {"night_entrance": "北側の通用口", "wifi": "あり", "facility_type": "hall", "phone": "03-5321-1111"}
    edit(storage, config, desks.site, **facts, access={"ostomate": False})
    with storage.transaction() as db:
        told = listings.site_listing(db.get_one(Site, desks.site), config).wire()
    assert {name: told[name] for name in facts} == facts
    assert told["access"] == {"ostomate": False}
    assert told["reception_hours"] == {"opens": "08:30", "closes": "17:15"}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Site, {"facility_type": "castle"}),
        (Site, {"access": {"wheelchair": "maybe"}}),
        (Site, {"access": {"trampoline": True}}),
        (Site, {"reception_opens": "25:00"}),
        (Room, {"web_meeting": "shouting"}),
        (Room, {"features": ["sauna"]}),
        (Room, {"mobile": {"au": "superb"}}),
        (Room, {"mobile": {"pigeon": "good"}}),
    ],
)
def test_what_no_listing_could_say_is_refused(
    desks: Desks, storage: Storage, config: Config, kind: type[Site] | type[Room], facts: dict[str, Any]
) -> None:
    with pytest.raises(BadInput):
        edit(storage, config, desks.site if kind is Site else desks.room, **facts)


def test_names_are_kept_as_they_are(desks: Desks, storage: Storage, config: Config) -> None:
    assert len(LONG) >= 200
    name = LONG[:200]
    for id_ in (desks.site, desks.room, desks.first):
        edit(storage, config, id_, name=name)
    with storage.transaction() as db:
        site, desk = listings.listing_of(db, desks.first, config)
    assert (site.name, desk.room_name, desk.name) == (name, name, name)
    assert SiteListing.read(site.text()).name == name
