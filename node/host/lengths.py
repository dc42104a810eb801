"""Until when somebody at a desk may stay: only ends that the host would accept if it were asked now."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation import rules
from federation.messages.booking import OCCUPYING, Place
from node.host import claims, coverage, opening, pools, slots, terms, wholes
from node.host.homes import Home
from node.host.ruling import moment
from node.host.spans import Span, common
from node.host.terms import Asked
from node.models.agreements import Agreement
from node.models.bookings import BookingPlace
from node.models.sites import Desk

LONGER = (30, 60, 120)
"""Minutes that are offered where a desk is not booked in half days or days."""


def ends_of(
    db: Session, home: Home, places: Sequence[BookingPlace], now: datetime
) -> Mapping[int, tuple[datetime, ...]]:
    """Return for each place (by id) the later ends that would be accepted, the earliest first.

    ``places`` are all of one person's around this day: nobody stays into another visit of their own. As many statements for
    several places as for one.
    """
    if not places:
        return {}
    desks = list({place.desk_id: place.desk for place in places}.values())
    window = Span(min(place.start for place in places), max(place.end for place in places) + timedelta(days=1))
    wide = slots.widened(desks, window)
    parts = wholes.with_parts(db, desks)
    own = opening.open_of(db, {desk.id: desk for found in parts.values() for desk in found}.values(), wide)
    open_times = {desk.id: common([own[one.id] for one in parts[desk.id]]) for desk in desks}
    had = pools.when(db, desks, "own" if home.is_own else "guests", wide, now)
    taken = claims.taken(db, [desk.id for desk in desks], wide, walk_ins_of=home.code)
    agreements = [] if home.is_own else coverage.agreements_with(db, home.code)
    found: dict[int, tuple[datetime, ...]] = {}
    for place in places:
        visits = [Span(one.start, one.end) for one in places if one is not place and one.booking.state in OCCUPYING]
        blocked = [*taken[place.desk_id], *visits]
        found[place.id] = tuple(
            end
            for end in _wished(place, open_times[place.desk_id], now)
            if not any(span.overlaps(Span(place.end, end)) for span in blocked)
            and _holds(open_times[place.desk_id], place, end)
            and _holds(had[place.desk_id], place, end)
            and (home.is_own or _is_agreed(home, agreements, place, end, now))
        )
    return found


def _wished(place: BookingPlace, open_times: Sequence[Span], now: datetime) -> Sequence[datetime]:
    """Return what could be offered on this day by the desk's units alone."""
    desk, zone = place.desk, ZoneInfo(place.desk.room.site.zone)
    night = moment(place.start.astimezone(zone).date(), 1440, zone)
    wished = {_end(desk, open_times, place, place.end + timedelta(minutes=minutes), now) for minutes in LONGER}
    if slots.of(desk) in slots.UNITS:
        wished = {unit.end for unit in slots.units(desk, open_times, Span(place.end, max(night, place.end)))}
    return sorted(end for end in wished if end is not None and place.end < end <= max(night, place.end))


def _end(desk: Desk, open_times: Iterable[Span], place: BookingPlace, end: datetime, now: datetime) -> datetime | None:
    best = slots.fitted(desk, open_times, Span(place.start, end), now)
    return best.end if best is not None else None


def _holds(spans: Iterable[Span], place: BookingPlace, end: datetime) -> bool:
    return any(span.contains(Span(place.start, end)) for span in spans)


def _is_agreed(home: Home, agreements: Sequence[Agreement], place: BookingPlace, end: datetime, now: datetime) -> bool:
    """Say whether one agreement covers the longer visit in its hours and length without another yes, and reaches so far ahead."""
    asked = Asked(home, (), place.booking.work_kind)
    wish = terms.wish_of(
        asked, Place(desk=place.desk_id, start=place.start, end=end, sub=place.visitor.sub), place.desk
    )
    approved = place.booking.state in {"confirmed", "checked_in"}
    theirs = (one for one in agreements if not (approved and one.host_approves))
    covering = (one for one in theirs if coverage.covers(one, wish) and end <= coverage.reach(one, wish, now))
    return any(rules.judge(coverage.manner(one), wish) for one in covering)
