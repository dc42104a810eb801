"""Sites, rooms and desks, and what the feeds say of them."""

import pytest

from federation.errors import BadInput, NotFound
from federation.feed import Feeds
from federation.messages.listing import DeskListing, SiteListing
from federation.storage import Storage
from node.config import Config
from node.host import codes, opening, sites
from node.models.sites import Desk, Room, Site
from tests.node.host.conftest import SITE, Desks, page


def live(storage: Storage, feeds: Feeds, feed: str, kind: str) -> set[str]:
    """The ids of what a feed says is there."""
    return {item.id for item in page(storage, feeds, feed) if item.kind == kind and item.state == "updated"}


def test_a_published_desk_is_listed_and_offered(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    three = {desks.first, desks.second, desks.booth}
    assert live(storage, feeds, "listings", "desk") == three
    assert live(storage, feeds, "offers", "free") == three


def test_a_listing_reads_back_as_the_wire_knows_it(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    items = {item.id: item.data for item in page(storage, feeds, "listings")}
    assert SiteListing.model_validate(items[desks.site], strict=False).municipality_code == "130001"
    assert DeskListing.model_validate(items[desks.booth], strict=False).privacy == "private"


def test_a_withdrawn_room_takes_its_desks_along(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    with storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Room, desks.room))
    assert live(storage, feeds, "listings", "desk") == {desks.booth}
    assert live(storage, feeds, "offers", "free") == {desks.booth}
    assert live(storage, feeds, "listings", "site") == {desks.site}


def test_a_withdrawn_site_takes_everything_along(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    with storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Site, desks.site))
    assert live(storage, feeds, "listings", "desk") | live(storage, feeds, "listings", "site") == set()


def test_a_desk_for_others_is_no_guests_desk(desks: Desks, storage: Storage, feeds: Feeds, config: Config) -> None:
    with storage.transaction(write=True) as db:
        sites.edit(db, config, db.get_one(Desk, desks.first), {"pool": "walk_in"})
    assert desks.first not in live(storage, feeds, "offers", "free")


def test_new_names_reach_the_feed(desks: Desks, storage: Storage, feeds: Feeds, config: Config) -> None:
    with storage.transaction(write=True) as db:
        sites.edit(db, config, db.get_one(Room, desks.room), {"name": "32階"})
    rooms = {item.data["room_name"] for item in page(storage, feeds, "listings") if item.id == desks.first}
    assert rooms == {"32階"}


def test_new_hours_reach_the_offers(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    with storage.transaction(write=True) as db:
        opening.set_hours(db, desks.site, [(2, 600, 660)])
        sites.changed(db, db.get_one(Site, desks.site))
    (free,) = [item.data for item in page(storage, feeds, "offers") if item.id == desks.first]
    assert free["ranges"][0] == {"start": "2026-11-25T01:00:00Z", "end": "2026-11-25T02:00:00Z"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({**SITE, "name": ""}, "name"),
        ({**SITE, "lat": 139.0}, "lat"),
        ({**SITE, "lock_version": 3}, "lock_version"),
        ({**SITE, "id": "mine"}, "id"),
    ],
)
def test_a_site_that_could_not_be_published_is_refused(
    storage: Storage, config: Config, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refusal, storage.transaction(write=True) as db:
        sites.add_site(db, config, facts)
    assert refusal.value.field == field


def test_rooms_and_desks_are_of_the_known_kinds(desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        room, site = db.get_one(Room, desks.room), db.get_one(Site, desks.site)
        with pytest.raises(BadInput):
            sites.add_room(db, site, {"name": "屋上", "privacy": "open_air"})
        with pytest.raises(BadInput):
            sites.add_desk(db, room, {"name": "D", "features": ["throne"]})
        with pytest.raises(BadInput):
            sites.add_desk(db, room, {"name": "E", "pool": "swimming"})
        db.rollback()


def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound), storage.transaction() as db:
        sites.get_place(db, "nowhere")


@pytest.mark.parametrize("typed", ["7QX-0K1", "7qx0k1", "７ＱＸ－０Ｋ１", " 7qx oki ", "7QX‐OKL"])
def test_a_code_is_what_a_person_meant(typed: str) -> None:
    assert codes.folded(typed) == "7QX0K1"


def test_a_desk_is_found_by_its_code(desks: Desks, storage: Storage) -> None:
    with storage.transaction() as db:
        desk = db.get_one(Desk, desks.first)
        found = sites.find_desk_by_code(db, codes.shown(desk.code).lower())
        assert found is not None
        assert found.id == desk.id
        assert sites.find_desk_by_code(db, "no such code") is None
