"""Sites, rooms and desks: added, edited, published and withdrawn. Nothing is ever deleted; what is gone is withdrawn."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.messages.listing import DeskListing, Feature, Privacy, SiteListing
from node.config import Config
from node.host import claims, codes, listings, pools, space, terms, wholes
from node.host.homes import Home
from node.models.sites import Desk, Room, Site

Place = Site | Room | Desk
PRIVACY: tuple[str, ...] = get_args(Privacy)
FEATURES: tuple[str, ...] = get_args(Feature)
POOLS = ("guests", "own", "walk_in")
_NOT_FACTS = frozenset({"id", "site_id", "room_id", "code", "lock_version", "published", "sheet"})


def add_site(db: Session, config: Config, facts: Mapping[str, Any]) -> Site:
    """Add a site with its facts (columns of ``Site``), unpublished. Raises ``BadInput`` with the field."""
    return add_sites(db, config, [facts])[0]


def add_sites(
    db: Session, config: Config, many: Sequence[Mapping[str, Any]], *, published: bool = False
) -> Sequence[Site]:
    """Add many sites at once, all or none, and offer them where ``published``. Raises ``BadInput`` with the field."""
    added = [Site(id=str(uuid.uuid4()), **_facts(Site, facts), published=published, photos=[]) for facts in many]
    db.add_all(added)
    db.flush()
    for site in added:
        _check(site, config)
        if published:
            listings.site_added(db, site)
    return added


def add_room(db: Session, site: Site, facts: Mapping[str, Any]) -> Room:
    """Add a room to a site, unpublished. Raises ``BadInput`` with the field."""
    room = Room(id=str(uuid.uuid4()), site=site, **_facts(Room, facts))
    db.add(room)
    _check_room(room)
    db.flush()
    return room


def add_desk(db: Session, room: Room, facts: Mapping[str, Any]) -> Desk:
    """Add a desk to a room, unpublished, with a code of its own. Raises ``BadInput`` with the field."""
    return add_desks(db, [(room, facts)])[0]


def add_desks(
    db: Session, many: Sequence[tuple[Room, Mapping[str, Any]]], *, published: bool = False
) -> Sequence[Desk]:
    """Add many desks to their rooms at once, all or none, and offer them where ``published``. Raises ``BadInput``."""
    codes_left = _new_codes(db, len(many))
    added = []
    for (room, facts), code in zip(many, codes_left, strict=True):
        desk = Desk(id=str(uuid.uuid4()), room=room, code=code, **_facts(Desk, facts), published=published)
        db.add(desk)
        _check_desk(desk)
        added.append(desk)
    db.flush()
    _share_with_wholes(db, added)
    claims.lay_closures(db, [desk.id for desk in added])
    if published:
        _tell(db, added)
    return added


def _share_with_wholes(db: Session, added: Sequence[Desk]) -> None:
    """Let new desks belong to who has the whole of their room."""
    for whole in wholes.of_rooms(db, {desk.room_id for desk in added}):
        if whole in added:
            continue
        claims.lock_desks(db, [whole.id])
        for desk in added:
            if desk.room_id == whole.room_id:
                claims.share_with(db, desk, whole.id)
        listings.free_changed(db, whole.id)


def edit(db: Session, config: Config, place: Place, facts: Mapping[str, Any]) -> None:
    """Change facts of a site, room or desk and tell the feeds. Raises ``BadInput`` with the field."""
    for name, value in _facts(type(place), facts).items():
        setattr(place, name, value)
    db.flush()
    if isinstance(place, Site):
        _check(place, config)
    elif isinstance(place, Room):
        _check_room(place)
    else:
        _check_desk(place)
    changed(db, place)


def publish(db: Session, place: Place) -> None:
    """Offer a site, room or desk; a desk is listed once all three around it are published."""
    place.published = True
    db.flush()
    changed(db, place)


def withdraw(db: Session, place: Place) -> None:
    """Offer it no longer. What is booked stays booked; ``closures.close`` ends that."""
    place.published = False
    db.flush()
    changed(db, place)


def lock(db: Session, place: Place) -> None:
    """Hold a place's row until the transaction ends, and read it as it is now: who edits it next waits, and then sees this."""
    kind = type(place)
    db.execute(select(kind.id).where(kind.id == place.id).with_for_update())
    db.refresh(place)


def changed(db: Session, place: Place) -> None:
    """Tell the feeds that a place, its hours or its publication reads otherwise now."""
    if isinstance(place, Site):
        listings.site_changed(db, place)
    elif isinstance(place, Room):
        listings.room_changed(db, place)
    else:
        _tell(db, [place])


def _tell(db: Session, desks: Sequence[Desk]) -> None:
    """Tell the feeds of desks, and of all in a room that keeps some: which it keeps depends on which there are."""
    keeping = pools.rules_of(db, {desk.room_id for desk in desks})
    for room in {desk.room for desk in desks if desk.room_id in keeping}:
        listings.room_changed(db, room)
    if rest := [desk.id for desk in desks if desk.room_id not in keeping]:
        listings.desks_changed(db, rest)


def find_place(db: Session, id_: str) -> Place | None:
    """Return the site, room or desk with this id, or None."""
    return db.get(Site, id_) or db.get(Room, id_) or db.get(Desk, id_)


def get_place(db: Session, id_: str) -> Place:
    """Return the site, room or desk with this id; raise ``NotFound``."""
    place = find_place(db, id_)
    if place is None:
        raise NotFound("no such site, room or desk")
    return place


def desks_in(db: Session, place: Place) -> list[Desk]:
    """Return all desks of a place in the order of their ids: a desk's own is itself."""
    if isinstance(place, Desk):
        return [place]
    question = select(Desk).join(Room).order_by(Desk.id)
    inside = Room.site_id == place.id if isinstance(place, Site) else Room.id == place.id
    return list(db.scalars(question.where(inside)))


def site_of(place: Place) -> Site:
    """Return the site a place is, or stands in."""
    if isinstance(place, Desk):
        place = place.room
    return place.site if isinstance(place, Room) else place


def find_desk_by_code(db: Session, typed: str) -> Desk | None:
    """Return the desk whose printed code this is, however it was typed; None if there is none."""
    return db.scalar(select(Desk).where(Desk.code == codes.folded(typed)))


def listing_by_code(
    db: Session, home: Home, typed: str, config: Config, now: datetime
) -> tuple[SiteListing, DeskListing]:
    """Return what is published of the desk whose printed code a home's visitor typed; raise ``NotFound``.

    A code of no desk, of one that is not offered, and of one where no agreement brings this home are answered alike.
    """
    desk = find_desk_by_code(db, typed)
    if desk is None or not terms.knows(db, home, desk, now):
        raise NotFound("no desk of that code for this home")
    return listings.listing_of(db, desk.id, config)


def _facts(kind: type[Place], facts: Mapping[str, Any]) -> dict[str, Any]:
    known = set(kind.__table__.columns.keys()) - _NOT_FACTS
    for name in facts:
        if name not in known:
            raise BadInput(f"{kind.__name__} has no {name}", field=name)
    if "name" in facts and not str(facts["name"]).strip():
        raise BadInput("a name is needed", field="name")
    return dict(facts)


def _check(site: Site, config: Config) -> None:
    """Let the wire's own model look at the site, so that nothing is stored that could not be published."""
    space.check_site(site)
    try:
        listings.site_listing(site, config)
    except ValueError as error:
        raise BadInput(f"site: {error}", field=_first_field(error)) from None


def _first_field(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    return ".".join(str(step) for step in errors()[0]["loc"]) if errors else ""


def _check_room(room: Room) -> None:
    if room.privacy not in PRIVACY:
        raise BadInput(f"privacy {room.privacy}", field="privacy")
    space.check_room(room)


def _check_desk(desk: Desk) -> None:
    for feature in desk.features or ():
        if feature not in FEATURES:
            raise BadInput(f"feature {feature}", field="features")
    if (desk.pool or "guests") not in POOLS:
        raise BadInput(f"pool {desk.pool}", field="pool")


def _new_codes(db: Session, count: int) -> Sequence[str]:
    """Return so many codes that no desk has; two alike are next to impossible, and the table refuses them."""
    found: set[str] = set()
    while len(found) < count:
        more = {codes.new() for _ in range(count - len(found))}
        found |= more - set(db.scalars(select(Desk.code).where(Desk.code.in_(more))))
    return sorted(found)
