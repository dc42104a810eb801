"""How wishes that were asked for together are answered, or would be: words, reasons and ways on for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from federation.errors import DeskTaken
from federation.messages.booking import Reason
from federation.messages.listing import DeskListing, SiteListing
from federation.web.tongue import between, current, say
from federation.wording import phrase
from node.home import series, wishes
from node.home.forecasts import BOOKABLE
from node.home.series import Foreseen
from node.host import ruling
from node.models.series import Occurrence, Series
from node.models.teams import Team
from node.models.trips import Trip
from node.views.proposing import Proposal, address, proposals
from node.views.shown import said

OUTCOMES = {
    "free": (phrase("予約できます"), "green"),
    "approval": (phrase("承認が必要です"), "yellow"),
    "silent": (phrase("問合せ中"), "yellow"),
    "taken": (phrase("空きがありません"), "neutral"),
    "closed": (phrase("休みか、利用時間外です"), "neutral"),
    "refused": (phrase("予約できません"), "neutral"),
    "elsewhere": (phrase("別の予約があります"), "neutral"),
    "unread": (phrase("利用上の注意の確認が必要です"), "orange"),
}
"""What is foreseen of a wish: words and the tone of their chip."""


@dataclass(frozen=True)
class Answered:
    """One wish: where and when, its outcome (a key of ``OUTCOMES``) or its trip, why, and what would do instead."""

    site: SiteListing
    desk: DeskListing
    when: Markup
    outcome: str
    reasons: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()
    trip: Trip | None = None
    link: str = ""
    """The page on which this wish alone can be booked, where something else has to be done first."""

    @property
    def words(self) -> tuple[str, str]:
        """The outcome in the reader's language, and the tone of its chip."""
        words, tone = OUTCOMES[self.outcome]
        return say(words), tone

    @property
    def is_bookable(self) -> bool:
        """Whether asking for it makes sense."""
        return self.outcome in BOOKABLE


@dataclass(frozen=True)
class Together:
    """A series or a team as a list names it: its first wish, and how many there are."""

    id: str
    site: SiteListing
    start: datetime
    end: datetime
    count: int


def together(one: Series) -> Together:
    """Return a series as a list names it."""
    first = one.occurrences[0]
    return Together(one.id, SiteListing.read(first.site_listing), first.start, first.end, len(one.occurrences))


def beside(one: Team) -> Together:
    """Return a team as a list names it."""
    first = one.seats[0].trip
    return Together(one.id, SiteListing.read(first.site_listing), first.start, first.end, len(one.seats))


def foreseen(one: Foreseen) -> Answered:
    """Return what would come of a wish."""
    wish, forecast = one.wish, one.forecast
    told = _answered(wish.site, wish.desk, (wish.start, wish.end), forecast.outcome, forecast.reasons)
    return replace(told, proposals=proposals(wish.host, forecast.alternatives))


def occurrence(one: Occurrence) -> Answered:
    """Return how a wish of a series was answered."""
    site, desk, outcome, trip = (
        SiteListing.read(one.site_listing),
        DeskListing.read(one.desk_listing),
        one.outcome,
        one.trip,
    )
    if trip is not None and trip.state == "refused":
        outcome = "taken" if trip.cause == DeskTaken.code else "refused"
        trip = None
    told = _answered(site, desk, (one.start, one.end), outcome, series.reasons_of(one))
    instead = () if trip is not None else proposals(one.host, series.alternatives_of(one))
    return replace(told, trip=trip, proposals=instead)


def _answered(
    site: SiteListing, desk: DeskListing, span: tuple[datetime, datetime], outcome: str, reasons: Sequence[Reason]
) -> Answered:
    zone = ZoneInfo(site.zone)
    holiday = ruling.holiday_name(span[0].astimezone(zone).date()) if outcome == "closed" and current() == "ja" else ""
    told = (say(phrase("%(holiday)sのため、休みです。"), holiday=holiday),) if holiday else said(reasons)
    link = address("booking.confirm", desk.url, wishes.around(*span)) if outcome == "unread" else ""
    return Answered(site, desk, between(*span, zone), outcome, told, link=link)
