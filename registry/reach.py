"""Sites in reach of a search that the asking town may see, in the order of the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from federation.folding import folded
from federation.members import Member
from federation.messages.search import FoundPlace, SearchQuery
from registry.facets import OF_BUILDINGS, viewpoints
from registry.models import Desk, Offer, OfferHome, OfferSite, Site
from registry.places import Spot

MOST_SITES = 6660
CIVIL = ZoneInfo("Asia/Tokyo")
"""An agreement's first and last day are Japan's civil days."""
_SHORTEST_LINE = 2


@dataclass(frozen=True)
class Asker:
    """The town that asks: its member id here, and its 団体コード."""

    member_id: int
    code: str


@dataclass(frozen=True)
class Asked:
    """One question: who asks what, the place as it was understood, and when."""

    asker: Asker
    query: SearchQuery
    place: FoundPlace
    now: datetime

    @property
    def words(self) -> str:
        """What is looked for in names, folded; empty where a place is meant."""
        return folded(self.place.label) if self.place.kind == "name" else ""

    @property
    def spot(self) -> Spot | None:
        """Where distances are measured from."""
        return None if self.place.lat is None or self.place.lon is None else Spot(self.place.lat, self.place.lon)


@dataclass(frozen=True)
class Reach:
    """A site the asker may see: its distance in whole metres, the lowest price that an offer names, and what it is near."""

    metres: int
    member_id: int
    site_id: str
    price_yen: int
    accessible: int
    line: str
    """The first wished line that one of its stations is on."""

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Where it stands in the answer."""
        return 0 if self.line else 1, self.metres, self.member_id, self.site_id


def in_reach(db: Session, asked: Asked) -> list[Reach]:
    """Return the sites within the radius, or with the wished words in a name there, that the asker may see, in order."""
    query, spot, statement = asked.query, asked.spot, _visible(asked)
    if words := asked.words:
        inside = exists().where(Desk.member_id == Site.member_id, Desk.site_id == Site.id, has(Desk.names, words))
        statement = statement.where(or_(has(Site.names, words), inside))
    wished = {folded(line): line for line in query.lines}
    reaches = (_reach(row, spot, wished) for row in db.execute(statement))
    limit = query.radius_km * 1000
    return sorted((reach for reach in reaches if reach.metres <= limit), key=lambda reach: reach.order)[:MOST_SITES]


def fitting(reaches: list[Reach], query: SearchQuery) -> list[Reach]:
    """Leave out what costs too much, and buildings that are not as accessible as wished."""
    most, wanted = query.max_price_yen, viewpoints(query.accessibility) & OF_BUILDINGS
    return [
        reach for reach in reaches if (most is None or reach.price_yen <= most) and reach.accessible & wanted == wanted
    ]


def _reach(row: Row[Any], spot: Spot | None, wished: dict[str, str]) -> Reach:
    metres = 0 if spot is None else round(spot.km_to(row.lat, row.lon) * 1000)
    stops = row.lines.split("\n") if wished and row.lines else []
    line = next((line for name, line in wished.items() if any(_same(name, stop) for stop in stops)), "")
    return Reach(metres, row.member_id, row.id, row.price or 0, row.accessible, line)


def _same(one: str, other: str) -> bool:
    """Say whether two names mean one line: some write the company before it (JR中央線), others do not."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_LINE and long.endswith(short)


def _visible(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Select the sites of valid members that an offer shows to the asker, and the asker's own."""
    asker, query, now = asked.asker, asked.query, asked.now
    hours = -int(-query.length.total_seconds() // 3600)
    price = func.min(case((Offer.per_hour, Offer.price_yen * hours), else_=Offer.price_yen))
    own = Site.member_id == asker.member_id
    facts = (Site.member_id, Site.id, Site.lat, Site.lon, Site.lines, Site.accessible)
    statement: Select[*tuple[Any, ...]] = (
        select(*facts, price.label("price"))
        .join(Member, Member.id == Site.member_id)
        .outerjoin(Offer, and_(Offer.member_id == Site.member_id, ~own, *_shows(asker, query)))
        .where(Member.status == "valid", ~Member.gone, Member.expires > now, or_(own, Offer.id.is_not(None)))
        .group_by(*facts)
    )
    if (spot := asked.spot) is not None:
        south, north, west, east = spot.box(query.radius_km)
        statement = statement.where(Site.lat.between(south, north), Site.lon.between(west, east))
    return statement


def _shows(asker: Asker, query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    """Say when an offer shows a site to the asker on the wished day."""
    day = query.start.astimezone(CIVIL).date().isoformat()
    same = and_(OfferHome.member_id == Offer.member_id, OfferHome.offer_id == Offer.id, OfferHome.code == asker.code)
    yield Offer.starts_on <= day
    yield Offer.ends_on >= day
    yield or_(Offer.everyone, exists().where(same))
    site = and_(OfferSite.member_id == Offer.member_id, OfferSite.offer_id == Offer.id, OfferSite.site_id == Site.id)
    yield or_(Offer.every_site, exists().where(site))


def has(names: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """Say that a name holds the words. It is read through, not looked up: an index of letters is for the national search."""
    return names.contains(words, autoescape=True)
