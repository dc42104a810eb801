"""Free desks at a time and place that the asking town may see, nearest first.

The number of statements does not grow with what there is: sites in reach (one), free desks among them outwards (up to
three rounds), the total where not all of them were walked (one), and the facts of the page (one each).
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from federation.errors import BadInput, PlaceUnknown
from federation.folding import folded
from federation.members import Member
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.search import FoundPlace, FreeDesk, Host, SearchAnswer, SearchQuery
from registry.facets import assured, bits
from registry.models import Desk, FeedReading, Freedom, FreeRange, Offer, OfferHome, OfferSite, Site
from registry.places import Spot, locate

L = TypeVar("L", SiteListing, DeskListing)
S = TypeVar("S", bound=Select[*tuple[Any, ...]])

STALE_AFTER = timedelta(minutes=15)
COUNTED_UP_TO = 1000
_ROUNDS = (60, 600, 6000)
CIVIL = ZoneInfo("Asia/Tokyo")
"""An agreement's first and last day are Japan's civil days."""


@dataclass(frozen=True)
class Asker:
    """The town that asks: its member id here, and its 団体コード."""

    member_id: int
    code: str


@dataclass(frozen=True)
class Reach:
    """A site the asker may see, its distance in whole metres, and the lowest price that an offer names."""

    metres: int
    member_id: int
    site_id: str
    price_yen: int


@dataclass(frozen=True)
class _Hit:
    """A free desk at a site in reach."""

    reach: Reach
    desk_id: str

    @property
    def key(self) -> tuple[int, int, str, str]:
        """Where it stands in the answer's order."""
        return self.reach.metres, self.reach.member_id, self.reach.site_id, self.desk_id


def find(db: Session, asker: Asker, query: SearchQuery, now: datetime) -> SearchAnswer:
    """Answer a search of ``asker`` as of ``now``; raises ``BadInput`` or ``PlaceUnknown``."""
    place, after = locate(db, query), _read_cursor(query.cursor)
    reaches = in_reach(db, asker, query, place, now)
    if place.kind == "name" and not reaches:
        raise PlaceUnknown("no station, and no name the asker may see", field="station", facts={"place": place.label})
    hits, all_walked = _hits(db, query, place, reaches, after)
    page, more = hits[: query.limit], len(hits) > query.limit
    counted = after is None and (all_walked or not more)
    return SearchAnswer(
        place=place,
        desks=tuple(_told(db, query, page, place, now)),
        total=min(len(hits), COUNTED_UP_TO) if counted else _count(db, query, place, reaches),
        cursor=_cursor(page[-1].key) if more else "",
        as_of=now,
    )


# --- Sites ----------------------------------------------------------------------------------------------------


def in_reach(db: Session, asker: Asker, query: SearchQuery, place: FoundPlace, now: datetime) -> list[Reach]:
    """Return the sites within the radius, or with the wished words in a name there, that the asker may see, nearest first."""
    spot = None if place.lat is None or place.lon is None else Spot(place.lat, place.lon)
    statement = _visible(asker, query, spot, now)
    if words := words_of(place):
        inside = exists().where(Desk.member_id == Site.member_id, Desk.site_id == Site.id, has(Desk.names, words))
        statement = statement.where(or_(has(Site.names, words), inside))
    rows = db.execute(statement).all()
    reaches = (
        Reach(0 if spot is None else round(spot.km_to(row.lat, row.lon) * 1000), row.member_id, row.id, row.price or 0)
        for row in rows
    )
    limit = query.radius_km * 1000
    return sorted((reach for reach in reaches if reach.metres <= limit), key=_order)[: sum(_ROUNDS)]


def _order(reach: Reach) -> tuple[int, int, str]:
    return reach.metres, reach.member_id, reach.site_id


def _visible(
    asker: Asker, query: SearchQuery, spot: Spot | None, now: datetime
) -> Select[int, str, float, float, int | None]:
    """Select the sites of valid members that an offer shows to the asker, and the asker's own."""
    hours = -int(-(query.end - query.start).total_seconds() // 3600)
    price = func.min(case((Offer.per_hour, Offer.price_yen * hours), else_=Offer.price_yen))
    own = Site.member_id == asker.member_id
    chosen = select(Site.member_id, Site.id, Site.lat, Site.lon, price.label("price"))
    statement = (
        chosen.join(Member, Member.id == Site.member_id)
        .outerjoin(Offer, and_(Offer.member_id == Site.member_id, ~own, *_shows(asker, query)))
        .where(Member.status == "valid", ~Member.gone, Member.expires > now, or_(own, Offer.id.is_not(None)))
        .group_by(Site.member_id, Site.id, Site.lat, Site.lon)
    )
    if spot is not None:
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


# --- Desks ----------------------------------------------------------------------------------------------------


def _hits(
    db: Session, query: SearchQuery, place: FoundPlace, reaches: list[Reach], after: tuple[int, int, str, str] | None
) -> tuple[list[_Hit], bool]:
    """Return more free desks than asked for, or all there are, walking outwards from the cursor; and whether all were
    walked.
    """
    beyond = [reach for reach in reaches if after is None or _order(reach) >= after[:3]]
    found: list[_Hit] = []
    for size in _ROUNDS:
        if not beyond or len(found) > query.limit:
            break
        near, beyond = beyond[:size], beyond[size:]
        found += sorted(_free_at(db, query, place, near, after), key=lambda hit: hit.key)
    return found, not beyond


def _free_at(
    db: Session, query: SearchQuery, place: FoundPlace, near: list[Reach], after: tuple[int, int, str, str] | None
) -> Iterator[_Hit]:
    places = {(reach.member_id, reach.site_id): reach for reach in near}
    keys = _free(select(Desk.member_id, Desk.site_id, Desk.id), query, place)
    sites = tuple_(Desk.member_id, Desk.site_id).in_(list(places))
    for member_id, site_id, desk_id in db.execute(keys.where(sites)):
        hit = _Hit(places[member_id, site_id], desk_id)
        if after is None or hit.key > after:
            yield hit


def _free(statement: S, query: SearchQuery, place: FoundPlace) -> S:
    """Narrow a selection of desks to those that are free during the whole wish and are as wished."""
    statement = statement.join(
        FreeRange, and_(FreeRange.member_id == Desk.member_id, FreeRange.desk_id == Desk.id)
    ).where(FreeRange.start <= query.start, FreeRange.end >= query.end)
    if query.privacy:
        statement = statement.where(Desk.privacy.in_(query.privacy))
    if query.features:
        wanted = bits(query.features)
        statement = statement.where(Desk.features.bitwise_and(wanted) == wanted)
    if query.security:
        wanted, day = assured(query.security), query.start.astimezone(CIVIL).date().isoformat()
        statement = statement.where(Desk.assured.bitwise_and(wanted) == wanted, Desk.assured_until >= day)
    if words := words_of(place):
        around = exists().where(Site.member_id == Desk.member_id, Site.id == Desk.site_id, has(Site.names, words))
        statement = statement.where(or_(has(Desk.names, words), around))
    return statement


def words_of(place: FoundPlace) -> str:
    return folded(place.label) if place.kind == "name" else ""


def has(names: ColumnElement[str] | InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """Say that a name holds the words. It is read through, not looked up: an index of letters is for the national search."""
    return names.contains(words, autoescape=True)


def _count(db: Session, query: SearchQuery, place: FoundPlace, reaches: list[Reach]) -> int:
    """Count the desks of all pages, up to a limit beyond which nobody reads on."""
    if not reaches:
        return 0
    sites = tuple_(Desk.member_id, Desk.site_id).in_([(reach.member_id, reach.site_id) for reach in reaches])
    some = _free(select(Desk.id), query, place).where(sites).limit(COUNTED_UP_TO).subquery()
    return db.scalar(select(func.count()).select_from(some)) or 0


# --- The answer -----------------------------------------------------------------------------------------------


def _told(db: Session, query: SearchQuery, page: list[_Hit], place: FoundPlace, now: datetime) -> Iterator[FreeDesk]:
    members = {hit.reach.member_id for hit in page}
    named = select(Member.id, Member.entity_id, Member.code, Member.name, Member.name_en)
    hosts = {row.id: host_of(row) for row in db.execute(named.where(Member.id.in_(members)))}
    sites = {
        (row.member_id, row.id): brief(SiteListing.model_validate_json(json.dumps(row.data)))
        for row in db.scalars(select(Site).where(_among(Site, {(h.reach.member_id, h.reach.site_id) for h in page})))
    }
    desks = {(row.member_id, row.id): row for row in db.execute(_facts(query, place, page))}
    for hit in page:
        desk = desks[hit.reach.member_id, hit.desk_id]
        yield FreeDesk(
            host=hosts[hit.reach.member_id],
            site=sites[hit.reach.member_id, hit.reach.site_id],
            desk=brief(DeskListing.model_validate_json(json.dumps(desk.data))),
            free_from=desk.start,
            free_until=desk.end,
            price_yen=hit.reach.price_yen,
            distance_km=None if place.lat is None else round(hit.reach.metres / 1000, 1),
            as_of=desk.as_of,
            stale=now - desk.as_of > STALE_AFTER,
        )


def brief(listing: L) -> L:
    """Leave all photos but the first to the listing's own page: two hundred desks fit into one answer."""
    return listing.model_copy(update={"photos": listing.photos[:1]})


def _facts(
    query: SearchQuery, place: FoundPlace, page: list[_Hit]
) -> Select[int, str, dict[str, Any], datetime, datetime, datetime]:
    """Select what is told of the page's desks: the listing, the free range that holds the wish, how fresh the word is."""
    columns = (Desk.member_id, Desk.id, Desk.data, FreeRange.start, FreeRange.end, vouched_at().label("as_of"))
    return (
        _free(select(*columns).select_from(Desk), query, place)
        .join(Freedom, and_(Freedom.member_id == Desk.member_id, Freedom.desk_id == Desk.id))
        .outerjoin(FeedReading, and_(FeedReading.member_id == Desk.member_id, FeedReading.feed == "offers"))
        .where(_among(Desk, {(hit.reach.member_id, hit.desk_id) for hit in page}))
    )


def vouched_at() -> ColumnElement[datetime]:
    """A feed read to its end vouches for all it said, unless the newest word about the desk was unreadable."""
    vouched = and_(FeedReading.complete_at > Freedom.as_of, ~Freedom.doubtful)
    return case((vouched, FeedReading.complete_at), else_=Freedom.as_of)


def _among(table: type[Site] | type[Desk], keys: set[tuple[int, str]]) -> ColumnElement[bool]:
    return tuple_(table.member_id, table.id).in_(sorted(keys))


def host_of(row: Row[int, str, str, str, str]) -> Host:
    return Host(entity_id=row.entity_id, code=row.code, name=row.name, name_en=row.name_en)


def _cursor(key: tuple[int, int, str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _read_cursor(text: str) -> tuple[int, int, str, str] | None:
    if not text:
        return None
    try:
        metres, member_id, site_id, desk_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise BadInput("the cursor is not one of ours", field="cursor") from None
    if not (type(metres) is type(member_id) is int and type(site_id) is type(desk_id) is str):
        raise BadInput("the cursor is not one of ours", field="cursor")
    return metres, member_id, site_id, desk_id
