"""When nothing is found: which filter of the query stood in the way by itself."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from federation.messages.search import NearMiss, SearchQuery
from registry.reach import CIVIL

Count = Callable[[SearchQuery], int]
"""How many desks a query finds, at least; counted up to some bound."""

AGREEMENT = "agreement"
"""Stands for what agreements bound: the desks are free, and open to the town at other times."""
_FARTHEST_KM = 2000.0
_LEFT_OUT: dict[str, object] = {
    "privacy": (),
    "features": (),
    "security": (),
    "accessibility": (),
    "max_price_yen": None,
    "adjacent": None,
    "radius_km": _FARTHEST_KM,
}


def near(query: SearchQuery, count: Count) -> Iterator[NearMiss]:
    """Yield each filter without which something would have been found, and how much; one count a filter."""
    for name, wish in _wishes(query):
        if found := count(wish):
            yield NearMiss(filter=name, count=found)


def _wishes(query: SearchQuery) -> Iterator[tuple[str, SearchQuery]]:
    for name, without in _LEFT_OUT.items():
        if getattr(query, name) != without:
            yield name, query.model_copy(update={name: without})
    if query.minutes is None and (day := _same_day(query)) is not None:
        yield "time", day


def _same_day(query: SearchQuery) -> SearchQuery | None:
    """Return the wish for as long at any time of its civil day; None where it is longer than a day."""
    begins = query.start.astimezone(CIVIL).date()
    midnight = datetime.combine(begins, time(), tzinfo=CIVIL)
    minutes = -(-(query.end - query.start) // timedelta(minutes=1))
    day = {"start": midnight, "end": midnight + timedelta(days=1), "minutes": minutes}
    return query.model_copy(update=day) if query.end <= midnight + timedelta(days=1) else None
