"""Between two meetings: where one ends and where the next begins, and the desks that lie on the way.

The registry is asked around both places; a desk found near either is measured from both, as the crow flies.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from federation.distance import Position, km
from federation.errors import BadWish
from federation.messages.search import FoundPlace, SearchAnswer
from federation.messages.week import WeekAnswer, WeekSite
from federation.wording import phrase

SiteKey = tuple[str, str]
"""A host's entity id, and the site's own."""

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
    legs = {url: _legs(begins, (desk.site.lat, desk.site.lon), ends) for url, desk in desks.items()}
    ordered = sorted(desks.values(), key=lambda desk: (legs[desk.desk.url].total, desk.desk.url))[:SHOWN]
    told = first.model_copy(update={"desks": tuple(ordered), "total": len(ordered), "cursor": ""})
    return told, legs


def merged_weeks(first: WeekAnswer, second: WeekAnswer, most: int) -> tuple[WeekAnswer, Mapping[SiteKey, Legs]]:
    """Return one week out of two, the ``most`` sites with the least way first, and the ways by host and site.

    Raises ``BadWish`` as ``merged`` does.
    """
    begins, ends = _position(first.place, "near"), _position(second.place, "then")
    sites = {key_of(site): site for site in (*first.sites, *second.sites)}
    legs = {key: _legs(begins, (it.site.lat, it.site.lon), ends) for key, it in sites.items()}
    ordered = sorted(sites, key=lambda key: (legs[key].total, key))
    more = first.more or second.more or len(ordered) > most
    return first.model_copy(update={"sites": tuple(sites[key] for key in ordered[:most]), "more": more}), legs


def key_of(site: WeekSite) -> SiteKey:
    """Return what tells a site of a week from every other town's."""
    return site.host.entity_id, site.site.id


def _position(place: FoundPlace, field: str) -> Position:
    if place.lat is None or place.lon is None:
        what = phrase("用務先は、駅名か自治体名、または「35.6896, 139.6917」のような位置で入力してください")
        raise BadWish(f"{place.kind} has no position", field=field, facts={"what": what})
    return place.lat, place.lon


def _legs(begins: Position, at: Position, ends: Position) -> Legs:
    return Legs(km(begins, at), km(at, ends))
