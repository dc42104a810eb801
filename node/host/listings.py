"""What our feeds say: facts of sites and desks for anyone, free times and agreements for the registry alone."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import feed
from federation.errors import NotFound
from federation.messages.base import Message
from federation.messages.listing import DeskListing, NearStation, SiteListing
from federation.messages.offer import AgreementOffer, Free, Range
from node.config import Config
from node.host import claims
from node.host.opening import half_days
from node.models.agreements import Agreement
from node.models.sites import Desk, Room, Site

LISTINGS, OFFERS, VISITS = "listings", "offers", "visits"


def visits_of(home_id: int) -> str:
    """Return the name of the visits feed that one home alone reads."""
    return f"{VISITS}:{home_id}"


def site_listing(site: Site, config: Config) -> SiteListing:
    """Return what anyone may know of a site."""
    return SiteListing(
        id=site.id,
        url=f"{config.entity_id}/sites/{site.id}",
        municipality_code=config.code,
        name=site.name,
        name_kana=site.name_kana,
        name_en=site.name_en,
        address=site.address,
        lat=site.lat,
        lon=site.lon,
        zone=site.zone,
        stations=tuple(NearStation.model_validate(station, strict=False) for station in site.stations),
        half_days=half_days(site),
        entrance=site.entrance,
        reception=site.reception,
        extension=site.extension,
        bring=site.bring,
        lunch=site.lunch,
        welcome=site.welcome,
        description=site.description,
    )


def desk_listing(desk: Desk, config: Config) -> DeskListing:
    """Return what anyone may know of a desk and of the room around it."""
    return DeskListing(
        id=desk.id,
        url=f"{config.entity_id}/desks/{desk.id}",
        site_id=desk.room.site_id,
        name=desk.name,
        room_id=desk.room_id,
        room_name=desk.room.name,
        privacy=desk.room.privacy,
        features=tuple(desk.features),
        note=desk.note,
    )


def listing_of(db: Session, desk_id: str, config: Config) -> tuple[SiteListing, DeskListing]:
    """Return what is published of a desk and its site; raise ``NotFound`` for one that is not offered to guests."""
    desk = db.get(Desk, desk_id)
    if desk is None or not is_for_guests(desk):
        raise NotFound("no such desk, or not offered")
    return site_listing(desk.room.site, config), desk_listing(desk, config)


def free_times(db: Session, desk: Desk, now: datetime) -> Free:
    """Return when a desk is free from now to the horizon, as of now."""
    spans = claims.free_of(db, [desk], claims.offered_window(desk, now))[desk.id]
    return Free(desk_id=desk.id, ranges=tuple(Range(start=span.start, end=span.end) for span in spans), as_of=now)


def agreement_offer(agreement: Agreement) -> AgreementOffer:
    """Return what the registry needs to know of an agreement: who may see what, at which price."""
    return AgreementOffer(
        id=agreement.id,
        name=agreement.name,
        everyone=agreement.everyone,
        homes=() if agreement.home_code is None else (agreement.home_code,),
        site_ids=tuple(agreement.site_ids),
        starts_on=agreement.starts_on.isoformat() if agreement.starts_on else None,
        ends_on=agreement.ends_on.isoformat() if agreement.ends_on else None,
        price_yen=agreement.price_yen,
        per=agreement.per,
    )


def renderers(config: Config, clock: Callable[[], datetime]) -> Mapping[str, Mapping[str, feed.Renderer]]:
    """Return the renderers of the two feeds that tell of desks; ``node.host.answers`` has that of the visits."""

    def site(db: Session, id_: str) -> Message | None:
        found = db.get(Site, id_)
        return site_listing(found, config) if found is not None and found.published else None

    def desk(db: Session, id_: str) -> Message | None:
        found = db.get(Desk, id_)
        return desk_listing(found, config) if found is not None and is_for_guests(found) else None

    def free(db: Session, id_: str) -> Message | None:
        found = db.get(Desk, id_)
        return free_times(db, found, clock()) if found is not None and is_for_guests(found) else None

    def agreement(db: Session, id_: str) -> Message | None:
        found = db.get(Agreement, id_)
        return agreement_offer(found) if found is not None and found.suspended_at is None else None

    return {LISTINGS: {"site": site, "desk": desk}, OFFERS: {"free": free, "agreement": agreement}}


def is_for_guests(desk: Desk) -> bool:
    """Say whether other towns may see and book the desk."""
    return desk.offered and desk.pool == "guests"


# --- Noting what reads otherwise now --------------------------------------------------------------------------


def site_changed(db: Session, site: Site) -> None:
    """Note a site with all its desks: their listings and free times depend on it."""
    feed.changed(db, LISTINGS, "site", site.id)
    desks_changed(db, db.scalars(select(Desk.id).join(Room).where(Room.site_id == site.id)))


def room_changed(db: Session, room: Room) -> None:
    """Note a room's desks."""
    desks_changed(db, db.scalars(select(Desk.id).where(Desk.room_id == room.id)))


def desks_changed(db: Session, desk_ids: Iterable[str]) -> None:
    """Note desks whose facts, hours or publication changed."""
    for desk_id in desk_ids:
        feed.changed(db, LISTINGS, "desk", desk_id)
        free_changed(db, desk_id)


def free_changed(db: Session, desk_id: str) -> None:
    """Note that a desk's free times changed."""
    feed.changed(db, OFFERS, "free", desk_id)


def agreement_changed(db: Session, agreement: Agreement) -> None:
    """Note that an agreement reads otherwise, began or ended."""
    feed.changed(db, OFFERS, "agreement", agreement.id)
