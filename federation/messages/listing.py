"""What a host publishes of its sites and desks: facts only, for anyone to read.

May never change: ids outlive renames; ``url`` is the thing's own address at its host; a privacy level is one of three.
"""

from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from federation.messages.base import Code, Line, Message, Name, Text, Url, Uuid, Word
from federation.messages.feedback import FeedbackFacts
from federation.messages.sheet import SecuritySheet
from federation.messages.space import (
    Access,
    Carrier,
    FacilityType,
    Photo,
    RoomFacts,
    known,
    only_known,
)

MOST_PARTS = 200
MOST_ADJACENT = 24
Privacy = Literal["private", "semi_private", "open"]
Feature = Literal["monitor", "outlet", "wifi", "web_meeting", "screen_hidden", "wire_lock", "printer", "wheelchair"]
Wanted = Feature | Literal["talking", "eating"] | Carrier
"""What a search may ask for: a feature, or what the facts of the room say; a carrier means good reception of it."""
MAX_PHOTOS = 10
"""So few that a site and a desk with their photos fit into one answer of a peer."""
Slots = Literal["half_day", "day", "15", "30", "60"]
"""In which units a desk is booked: 午前 and 午後 as the site has them, a whole day's opening, or a grid of so many minutes."""
Latitude = Annotated[float, Field(ge=20.0, le=46.0)]
Longitude = Annotated[float, Field(ge=122.0, le=154.0)]
"""Japan's extent, so that swapped coordinates are noticed."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # A key is a path in the tz database: a folder, or a way out of it, raises each in its own way.
        raise ValueError("not a zone of the tz database") from None
    return name


Zone = Annotated[Word, AfterValidator(_known_zone)]
"""A zone's name in the tz database. Every page that shows the site reckons with it, so a wrong one stays outside."""


class NearStation(Message):
    """A station, the lines that stop there, and the minutes on foot."""

    name: Word
    lines: tuple[Word, ...] = ()
    walk_minutes: Annotated[int, Field(ge=0, le=180)] = 0


class HalfDays(Message):
    """The site's own 午前 and 午後, local times as HH:MM."""

    morning_start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:30"
    noon_end: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "12:00"
    noon_start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "13:00"
    evening_end: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:15"


class ReceptionHours(Message):
    """From when to when somebody sits at the reception on working days, local times as HH:MM."""

    opens: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:30"
    closes: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:15"


class SiteListing(Message):
    """A building that takes guests in."""

    id: Uuid
    url: Url
    municipality_code: Code
    name: Name
    name_kana: Line = ""
    name_en: Line = ""
    address: Line
    lat: Latitude
    lon: Longitude
    zone: Zone = "Asia/Tokyo"
    stations: Annotated[tuple[NearStation, ...], Field(max_length=10)] = ()
    half_days: HalfDays = HalfDays()
    entrance: Line = ""
    reception: Line = ""
    extension: Line = ""
    bring: Line = ""
    lunch: Line = ""
    welcome: Line = ""
    description: Text = ""
    night_entrance: Line = ""
    reception_hours: ReceptionHours | None = None
    wifi: Line = ""
    facility_type: Annotated[FacilityType | None, known(*get_args(FacilityType))] = None
    contact: Line = ""
    phone: Line = ""
    access: Access = Access()
    photos: Annotated[tuple[Photo, ...], Field(max_length=MAX_PHOTOS)] = ()


class DeskListing(Message):
    """A bookable desk or booth, with the facts of the room it stands in."""

    id: Uuid
    url: Url
    site_id: Uuid
    name: Name
    room_id: Uuid
    room_name: Name
    privacy: Privacy
    features: Annotated[tuple[Feature, ...], only_known(get_args(Feature)), Field(max_length=20)] = ()
    note: Line = ""
    room: RoomFacts = RoomFacts()
    photos: Annotated[tuple[Photo, ...], Field(max_length=MAX_PHOTOS)] = ()
    kind: Annotated[Word, Field(max_length=20)] = "desk"
    """``desk``, or ``whole_room`` for a room that is booked with all its desks; an unknown kind reads as a desk."""
    capacity: Annotated[int, Field(ge=1, le=1000)] | None = None
    """For how many people a whole room is."""
    parts: Annotated[tuple[Uuid, ...], Field(max_length=MOST_PARTS)] = ()
    """The desks that a whole room's booking takes, those that are listed themselves."""
    adjacent: Annotated[tuple[Uuid, ...], Field(max_length=MOST_ADJACENT)] = ()
    """The desks beside it that are listed themselves, for those who sit together; none where the town has no plan."""
    slots: Annotated[Slots | None, known(*get_args(Slots))] = None
    """None for a town that does not say: a grid of a quarter of an hour, as where it is "15"."""
    security: SecuritySheet | None = None
    """The room's newest signed セキュリティ確認表; whoever shows it looks at its last day."""
    feedback: FeedbackFacts | None = None
    """What visitors say of the room; None while too few have."""

    def meets(self) -> tuple[Wanted, ...]:
        """Return everything a search may ask for that this desk has."""
        by_room: dict[Wanted, bool] = {"talking": self.room.talking == "fine", "eating": self.room.eating == "yes"}
        signals = self.room.mobile.by_carrier()
        heard: dict[Wanted, bool] = {carrier: signals.get(carrier) == "good" for carrier in get_args(Carrier)}
        return (*self.features, *(each for each, so in {**by_room, **heard}.items() if so))
