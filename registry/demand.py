"""Unmet demand: searches that found nothing, counted by place and hour, never by person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation.members import Member
from federation.messages.demand import FEWEST
from federation.messages.search import FoundPlace, NearMiss, SearchQuery
from federation.wording import phrase
from registry.misses import AGREEMENT
from registry.models import UnmetSearch
from registry.reach import Asked, in_reach

SHOWN_FROM = FEWEST
TOWN_FORGOTTEN_AFTER = timedelta(hours=24)
KEPT = timedelta(days=400)


Reason = Literal["", "no-site", "full", "unlike", "unknown"]
REASONS: Mapping[Reason, str] = {
    "no-site": phrase("利用できる施設が近くにない"),
    "full": phrase("満席・利用時間外"),
    "unlike": phrase("希望の設備や条件に合わない"),
    "unknown": phrase("その名称の場所がない"),
    "": phrase("不明"),
}
"""Why nothing was found: no site in reach that the asker may use; sites, but none free; free ones, but not as wished; a name
that no place has."""

_WHERE_AND_WHEN = frozenset({"radius_km", "time", AGREEMENT})
"""Near misses that are no condition of the desk."""


@dataclass(frozen=True)
class Demand:
    """How often a place was searched in vain for an hour that begins at ``hour``, and for which reason."""

    kind: str
    label: str
    hour: datetime
    reason: Reason
    times: int


@dataclass(frozen=True)
class InVain:
    """What a search that found nothing is counted for: the place, and why."""

    place: FoundPlace
    reason: Reason


NO_SUCH_NAME = InVain(FoundPlace(label="", kind="name"), "unknown")
"""A search for a name that no place has. What was typed may be anything, a person's name among it: it is not kept."""


def understood(db: Session, asked: Asked, near_misses: Iterable[NearMiss]) -> InVain:
    """Return where an answer without desks is counted, and why there are none.

    Who typed the name of a place meant the town that has it: it is counted there, and what was typed is kept nowhere.
    """
    reaches, place = in_reach(db, asked), asked.place
    if not reaches:
        return InVain(place, "no-site")
    if place.kind == "name":
        town = select(Member.name).where(Member.id == reaches[0].member_id)
        place = FoundPlace(label=db.scalar(town) or "", kind="municipality")
    unlike = any(miss.filter not in _WHERE_AND_WHEN for miss in near_misses)
    return InVain(place, "unlike" if unlike else "full")


def note(db: Session, vain: InVain, query: SearchQuery, asker_code: str, now: datetime) -> None:
    """Count a search in vain; the same town asking again for the same within a day is one search.

    Coordinates are counted by a tenth of a degree, some 10 km: a finer place could be somebody's home.
    """
    kind, label = vain.place.kind, _coarse(vain.place)
    hour = query.start.replace(minute=0, second=0, microsecond=0)
    same = select(UnmetSearch.id).filter_by(kind=kind, label=label, hour=hour, asker=asker_code)
    if db.scalar(same.where(UnmetSearch.asked_at > now - TOWN_FORGOTTEN_AFTER).limit(1)) is None:
        db.add(UnmetSearch(kind=kind, label=label, hour=hour, asked_at=now, asker=asker_code, reason=vain.reason))


def _coarse(place: FoundPlace) -> str:
    if place.kind == "coordinates" and place.lat is not None and place.lon is not None:
        return f"{place.lat:.1f}, {place.lon:.1f}"
    # What is no place may be anything that somebody typed, a person's name among it.
    return "" if place.kind == "name" else place.label


def unmet(db: Session, since: datetime, limit: int = 200) -> list[Demand]:
    """Return what was wished for since then and not found, most wanted first; small counts are left out."""
    times = func.count().label("times")
    counted = (UnmetSearch.kind, UnmetSearch.label, UnmetSearch.hour, UnmetSearch.reason)
    statement = (
        select(*counted, times)
        .where(UnmetSearch.hour >= since)
        .group_by(*counted)
        .having(times >= SHOWN_FROM)
        .order_by(times.desc(), UnmetSearch.hour, UnmetSearch.label, UnmetSearch.reason)
        .limit(limit)
    )
    return [
        Demand(kind, label, hour, cast(Reason, reason), number)
        for kind, label, hour, reason, number in db.execute(statement)
    ]


def forget(db: Session, now: datetime) -> None:
    """Forget who asked after a day, and what was asked after a little more than a year."""
    old = UnmetSearch.asked_at <= now - TOWN_FORGOTTEN_AFTER
    db.execute(update(UnmetSearch).where(old, UnmetSearch.asker.is_not(None)).values(asker=None))
    db.execute(delete(UnmetSearch).where(UnmetSearch.hour < now - KEPT))
