"""Which rule decides on a day: pure functions over the rules of a desk, its room and its site.

On each local day of the site, in this order:

1. a dated exception (closed, other hours, the usual hours although it is 祝日): the nearest place that has one for the
   day, and there the one over fewer days, of equally long ones the later made;
2. 祝日 and 12/29-1/3 are closed, unless the nearest place that has a say opens on them;
3. the weekly hours of the nearest place that has any for the day: there the week valid for fewer days, then the later begun.

A one-off opening adds its time to whatever these say, unless a nearer place has an exception of its own for the day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

from node.host.spans import Span, joined, within
from node.models.opening import ExceptionKind

Stretch = tuple[int, int]
"""Opening and closing minute after local midnight; 1440 is the next midnight."""
Hours = tuple[int, int, int]
"""Weekday (Monday is 0), opening and closing minute after local midnight."""


@dataclass(frozen=True)
class Week:
    """Weekly hours, valid from ``first`` to ``last`` (both included)."""

    hours: tuple[Hours, ...]
    first: date = date.min
    last: date = date.max

    def holds(self, day: date) -> bool:
        """Say whether these are hours for the day at all."""
        return self.first <= day <= self.last

    def on(self, day: date) -> tuple[Stretch, ...]:
        """Return the day's stretches in order."""
        return tuple(sorted((opens, closes) for weekday, opens, closes in self.hours if weekday == day.weekday()))


@dataclass(frozen=True)
class Dated:
    """A dated exception as ``node.models.opening.DatedException`` stores it; a larger ``id`` was made later."""

    id: int
    kind: ExceptionKind
    first: date
    last: date
    stretches: tuple[Stretch, ...] = ()
    words: str = ""
    weekdays: frozenset[int] = frozenset()
    yearly: bool = False

    def holds(self, day: date) -> bool:
        """Say whether the day is one of its days. A yearly 2/29 is no day of other years."""
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        if not self.yearly:
            return self.first <= day <= self.last
        if day < self.first:
            return False
        first, here, last = ((one.month, one.day) for one in (self.first, day, self.last))
        return first <= here <= last if first <= last else here >= first or here <= last


@dataclass(frozen=True)
class PlaceRules:
    """What one place says of itself; ``opens_on_holidays`` None leaves that to what is around it.

    ``usual`` are a site's hours for days for which nobody around has set any.
    """

    place_id: str
    weeks: tuple[Week, ...] = ()
    dated: tuple[Dated, ...] = ()
    opens_on_holidays: bool | None = None
    usual: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class Ruled:
    """A rule that decided: its kind, the place it belongs to, and the words people see.

    ``default`` is the usual week of a site that has set none; a ``holiday`` bears the name of the 祝日, or none at the
    turn of the year.
    """

    kind: Literal["default", "week", "holiday", "closed", "hours", "usual", "extra"]
    place_id: str
    words: str = ""
    exception_id: int | None = None


@dataclass(frozen=True)
class DayPlan:
    """A day: the rule that decides, what it leaves open, and the one-off openings on top."""

    day: date
    rule: Ruled
    stretches: tuple[Stretch, ...]
    extras: tuple[tuple[Stretch, Ruled], ...] = field(default=())

    @property
    def open(self) -> tuple[Stretch, ...]:
        """Everything that is open that day; stretches may overlap."""
        return (*self.stretches, *(stretch for stretch, _ in self.extras))


Chain = tuple[PlaceRules, ...]
"""The rules that concern a desk, nearest first; the last is the site's. A place that says nothing may be missing."""


def plan(chain: Chain, day: date) -> DayPlan:
    """Return what holds on a day, and why."""
    for number, place in enumerate(chain):
        exception = _exception(place, day)
        if exception is not None:
            rule = Ruled(exception.kind, place.place_id, exception.words, exception.id)
            usual = _weekly(chain, day)[1] if exception.kind == "usual" else ()
            extras = tuple(_extras(chain[: number + 1], day))
            return DayPlan(day, rule, exception.stretches if exception.kind == "hours" else usual, extras)
    rule, stretches = _ordinary(chain, day)
    return DayPlan(day, rule, stretches, tuple(_extras(chain, day)))


def why(chain: Chain, zone: ZoneInfo, moment: datetime) -> Ruled:
    """Return the rule that decided whether ``moment`` is open."""
    local = moment.astimezone(zone)
    today = plan(chain, local.date())
    minute = local.hour * 60 + local.minute
    if any(opens <= minute < closes for opens, closes in today.stretches):
        return today.rule
    return next((rule for (opens, closes), rule in today.extras if opens <= minute < closes), today.rule)


def open_spans(chain: Chain, zone: ZoneInfo, window: Span) -> tuple[Span, ...]:
    """Return the open stretches inside ``window``, in order and joined; local times are read in ``zone``."""
    return within(_open_days(chain, zone, *bounds(window, zone)), window)


@lru_cache(maxsize=1024)
def _open_days(chain: Chain, zone: ZoneInfo, first: date, last: date) -> tuple[Span, ...]:
    """Return the open stretches of whole days; desks with the same rules around them share the answer."""
    return joined(
        Span(moment(day, opens, zone), moment(day, closes, zone))
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
        for opens, closes in plan(chain, day).open
    )


def bounds(window: Span, zone: ZoneInfo) -> tuple[date, date]:
    """Return the local days on which ``window`` begins and ends."""
    return window.start.astimezone(zone).date(), window.end.astimezone(zone).date()


def moment(day: date, minutes: int, zone: tzinfo) -> datetime:
    """Return the UTC moment of a local minute; 1440 is the next midnight, whatever the clocks do in between."""
    if minutes == 1440:
        day, minutes = day + timedelta(days=1), 0
    return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone).astimezone(UTC)


def is_holiday(day: date) -> bool:
    """Say whether the day is 祝日 or 振替休日, or lies in 12/29-1/3 (行政機関の休日に関する法律, 1条)."""
    return is_turn_of_the_year(day) or day in _japan(day.year)


def is_turn_of_the_year(day: date) -> bool:
    """Say whether the day lies in 12/29-1/3."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


def holiday_name(day: date) -> str:
    """Return the name of a 祝日 or 振替休日 in Japanese; empty for any other day."""
    return _japan(day.year).get(day, "")


@lru_cache(maxsize=32)
def _japan(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("JP", years=year, language="ja").items())


def week_of(place: PlaceRules, day: date) -> Week | None:
    """Return the weekly hours of one place that hold for the day, or None."""
    holding = (week for week in place.weeks if week.holds(day))
    return min(holding, key=lambda one: (one.last - one.first, -one.first.toordinal()), default=None)


def _exception(place: PlaceRules, day: date) -> Dated | None:
    """Return the exception of one place that decides on the day."""
    fitting = (one for one in place.dated if one.kind != "extra" and one.holds(day))
    return min(fitting, key=lambda one: (one.last - one.first, -one.id), default=None)


def _extras(places: Sequence[PlaceRules], day: date) -> Iterator[tuple[Stretch, Ruled]]:
    for place in places:
        for one in place.dated:
            if one.kind == "extra" and one.holds(day):
                yield from ((stretch, Ruled("extra", place.place_id, one.words, one.id)) for stretch in one.stretches)


def _ordinary(chain: Chain, day: date) -> tuple[Ruled, tuple[Stretch, ...]]:
    if is_holiday(day):
        choices = ((place, place.opens_on_holidays) for place in chain if place.opens_on_holidays is not None)
        place, opens = next(choices, (chain[-1], False))
        if not opens:
            return Ruled("holiday", place.place_id, holiday_name(day)), ()
    return _weekly(chain, day)


def _weekly(chain: Chain, day: date) -> tuple[Ruled, tuple[Stretch, ...]]:
    for place in chain:
        week = week_of(place, day)
        if week is not None:
            return Ruled("week", place.place_id), week.on(day)
    return Ruled("default", chain[-1].place_id), Week(chain[-1].usual).on(day)


def in_order(stretches: Iterable[Stretch]) -> bool:
    """Say whether stretches lie within a day, none empty, each after the one before; they may touch."""
    end = 0
    for opens, closes in stretches:
        if not end <= opens < closes <= 1440:
            return False
        end = closes
    return True
