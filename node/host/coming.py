"""What differs from the usual week in the time ahead: exceptions, one-off openings and closures, for the public pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.host import opening, ruling
from node.host.ruling import Chain, Ruled, Stretch
from node.host.sites import Place, site_of
from node.models.opening import Closure
from node.models.sites import Desk, Room

MOST = 40
"""So many are told; who closes more often than that has other hours."""
Kind = Literal["closed", "hours", "usual", "extra", "closure"]


@dataclass(frozen=True)
class Coming:
    """Days that differ, or a closure from ``start`` to ``end`` (UTC, then only).

    ``words`` are an exception's own, of a closure its template; what its administrator wrote is for those concerned alone.
    ``place`` is named where it is not the whole of what the page shows. ``stretches`` are what is open.
    """

    kind: Kind
    first: date
    last: date
    words: str
    place: str = ""
    stretches: tuple[Stretch, ...] = ()
    start: datetime | None = None
    end: datetime | None = None


def of_places(db: Session, places: Sequence[Place], now: datetime) -> tuple[Coming, ...]:
    """Return what differs at places of one site in the next eight weeks, the earliest first; two statements.

    The first place is what the page shows; the others stand in it, and only what is their own is told of them.
    """
    zone = ZoneInfo(site_of(places[0]).zone)
    chains = opening.chains_of(db, places)
    today, until = now.astimezone(zone).date(), opening.horizon(now, zone)
    days = [today + timedelta(days=number) for number in range((until.astimezone(zone).date() - today).days)]
    found = [one for place in places for one in _exceptions(chains[place.id], days, place, places[0])]
    found += _closures(db, places, zone, (now, until))
    return tuple(sorted(found, key=lambda one: (one.first, one.last, one.place, one.words)))[:MOST]


def _exceptions(chain: Chain, days: Sequence[date], place: Place, page: Place) -> Iterator[Coming]:
    """Yield the exceptions that decide on one of the days, days that follow each other as one."""
    open_since: dict[tuple[Ruled, tuple[Stretch, ...]], date] = {}
    for day in [*days, date.max]:
        deciding = _deciding(chain, day) if day in days else {}
        for known in [one for one in open_since if one not in deciding]:
            rule, stretches = known
            first = open_since.pop(known)
            last = day - timedelta(days=1) if day in days else days[-1]
            name = "" if place is page else place.name
            yield Coming(_kind(rule), first, last, rule.words, name, stretches)
        for one, own in deciding.items():
            if own or place is page:
                open_since.setdefault(one, day)


def _deciding(chain: Chain, day: date) -> dict[tuple[Ruled, tuple[Stretch, ...]], bool]:
    """Return the exceptions that decide on a day with what they open, and whether they are the nearest place's own."""
    plan = ruling.plan(chain, day)
    found: dict[Ruled, list[Stretch]] = {}
    if plan.rule.exception_id is not None:
        found[plan.rule] = list(plan.stretches)
    for stretch, rule in plan.extras:
        found.setdefault(rule, []).append(stretch)
    return {(rule, tuple(spans)): rule.place_id == chain[0].place_id for rule, spans in found.items()}


def _kind(rule: Ruled) -> Kind:
    kinds: dict[str, Kind] = {"hours": "hours", "usual": "usual", "extra": "extra"}
    return kinds.get(rule.kind, "closed")


def _closures(
    db: Session, places: Sequence[Place], zone: ZoneInfo, ahead: tuple[datetime, datetime]
) -> Iterator[Coming]:
    """Yield the closures of the places and of what the first stands in."""
    now, until = ahead
    page = places[0]
    around = {one.id for one in opening.around_of(page)}
    names = {place.id: place.name for place in places if place is not page}
    standing = select(Closure).where(Closure.place_id.in_({*around, *names}), Closure.lifted_at.is_(None))
    standing = standing.where(Closure.end > now, Closure.start < until)
    for one in db.scalars(standing.order_by(Closure.start, Closure.id).limit(MOST)):
        first, last = one.start.astimezone(zone).date(), one.end.astimezone(zone).date()
        yield Coming("closure", first, last, one.template, names.get(one.place_id, ""), start=one.start, end=one.end)


def shown_on(page: Place) -> Sequence[Place]:
    """Return the places whose differences a public page tells: of a site its published rooms too."""
    if isinstance(page, Room | Desk):
        return (page,)
    return (page, *(room for room in page.rooms if room.published))
