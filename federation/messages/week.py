"""A week at a glance: for each site, how many desks are free in each of its half days. Asked for with a ``SearchQuery``.

May never change: the answer holds only what the asking town may see; a half day that no agreement covers is left out, one
with nothing free stands without counts. Where a gap of so many minutes was asked for, a desk counts that has one in the half
day; where desks together were, those that belong to such a group then. Who may book what is the home's word: desks are counted by privacy for it.
"""

from typing import Annotated, Literal

from pydantic import Field

from federation.messages.base import Message, Utc, Uuid, Yen
from federation.messages.listing import Privacy, SiteListing
from federation.messages.search import FoundPlace, Host
from federation.messages.sheet import IsoDay

MOST_DAYS = 7
MOST_SITES = 60


class FreeCount(Message):
    """How many desks of one privacy are free in a half day as wished; ``desk`` is the one where there is one."""

    privacy: Privacy
    desks: Annotated[int, Field(ge=1)]
    desk: Uuid | None = None


class HalfDayFree(Message):
    """One half day of a site: 午前 or 午後 as the site has them, or what is left of it while it runs."""

    day: IsoDay
    half: Literal["morning", "afternoon"]
    start: Utc
    end: Utc
    price_yen: Yen = 0
    """The lowest price of an agreement for a usual half day of the federation (``HalfDays``), or for the gap asked for."""
    counts: Annotated[tuple[FreeCount, ...], Field(max_length=3)] = ()


class WeekSite(Message):
    """A site with a desk as wished, free or not."""

    host: Host
    site: SiteListing
    distance_km: float | None = None
    half_days: Annotated[tuple[HalfDayFree, ...], Field(max_length=2 * MOST_DAYS)] = ()
    as_of: Utc
    """How old the oldest word about one of its desks is."""
    stale: bool = False


class WeekAnswer(Message):
    """The sites, nearest first; ``more`` says that there are others farther away."""

    place: FoundPlace
    sites: Annotated[tuple[WeekSite, ...], Field(max_length=MOST_SITES)] = ()
    more: bool = False
    as_of: Utc
