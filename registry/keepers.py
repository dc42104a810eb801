"""How each kind of item of a member's feeds is read, checked, kept and dropped: a page's items of one kind together.

A member speaks of its own desks only. Every row's key begins with the member, a site must bear the member's own 団体コード,
and addresses must stand on the member's own origin; so the worst a hostile feed can do is to misdescribe itself.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Generic, TypeVar

from sqlalchemy import delete, insert, inspect
from sqlalchemy.orm import InstrumentedAttribute, Session

from federation.errors import BadInput
from federation.folding import folded
from federation.messages.base import Message, as_text
from federation.messages.emergency import EmergencyNotice
from federation.messages.feed import FeedItem
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.offer import AgreementOffer, Free
from federation.messages.space import Photo
from federation.storage import insert as upserting
from registry import agreements, emergencies
from registry.facets import assured, bits, said
from registry.models import Base, Desk, Freedom, FreeRange, Site
from registry.places import Spot

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Source:
    """The member whose feed is read from the moment ``read_at`` on: what its items may say."""

    member_id: int
    entity_id: str
    code: str
    read_at: datetime


def _read(kind: type[M], item: FeedItem) -> M:
    text = json.dumps(item.data)
    if "\\u0000" in text:
        raise BadInput("a NUL character, which PostgreSQL cannot keep")
    return kind.read(text)


def _same(what: str, given: str, expected: str) -> None:
    if given != expected:
        raise BadInput(f"{what} is {given[:300]}, not {expected}", field=what)


def _own_photos(source: Source, photos: Iterable[Photo]) -> None:
    for picture in (size for photo in photos for size in (photo.large, photo.small)):
        if not picture.url.startswith(f"{source.entity_id}/photos/"):
            raise BadInput(f"photo {picture.url} is not on {source.entity_id}", field="photos")


def check_site(source: Source, item: FeedItem, listing: SiteListing) -> None:
    """Raise ``BadInput`` for a site of another municipality, or with another's address."""
    _same("id", listing.id, item.id)
    _same("municipality_code", listing.municipality_code, source.code)
    if not listing.url.startswith(f"{source.entity_id}/"):
        raise BadInput(f"url {listing.url} is not on {source.entity_id}", field="url")
    _own_photos(source, listing.photos)


def keep_sites(db: Session, source: Source, listings: Sequence[SiteListing]) -> None:
    """Keep sites that were found right."""
    _upsert(db, Site, [_site_row(source, listing) for listing in listings])


def _site_row(source: Source, listing: SiteListing) -> dict[str, object]:
    x, y, z = Spot(listing.lat, listing.lon).on_sphere
    data = listing.wire()
    return {
        "member_id": source.member_id,
        "id": listing.id,
        "lat": listing.lat,
        "lon": listing.lon,
        "x": x,
        "y": y,
        "z": z,
        "zone": listing.zone,
        "names": _names(listing.name, listing.name_kana, listing.name_en),
        "lines": _names(*(line for station in listing.stations for line in station.lines)),
        "accessible": said(listing.access, answer=True),
        "told": told(data),
        "data": data,
    }


def check_desk(source: Source, item: FeedItem, listing: DeskListing) -> None:
    """Raise ``BadInput`` for a desk with another's address."""
    _same("id", listing.id, item.id)
    _same("url", listing.url, f"{source.entity_id}/desks/{listing.id}")
    _own_photos(source, listing.photos)


def keep_desks(db: Session, source: Source, listings: Sequence[DeskListing]) -> None:
    """Keep desks that were found right."""
    _upsert(db, Desk, [_desk_row(source, listing) for listing in listings])


def _desk_row(source: Source, listing: DeskListing) -> dict[str, object]:
    sheet, access, data = listing.security, listing.room.access, listing.wire()
    return {
        "member_id": source.member_id,
        "id": listing.id,
        "site_id": listing.site_id,
        "privacy": listing.privacy,
        "features": bits(listing.meets()),
        "assured": assured(sheet.assures()) if sheet else 0,
        "assured_until": sheet.valid_until if sheet else "",
        "names": _names(listing.room_name, listing.name),
        "accessible": said(access, answer=True),
        "inaccessible": said(access, answer=False),
        "room_id": listing.room_id,
        "beside": " ".join(listing.adjacent),
        "told": told(data),
        "data": data,
    }


def told(data: Mapping[str, Any]) -> str:
    """Return a listing, as ``wire`` gives it, as an answer has it. All photos but the first are left to the listing's own
    page: two hundred desks fit into one answer.
    """
    return as_text({**data, "photos": data["photos"][:1]} if "photos" in data else data)


def _names(*names: str) -> str:
    """Return names as they are searched, a line each: folded ones have no line ends."""
    return "\n".join(map(folded, names))


def check_free(_source: Source, item: FeedItem, free: Free) -> None:
    """Raise ``BadInput`` for ranges that overlap or are out of order."""
    _same("desk_id", free.desk_id, item.id)
    for before, after in pairwise(free.ranges):
        if after.start <= before.end:
            raise BadInput("ranges overlap, touch or are out of order", field="ranges")


def keep_free(db: Session, source: Source, said_free: Sequence[Free]) -> None:
    """Keep desks' free ranges, in the place of what was said before."""
    keys = [{"member_id": source.member_id, "desk_id": free.desk_id} for free in said_free]
    stamps = [{**key, "as_of": free.as_of, "doubtful": False} for key, free in zip(keys, said_free, strict=True)]
    _upsert(db, Freedom, stamps)
    _drop_rows(db, FreeRange, FreeRange.desk_id, source, [free.desk_id for free in said_free])
    rows = [
        {**key, "start": each.start, "end": each.end}
        for key, free in zip(keys, said_free, strict=True)
        for each in free.ranges
    ]
    if rows:
        db.connection().execute(insert(FreeRange), rows)


def check_agreement(_source: Source, item: FeedItem, offer: AgreementOffer) -> None:
    """Raise ``BadInput`` for one under another's id."""
    _same("id", offer.id, item.id)


def keep_agreements(db: Session, source: Source, offers: Sequence[AgreementOffer]) -> None:
    """Keep who may see what, and when."""
    agreements.keep(db, source.member_id, offers)


def drop_sites(db: Session, source: Source, ids: Sequence[str]) -> None:
    """Forget sites."""
    _drop_rows(db, Site, Site.id, source, ids)


def drop_desks(db: Session, source: Source, ids: Sequence[str]) -> None:
    """Forget desks."""
    _drop_rows(db, Desk, Desk.id, source, ids)


def drop_free(db: Session, source: Source, ids: Sequence[str]) -> None:
    """Forget when desks are free."""
    _drop_rows(db, FreeRange, FreeRange.desk_id, source, ids)
    _drop_rows(db, Freedom, Freedom.desk_id, source, ids)


def drop_agreements(db: Session, source: Source, ids: Sequence[str]) -> None:
    """Forget offers with all that they name."""
    agreements.drop(db, source.member_id, ids)


def _upsert(db: Session, table: type[Base], rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    statement, key = upserting(db, table), list(inspect(table).primary_key)
    new = {name: statement.excluded[name] for name in rows[0] if name not in {column.key for column in key}}
    db.connection().execute(statement.on_conflict_do_update(index_elements=key, set_=new), rows)


def _drop_rows(
    db: Session, table: type[Base], column: InstrumentedAttribute[str], source: Source, ids: Sequence[str]
) -> None:
    mine = table.__table__.c.member_id == source.member_id, column.in_(ids)
    db.execute(delete(table).where(*mine).execution_options(synchronize_session="fetch"))


def check_emergency(_source: Source, item: FeedItem, notice: EmergencyNotice) -> None:
    """Raise ``BadInput`` for one under another site's id."""
    _same("site_id", notice.site_id, item.id)


def keep_emergency(db: Session, source: Source, notices: Sequence[EmergencyNotice]) -> None:
    """Keep what a member declared of its sites, to be handed on; raises ``BadInput``."""
    for notice in notices:
        emergencies.keep(db, source.member_id, notice, source.read_at)


def drop_emergencies(db: Session, source: Source, ids: Sequence[str]) -> None:
    """Forget what was declared."""
    for id_ in ids:
        emergencies.drop(db, source.member_id, id_)


@dataclass(frozen=True)
class Keeper(Generic[M]):
    """How one kind of item is read, checked, kept and dropped."""

    kind: type[M]
    check: Callable[[Source, FeedItem, M], None]
    keep: Callable[[Session, Source, Sequence[M]], None]
    drop: Callable[[Session, Source, Sequence[str]], None]

    def take(self, db: Session, source: Source, items: Iterable[FeedItem]) -> Mapping[str, BadInput]:
        """Keep the items that can be read and are right; return what is wrong with the others, by their ids."""
        right, faults = [], {}
        for item in items:
            try:
                message = _read(self.kind, item)
                self.check(source, item, message)
            except BadInput as error:
                faults[item.id] = error
            else:
                right.append(message)
        if right:
            self.keep(db, source, right)
        return faults


class OneByOne(Keeper[M]):
    """A kind of which there are few, and of which one may be refused for those that are held already."""

    def take(self, db: Session, source: Source, items: Iterable[FeedItem]) -> Mapping[str, BadInput]:
        """Keep one item after the other; return what is wrong with those that were refused, by their ids."""
        faults = {}
        for item in items:
            try:
                message = _read(self.kind, item)
                self.check(source, item, message)
                self.keep(db, source, [message])
            except BadInput as error:
                faults[item.id] = error
        return faults


KEEPERS: Mapping[tuple[str, str], Keeper[Any]] = {
    ("listings", "site"): Keeper(SiteListing, check_site, keep_sites, drop_sites),
    ("listings", "desk"): Keeper(DeskListing, check_desk, keep_desks, drop_desks),
    ("offers", "free"): Keeper(Free, check_free, keep_free, drop_free),
    ("offers", "agreement"): Keeper(AgreementOffer, check_agreement, keep_agreements, drop_agreements),
    ("offers", "emergency"): OneByOne(EmergencyNotice, check_emergency, keep_emergency, drop_emergencies),
}
FEEDS = ("listings", "offers")
