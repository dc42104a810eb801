"""Sites in reach of a search that the asking town may see, in the order of the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from federation.errors import NotAMember
from federation.folding import folded
from federation.messages.search import FoundPlace, SearchQuery
from federation.prepared import Prepared
from registry.facets import OF_BUILDINGS, viewpoints
from registry.offered import LETS, OPEN_TO, Figures, Offered, at_sites
from registry.places import Spot

MOST_SITES = 10_000
ROUNDS = (24, 96, 480, MOST_SITES)
"""How many sites are looked at first, and then, going outwards."""
CIVIL = ZoneInfo("Asia/Tokyo")
"""An agreement's first and last day are Japan's civil days."""
_CLOSE = 4
_SHORTEST_LINE = 2


@dataclass(frozen=True)
class Asker:
    """The town that asks: its member id here, and its 団体コード."""

    member_id: int
    code: str


_MEMBER = Prepared("SELECT id FROM members WHERE entity_id = :entity_id AND NOT gone")


def asker_of(db: Session, entity_id: str, code: str) -> Asker:
    """Return the town that a token names; raise ``NotAMember``. Its row is long, and nothing but its id is needed."""
    found = _MEMBER.rows(db, {"entity_id": entity_id})
    if not found:
        raise NotAMember(entity_id[:255])
    return Asker(found[0][0], code)


@dataclass(frozen=True)
class Asked:
    """One question: who asks what, the place as it was understood, and when."""

    asker: Asker
    query: SearchQuery
    place: FoundPlace
    now: datetime
    loosely: bool = False
    """Whether agreements that let the asker come at all count, whatever days, hours and lengths they bound."""

    @property
    def figures(self) -> Figures:
        """The wish as offers are compared with it, at a site in Japan's zone."""
        query = self.query
        if self.loosely:
            return Figures.whenever(self.now)
        if query.minutes is None:
            return Figures.of(query.start, query.end, CIVIL, self.now, query.work_kind)
        return Figures.within(query.start, query.end, query.length, CIVIL, self.now)._replace(work_kind=query.work_kind)

    @cached_property
    def words(self) -> str:
        """What is looked for in names, folded; empty where a place is meant."""
        return folded(self.place.label) if self.place.kind == "name" else ""

    @cached_property
    def spot(self) -> Spot | None:
        """Where distances are measured from."""
        return None if self.place.lat is None or self.place.lon is None else Spot(self.place.lat, self.place.lon)


class Reach(NamedTuple):
    """A site the asker may see: where it is, the lowest price that an offer names, and what it is near."""

    chord: float
    """The square of its distance on a sphere of radius one, as the database reckons it: what the answer is ordered by."""
    metres: int
    member_id: int
    site_id: str
    price_yen: int
    accessible: int
    line: str
    """The first wished line that one of its stations is on."""
    zone: str = ""
    offers: tuple[Offered, ...] | None = None
    """What each of its desks is judged by; None where nothing more is to be judged."""

    @property
    def order(self) -> tuple[int, float, int, str]:
        """Where it stands in the answer."""
        return 0 if self.line else 1, self.chord, self.member_id, self.site_id


class _Near(NamedTuple):
    """A site as it is read."""

    member_id: int
    id: str
    chord: float
    lat: float
    lon: float
    lines: str
    accessible: int
    zone: str
    valid: int | None
    """Its member's id, where that member is believed now."""
    price: int | None
    """The lowest price of an offer that lets the wish be, and ``_ROOMS`` more where such an offer names rooms."""


def in_reach(db: Session, asked: Asked) -> list[Reach]:
    """Return the sites within the radius, or with the wished words in a name there, that the asker may see, in order."""
    return _seen(db, asked, MOST_SITES, 0, asked.query.radius_km)[0]


def outwards(db: Session, asked: Asked) -> Iterator[list[Reach]]:
    """Yield the same sites in parts, the nearest few first: most walks end there.

    Whether a site is on a wished line, or has the wished words in a name, is not known before it is read: then all of
    them are one part.
    """
    radius, skip = asked.query.radius_km, 0
    for size in (MOST_SITES,) if asked.query.lines or asked.words else ROUNDS:
        reaches, ended = _close_by(db, asked) if not skip else ([], True)
        if ended:
            reaches, ended = _seen(db, asked, size, skip, radius)
        yield reaches
        if ended:
            return
        skip += size


def _close_by(db: Session, asked: Asked) -> tuple[list[Reach], bool]:
    """Look at the first few within a part of the radius: in a city there are enough, and hundreds are left unsorted."""
    if asked.spot is None or asked.query.lines:
        return [], True
    return _seen(db, asked, ROUNDS[0], 0, asked.query.radius_km / _CLOSE)


def _seen(db: Session, asked: Asked, most: int, skip: int, radius_km: float) -> tuple[list[Reach], bool]:
    """Return what the asker may see of so many sites, in order; and whether these were the last within the radius."""
    statement = _statement(asked.spot is not None, bool(asked.words))
    wishes = {**_wishes(asked, radius_km), "most": most, "skip": skip}
    rows = [_Near._make(row) for row in statement.rows(db, wishes)]
    limit, wished = radius_km * 1000, {folded(line): line for line in asked.query.lines}
    near = [(row, metres) for row in rows if (metres := _metres(asked.spot, row)) <= limit]
    reaches = [_reach(row, metres, asked, wished) for row, metres in near if row.valid and _may_be_shown(row, asked)]
    reaches = _judged(db, asked, reaches)
    # They were the nearest: beyond one that is too far, seen or not, there is none.
    return sorted(reaches, key=lambda reach: reach.order), len(near) < most


def _may_be_shown(row: _Near, asked: Asked) -> bool:
    """Leave a site in another zone than Japan's to ``_judged``: the database compared Japan's days and hours."""
    return row.price is not None or row.zone != CIVIL.key or row.member_id == asked.asker.member_id


def _judged(db: Session, asked: Asked, reaches: list[Reach]) -> list[Reach]:
    """Give sites their offers where desks or gaps are judged one by one, and leave out those without any; one statement."""
    if asked.loosely:
        return [one._replace(price_yen=one.price_yen % _ROOMS) for one in reaches]
    theirs = [one for one in reaches if one.member_id != asked.asker.member_id]
    gaps = asked.query.minutes is not None
    open_ = [one for one in theirs if gaps or one.zone != CIVIL.key or one.price_yen >= _ROOMS]
    if not open_:
        return reaches
    offers = at_sites(db, asked.asker.code, {(one.member_id, one.site_id) for one in open_})
    judged = {
        (one.member_id, one.site_id): _with(one, asked, offers.get((one.member_id, one.site_id), ())) for one in open_
    }
    told = (judged.get((one.member_id, one.site_id), one) for one in reaches)
    return [one for one in told if one is not None]


def _with(reach: Reach, asked: Asked, offers: Sequence[Offered]) -> Reach | None:
    query, zone = asked.query, ZoneInfo(reach.zone)
    if query.minutes is None:
        wish = Figures.of(query.start, query.end, zone, asked.now, query.work_kind)
    else:
        wish = Figures.within(query.start, query.end, query.length, zone, asked.now)
        wish = wish._replace(work_kind=query.work_kind)
    kept = tuple(one for one in offers if one.allows(wish))
    prices = [one.price(query.length) for one in kept]
    return reach._replace(offers=kept, price_yen=min(prices)) if kept else None


def fitting(reaches: list[Reach], query: SearchQuery) -> list[Reach]:
    """Leave out what costs too much, and buildings that are not as accessible as wished."""
    most, wanted = query.max_price_yen, viewpoints(query.accessibility) & OF_BUILDINGS
    found = (reach for reach in reaches if reach.accessible & wanted == wanted)
    return [_cheap(reach, query, most) for reach in found if most is None or reach.price_yen <= most]


def _cheap(reach: Reach, query: SearchQuery, most: int | None) -> Reach:
    """Leave a site the offers that cost no more than ``most``."""
    if most is None or reach.offers is None:
        return reach
    return reach._replace(offers=tuple(one for one in reach.offers if one.price(query.length) <= most))


def _metres(spot: Spot | None, row: _Near) -> int:
    return 0 if spot is None else round(spot.km_to(row.lat, row.lon) * 1000)


def _reach(row: _Near, metres: int, asked: Asked, wished: dict[str, str]) -> Reach:
    stops = row.lines.split("\n") if wished and row.lines else []
    line = next((line for name, line in wished.items() if any(_same(name, stop) for stop in stops)), "")
    price = 0 if row.member_id == asked.asker.member_id else row.price or 0
    return Reach(row.chord, metres, row.member_id, row.id, price, row.accessible, line, row.zone)


def _same(one: str, other: str) -> bool:
    """Say whether two names mean one line: some write the company before it (JR中央線), others do not."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_LINE and long.endswith(short)


# --- The statement --------------------------------------------------------------------------------------------

_CHORD = "(x - :x) * (x - :x) + (y - :y) * (y - :y) + (z - :z) * (z - :z)"
_BOX = "lat BETWEEN :south AND :north AND lon BETWEEN :west AND :east"
_NAMED = """(names LIKE :words ESCAPE '/' OR EXISTS (
    SELECT 1 FROM desk d WHERE d.member_id = site.member_id AND d.site_id = site.id AND d.names LIKE :words ESCAPE '/'))"""
_ROOMS = 1_000_000_000_000
_SHOWN = f"""
    SELECT min(CASE WHEN o.per_hour THEN o.price_yen * CAST(:hours AS integer) ELSE o.price_yen END)
        + {_ROOMS} * max(CASE WHEN o.every_room THEN 0 ELSE 1 END) FROM offer o
    WHERE o.member_id = n.member_id AND {LETS} AND {OPEN_TO}
        AND (o.every_site OR EXISTS (
            SELECT 1 FROM offer_site t WHERE t.member_id = o.member_id AND t.offer_id = o.id AND t.site_id = n.id))"""  # noqa: S608 - the same.


@cache
def _statement(placed: bool, named: bool) -> Prepared:
    """Select the nearest sites, and of these what makes them visible: no agreement is looked at for a site far away."""
    where = " AND ".join(condition for condition, wanted in ((_BOX, placed), (_NAMED, named)) if wanted)
    return Prepared(f"""
        WITH n AS (
            SELECT member_id, id, {_CHORD if placed else "CAST(0 AS double precision)"} AS chord
            FROM site {"WHERE " + where if where else ""} ORDER BY chord, member_id, id LIMIT :most OFFSET :skip)
        SELECT n.member_id, n.id, n.chord, s.lat, s.lon, s.lines, s.accessible, s.zone, m.id AS valid, ({_SHOWN}) AS price
        FROM n JOIN site s ON s.member_id = n.member_id AND s.id = n.id
            LEFT JOIN members m ON m.id = n.member_id AND m.status = 'valid' AND NOT m.gone AND m.expires > :now
    """)  # noqa: S608 - put together of this module's own words alone.


def _wishes(asked: Asked, radius_km: float) -> dict[str, object]:
    query, spot = asked.query, asked.spot
    wishes: dict[str, object] = {}
    if spot is not None:
        wishes |= dict(zip(("south", "north", "west", "east"), spot.box(radius_km), strict=True))
        wishes |= dict(zip("xyz", spot.on_sphere, strict=True))
    if asked.words:
        wishes["words"] = pattern(asked.words)
    return {
        **wishes,
        "hours": -int(-query.length.total_seconds() // 3600),
        **asked.figures._asdict(),
        "code": asked.asker.code,
        "prefecture": asked.asker.code[:2],
        "now": asked.now,
    }


def pattern(words: str) -> str:
    """Return the pattern of a LIKE whose escape is a slash: these words, anywhere."""
    literal = words.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{literal}%"


def has(names: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """Say that a name holds the words. It is read through, not looked up: an index of letters is for the national search."""
    return names.contains(words, autoescape=True)
