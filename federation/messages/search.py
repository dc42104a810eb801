"""A search for free desks, and its answer.

May never change: the asking town is known from its token, never from the query; the answer holds only what that town may
see, nearest first.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from federation.messages.base import LONGEST, Code, Line, Message, Name, Url, Utc, Uuid, Word, Yen
from federation.messages.listing import DeskListing, Latitude, Longitude, Privacy, SiteListing, Wanted
from federation.messages.sheet import Assured
from federation.messages.space import Viewpoint

MOST_TOGETHER = 8
MOST_LINES = 30


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
    accessibility: Annotated[tuple[Viewpoint, ...], Field(max_length=20)] = ()
    """From which viewpoints the desk must be known to be accessible; where nobody has looked it is not."""
    minutes: Annotated[int, Field(ge=15, le=31 * 24 * 60)] | None = None
    """If given, any gap of so many minutes between ``start`` and ``end`` will do, the first of each desk is told."""
    adjacent: Annotated[int, Field(ge=2, le=MOST_TOGETHER)] | None = None
    """If given, so many desks that sit together, all free at the same time; each group is told once."""
    max_price_yen: Yen | None = None
    """What the whole stay may cost at most, by the cheapest agreement."""
    lines: Annotated[tuple[Word, ...], Field(max_length=MOST_LINES)] = ()
    """Railway lines: sites near a station of one of them come before all others, each part nearest first."""
    work_kind: Annotated[str, Field(pattern=r"^[a-z_]{0,20}$")] = ""
    """The 勤務区分 that will be declared; while it is empty, an agreement for certain kinds alone counts as well."""
    cursor: Line = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @model_validator(mode="after")
    def _makes_sense(self) -> "SearchQuery":
        if not self.start < self.end <= self.start + LONGEST:
            raise ValueError("the end lies after the start, within a month")
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a latitude goes with a longitude")
        if self.minutes is not None and timedelta(minutes=self.minutes) > self.end - self.start:
            raise ValueError("a gap fits between start and end")
        return self

    @property
    def length(self) -> timedelta:
        """How long the desk is wanted."""
        return self.end - self.start if self.minutes is None else timedelta(minutes=self.minutes)


class Host(Message):
    """The town that offers the desk."""

    entity_id: Url
    code: Code
    name: Word
    name_en: Line = ""


class Beside(Message):
    """Another desk of a group that sits together."""

    id: Uuid
    name: Name


class FreeDesk(Message):
    """A desk that is free during the whole of the asked time, or of the first gap in it that is long enough."""

    host: Host
    site: SiteListing
    desk: DeskListing
    free_from: Utc
    free_until: Utc
    price_yen: Yen = 0
    distance_km: float | None = None
    as_of: Utc
    stale: bool = False
    fits_from: Utc | None = None
    """When the first gap begins, where one of so many ``minutes`` was asked for."""
    together: Annotated[tuple[Beside, ...], Field(max_length=MOST_TOGETHER)] = ()
    """The others of the group, where ``adjacent`` desks were asked for: free at the same time and as wished."""
    line: Line = ""
    """Which of the wished ``lines`` the site is near."""


class FoundPlace(Message):
    """What the registry understood by the asked place."""

    label: Line = ""
    kind: Literal["coordinates", "station", "municipality", "name", "anywhere"]
    """``name``: no station, but a part of the names of what was found."""
    lat: float | None = None
    lon: float | None = None
    lines: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    """The lines that stop at the station, as its table has them."""


class NearMiss(Message):
    """A filter of the query that, left out by itself, would have let so many be found, at least."""

    filter: Word
    """The query's member; ``radius_km`` stands for anywhere in the country, ``time`` for another time of the same day, and
    ``agreement`` for the days, hours, lengths and deadlines that agreements bound.
    """
    count: Annotated[int, Field(ge=1)]


class SearchAnswer(Message):
    """The desks found, nearest first, and how to read on."""

    place: FoundPlace
    desks: tuple[FreeDesk, ...] = ()
    total: Annotated[int, Field(ge=0)] = 0
    at_least: bool | None = None
    """True where nobody counted on: there may be more than ``total``."""
    cursor: Line = ""
    as_of: Utc
    near_misses: Annotated[tuple[NearMiss, ...], Field(max_length=20)] = ()
    """Told when nothing was found."""
