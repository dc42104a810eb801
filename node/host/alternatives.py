"""What would do instead: the nearest free desks at the same time, then other times of the same day."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager

from federation.messages.booking import Alternative
from node.host import claims, leeway, rasters, slots
from node.host.spans import Span
from node.host.terms import Asked
from node.models.sites import Desk, Room, Site

ENOUGH = 5
NEAREST = 3 * ENOUGH
"""So many desks are looked at before all the others of the site."""


def instead_of(
    db: Session, asked: Asked, desk: Desk, now: datetime, *, avoid: Collection[str] = ()
) -> tuple[Alternative, ...]:
    """Return at most five alternatives to the first place asked for, each of which would be given if asked for now; desks
    beside it come before its room, and that before its site.

    ``avoid`` are desks that will not do, such as those about to be closed.
    """
    place, neighbours = asked.places[0], _neighbours(db, desk)
    left = leeway.of(db, asked, desk, neighbours, now)
    wish = Span(place.start, place.start + left.length(place.end - place.start))
    day = _day_of(wish, desk, now)

    def free(desks: Sequence[Desk]) -> Mapping[str, tuple[Span, ...]]:
        whole = claims.free_for(db, desks, "guests", day, now)
        return {one.id: left.cut(one, whole[one.id]) for one in desks}

    others = [other for other in neighbours if other.id != desk.id and other.id not in avoid]
    proposed = _proposed(desk, others, wish, free, now, leave=desk.id in avoid)
    return tuple(alternative(*one) for one in islice((one for one in proposed if left.lets(*one)), ENOUGH))


def _proposed(
    desk: Desk,
    others: Sequence[Desk],
    wish: Span,
    free: Callable[[Sequence[Desk]], Mapping[str, tuple[Span, ...]]],
    now: datetime,
    *,
    leave: bool,
) -> Iterator[tuple[Desk, Span]]:
    """Go through what might do, the best first. Nearly always some of the nearest desks do, and the others are not looked at.

    ``leave`` says that the desk itself will not do.
    """
    nearest_ones, rest = [desk, *others[:NEAREST]], others[NEAREST:]
    known = free(nearest_ones)
    own = [] if leave else [(desk, span) for span in at_other_times(desk, known[desk.id], wish, now)]
    holding = [one for one in own[:1] if one[1].contains(wish)]
    yield from holding
    yield from _same_time(nearest_ones[1:], known, wish, now)
    if rest:
        yield from _same_time(rest, free(rest), wish, now)
    yield from own[len(holding) :]


def _same_time(
    desks: Sequence[Desk], free: Mapping[str, tuple[Span, ...]], wish: Span, now: datetime
) -> Iterator[tuple[Desk, Span]]:
    for desk in desks:
        fit = slots.fitted(desk, free[desk.id], wish, now)
        if fit is not None and any(span.contains(fit) for span in free[desk.id]):
            yield desk, fit


def at_other_times(desk: Desk, free: Sequence[Span], wish: Span, now: datetime) -> Sequence[Span]:
    """Return other times of the desk, the nearest first: whole units, or stretches as long as the wish."""
    length = wish.end - wish.start
    moved = (nearest(span, wish, length) for span in free if span.end - span.start >= length)
    units = dict.fromkeys(slots.others(desk, free, wish, now))
    on_grid = () if slots.of(desk) in slots.UNITS else sorted(moved, key=lambda one: abs(one.start - wish.start))
    wanted = (slots.fitted(desk, free, one, now) for one in on_grid)
    fitting = (one for one in wanted if one is not None and any(span.contains(one) for span in free))
    return tuple(dict.fromkeys((*units, *fitting)))


def _neighbours(db: Session, desk: Desk) -> Sequence[Desk]:
    """Return the desks offered to guests in the same site, those beside it first, then those of its room; it is among them."""
    question = (
        select(Desk)
        .join(Desk.room)
        .join(Room.site)
        .options(contains_eager(Desk.room).contains_eager(Room.site))
        .where(Site.id == desk.room.site_id, (Desk.id == desk.id) | _for_guests(), Desk.kind == desk.kind)
        .order_by(Desk.room_id != desk.room_id, Desk.name)
    )
    found = db.scalars(question).all()
    beside = rasters.beside(desk, found)
    return sorted(found, key=lambda other: other.id not in beside)


def _for_guests() -> ColumnElement[bool]:
    return Desk.published & Room.published & Site.published & (Desk.pool == "guests")


def _day_of(wish: Span, desk: Desk, now: datetime) -> Span:
    """Return the site's own day of the wish, as far as it lies ahead."""
    start = wish.start.astimezone(ZoneInfo(desk.room.site.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(start + timedelta(days=1), wish.end)
    return Span(min(max(start, now), wish.start), end)


def nearest(span: Span, wish: Span, length: timedelta) -> Span:
    """Return the stretch of that length inside ``span`` that begins nearest to the wish."""
    start = min(max(span.start, wish.start), span.end - length)
    return Span(start, start + length)


def alternative(desk: Desk, span: Span) -> Alternative:
    """Return a desk and time as they cross the wire."""
    return Alternative(desk=desk.id, desk_name=desk.name, site_name=desk.room.site.name, start=span.start, end=span.end)
