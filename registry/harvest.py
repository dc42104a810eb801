"""Following every member's feeds: what is right is indexed, what is not is shown to the operator and skipped.

A member speaks of its own desks only. Every row's key begins with the member, a site must bear the member's own 団体コード,
and addresses must stand on the member's own origin; so the worst a hostile feed can do is to misdescribe itself.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.feed import changed
from federation.folding import folded
from federation.messages.base import Message
from federation.messages.emergency import EmergencyNotice
from federation.messages.feed import FeedItem
from federation.messages.listing import DeskListing, SiteListing
from federation.messages.offer import AgreementOffer, Free
from federation.messages.space import Photo
from registry import catalogue, emergencies
from registry.facets import assured, bits, said
from registry.models import (
    Base,
    Desk,
    FeedFault,
    Freedom,
    FreeRange,
    Offer,
    OfferHome,
    OfferSite,
    Site,
)
from registry.places import Spot

M = TypeVar("M", bound=Message)

MAX_FAULTS = 200
"""So many unreadable items of one member are remembered; more of them say nothing new."""
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"


@dataclass(frozen=True)
class Source:
    """The member whose feed is read from the moment ``read_at`` on: what its items may say."""

    member_id: int
    entity_id: str
    code: str
    read_at: datetime


def take(db: Session, source: Source, feed: str, item: FeedItem, now: datetime) -> None:
    """Take one item in. One that cannot be read is noted and skipped; the last good copy stays, marked where it matters.

    Kinds this version does not know are skipped in silence: a newer node may publish more than we read.
    """
    keeper = KEEPERS.get((feed, item.kind))
    if keeper is None:
        return
    try:
        if item.state == "deleted":
            keeper.drop(db, source, item.id)
        else:
            keeper.keep(db, source, item)
    except BadInput as error:
        _note_fault(db, source, feed, item, detail=error.detail, now=now)
        return
    _clear_fault(db, source, feed, item)
    if feed == "listings":
        changed(db, catalogue.FEED, item.kind, f"{source.member_id}:{item.id}")


def _note_fault(db: Session, source: Source, feed: str, item: FeedItem, *, detail: str, now: datetime) -> None:
    name = {"member_id": source.member_id, "feed": feed, "kind": item.kind, "item_id": item.id}
    fault = db.get(FeedFault, tuple(name.values()))
    if fault is None:
        known = db.scalars(select(FeedFault.item_id).filter_by(member_id=source.member_id).limit(MAX_FAULTS)).all()
        if len(known) >= MAX_FAULTS:
            return
        fault = FeedFault(**name)
        db.add(fault)
    fault.detail, fault.seen_at = detail[:500], now
    freedom = db.get(Freedom, (source.member_id, item.id)) if item.kind == "free" else None
    if freedom is not None:
        freedom.doubtful = True
    db.flush()


def _clear_fault(db: Session, source: Source, feed: str, item: FeedItem) -> None:
    mine = delete(FeedFault).filter_by(member_id=source.member_id, feed=feed, kind=item.kind, item_id=item.id)
    db.execute(mine)


# --- One keeper per kind --------------------------------------------------------------------------------------


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


def keep_site(db: Session, source: Source, item: FeedItem) -> None:
    """Keep a site; raises ``BadInput`` for one of another municipality, or with another's address."""
    listing = _read(SiteListing, item)
    _same("id", listing.id, item.id)
    _same("municipality_code", listing.municipality_code, source.code)
    if not listing.url.startswith(f"{source.entity_id}/"):
        raise BadInput(f"url {listing.url} is not on {source.entity_id}", field="url")
    _own_photos(source, listing.photos)
    row = db.get(Site, (source.member_id, listing.id)) or Site(member_id=source.member_id, id=listing.id)
    row.lat, row.lon, row.zone, row.data = listing.lat, listing.lon, listing.zone, listing.wire()
    row.x, row.y, row.z = Spot(listing.lat, listing.lon).on_sphere
    row.told = told(listing)
    row.names = _names(listing.name, listing.name_kana, listing.name_en)
    row.lines = _names(*(line for station in listing.stations for line in station.lines))
    row.accessible = said(listing.access, answer=True)
    db.add(row)


def keep_desk(db: Session, source: Source, item: FeedItem) -> None:
    """Keep a desk; raises ``BadInput`` for one with another's address."""
    listing = _read(DeskListing, item)
    _same("id", listing.id, item.id)
    _same("url", listing.url, f"{source.entity_id}/desks/{listing.id}")
    _own_photos(source, listing.photos)
    row = db.get(Desk, (source.member_id, listing.id)) or Desk(member_id=source.member_id, id=listing.id)
    row.site_id, row.privacy, row.features = listing.site_id, listing.privacy, bits(listing.meets())
    sheet = listing.security
    row.assured, row.assured_until = (assured(sheet.assures()), sheet.valid_until) if sheet else (0, "")
    row.data, row.names = listing.wire(), _names(listing.room_name, listing.name)
    access = listing.room.access
    row.accessible, row.inaccessible = said(access, answer=True), said(access, answer=False)
    row.beside, row.told = " ".join(listing.adjacent), told(listing)
    db.add(row)


def told(listing: SiteListing | DeskListing) -> str:
    """Return a listing as an answer has it. All photos but the first are left to the listing's own page: two hundred desks
    fit into one answer.
    """
    return listing.model_copy(update={"photos": listing.photos[:1]}).text()


def _names(*names: str) -> str:
    """Return names as they are searched, a line each: folded ones have no line ends."""
    return "\n".join(map(folded, names))


def keep_free(db: Session, source: Source, item: FeedItem) -> None:
    """Keep a desk's free ranges; raises ``BadInput`` when they overlap or are out of order."""
    free = _read(Free, item)
    _same("desk_id", free.desk_id, item.id)
    for before, after in zip(free.ranges, free.ranges[1:], strict=False):
        if after.start <= before.end:
            raise BadInput("ranges overlap, touch or are out of order", field="ranges")
    row = db.get(Freedom, (source.member_id, item.id)) or Freedom(member_id=source.member_id, desk_id=item.id)
    row.as_of, row.doubtful = free.as_of, False
    db.add(row)
    _drop_rows(db, FreeRange, member_id=source.member_id, desk_id=item.id)
    rows = [
        {"member_id": source.member_id, "desk_id": item.id, "start": each.start, "end": each.end}
        for each in free.ranges
    ]
    if rows:
        db.execute(insert(FreeRange), rows)


def keep_agreement(db: Session, source: Source, item: FeedItem) -> None:
    """Keep who may see what; raises ``BadInput``."""
    offer = _read(AgreementOffer, item)
    _same("id", offer.id, item.id)
    drop_agreement(db, source, item.id)
    key = {"member_id": source.member_id, "offer_id": offer.id}
    db.add(
        Offer(
            member_id=source.member_id,
            id=offer.id,
            everyone=offer.everyone,
            every_site=not offer.site_ids,
            starts_on=offer.starts_on or _FIRST_DAY,
            ends_on=offer.ends_on or _LAST_DAY,
            price_yen=offer.price_yen,
            per_hour=offer.per == "hour",
            name=offer.name,
        )
    )
    db.add_all(OfferHome(**key, code=code) for code in sorted(set(offer.homes)))
    db.add_all(OfferSite(**key, site_id=site_id) for site_id in sorted(set(offer.site_ids)))


def keep_emergency(db: Session, source: Source, item: FeedItem) -> None:
    """Keep what a member declared of one of its sites, to be handed on; raises ``BadInput``."""
    notice = _read(EmergencyNotice, item)
    _same("site_id", notice.site_id, item.id)
    emergencies.keep(db, source.member_id, notice, source.read_at)


def drop_site(db: Session, source: Source, item_id: str) -> None:
    """Forget a site."""
    _drop_rows(db, Site, member_id=source.member_id, id=item_id)


def drop_desk(db: Session, source: Source, item_id: str) -> None:
    """Forget a desk."""
    _drop_rows(db, Desk, member_id=source.member_id, id=item_id)


def drop_free(db: Session, source: Source, item_id: str) -> None:
    """Forget when a desk is free."""
    _drop_rows(db, FreeRange, member_id=source.member_id, desk_id=item_id)
    _drop_rows(db, Freedom, member_id=source.member_id, desk_id=item_id)


def drop_agreement(db: Session, source: Source, item_id: str) -> None:
    """Forget an offer with the towns and sites it names."""
    _drop_rows(db, OfferHome, member_id=source.member_id, offer_id=item_id)
    _drop_rows(db, OfferSite, member_id=source.member_id, offer_id=item_id)
    _drop_rows(db, Offer, member_id=source.member_id, id=item_id)


def drop_emergency(db: Session, source: Source, item_id: str) -> None:
    """Forget an emergency."""
    emergencies.drop(db, source.member_id, item_id)


def _drop_rows(db: Session, table: type[Base], **key: int | str) -> None:
    # What the session still holds is written first, so that a row added in this page is found and deleted too.
    db.flush()
    db.execute(delete(table).filter_by(**key).execution_options(synchronize_session="fetch"))


@dataclass(frozen=True)
class Keeper:
    """How one kind of item is kept and dropped."""

    keep: Callable[[Session, Source, FeedItem], None]
    drop: Callable[[Session, Source, str], None]


KEEPERS = {
    ("listings", "site"): Keeper(keep_site, drop_site),
    ("listings", "desk"): Keeper(keep_desk, drop_desk),
    ("offers", "free"): Keeper(keep_free, drop_free),
    ("offers", "agreement"): Keeper(keep_agreement, drop_agreement),
    ("offers", "emergency"): Keeper(keep_emergency, drop_emergency),
}
FEEDS = ("listings", "offers")
