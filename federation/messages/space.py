"""What a place is like beyond its address: reception, manners, accessibility, pictures.

Everything here may be missing, and missing means "not known": nobody is told "no" where nobody looked. May never change: a
word that this version does not know counts as missing, so that a newer town's listing is still read by an older one.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from federation.messages.base import Line, Message, Name, Url

Talking = Literal["quiet", "low", "fine"]
WebMeeting = Literal["yes", "headset", "no"]
Screen = Literal["hidden", "partly", "visible"]
Eating = Literal["yes", "drinks", "no"]
Signal = Literal["good", "fair", "poor"]
"""○, △ and × of a mobile carrier, as somebody measured them in the room."""
FacilityType = Literal[
    "hall", "branch", "community", "library", "disaster", "health", "works", "private", "shop", "other"
]
Shows = Literal["door", "night_door", "reception", "way", "room", "desk", "other"]
Viewpoint = Literal[
    "wheelchair", "step_free", "lift", "wide_toilet", "ostomate", "priority_parking", "assistance_dog", "writing", "captions",
    "hearing_loop", "light_alarm", "tactile_paving", "voice_guidance", "braille", "quiet",
]  # fmt: skip
"""What ``Access`` answers, and a search may ask for."""
WAYS_IN: frozenset[Viewpoint] = frozenset({"wheelchair", "step_free"})
"""Whoever comes passes the building and the room: both must say yes."""
IN_THE_ROOM: frozenset[Viewpoint] = frozenset({"captions", "hearing_loop", "light_alarm", "quiet"})
"""The room knows best; where it says nothing, its building's yes counts."""
CARRIERS = ("docomo", "au", "softbank", "rakuten")
Carrier = Literal["docomo", "au", "softbank", "rakuten"]


def known(*words: str) -> BeforeValidator:
    """Take one of the words; any other counts as missing."""
    return BeforeValidator(lambda value: value if isinstance(value, str) and value in words else None)


class Access(Message):
    """Accessibility viewpoints of a building or a room: true, false, or missing where nobody has looked."""

    wheelchair: bool | None = None
    step_free: bool | None = None
    lift: bool | None = None
    wide_toilet: bool | None = None
    ostomate: bool | None = None
    priority_parking: bool | None = None
    assistance_dog: bool | None = None
    writing: bool | None = None
    captions: bool | None = None
    hearing_loop: bool | None = None
    light_alarm: bool | None = None
    tactile_paving: bool | None = None
    voice_guidance: bool | None = None
    braille: bool | None = None
    quiet: bool | None = None


VIEWPOINTS: tuple[Viewpoint, ...] = get_args(Viewpoint)


def accessible(building: Access, room: Access) -> tuple[Viewpoint, ...]:
    """Return the viewpoints from which a room is known to be accessible; what nobody has looked at is left out."""
    return tuple(each for each in VIEWPOINTS if _is_open(each, getattr(building, each), getattr(room, each)))


def _is_open(viewpoint: Viewpoint, building: bool | None, room: bool | None) -> bool:
    if viewpoint in WAYS_IN:
        return building is True and room is True
    if viewpoint in IN_THE_ROOM:
        return room is True or (room is None and building is True)
    return building is True


class MobileReception(Message):
    """How well each carrier is received, and the local day (ISO) on which somebody measured it."""

    docomo: Annotated[Signal | None, known(*get_args(Signal))] = None
    au: Annotated[Signal | None, known(*get_args(Signal))] = None
    softbank: Annotated[Signal | None, known(*get_args(Signal))] = None
    rakuten: Annotated[Signal | None, known(*get_args(Signal))] = None
    measured_on: Annotated[str, Field(pattern=r"^(20\d\d-[01]\d-[0-3]\d)?$")] = ""

    def by_carrier(self) -> Mapping[str, Signal]:
        """Return what is known, by carrier."""
        found: dict[str, Signal] = {each: getattr(self, each) for each in CARRIERS if getattr(self, each)}
        return found


class RoomFacts(Message):
    """The manners of a room, and who else is there; ``usual_staff`` counts the town's own people, never names them."""

    talking: Annotated[Talking | None, known(*get_args(Talking))] = None
    web_meeting: Annotated[WebMeeting | None, known(*get_args(WebMeeting))] = None
    screen: Annotated[Screen | None, known(*get_args(Screen))] = None
    eating: Annotated[Eating | None, known(*get_args(Eating))] = None
    usual_staff: Annotated[int | None, Field(ge=0, le=9999)] = None
    mobile: MobileReception = MobileReception()
    access: Access = Access()


class Picture(Message):
    """One size of a photo, at its host; width and height in pixels."""

    url: Url
    width: Annotated[int, Field(ge=1, le=4000)]
    height: Annotated[int, Field(ge=1, le=4000)]


class Photo(Message):
    """What a photo shows, in words for those who do not see it, in two sizes."""

    shows: Annotated[Shows, BeforeValidator(lambda value: value if value in get_args(Shows) else "other")] = "other"
    alt: Name
    alt_en: Annotated[Line, Field(max_length=200)] = ""
    large: Picture
    small: Picture


def only_known(words: tuple[str, ...]) -> BeforeValidator:
    """Leave out of a list what this version has no word for; anything but a list is left for the field to refuse."""

    def narrowed(value: Any) -> Any:
        return tuple(one for one in value if one in words) if isinstance(value, list | tuple) else value

    return BeforeValidator(narrowed)
