"""When desks are open: weekly hours in local time, 祝日 and the turn of the year, made into UTC stretches."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.messages.listing import HalfDays
from node.host.spans import Span, joined, within
from node.models.opening import OpenHours
from node.models.sites import Desk, Room, Site

HORIZON = timedelta(weeks=8)
"""How far ahead desks are offered, in whole days of the site."""

Hours = tuple[int, int, int]
"""Weekday (Monday is 0), opening and closing minute after local midnight."""


def is_holiday(day: date) -> bool:
    """Say whether the day is 祝日 or 振替休日, or lies in 12/29-1/3 (行政機関の休日に関する法律, 1条)."""
    turn_of_the_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return turn_of_the_year or day in _japan(day.year)


@lru_cache(maxsize=32)
def _japan(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("JP", years=year))


def open_spans(hours: Iterable[Hours], zone: ZoneInfo, window: Span, *, opens_on_holidays: bool) -> tuple[Span, ...]:
    """Return the open stretches inside ``window``, in order and joined; local times are read in ``zone``."""
    by_weekday: dict[int, list[Hours]] = {}
    for stretch in hours:
        by_weekday.setdefault(stretch[0], []).append(stretch)
    days = (day for day in _days(window, zone) if opens_on_holidays or not is_holiday(day))
    spans = (_span(day, stretch, zone) for day in days for stretch in by_weekday.get(day.weekday(), ()))
    return within(joined(spans), window)


def _days(window: Span, zone: ZoneInfo) -> Iterable[date]:
    first, last = window.start.astimezone(zone).date(), window.end.astimezone(zone).date()
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _span(day: date, stretch: Hours, zone: ZoneInfo) -> Span:
    return Span(moment(day, stretch[1], zone), moment(day, stretch[2], zone))


def moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a local minute; 1440 is the next midnight, whatever the clocks do in between."""
    if minutes == 1440:
        day, minutes = day + timedelta(days=1), 0
    return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone).astimezone(UTC)


# --- As stored ------------------------------------------------------------------------------------------------


def horizon(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment up to which desks are offered: the end of the local day that lies eight weeks ahead."""
    return moment((now + HORIZON).astimezone(zone).date(), 1440, zone)


def end_of_next_working_day(site: Site, now: datetime) -> datetime:
    """Return the evening of the first weekday after today that is no holiday, as the site counts days."""
    zone = ZoneInfo(site.zone)
    day = now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= 5 or is_holiday(day):
        day += timedelta(days=1)
    return moment(day, minutes(site.evening_end), zone)


def minutes(text: str) -> int:
    """Read HH:MM as minutes after midnight; 24:00 is allowed. Raises ``BadInput``."""
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(minute) < 60):
        raise BadInput(f"not a time of day: {text[:20]}", field="time")
    total = int(hour) * 60 + int(minute)
    if total > 1440:
        raise BadInput(f"not a time of day: {text[:20]}", field="time")
    return total


def half_days(site: Site) -> HalfDays:
    """Return the site's own 午前 and 午後."""
    return HalfDays(
        morning_start=site.morning_start,
        noon_end=site.noon_end,
        noon_start=site.noon_start,
        evening_end=site.evening_end,
    )


def usual_hours(site: Site) -> tuple[Hours, ...]:
    """Return the hours of a site that has set none: Monday to Friday, from its morning to its evening."""
    opens, closes = minutes(site.morning_start), minutes(site.evening_end)
    return tuple((weekday, opens, closes) for weekday in range(5))


def set_hours(db: Session, place_id: str, hours: Iterable[Hours]) -> None:
    """Replace the weekly hours of a site, room or desk; with none of its own it follows the place around it.

    Raises ``BadInput`` where two stretches overlap or one is empty. The caller notes the desks concerned.
    """
    wanted = sorted(set(hours))
    for weekday, opens, closes in wanted:
        if not (0 <= weekday <= 6 and 0 <= opens < closes <= 1440):
            raise BadInput(f"hours {weekday} {opens}-{closes}", field="hours")
    for one, other in pairwise(wanted):
        if one[0] == other[0] and other[1] < one[2]:
            raise BadInput("hours overlap", field="hours")
    db.execute(delete(OpenHours).where(OpenHours.place_id == place_id))
    db.add_all(OpenHours(place_id=place_id, weekday=day, opens=opens, closes=closes) for day, opens, closes in wanted)
    db.flush()


def hours_by_place(db: Session, place_ids: Iterable[str]) -> Mapping[str, tuple[Hours, ...]]:
    """Return the hours that places have of their own; those without any are absent."""
    rows = db.scalars(select(OpenHours).where(OpenHours.place_id.in_(tuple(place_ids))).order_by(OpenHours.id))
    found: dict[str, tuple[Hours, ...]] = {}
    for row in rows:
        found[row.place_id] = (*found.get(row.place_id, ()), (row.weekday, row.opens, row.closes))
    return found


def open_of(db: Session, desks: Iterable[Desk], window: Span) -> Mapping[str, tuple[Span, ...]]:
    """Return for each desk (by id) its open stretches in ``window``: the nearest place that has hours decides."""
    chains = {desk.id: _around(desk) for desk in desks}
    known = hours_by_place(db, {place.id for chain in chains.values() for place in chain})
    return {desk_id: _open(chain, known, window) for desk_id, chain in chains.items()}


def _around(desk: Desk) -> tuple[Desk, Room, Site]:
    return (desk, desk.room, desk.room.site)


def _open(chain: tuple[Desk, Room, Site], known: Mapping[str, tuple[Hours, ...]], window: Span) -> tuple[Span, ...]:
    site = chain[2]
    hours = next((known[place.id] for place in chain if place.id in known), usual_hours(site))
    return open_spans(hours, ZoneInfo(site.zone), window, opens_on_holidays=site.opens_on_holidays)
