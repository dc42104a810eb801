"""Unmet demand near one member's own sites, for that member alone: counts by place and hour, never by person or town."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil, floor
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from federation.members import Member
from federation.messages.demand import MOST_WISHES, NEAR_KM, DemandReport, Wanted
from registry.demand import SHOWN_FROM
from registry.models import Place, Site, Station, UnmetSearch
from registry.places import Spot

LOOKS_BACK = timedelta(days=28)
"""Hours as old as that still say what to offer."""
MOST_SITES = 500
"""So many of a member's sites are looked around; no town lends more."""
_MOST_NAMES = 2000


class Names(NamedTuple):
    """What the places near some sites are called where searches are counted."""

    stations: frozenset[str]
    municipalities: frozenset[str]
    cells: frozenset[str]


def near(db: Session, member_id: int, now: datetime) -> DemandReport:
    """Return what was searched in vain near a member's published sites, from four weeks ago on.

    Searches in the member's own name count wherever its sites stand. A name that several municipalities have is of no use, nor
    a place that was never known. As many statements for many sites as for one.
    """
    since = now - LOOKS_BACK
    spots = _spots(db, member_id)
    if not spots:
        return DemandReport(as_of=now, since=since)
    names = Names(_stations(db, spots), _municipalities(db, spots) | _own_name(db, member_id), frozenset(_cells(spots)))
    return DemandReport(as_of=now, since=since, wishes=tuple(_counted(db, names, since)))


def _spots(db: Session, member_id: int) -> Sequence[Spot]:
    rows = db.execute(
        select(Site.lat, Site.lon)
        .where(Site.member_id == member_id)
        .distinct()
        .order_by(Site.lat, Site.lon)
        .limit(MOST_SITES)
    )
    return [Spot(lat, lon) for lat, lon in rows]


def _stations(db: Session, spots: Sequence[Spot]) -> frozenset[str]:
    """Return the stations near the spots that a search by their name means: of one name, that with the most lines."""
    south, north, west, east = _frame(spots)
    around = select(Station.name).where(Station.lat.between(south, north), Station.lon.between(west, east))
    meant: dict[str, Station] = {}
    for station in db.scalars(select(Station).where(Station.name.in_(around)).order_by(Station.id)):
        other = meant.get(station.name)
        if other is None or len(station.lines) > len(other.lines):
            meant[station.name] = station
    found = (f"{name}駅" for name, station in meant.items() if _is_near(spots, station.lat, station.lon))
    return frozenset(sorted(found)[:_MOST_NAMES])


def _municipalities(db: Session, spots: Sequence[Spot]) -> frozenset[str]:
    south, north, west, east = _frame(spots)
    around = select(Place.name).where(Place.lat.between(south, north), Place.lon.between(west, east))
    once = (
        select(Place.name, func.min(Place.lat), func.min(Place.lon))
        .where(Place.name.in_(around))
        .group_by(Place.name)
        .having(func.count() == 1)
    )
    return frozenset(name for name, lat, lon in db.execute(once) if _is_near(spots, lat, lon))


def _own_name(db: Session, member_id: int) -> frozenset[str]:
    return frozenset(db.scalars(select(Member.name).where(Member.id == member_id)))


def _cells(spots: Sequence[Spot]) -> Iterator[str]:
    """Yield the tenths of a degree near the spots, as searches by coordinates are counted."""
    for spot in spots:
        south, north, west, east = (edge * 10 for edge in spot.box(NEAR_KM))
        for lat in range(ceil(south), floor(north) + 1):
            for lon in range(ceil(west), floor(east) + 1):
                if spot.km_to(lat / 10, lon / 10) <= NEAR_KM:
                    yield f"{lat / 10:.1f}, {lon / 10:.1f}"


def _frame(spots: Sequence[Spot]) -> tuple[float, float, float, float]:
    """Return south, north, west and east around everything that is near any of the spots."""
    souths, norths, wests, easts = zip(*(spot.box(NEAR_KM) for spot in spots), strict=True)
    return min(souths), max(norths), min(wests), max(easts)


def _is_near(spots: Sequence[Spot], lat: float, lon: float) -> bool:
    return any(spot.km_to(lat, lon) <= NEAR_KM for spot in spots)


def _counted(db: Session, names: Names, since: datetime) -> Iterator[Wanted]:
    times = func.count().label("times")
    columns = (UnmetSearch.kind, UnmetSearch.label, UnmetSearch.hour, UnmetSearch.reason)
    here = or_(
        *(
            and_(UnmetSearch.kind == kind, UnmetSearch.label.in_(sorted(labels)))
            for kind, labels in (
                ("station", names.stations),
                ("municipality", names.municipalities),
                ("coordinates", names.cells),
            )
        )
    )
    counted = (
        select(*columns, times)
        .where(here, UnmetSearch.hour >= since)
        .group_by(*columns)
        .having(times >= SHOWN_FROM)
        .order_by(times.desc(), UnmetSearch.hour, UnmetSearch.label, UnmetSearch.reason)
        .limit(MOST_WISHES)
    )
    for kind, label, hour, reason, number in db.execute(counted):
        yield Wanted(kind=kind, place=label, hour=hour, reason=reason, times=number)
