"""What pages of the home side show of trips and notices: plain values, so that templates need to know no rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from federation.messages.booking import OCCUPYING, Reason
from federation.messages.listing import DeskListing, SiteListing
from federation.web.tongue import between, current, say, words
from federation.wording import phrase
from node.home import lengths, moves, trips, weeks, wishes
from node.models.trips import Trip
from node.notices import INTERVALS, Told
from node.views.proposing import Proposal, address, proposals
from node.views.space import way_in

EARLY = timedelta(minutes=30)
"""How long before the start the button to check in appears; the host decides."""
REPEATABLE = frozenset({"confirmed", "checked_in", "completed"})
"""States of a trip whose desk somebody may want again next week."""
WORK_KINDS = {"satellite": phrase("サテライト勤務"), "between_trips": phrase("出張の合間")}
CONFIDENTIALITY = {
    "1": phrase("自治体機密性1"),
    "2": phrase("自治体機密性2"),
    "3C": phrase("自治体機密性3C"),
    "3B": phrase("自治体機密性3B"),
    "3A": phrase("自治体機密性3A"),
}
_OWNERS = {
    "home": phrase("所属団体の人事担当が定めた条件"),
    "host": phrase("受入団体が定めた条件"),
}
CAUSES = {
    "closure": phrase("施設の休止のため"),
    "closure-lifted": phrase("施設の休止のため。休止はその後解除されました"),
    "host": phrase("受入団体の都合により"),
    "home": phrase("所属団体側で取り消しました"),
    "lapsed": phrase("期限までに確定しなかったため"),
    "team": phrase("全員分の座席がそろわなかったため"),
    "approval-returned": phrase("承認者が差し戻したため"),
    "approval-refused": phrase("承認者が承認しなかったため"),
    "withdrawn": phrase("座席の掲載が終了したため"),
    "agreement-ended": phrase("協定が終了したため"),
    "home-suspended": phrase("所属団体の参加が停止されたため"),
    "member-left": phrase("団体の参加が停止されたため"),
    "desk-taken": phrase("ほかの予約が先に入ったため"),
    "booking-refused": phrase("受入団体の利用条件のため"),
}


@dataclass(frozen=True)
class Shown:
    """A trip with its listings read, its time written at the site's zone, and what may be done now."""

    trip: Trip
    site: SiteListing
    desk: DeskListing
    when: Markup
    may_arrive: bool
    may_leave: bool
    may_cancel: bool
    may_move: bool
    longer: tuple[int, ...]
    arrive_from: datetime
    cause: str
    reasons: tuple[str, ...]
    next_day: date | None = None
    """The day on which the same desk could be had again, a week later; None where it was not used."""
    moved_from: str = ""
    proposals: tuple[Proposal, ...] = ()
    anew: str = ""
    """The page that asks for the same once more, where it was not approved in time or not at all."""

    @property
    def way(self) -> Sequence[tuple[str, str]]:
        """Which door and whom to ask at the time of this trip: labels with their words."""
        return way_in(self.site, self.desk, self.trip.start, self.trip.end)

    @property
    def weekly(self) -> str:
        """The page that books this desk at this time every week, from the next week on."""
        when = wishes.around(*weeks.on_day(self.trip, self.next_day)) if self.next_day else None
        return address("weekly.preview", self.desk.url, when) if when else ""

    @property
    def zone(self) -> ZoneInfo:
        """The site's own zone."""
        return ZoneInfo(self.site.zone)


def shown(trip: Trip, *, now: datetime) -> Shown:
    """Return a trip as pages show it in the reader's language."""
    site = trips.site_of(trip)
    return Shown(
        trip=trip,
        site=site,
        desk=trips.desk_of(trip),
        when=between(trip.start, trip.end, ZoneInfo(site.zone)),
        may_arrive=trip.state == "confirmed" and trip.start - EARLY <= now < trip.end,
        may_leave=trip.state == "checked_in",
        may_cancel=trip.state in {"asking", "held", "requested", "confirmed"},
        may_move=moves.is_movable(trip, now),
        longer=lengths.longer(trip) if trip.state in {"confirmed", "checked_in"} and now < trip.end else (),
        arrive_from=trip.start - EARLY,
        cause=say(CAUSES.get(trip.cause, "")) if trip.cause else "",
        reasons=said(trips.reasons_of(trip)),
        next_day=weeks.next_day(trip, now=now) if trip.state in REPEATABLE else None,
        moved_from=_moved_from(trip) if trip.moved_from and trip.state in OCCUPYING else "",
        proposals=proposals(trip.host, trips.alternatives_of(trip)) if now < trip.end else (),
        anew=_anew(trip) if now < trip.start else "",
    )


def _anew(trip: Trip) -> str:
    unapproved = trip.state == "lapsed" or trip.cause in {"approval-returned", "approval-refused"}
    desk = trips.desk_of(trip).url
    return address("booking.confirm", desk, wishes.around(trip.start, trip.end)) if unapproved else ""


def _moved_from(trip: Trip) -> str:
    before = DeskListing.read(trip.moved_from)
    return f"{before.room_name} {before.name}"


def said(reasons: Sequence[Reason]) -> tuple[str, ...]:
    """Return reasons in the reader's language, each with whose condition it is and what would change it."""
    return tuple(_said(reason) for reason in reasons)


def _said(reason: Reason) -> str:
    text, change = (reason.ja, reason.change_ja) if current() == "ja" else (reason.en, reason.change_en)
    if not change:
        return text
    return say(phrase("%(reason)s%(change)s（%(owner)s）"), reason=text, change=change, owner=say(_OWNERS[reason.side]))


def upcoming(found: Sequence[Trip]) -> Trip | None:
    """Return the trip that is on or comes next."""
    return next((trip for trip in found if trip.state in trips.LIVE), None)


@dataclass(frozen=True)
class ShownNotice:
    """A notice in the reader's language."""

    words: Markup
    link: str
    told_at: datetime
    read: bool


def told(notice: Told) -> ShownNotice:
    """Say a notice in the reader's language; its ``when`` and ``was`` travel as ISO 8601 intervals."""
    facts: Mapping[str, object] = dict(notice.facts)
    for name in INTERVALS & facts.keys():
        start, _, end = str(facts[name]).partition("/")
        if end:
            facts = {**facts, name: between(datetime.fromisoformat(start), datetime.fromisoformat(end))}
    if current() != "ja" and "why_en" in facts:
        facts = {**facts, "why": facts["why_en"]}
    return ShownNotice(words(notice.words, **facts), notice.link, notice.told_at, notice.read)
