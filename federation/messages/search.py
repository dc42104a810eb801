"""A search for free desks, and its answer.

May never change: the asking town is known from its token, never from the query; the answer holds only what that town may
see, nearest first.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from federation.messages.base import LONGEST, Code, Line, Message, Url, Utc, Word, Yen
from federation.messages.listing import DeskListing, Latitude, Longitude, Privacy, SiteListing, Wanted
from federation.messages.sheet import Assured


class SearchQuery(Message):
    """Where and when; exactly one of coordinates, station or municipality says where, or none for anywhere.

    A ``station`` that nobody knows is looked for in the names of sites, rooms and desks.
    """

    start: Utc
    end: Utc
    lat: Latitude | None = None
    lon: Longitude | None = None
    station: Word | None = None
    municipality: Code | None = None
    radius_km: Annotated[float, Field(gt=0, le=2000)] = 50.0
    privacy: tuple[Privacy, ...] = ()
    features: Annotated[tuple[Wanted, ...], Field(max_length=20)] = ()
    security: Annotated[tuple[Assured, ...], Field(max_length=20)] = ()
    """What the room's セキュリティ確認表 must say plainly, and be valid on the wished day."""
    cursor: Line = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @model_validator(mode="after")
    def _makes_sense(self) -> "SearchQuery":
        if not self.start < self.end <= self.start + LONGEST:
            raise ValueError("the end lies after the start, within a month")
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a latitude goes with a longitude")
        return self


class Host(Message):
    """The town that offers the desk."""

    entity_id: Url
    code: Code
    name: Word
    name_en: Line = ""


class FreeDesk(Message):
    """A desk that is free during the whole of the asked time."""

    host: Host
    site: SiteListing
    desk: DeskListing
    free_from: Utc
    free_until: Utc
    price_yen: Yen = 0
    distance_km: float | None = None
    as_of: Utc
    stale: bool = False


class FoundPlace(Message):
    """What the registry understood by the asked place."""

    label: Line = ""
    kind: Literal["coordinates", "station", "municipality", "name", "anywhere"]
    """``name``: no station, but a part of the names of what was found."""
    lat: float | None = None
    lon: float | None = None
    lines: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    """The lines that stop at the station, as its table has them."""


class SearchAnswer(Message):
    """The desks found, nearest first, and how to read on."""

    place: FoundPlace
    desks: tuple[FreeDesk, ...] = ()
    total: Annotated[int, Field(ge=0)] = 0
    cursor: Line = ""
    as_of: Utc
