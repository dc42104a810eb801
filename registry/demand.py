"""Unmet demand: searches that found nothing, counted by place and hour, never by person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation.messages.search import FoundPlace, SearchQuery
from registry.models import UnmetSearch

SHOWN_FROM = 3
"""Fewer searches than this could tell of one person."""
TOWN_FORGOTTEN_AFTER = timedelta(hours=24)
KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Demand:
    """How often a place was searched in vain for an hour that begins at ``hour``."""

    kind: str
    label: str
    hour: datetime
    times: int


def note(db: Session, place: FoundPlace, query: SearchQuery, asker_code: str, now: datetime) -> None:
    """Count a search in vain; the same town asking again for the same within a day is one search.

    Coordinates are counted by a tenth of a degree, some 10 km: a finer place could be somebody's home.
    """
    kind, label = place.kind, _coarse(place)
    hour = query.start.replace(minute=0, second=0, microsecond=0)
    same = select(UnmetSearch.id).filter_by(kind=kind, label=label, hour=hour, asker=asker_code)
    if db.scalar(same.where(UnmetSearch.asked_at > now - TOWN_FORGOTTEN_AFTER).limit(1)) is None:
        db.add(UnmetSearch(kind=kind, label=label, hour=hour, asked_at=now, asker=asker_code))


def _coarse(place: FoundPlace) -> str:
    if place.kind == "coordinates" and place.lat is not None and place.lon is not None:
        return f"{place.lat:.1f}, {place.lon:.1f}"
    # What is no place may be anything that somebody typed, a person's name among it.
    return "" if place.kind == "name" else place.label


def unmet(db: Session, since: datetime, limit: int = 200) -> list[Demand]:
    """Return what was wished for since then and not found, most wanted first; small counts are left out."""
    times = func.count().label("times")
    statement = (
        select(UnmetSearch.kind, UnmetSearch.label, UnmetSearch.hour, times)
        .where(UnmetSearch.hour >= since)
        .group_by(UnmetSearch.kind, UnmetSearch.label, UnmetSearch.hour)
        .having(times >= SHOWN_FROM)
        .order_by(times.desc(), UnmetSearch.hour, UnmetSearch.label)
        .limit(limit)
    )
    return [Demand(*row) for row in db.execute(statement)]


def forget(db: Session, now: datetime) -> None:
    """Forget who asked after a day, and what was asked after a little more than a year."""
    old = UnmetSearch.asked_at <= now - TOWN_FORGOTTEN_AFTER
    db.execute(update(UnmetSearch).where(old, UnmetSearch.asker.is_not(None)).values(asker=None))
    db.execute(delete(UnmetSearch).where(UnmetSearch.hour < now - KEPT))
