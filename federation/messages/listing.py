"""What a host publishes of its sites and desks: facts only, for anyone to read.

May never change: ids outlive renames; ``url`` is the thing's own address at its host; a privacy level is one of three.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from federation.messages.base import Code, Line, Message, Text, Url, Uuid, Word

Privacy = Literal["private", "semi_private", "open"]
Feature = Literal["monitor", "outlet", "wifi", "web_meeting", "screen_hidden", "wire_lock", "printer", "wheelchair"]
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


class SiteListing(Message):
    """A building that takes guests in."""

    id: Uuid
    url: Url
    municipality_code: Code
    name: Word
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


class DeskListing(Message):
    """A bookable desk or booth, with the facts of the room it stands in."""

    id: Uuid
    url: Url
    site_id: Uuid
    name: Word
    room_id: Uuid
    room_name: Word
    privacy: Privacy
    features: Annotated[tuple[Feature, ...], Field(max_length=20)] = ()
    note: Line = ""
