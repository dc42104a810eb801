"""What our feeds say: facts of sites and desks for anyone, free times and agreements for the registry alone."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from federation import feed
from federation.errors import NotFound
from federation.messages.base import Message
from federation.messages.emergency import EmergencyNotice
from federation.messages.feedback import FeedbackFacts
from federation.messages.listing import MOST_ADJACENT, MOST_PARTS, DeskListing, NearStation, ReceptionHours, SiteListing
from federation.messages.offer import Free, Range
from federation.messages.sheet import SecuritySheet
from federation.messages.space import Access, FacilityType
from node.config import Config
from node.host import claims, rasters, slots, space, wholes
from node.host.offering import agreement_offer
from node.host.opening import half_days
from node.host.spans import Span
from node.host.wholes import WHOLE
from node.models.agreements import Agreement
from node.models.emergencies import Emergency, EmergencyPlace
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
        night_entrance=site.night_entrance,
        reception_hours=ReceptionHours(opens=site.reception_opens, closes=site.reception_closes),
        wifi=site.wifi,
        facility_type=cast(FacilityType | None, site.facility_type or None),
        contact=site.contact,
        phone=site.phone,
        access=Access(**site.access),
        photos=space.photos_of(site, {site.id}, config),
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
        features=space.features_of(desk),
        note=desk.note,
        room=space.facts_of(desk.room),
        photos=space.photos_of(desk.room.site, {desk.id, desk.room_id}, config),
        kind=WHOLE if desk.kind == WHOLE else "desk",
        capacity=desk.capacity,
        parts=_parts(desk),
        adjacent=_adjacent(desk),
        slots=slots.of(desk),
        security=sheet_of(desk.room),
        feedback=feedback_of(desk.room),
    )


def sheet_of(room: Room) -> SecuritySheet | None:
    """Return the room's newest signed セキュリティ確認表, valid or not."""
    return SecuritySheet.model_validate(room.sheet, strict=False) if room.sheet else None


def feedback_of(room: Room) -> FeedbackFacts | None:
    """Return what is published of what visitors say of a room; None while too few have."""
    return FeedbackFacts.model_validate(room.feedback, strict=False) if room.feedback else None


def _parts(desk: Desk) -> tuple[str, ...]:
    """Return the desks that are booked with a whole room, as far as they are offered themselves."""
    if desk.kind != WHOLE:
        return ()
    return tuple(sorted(one.id for one in desk.room.desks if one.kind != WHOLE and one.published))[:MOST_PARTS]


def _adjacent(desk: Desk) -> tuple[str, ...]:
    """Return the desks beside a desk, as far as they are offered to guests themselves."""
    if desk.kind == WHOLE or desk.plan_x is None:
        return ()
    listed = [one for one in desk.room.desks if one.kind != WHOLE and is_for_guests(one)]
    return tuple(sorted(rasters.beside(desk, listed)))[:MOST_ADJACENT]


def listing_of(db: Session, desk_id: str, config: Config) -> tuple[SiteListing, DeskListing]:
    """Return what is published of a desk and its site; raise ``NotFound`` for one that is not offered to guests."""
    desk = db.get(Desk, desk_id)
    if desk is None or not is_for_guests(desk):
        raise NotFound("no such desk, or not offered")
    return site_listing(desk.room.site, config), desk_listing(desk, config)


def free_times(db: Session, desks: Collection[Desk], now: datetime) -> Mapping[str, Free]:
    """Return for each desk (by id) when it is free for guests from now to the horizon, as of now.

    As many statements for many desks as for one, in each of their zones.
    """
    windows: dict[Span, list[Desk]] = {}
    for desk in desks:
        windows.setdefault(claims.offered_window(desk, now), []).append(desk)
    return {
        id_: Free(desk_id=id_, ranges=tuple(Range(start=span.start, end=span.end) for span in spans), as_of=now)
        for window, theirs in windows.items()
        for id_, spans in claims.free_for(db, theirs, "guests", window, now).items()
    }


def emergency_notice(db: Session, site_id: str, now: datetime) -> EmergencyNotice | None:
    """Return what is declared of a site in a disaster now, or None; desks that became bookable by it are counted."""
    standing = select(Emergency).where(
        Emergency.site_id == site_id, Emergency.ended_at.is_(None), Emergency.until > now
    )
    found = db.scalar(standing.order_by(Emergency.since.desc()).limit(1))
    if found is None:
        return None
    desks = select(func.count()).where(EmergencyPlace.emergency_id == found.id, EmergencyPlace.was_pool.is_not(None))
    return EmergencyNotice(
        site_id=site_id,
        site_name=db.get_one(Site, site_id).name,
        kind=found.kind,
        reason=found.reason,
        extra_desks=db.scalar(desks) or 0,
        since=found.since,
        until=found.until,
    )


def renderers(config: Config, clock: Callable[[], datetime]) -> Mapping[str, Mapping[str, feed.Renderer]]:
    """Return the renderers of the two feeds that tell of desks; ``node.host.answers`` has that of the visits."""

    def sites(db: Session, ids: Sequence[str]) -> Mapping[str, Message]:
        found = db.scalars(select(Site).where(Site.id.in_(ids), Site.published).options(selectinload(Site.photos)))
        return {site.id: site_listing(site, config) for site in found}

    def desks(db: Session, ids: Sequence[str]) -> Mapping[str, Message]:
        return {desk.id: desk_listing(desk, config) for desk in _for_guests(db, ids)}

    def free(db: Session, ids: Sequence[str]) -> Mapping[str, Message]:
        return free_times(db, _for_guests(db, ids), clock())

    def agreement(db: Session, id_: str) -> Message | None:
        found = db.get(Agreement, id_)
        return agreement_offer(db, found) if found is not None and found.suspended_at is None else None

    def emergency(db: Session, id_: str) -> Message | None:
        return emergency_notice(db, id_, clock())

    return {
        LISTINGS: {"site": sites, "desk": desks},
        OFFERS: {"free": free, "agreement": feed.singly(agreement), "emergency": feed.singly(emergency)},
    }


def _for_guests(db: Session, ids: Sequence[str]) -> Sequence[Desk]:
    return [desk for desk in db.scalars(select(Desk).where(Desk.id.in_(ids))) if is_for_guests(desk)]


def is_for_guests(desk: Desk) -> bool:
    """Say whether other towns may see and book the desk."""
    return desk.offered and desk.pool == "guests"


# --- Noting what reads otherwise now --------------------------------------------------------------------------


def site_added(db: Session, site: Site) -> None:
    """Note a site in which nothing stands yet."""
    feed.changed(db, LISTINGS, "site", site.id)


def site_changed(db: Session, site: Site) -> None:
    """Note a site with all its desks: their listings and free times depend on it."""
    feed.changed(db, LISTINGS, "site", site.id)
    desks_changed(db, db.scalars(select(Desk.id).join(Room).where(Room.site_id == site.id)))


def room_changed(db: Session, room: Room) -> None:
    """Note a room's desks."""
    desks_changed(db, db.scalars(select(Desk.id).where(Desk.room_id == room.id)))


def plan_changed(db: Session, room: Room) -> None:
    """Note a room's desks whose neighbours may be others now."""
    for desk_id in db.scalars(select(Desk.id).where(Desk.room_id == room.id).order_by(Desk.id)):
        feed.changed(db, LISTINGS, "desk", desk_id)


def said_changed(db: Session, room_ids: Iterable[str]) -> None:
    """Note the desks of rooms of which something else is published now; when they are free is as before."""
    for desk_id in db.scalars(select(Desk.id).where(Desk.room_id.in_(tuple(room_ids))).order_by(Desk.id)):
        feed.changed(db, LISTINGS, "desk", desk_id)


def desks_changed(db: Session, desk_ids: Iterable[str]) -> None:
    """Note desks whose facts, hours or publication changed, and with them the whole of their room and who is beside them."""
    ids = frozenset(desk_ids)
    together = wholes.concerned(db, ids)
    for desk_id in sorted(together | _on_one_plan(db, ids)):
        feed.changed(db, LISTINGS, "desk", desk_id)
    for desk_id in sorted(together):
        feed.changed(db, OFFERS, "free", desk_id)


def _on_one_plan(db: Session, desk_ids: Iterable[str]) -> frozenset[str]:
    """Return the desks of the rooms in which one of these stands on the plan: whether it is offered is told by those beside it."""
    rooms = select(Desk.room_id).where(Desk.id.in_(tuple(desk_ids)), Desk.plan_x.is_not(None))
    return frozenset(db.scalars(select(Desk.id).where(Desk.room_id.in_(rooms), Desk.plan_x.is_not(None))))


def free_changed(db: Session, *desk_ids: str) -> None:
    """Note that desks' free times changed, and with them those of the whole of their room, or of a whole room's desks."""
    for desk_id in sorted(wholes.concerned(db, desk_ids)):
        feed.changed(db, OFFERS, "free", desk_id)


def agreement_changed(db: Session, agreement: Agreement) -> None:
    """Note that an agreement reads otherwise, began or ended."""
    feed.changed(db, OFFERS, "agreement", agreement.id)


def emergency_changed(db: Session, site_id: str) -> None:
    """Note that a site was opened or closed in a disaster, for longer or no longer."""
    feed.changed(db, OFFERS, "emergency", site_id)
