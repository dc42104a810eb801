"""When desks are open: the stored rules of desk, room and site, made into UTC stretches by ``node.host.ruling``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, CompoundSelect, bindparam, delete, insert, null, select, union_all
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.messages.listing import HalfDays
from node.host import ruling
from node.host.ruling import Chain, Dated, Hours, PlaceRules, Week, is_holiday, moment
from node.host.spans import Span, joined, within
from node.models.emergencies import Emergency
from node.models.opening import DatedException, OpenHours
from node.models.sites import Desk, Room, Site

__all__ = [
    "HORIZON",
    "Hours",
    "around_of",
    "chains_of",
    "dated_of",
    "end_of_next_working_day",
    "give_hours",
    "half_days",
    "horizon",
    "hours_by_place",
    "is_holiday",
    "minutes",
    "moment",
    "open_of",
    "rules_by_place",
    "set_hours",
    "usual_hours",
]

HORIZON = timedelta(weeks=8)
"""How far ahead desks are offered, in whole days of the site."""


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


def set_hours(
    db: Session, place_id: str, hours: Iterable[Hours], *, first: date | None = None, last: date | None = None
) -> None:
    """Replace a place's weekly hours, those valid from ``first`` to ``last`` (None leaves an end open).

    With none at all of its own a place follows what is around it. Raises ``BadInput`` where two stretches overlap or one is
    empty, or the season is. The caller notes the desks concerned: see ``node.host.timetables``.
    """
    wanted = sorted(set(hours))
    if first and last and last < first:
        raise BadInput("a season ends after it begins", field="last_day")
    for weekday in range(7):
        if not ruling.in_order((opens, closes) for day, opens, closes in wanted if day == weekday):
            raise BadInput(f"hours of weekday {weekday} overlap, or one is empty", field="hours")
    if any(not 0 <= weekday <= 6 for weekday, _, _ in wanted):
        raise BadInput("no such weekday", field="hours")
    theirs = (OpenHours.first_day.is_not_distinct_from(first), OpenHours.last_day.is_not_distinct_from(last))
    db.execute(delete(OpenHours).where(OpenHours.place_id == place_id, *theirs))
    db.add_all(
        OpenHours(place_id=place_id, weekday=weekday, opens=opens, closes=closes, first_day=first, last_day=last)
        for weekday, opens, closes in wanted
    )
    db.flush()


def give_hours(db: Session, many: Mapping[str, Iterable[Hours]]) -> None:
    """Give weekly hours to new places, which have none yet: one statement for all of them."""
    rows = [
        {"place_id": place_id, "weekday": day, "opens": opens, "closes": closes}
        for place_id, hours in many.items()
        for day, opens, closes in hours
    ]
    if rows:
        db.execute(insert(OpenHours), rows)


def hours_by_place(db: Session, place_ids: Iterable[str], *, on: date | None = None) -> Mapping[str, tuple[Hours, ...]]:
    """Return the weekly hours that places have of their own on the day ``on``; those without any are absent.

    Without a day, those that are not bound to a season.
    """
    found: dict[str, tuple[Hours, ...]] = {}
    for place_id, rules in rules_by_place(db, place_ids).items():
        if on is None:
            week = next((one for one in rules.weeks if (one.first, one.last) == (date.min, date.max)), None)
        else:
            week = ruling.week_of(rules, on)
        if week is not None:
            found[place_id] = week.hours
    return found


def _rules_asked() -> CompoundSelect[Any]:
    """Return the question for the rules of ``places``: standing exceptions, and weekly hours with the same columns."""
    exception, hours = DatedException, OpenHours
    these: BindParameter[Any] = bindparam("places", expanding=True)
    dated = select(
        exception.place_id,
        exception.id,
        exception.first_day,
        exception.last_day,
        exception.kind,
        exception.weekdays,
        exception.yearly,
        exception.stretches,
        exception.words,
        null().label("weekday"),
        null().label("opens"),
        null().label("closes"),
    ).where(exception.place_id.in_(these), exception.ended_at.is_(None))
    nothing = (null() for _ in range(5))
    weekly = select(
        hours.place_id, hours.id, hours.first_day, hours.last_day, *nothing, hours.weekday, hours.opens, hours.closes
    ).where(hours.place_id.in_(these))
    return union_all(dated, weekly)


_RULES = _rules_asked()
"""Built once: every booking asks it, and its feed again."""


def rules_by_place(db: Session, place_ids: Iterable[str]) -> Mapping[str, PlaceRules]:
    """Return the weekly hours and standing exceptions of places in one statement; those without any are absent."""
    rows: dict[str, list[Any]] = defaultdict(list)
    row: Any
    for row in db.execute(_RULES, {"places": tuple(place_ids)}):
        rows[row.place_id].append(row)
    return {place_id: _rules(place_id, sorted(found, key=lambda row: row.id)) for place_id, found in rows.items()}


def _rules(place_id: str, rows: Iterable[Any]) -> PlaceRules:
    weeks: dict[tuple[date, date], list[Hours]] = {}
    dated: list[Dated] = []
    for row in rows:
        if row.kind is None:
            valid = (row.first_day or date.min, row.last_day or date.max)
            weeks.setdefault(valid, []).append((row.weekday, row.opens, row.closes))
        else:
            dated.append(dated_of(row))
    return PlaceRules(place_id, tuple(Week(tuple(found), *valid) for valid, found in weeks.items()), tuple(dated))


def dated_of(row: Any) -> Dated:
    """Return a stored exception as the rules look at it."""
    return Dated(
        id=row.id,
        kind=row.kind,
        first=row.first_day,
        last=row.last_day,
        stretches=tuple((opens, closes) for opens, closes in row.stretches),
        words=row.words,
        weekdays=frozenset(row.weekdays),
        yearly=row.yearly,
    )


def chains_of(db: Session, places: Iterable[Site | Room | Desk]) -> Mapping[str, Chain]:
    """Return for each place (by id) the rules that concern it, nearest first; one statement for all of them."""
    around = {place.id: around_of(place) for place in places}
    known = rules_by_place(db, {one.id for chain in around.values() for one in chain})
    own: dict[str, PlaceRules | None] = {}
    for chain in around.values():
        for place in chain:
            if place.id not in own:
                own[place.id] = _own(place, known.get(place.id))
    return {id_: tuple(rules for one in chain if (rules := own[one.id]) is not None) for id_, chain in around.items()}


def around_of(place: Site | Room | Desk) -> tuple[Site | Room | Desk, ...]:
    """Return the place itself and what is around it, nearest first."""
    if isinstance(place, Desk):
        return (place, place.room, place.room.site)
    return (place, place.site) if isinstance(place, Room) else (place,)


def _own(place: Site | Room | Desk, stored: PlaceRules | None) -> PlaceRules | None:
    """Return what a place says of itself, or None where it leaves everything to what is around it."""
    weeks, dated = (stored.weeks, stored.dated) if stored is not None else ((), ())
    if isinstance(place, Site):
        return PlaceRules(place.id, weeks, dated, place.opens_on_holidays, usual_hours(place))
    if not (weeks or dated) and place.opens_on_holidays is None:
        return None
    return PlaceRules(place.id, weeks, dated, place.opens_on_holidays)


def open_of(db: Session, desks: Iterable[Desk], window: Span) -> Mapping[str, tuple[Span, ...]]:
    """Return for each desk (by id) its open stretches in ``window``."""
    every = tuple(desks)
    sites = {desk.id: desk.room.site for desk in every}
    chains = chains_of(db, every)
    opened = _opened_in_disaster(db, {site.id for site in sites.values()}, window)
    found: dict[str, tuple[Span, ...]] = {}
    reckoned: dict[tuple[str, ...], tuple[Span, ...]] = {}
    for id_, chain in chains.items():
        # Most desks leave everything to their site: what its rules say is reckoned once for all of them.
        named = (sites[id_].zone, *(rules.place_id for rules in chain))
        spans = reckoned.get(named)
        if spans is None:
            spans = reckoned[named] = ruling.open_spans(chain, ZoneInfo(sites[id_].zone), window)
        always = opened.get(sites[id_].id)
        found[id_] = within(joined((*spans, *always)), window) if always else spans
    return found


_OPENED = select(Emergency.site_id, Emergency.since, Emergency.until).where(
    Emergency.site_id.in_(bindparam("sites", expanding=True)),
    Emergency.around_the_clock,
    Emergency.ended_at.is_(None),
    Emergency.until > bindparam("start"),
    Emergency.since < bindparam("end"),
)


def _opened_in_disaster(db: Session, site_ids: Iterable[str], window: Span) -> Mapping[str, tuple[Span, ...]]:
    """Return when sites are open around the clock because of a 災害時臨時開放, by site."""
    found: dict[str, tuple[Span, ...]] = {}
    rows = db.execute(_OPENED, {"sites": tuple(site_ids), "start": window.start, "end": window.end})
    for site_id, since, until in rows:
        found[site_id] = (*found.get(site_id, ()), Span(since, until))
    return found
