"""通勤経路: the lines a person travels on anyway, and which of them reach a site without a change (乗換なし).

The registry knows which lines stop at a station; towns type the lines of their sites' stations by hand. Both are brought
to one form before they are compared, and a name that fits nothing promises nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from sqlalchemy.orm import Session

from federation.answer import problem_of
from federation.errors import PeerRefused, PlaceUnknown, TachiyoriError
from federation.folding import folded
from federation.messages.listing import SiteListing
from federation.messages.search import SearchAnswer, SearchQuery
from node.home import wishes
from node.models.staff import Staff
from node.people import staff as directory

BRANDS: Mapping[str, str] = {
    "東京地下鉄": "東京メトロ",
    "東京都": "都営",
    "西武鉄道": "西武",
    "東武鉄道": "東武",
    "小田急電鉄": "小田急",
    "京王電鉄": "京王",
    "東急電鉄": "東急",
    "京浜急行電鉄": "京急",
    "京成電鉄": "京成",
    "相模鉄道": "相鉄",
    "近畿日本鉄道": "近鉄",
    "名古屋鉄道": "名鉄",
    "南海電気鉄道": "南海",
    "阪急電鉄": "阪急",
    "京阪電気鉄道": "京阪",
    "阪神電気鉄道": "阪神",
    "西日本鉄道": "西鉄",
    "大阪市高速電気軌道": "大阪メトロ",
}
"""Companies as 国土数値情報 names them, and as passengers do."""
_JR = "旅客鉄道"
_NUMBER = re.compile(r"^\d+号線(?=.)")
_SEVERAL = re.compile("[・、,，]")


@lru_cache(maxsize=4096)
def keys(line: str) -> frozenset[str]:
    """Return what a line's name is compared by: one word for each line that it names."""
    company, _, name = line.strip().rpartition(" ")
    brand = "JR" if company.endswith(_JR) else BRANDS.get(company, company)
    first, *others = (_NUMBER.sub("", part.strip()) for part in _SEVERAL.split(name))
    brand = brand or ("JR" if folded(first).startswith("jr") else "")
    return frozenset(_key(brand, part) for part in (first, *others) if part)


def _key(brand: str, name: str) -> str:
    return folded(name if folded(name).startswith(folded(brand)) else brand + name)


@dataclass(frozen=True)
class Commute:
    """A person's own stations, each with the lines that stop there."""

    stations: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def line_to(self, site: SiteListing) -> str:
        """Return a line, as the site's town writes it, that stops at the site and at a station of the person's; or nothing."""
        own = self._keys
        return next((line for station in site.stations for line in station.lines if own & keys(line)), "")

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(key for _, lines in self.stations for line in lines for key in keys(line))

    @property
    def all_lines(self) -> tuple[str, ...]:
        """All lines of all stations, each once."""
        return tuple(dict.fromkeys(line for _, lines in self.stations for line in lines))

    def lines_of(self, station: str) -> tuple[str, ...] | None:
        """Return the lines of one of the stations; None where they are not known."""
        return dict(self.stations).get(station)


def of(staff: Staff) -> Commute:
    """Return what is known of a person's commute."""
    return Commute(
        tuple((name, tuple(staff.station_lines[name])) for name in _named(staff) if name in staff.station_lines)
    )


def unknown(staff: Staff) -> Sequence[str]:
    """Return those of the person's stations whose lines nobody has asked for."""
    return [name for name in _named(staff) if name not in staff.station_lines]


def _named(staff: Staff) -> Iterator[str]:
    return (name for name in dict.fromkeys((staff.home_station, staff.work_station)) if name)


def ask(find: Callable[[SearchQuery], SearchAnswer], station: str, *, now: datetime) -> tuple[str, ...] | None:
    """Ask the registry which lines stop at a station: none where it knows no such station, None where it does not answer."""
    when = wishes.usual(now)
    try:
        place = find(SearchQuery(start=when.start, end=when.end, station=station, limit=1)).place
    except PeerRefused as refusal:
        problem = problem_of(refusal)
        return () if problem is not None and problem.code == PlaceUnknown.code else None
    except (TachiyoriError, ValueError):
        return None
    return place.lines if place.kind == "station" else ()


def remember(db: Session, staff_id: int, found: Mapping[str, Sequence[str]]) -> Commute:
    """Keep the lines of the person's stations, and nothing of stations that are theirs no more."""
    staff = directory.get(db, staff_id)
    known = {**staff.station_lines, **{name: list(lines) for name, lines in found.items()}}
    staff.station_lines = {name: known[name] for name in _named(staff) if name in known}
    return of(staff)
