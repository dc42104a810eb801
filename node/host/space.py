"""What is stored of a place's manners, accessibility and photos, as listings say it; and what may be stored at all."""

from collections.abc import Collection, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from federation.errors import BadInput
from federation.messages.listing import MAX_PHOTOS, Feature
from federation.messages.space import (
    CARRIERS,
    VIEWPOINTS,
    Access,
    Eating,
    FacilityType,
    MobileReception,
    Photo,
    Picture,
    RoomFacts,
    Screen,
    Signal,
    Talking,
    WebMeeting,
)
from node.config import Config
from node.models import photos
from node.models.sites import Desk, Room, Site

FEATURES: tuple[str, ...] = get_args(Feature)
_WORDS: Mapping[str, Collection[str]] = {
    "talking": get_args(Talking),
    "web_meeting": ("", *get_args(WebMeeting)),
    "screen": ("", *get_args(Screen)),
    "eating": ("", *get_args(Eating)),
}


def check_site(site: Site) -> None:
    """Raise ``BadInput`` with the field that no listing could say."""
    if (site.facility_type or "") not in ("", *get_args(FacilityType)):
        raise BadInput(f"facility type {site.facility_type}", field="facility_type")
    _check_access(site.access)


def check_room(room: Room) -> None:
    """Raise ``BadInput`` with the field that no listing could say; what is not given yet becomes its default later."""
    for name, words in _WORDS.items():
        if getattr(room, name) is not None and getattr(room, name) not in words:
            raise BadInput(f"{name} {getattr(room, name)}", field=name)
    if not set(room.features or ()) <= set(FEATURES):
        raise BadInput("an unknown feature", field="features")
    mobile = room.mobile or {}
    if not (set(mobile) <= set(CARRIERS) and set(mobile.values()) <= set(get_args(Signal))):
        raise BadInput("an unknown carrier or signal", field="mobile")
    _check_access(room.access)


def facts_of(room: Room) -> RoomFacts:
    """Return what a listing says of the room around a desk."""
    measured = room.mobile_measured_on.isoformat() if room.mobile and room.mobile_measured_on else ""
    words: dict[str, Any] = {name: getattr(room, name) or None for name in _WORDS}
    return RoomFacts(
        **words,
        usual_staff=room.usual_staff or None,
        mobile=MobileReception(**room.mobile, measured_on=measured),
        access=Access(**room.access),
    )


def features_of(desk: Desk) -> tuple[Feature, ...]:
    """Return what a desk has by itself and by its room, each once, in the order of the vocabulary."""
    room = desk.room
    has = {*desk.features, *room.features}
    has |= {"web_meeting"} if room.web_meeting in {"yes", "headset"} else set()
    has |= {"screen_hidden"} if room.screen == "hidden" else set()
    has |= {"wheelchair"} if room.access.get("wheelchair") and room.site.access.get("wheelchair") else set()
    return tuple(each for each in get_args(Feature) if each in has)


def photos_of(site: Site, places: Collection[str], config: Config) -> tuple[Photo, ...]:
    """Return the photos of some places in a building, in their order, with absolute addresses."""
    mine = [photo for photo in site.photos if photo.place_id in places]
    return tuple(_photo(photo, config) for photo in mine[:MAX_PHOTOS])


def _photo(photo: photos.Photo, config: Config) -> Photo:
    return Photo.model_validate(
        {
            "shows": photo.shows,
            "alt": photo.alt,
            "alt_en": photo.alt_en,
            "large": _picture(config, photo.large, photo.large_width, photo.large_height),
            "small": _picture(config, photo.small, photo.small_width, photo.small_height),
        }
    )


def _picture(config: Config, digest: str, width: int, height: int) -> Picture:
    return Picture(url=f"{config.entity_id}/photos/{digest}", width=width, height=height)


def _check_access(access: Mapping[str, Any] | None) -> None:
    try:
        Access.model_validate(access or {})
    except ValidationError:
        raise BadInput("accessibility is true or false", field="access") from None
    if not set(access or {}) <= set(VIEWPOINTS):
        raise BadInput("an unknown viewpoint of accessibility", field="access")
