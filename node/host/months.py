"""A month of one site as its partners see it: for each half day how many desks are free, and which closures stand."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from node.host import claims, opening
from node.host.spans import Span
from node.models.opening import Closure
from node.models.sites import Desk, Room, Site

Mark = Literal["free", "few", "full", "closed", "later", "past"]
"""○, △, ×, ―; not offered yet; over."""


@dataclass(frozen=True)
class Half:
    """午前 or 午後 of a day: how many of the open desks are free."""

    mark: Mark
    free: int
    open: int


@dataclass(frozen=True)
class Day:
    """One day: both halves, whether it is 祝日 or the turn of the year, and the closures that touch it."""

    day: date
    morning: Half
    afternoon: Half
    holiday: bool
    closures: tuple[Closure, ...]


@dataclass(frozen=True)
class Shut:
    """A closure with the name of the place that is closed."""

    closure: Closure
    place: str


@dataclass(frozen=True)
class Month:
    """The days of a month in weeks from Monday, with None before the first and after the last."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    closures: tuple[Shut, ...]
    desks: int


def month_of(db: Session, site: Site, first: date, now: datetime) -> Month:
    """Return the month that begins on ``first``; five statements, however many desks and closures there are."""
    zone, days = ZoneInfo(site.zone), _days(first)
    window = Span(opening.moment(days[0], 0, zone), opening.moment(days[-1], 1440, zone))
    inside = select(Desk).join(Desk.room).join(Room.site).where(Room.site_id == site.id)
    every = db.scalars(inside.options(contains_eager(Desk.room).contains_eager(Room.site))).all()
    offered = [desk for desk in every if desk.offered and desk.pool == "guests"]
    open_times = opening.open_of(db, offered, window)
    free_times = claims.free_of(db, offered, window)
    shut = _shut(db, site, every, window)
    half = _Halves(site, zone, now, open_times, free_times)
    rows = [_day(day, half, zone, shut) for day in days]
    return Month(first, _weeks(rows), tuple(shut), len(offered))


@dataclass(frozen=True)
class _Halves:
    """What it takes to mark the halves of any day of the month."""

    site: Site
    zone: ZoneInfo
    now: datetime
    open_times: Mapping[str, tuple[Span, ...]]
    free_times: Mapping[str, tuple[Span, ...]]

    def of(self, day: date, starts: str, ends: str) -> Half:
        """Count the desks that are open, and free, in the whole of a half day."""
        start, end = (opening.moment(day, opening.minutes(text), self.zone) for text in (starts, ends))
        span = Span(start, end)
        open_ = sum(any(one.contains(span) for one in spans) for spans in self.open_times.values())
        free = sum(any(one.contains(span) for one in spans) for spans in self.free_times.values())
        if end <= self.now:
            return Half("past", free, open_)
        if open_ and start >= opening.horizon(self.now, self.zone):
            return Half("later", free, open_)
        return Half(_mark(free, open_), free, open_)


def _mark(free: int, open_: int) -> Mark:
    """A quarter of the open desks or fewer is few."""
    if not open_:
        return "closed"
    if not free:
        return "full"
    return "few" if free * 4 <= open_ else "free"


def _days(first: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(monthrange(first.year, first.month)[1])]


def _day(day: date, half: _Halves, zone: ZoneInfo, shut: Iterable[Shut]) -> Day:
    site, whole = half.site, Span(opening.moment(day, 0, zone), opening.moment(day, 1440, zone))
    return Day(
        day,
        half.of(day, site.morning_start, site.noon_end),
        half.of(day, site.noon_start, site.evening_end),
        not site.opens_on_holidays and opening.is_holiday(day),
        tuple(one.closure for one in shut if Span(one.closure.start, one.closure.end).overlaps(whole)),
    )


def _weeks(days: Sequence[Day]) -> tuple[tuple[Day | None, ...], ...]:
    before = days[0].day.weekday()
    after = -(before + len(days)) % 7
    cells: list[Day | None] = [*[None] * before, *days, *[None] * after]
    return tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))


def _shut(db: Session, site: Site, desks: Sequence[Desk], window: Span) -> list[Shut]:
    """Return the closures of the site and of anything in it that touch the window, in order."""
    names = {site.id: site.name}
    for desk in desks:
        names[desk.room_id] = desk.room.name
        names[desk.id] = f"{desk.room.name} {desk.name}"
    question = select(Closure).where(Closure.place_id.in_(names), Closure.lifted_at.is_(None))
    standing = question.where(Closure.start < window.end, Closure.end > window.start)
    found = db.scalars(standing.order_by(Closure.start, Closure.id))
    return [Shut(closure, names[closure.place_id]) for closure in found]
