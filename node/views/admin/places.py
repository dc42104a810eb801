"""What the pages on sites, rooms and desks share: finding them, their addresses, and the words for their facts."""

from collections.abc import Mapping
from typing import TypeVar

from flask import url_for
from sqlalchemy.orm import Session

from federation.errors import NotFound
from federation.wording import phrase
from node.host.sites import Place
from node.models.sites import Desk, Room, Site

T = TypeVar("T")

PRIVACY: Mapping[str, str] = {"private": phrase("個室"), "semi_private": phrase("半個室"), "open": phrase("大部屋")}
FEATURES: Mapping[str, str] = {
    "monitor": phrase("外部モニター"),
    "outlet": phrase("電源"),
    "wifi": phrase("Wi-Fi"),
    "web_meeting": phrase("Web会議可"),
    "screen_hidden": phrase("のぞき見防止"),
    "wire_lock": phrase("ワイヤーロック"),
    "printer": phrase("プリンター"),
    "wheelchair": phrase("車椅子対応"),
}
POOLS: Mapping[str, str] = {
    "guests": phrase("他団体の職員"),
    "own": phrase("自団体の職員"),
    "walk_in": phrase("当日利用"),
}


def get_site(db: Session, id_: object) -> Site:
    """Return a site or raise ``NotFound``."""
    return _found(db.get(Site, str(id_)))


def get_room(db: Session, id_: object) -> Room:
    """Return a room or raise ``NotFound``."""
    return _found(db.get(Room, str(id_)))


def get_desk(db: Session, id_: object) -> Desk:
    """Return a desk or raise ``NotFound``."""
    return _found(db.get(Desk, str(id_)))


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound("no such site, room or desk")
    return row


def page_of(place: Place) -> str:
    """Return the address of the page on which a place is looked after; a desk's is its room's."""
    if isinstance(place, Site):
        return url_for("admin_sites.site", site_id=place.id)
    room_id = place.id if isinstance(place, Room) else place.room_id
    return url_for("admin_rooms.room", room_id=room_id)


def kind_of(place: Place) -> str:
    """Return ``site``, ``room`` or ``desk``."""
    return type(place).__name__.lower()


def path_to(place: Place) -> str:
    """Return a place's name with those around it: 「本庁舎 31階 交流室 A-01」."""
    if isinstance(place, Site):
        return place.name
    if isinstance(place, Room):
        return f"{place.site.name} {place.name}"
    return f"{path_to(place.room)} {place.name}"
