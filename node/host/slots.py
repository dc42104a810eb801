"""In which units a desk is booked: 午前 and 午後 as its site has them, the day's opening, or a grid of minutes.

A unit is what lies open of a half day, or of a day: where a Saturday opens from nine to twelve, its 午前 is that. Of a unit
that has begun the rest may be booked, from a quarter of an hour on.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from federation.messages.listing import Slots
from federation.rules import WholeSlots
from node.host.opening import minutes
from node.host.ruling import bounds, moment
from node.host.spans import SLOT, Span, joined, snapped, within, without
from node.models.sites import Desk, Room, Site

USUAL: Slots = "15"
UNITS = ("half_day", "day")
"""Those that are no grid of minutes."""


def of(place: Site | Room | Desk) -> Slots:
    """Return the units in which a place is booked: a room's own before its site's."""
    if isinstance(place, Desk):
        place = place.room
    own = place.slots
    return own or ((place.site.slots if isinstance(place, Room) else None) or USUAL)


def widened(desks: Iterable[Desk], window: Span) -> Span:
    """Return the time one must look at to know the units of ``desks`` in ``window``: whole days where there are such."""
    zones = {desk.room.site.zone for desk in desks if _grid(of(desk)) is None}
    for zone in map(ZoneInfo, zones):
        first, last = bounds(window, zone)
        window = Span(min(window.start, moment(first, 0, zone)), max(window.end, moment(last, 1440, zone)))
    return window


def free(desk: Desk, open_times: Iterable[Span], taken: Iterable[Span], window: Span) -> tuple[Span, ...]:
    """Return what may be booked of a desk in ``window``: units that are wholly free, and the noon between two of a day.

    ``open_times`` and ``taken`` reach as far as ``widened`` says. A unit that began before the window counts with its rest.
    """
    left, grid, zone = without(open_times, taken), _grid(of(desk)), ZoneInfo(desk.room.site.zone)
    if grid is not None:
        return tuple(_on_grid(within(left, window), grid, window.start, zone))
    found: list[Span] = []
    for unit in units(desk, open_times, window):
        rest = Span(max(unit.start, window.start), unit.end)
        if any(span.contains(rest) for span in left):
            found += [rest] if rest == unit else snapped([rest])
    noons = (Span(one.end, other.start) for one, other in pairwise(found) if _same_day(one.end, other.start, zone))
    found += [noon for noon in noons if any(span.contains(noon) for span in left)]
    return within(joined(found), window)


def units(desk: Desk, open_times: Iterable[Span], window: Span) -> tuple[Span, ...]:
    """Return the half days, or days, of a desk that touch ``window``, in order."""
    site, zone, every = desk.room.site, ZoneInfo(desk.room.site.zone), tuple(open_times)
    first, last = bounds(window, zone)
    halves: tuple[tuple[int, int], ...] = ((0, 1440),)
    if of(desk) == "half_day":
        halves = (
            (minutes(site.morning_start), minutes(site.noon_end)),
            (minutes(site.noon_start), minutes(site.evening_end)),
        )
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    parts = (Span(moment(day, starts, zone), moment(day, ends, zone)) for day in days for starts, ends in halves)
    return tuple(unit for part in parts for unit in within(every, part) if unit.overlaps(window))


def fitted(desk: Desk, open_times: Iterable[Span], wish: Span, now: datetime) -> Span | None:
    """Return the shortest stretch of whole units that holds the wish; None where no unit does.

    Of what has begun by ``now`` the wished rest will do, and the quarter of an hour asks nothing of a wish.
    """
    if of(desk) == USUAL:
        return wish
    grid, zone = _grid(of(desk)), ZoneInfo(desk.room.site.zone)
    if grid is not None:
        start, end = _floor(wish.start, grid, zone), _ceiling(wish.end, grid, zone)
        return Span(wish.start if start <= now else start, end)
    touching = list(units(desk, open_times, wish))
    if not touching:
        day = Span(wish.start - timedelta(hours=12), wish.end + timedelta(hours=12))
        near = units(desk, open_times, day)
        before = [unit for unit in near if unit.end <= wish.start and _same_day(unit.start, wish.start, zone)]
        after = [unit for unit in near if unit.start >= wish.end and _same_day(unit.start, wish.start, zone)]
        if not (before and after):
            return None
        touching = [before[-1], after[0]]
    start, end = touching[0].start, touching[-1].end
    return Span(wish.start if start <= wish.start and start <= now else start, end)


def rule(desk: Desk, open_times: Iterable[Span], wish: Span, now: datetime, *, from_start: bool = True) -> WholeSlots:
    """Return the condition that a wish is made of whole units; of one that is underway only its end is looked at."""
    best = fitted(desk, open_times, wish, now)
    return WholeSlots(of(desk), best if best is None or from_start else Span(wish.start, best.end))


def others(desk: Desk, free_times: Iterable[Span], wish: Span, now: datetime) -> Iterator[Span]:
    """Yield what could be booked of a desk instead of a wish: the units that hold it, then each other unit, nearest first.

    ``free_times`` are the desk's own as ``free`` returns them. Nothing for a desk on a grid beyond the stretch that holds it.
    """
    spans = tuple(free_times)
    best = fitted(desk, spans, wish, now)
    if best is not None and best != wish and any(span.contains(best) for span in spans):
        yield best
    if _grid(of(desk)) is not None or not spans:
        return
    single = units(desk, spans, Span(spans[0].start, spans[-1].end))
    yield from (unit for unit in sorted(single, key=lambda one: abs(one.start - wish.start)) if unit != best)


def _grid(slots: Slots) -> timedelta | None:
    return None if slots in UNITS else timedelta(minutes=int(slots))


def _on_grid(spans: Iterable[Span], grid: timedelta, begun: datetime, zone: ZoneInfo) -> Iterator[Span]:
    for span in spans:
        step = SLOT if span.start == begun else grid
        cut = Span(_ceiling(span.start, step, zone), _floor(span.end, grid, zone))
        if cut.start < cut.end:
            yield cut


def _floor(at: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    return at - _past(at, zone) % step


def _ceiling(at: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    return at + -_past(at, zone) % step


def _past(at: datetime, zone: ZoneInfo) -> timedelta:
    """Return how far the zone's clock has come since its midnight."""
    local = at.astimezone(zone)
    return timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    return one.astimezone(zone).date() == other.astimezone(zone).date()
