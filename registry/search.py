"""Free desks at a time and place that the asking town may see, nearest first.

The number of statements does not grow with what there is: sites in reach (one), free desks among them outwards (up to
three rounds), and the facts of the page (one each). Where nothing is found, one walk more for each filter.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, case, select, tuple_
from sqlalchemy.orm import Session

from federation.errors import BadInput, PlaceUnknown
from federation.members import Member
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.search import Beside, FreeDesk, Host, SearchAnswer, SearchQuery
from registry import misses
from registry.models import Desk, FeedReading, Freedom, Site
from registry.places import locate
from registry.reach import Asked, Asker, Reach, fitting, in_reach
from registry.seats import Hit, free_at

__all__ = ["Asker", "find"]

L = TypeVar("L", SiteListing, DeskListing)
Key = tuple[int, int, int, str, str]

STALE_AFTER = timedelta(minutes=15)
COUNTED_UP_TO = 1000
_ROUNDS = (60, 600, 6000)


def find(db: Session, asker: Asker, query: SearchQuery, now: datetime) -> SearchAnswer:
    """Answer a search of ``asker`` as of ``now``; raises ``BadInput`` or ``PlaceUnknown``."""
    after = _read_cursor(query.cursor)
    asked = Asked(asker, query, locate(db, query), now)
    reaches, place = in_reach(db, asked), asked.place
    if place.kind == "name" and not reaches:
        raise PlaceUnknown("no station, and no name the asker may see", field="station", facts={"place": place.label})
    hits = _walked(db, asked, fitting(reaches, query), after)
    beyond = hits if after is None else [hit for hit in hits if hit.key > after]
    page, more = beyond[: query.limit], len(beyond) > query.limit
    return SearchAnswer(
        place=place,
        desks=tuple(_told(db, asked, page)),
        total=min(len(hits), COUNTED_UP_TO),
        cursor=_cursor(page[-1].key) if more else "",
        as_of=now,
        near_misses=() if hits or after else tuple(misses.near(query, lambda wish: _number(db, asked, wish))),
    )


def _number(db: Session, asked: Asked, wish: SearchQuery) -> int:
    """Return how many desks would be found by another wish, up to the bound."""
    other = replace(asked, query=wish)
    return min(len(_walked(db, other, fitting(in_reach(db, other), wish))), COUNTED_UP_TO)


def _walked(db: Session, asked: Asked, reaches: list[Reach], after: Key | None = None) -> list[Hit]:
    """Return free desks walking outwards, until there are enough for the page beyond the cursor, and to count."""
    found: list[Hit] = []
    for size in _ROUNDS:
        near, reaches = reaches[:size], reaches[size:]
        found += free_at(db, asked, near)
        beyond = sum(1 for hit in found if hit.key > after) if after else len(found)
        if not reaches or (len(found) > COUNTED_UP_TO and beyond > asked.query.limit):
            break
    return found


# --- The answer -----------------------------------------------------------------------------------------------


def _told(db: Session, asked: Asked, page: list[Hit]) -> Iterator[FreeDesk]:
    members = {hit.reach.member_id for hit in page}
    named = select(Member.id, Member.entity_id, Member.code, Member.name, Member.name_en)
    hosts = {row.id: host_of(row) for row in db.execute(named.where(Member.id.in_(members)))}
    sites = {
        (row.member_id, row.id): brief(SiteListing.model_validate_json(json.dumps(row.data)))
        for row in db.scalars(select(Site).where(_among(Site, {(h.reach.member_id, h.reach.site_id) for h in page})))
    }
    desks = {(row.member_id, row.id): row for row in db.execute(_facts(page))}
    for hit in page:
        desk, member_id = desks[hit.reach.member_id, hit.desk_id], hit.reach.member_id
        yield FreeDesk(
            host=hosts[member_id],
            site=sites[member_id, hit.reach.site_id],
            desk=brief(DeskListing.model_validate_json(json.dumps(desk.data))),
            free_from=hit.free_from,
            free_until=hit.free_until,
            price_yen=hit.reach.price_yen,
            distance_km=None if asked.spot is None else round(hit.reach.metres / 1000, 1),
            as_of=desk.as_of,
            stale=asked.now - desk.as_of > STALE_AFTER,
            fits_from=None if asked.query.minutes is None else hit.fits_from,
            together=tuple(Beside(id=each, name=desks[member_id, each].data["name"]) for each in hit.others),
            line=hit.reach.line,
        )


def brief(listing: L) -> L:
    """Leave all photos but the first to the listing's own page: two hundred desks fit into one answer."""
    return listing.model_copy(update={"photos": listing.photos[:1]})


def _facts(page: Iterable[Hit]) -> Select[*tuple[Any, ...]]:
    """Select what is told of the page's desks: the listing, and how fresh the word is."""
    ids = {(hit.reach.member_id, desk_id) for hit in page for desk_id in (hit.desk_id, *hit.others)}
    return (
        select(Desk.member_id, Desk.id, Desk.data, vouched_at().label("as_of"))
        .join(Freedom, and_(Freedom.member_id == Desk.member_id, Freedom.desk_id == Desk.id))
        .outerjoin(FeedReading, and_(FeedReading.member_id == Desk.member_id, FeedReading.feed == "offers"))
        .where(_among(Desk, ids))
    )


def vouched_at() -> ColumnElement[datetime]:
    """A feed read to its end vouches for all it said, unless the newest word about the desk was unreadable."""
    vouched = and_(FeedReading.complete_at > Freedom.as_of, ~Freedom.doubtful)
    return case((vouched, FeedReading.complete_at), else_=Freedom.as_of)


def _among(table: type[Site] | type[Desk], keys: set[tuple[int, str]]) -> ColumnElement[bool]:
    return tuple_(table.member_id, table.id).in_(sorted(keys))


def host_of(row: Row[int, str, str, str, str]) -> Host:
    return Host(entity_id=row.entity_id, code=row.code, name=row.name, name_en=row.name_en)


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _read_cursor(text: str) -> Key | None:
    if not text:
        return None
    try:
        part, metres, member_id, site_id, desk_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise BadInput("the cursor is not one of ours", field="cursor") from None
    if not (type(part) is type(metres) is type(member_id) is int and type(site_id) is type(desk_id) is str):
        raise BadInput("the cursor is not one of ours", field="cursor")
    return part, metres, member_id, site_id, desk_id
