"""Where those could go whose desks are closed: one look at the desks around, for any number of bookings."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, selectinload

from federation.messages.booking import Alternative
from node.host import claims, pools, slots
from node.host.alternatives import ENOUGH, alternative, at_other_times
from node.host.sites import PRIVACY
from node.host.space import features_of
from node.host.spans import Span
from node.models.sites import Desk, Room, Site

NEIGHBOURING_KM = 5.0
"""A site of this town that lies farther off is nobody's neighbour: who was to come by train would come in vain."""
_MOST_DESKS = 2000
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Nearby:
    """The desks around those that close, and when each is free once they are closed."""

    desks: Sequence[Desk]
    free: Mapping[str, tuple[Span, ...]]
    """By desk, for guests; in whole units of the desk, as are those ``for_own`` staff."""
    for_own: Mapping[str, tuple[Span, ...]]
    _ordered: dict[str, Sequence[Desk]] = field(default_factory=dict)

    def at(self, desk: Desk, span: Span, *, own: bool = False) -> Iterator[Desk]:
        """Yield the other desks that are free in the whole of ``span``: same room, same site, neighbouring sites."""
        free = self.for_own if own else self.free
        return (one for one in self._around(desk) if any(each.contains(span) for each in free[one.id]))

    def instead_of(self, desk: Desk, span: Span, now: datetime) -> tuple[Alternative, ...]:
        """Return at most five others that hold that time for guests, then the same desk at other times of its day.

        Each is in whole units of its desk, so that it can be booked as it is said.
        """
        others = islice(_for_guests(self._fitting(desk, span, now)), ENOUGH)
        day = _day_of(desk, span)
        own = [one for one in self.free.get(desk.id, ()) if one.overlaps(day)]
        same_day = (one for one in at_other_times(desk, own, span, now) if one.overlaps(day))
        moved = (alternative(desk, one) for one in same_day)
        return tuple(islice(chain((alternative(one, fit) for one, fit in others), moved), ENOUGH))

    def _fitting(self, desk: Desk, span: Span, now: datetime) -> Iterator[tuple[Desk, Span]]:
        """Yield the other desks with the stretch of their own units that holds ``span``, if that is free."""
        for one in self._around(desk):
            fit = slots.fitted(one, self.free[one.id], span, now)
            if fit is not None and any(each.contains(fit) for each in self.free[one.id]):
                yield one, fit

    def _around(self, desk: Desk) -> Sequence[Desk]:
        """Return the others in the order in which they are proposed for a desk."""
        if desk.id not in self._ordered:
            others = (one for one in self.desks if one.id != desk.id and one.kind == desk.kind)
            self._ordered[desk.id] = sorted(others, key=lambda one: _distance(one, desk))
        return self._ordered[desk.id]


def around(
    db: Session, site: Site, closing: Collection[Desk], spans: Sequence[Span], window: Span, *, now: datetime
) -> Nearby:
    """Look at the site and, as far as they are near, at this town's others; a fixed number of statements.

    ``closing`` are the desks that are closed in ``spans``. Desks that only our own staff may have are among them.
    """
    question = (
        select(Desk)
        .join(Desk.room)
        .join(Room.site)
        .options(contains_eager(Desk.room).options(contains_eager(Room.site), selectinload(Room.plan_picture)))
        .where(Desk.published, Room.published, Site.published, Desk.pool != "walk_in")
        .order_by(Desk.name, Desk.id)
        .limit(_MOST_DESKS)
    )
    offered = [desk for desk in db.scalars(question) if kilometres(desk.room.site, site) <= NEIGHBOURING_KM]
    known = {desk.id for desk in offered}
    every = [*offered, *(desk for desk in closing if desk.id not in known)]
    shut = {desk.id for desk in closing}

    def free(who: pools.Who) -> Mapping[str, tuple[Span, ...]]:
        found = claims.free_for(db, every, who, window, now)
        cut = {one.id: slots.free(one, found[one.id], spans, window) for one in every if one.id in shut}
        return {**found, **cut}

    return Nearby(offered, free("guests"), free("own"))


def is_as_good(other: Desk, desk: Desk) -> bool:
    """Say whether a desk is as private as another and has all that it has, a whole room also room for as many."""
    private = PRIVACY.index(other.room.privacy) <= PRIVACY.index(desk.room.privacy)
    roomy = desk.capacity is None or (other.capacity or 0) >= desk.capacity
    return private and roomy and set(features_of(desk)) <= set(features_of(other))


def kilometres(one: Site, other: Site) -> float:
    """Return how far two sites lie apart as the crow flies."""
    north, east = radians(one.lat - other.lat), radians(one.lon - other.lon)
    part = sin(north / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(part)))


def _for_guests(found: Iterable[tuple[Desk, Span]]) -> Iterator[tuple[Desk, Span]]:
    return (one for one in found if one[0].pool == "guests")


def _distance(other: Desk, desk: Desk) -> tuple[bool, bool, float, bool, int]:
    """Sort the same room first, then the same site, then near sites; what offers no less before what does."""
    here, there = desk.room.site, other.room.site
    return (
        other.room_id != desk.room_id,
        there.id != here.id,
        kilometres(here, there),
        not is_as_good(other, desk),
        len(features_of(other)),
    )


def _day_of(desk: Desk, span: Span) -> Span:
    start = span.start.astimezone(ZoneInfo(desk.room.site.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(start, max(start + timedelta(days=1), span.end))


def days_around(site: Site, spans: Iterable[Span], now: datetime) -> Span:
    """Return the stretch from the first span's day to the last one's, as far as it lies ahead."""
    every = list(spans)
    zone, day = ZoneInfo(site.zone), timedelta(days=1)
    start = min(span.start for span in every).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(span.end for span in every).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + day
    return Span(start, end) if end <= now else Span(max(start, now), end)
