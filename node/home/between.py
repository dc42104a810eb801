"""Between two meetings: where one ends and where the next begins, and the desks that lie on the way.

The registry is asked around both places; a desk found near either is measured from both, as the crow flies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from federation.errors import BadWish
from federation.messages.search import FoundPlace, FreeDesk, SearchAnswer
from federation.wording import phrase

_EARTH_KM = 6371.0088
SHOWN = 40
"""So many desks are shown; those farther out of the way are not worth the walk."""


@dataclass(frozen=True)
class Legs:
    """The two ways, in kilometres: from the first place to the desk, and from there to the second."""

    there: float
    onward: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.there + self.onward


def merged(first: SearchAnswer, second: SearchAnswer) -> tuple[SearchAnswer, Mapping[str, Legs]]:
    """Return one answer out of two, least way first, and the ways by the desk's address.

    Raises ``BadWish`` for a place that has no position, such as a name that several buildings bear.
    """
    begins, ends = _position(first.place, "near"), _position(second.place, "then")
    desks = {desk.desk.url: desk for desk in (*first.desks, *second.desks)}
    legs = {url: Legs(_km(begins, _of(desk)), _km(_of(desk), ends)) for url, desk in desks.items()}
    ordered = sorted(desks.values(), key=lambda desk: (legs[desk.desk.url].total, desk.desk.url))[:SHOWN]
    told = first.model_copy(update={"desks": tuple(ordered), "total": len(ordered), "cursor": ""})
    return told, legs


def _position(place: FoundPlace, field: str) -> tuple[float, float]:
    if place.lat is None or place.lon is None:
        what = phrase("用務先は、駅名か自治体名、または「35.6896, 139.6917」のような位置で入力してください")
        raise BadWish(f"{place.kind} has no position", field=field, facts={"what": what})
    return place.lat, place.lon


def _of(desk: FreeDesk) -> tuple[float, float]:
    return desk.site.lat, desk.site.lon


def _km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance (haversine)."""
    (lat1, lon1), (lat2, lon2) = one, other
    across = cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon1 - lon2) / 2) ** 2
    half = sin(radians(lat1 - lat2) / 2) ** 2 + across
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
