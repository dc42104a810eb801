"""掲載 and 掲載をやめる as people press them, so that the last of it can be taken back: one step, by whoever did it.

Nothing is taken back after somebody else has changed it. What is booked is looked at before a place is withdrawn.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from federation import audit
from federation.errors import Conflict, NotFound
from federation.messages.booking import OCCUPYING
from node.host import sites
from node.host.sites import Place
from node.models.bookings import Booking, BookingPlace
from node.models.publications import PublicationChange
from node.models.sites import Desk, Room, Site

UNDONE_WITHIN = timedelta(days=1)
KEPT = timedelta(days=30)


def publish(db: Session, place: Place, *, everything: bool, by: str, now: datetime) -> PublicationChange:
    """Offer a place, and with ``everything`` all that is in it."""
    return _switch(db, place, with_all_inside(db, place) if everything else [place], to=True, by=by, now=now)


def withdraw(db: Session, place: Place, *, by: str, now: datetime) -> PublicationChange:
    """Offer a place no longer; what is booked there stays booked."""
    return _switch(db, place, [place], to=False, by=by, now=now)


def undo(db: Session, change_id: int, *, by: str, now: datetime) -> Place:
    """Take one change back and return its place; raises ``NotFound``, or ``Conflict`` where it can no longer be."""
    change = db.get(PublicationChange, change_id, with_for_update=True)
    if change is None or change.changed_by != by:
        raise NotFound("no such change")
    if not may_undo(db, change, now):
        raise Conflict("it was changed again meanwhile")
    change.undone_at = now
    for place in _places(db, change):
        sites.lock(db, place)
        (sites.withdraw if change.published else sites.publish)(db, place)
    where = sites.get_place(db, change.place_id)
    _record(db, "publication-undone", where, by, now)
    return where


def last_of(db: Session, by: str, now: datetime, place: Place | None = None) -> PublicationChange | None:
    """Return the last change of a person, at ``place`` or anywhere, if it can still be taken back."""
    mine = select(PublicationChange).where(
        PublicationChange.changed_by == by, PublicationChange.changed_at > now - UNDONE_WITHIN
    )
    if place is not None:
        mine = mine.where(PublicationChange.place_id == place.id)
    found = db.scalar(mine.order_by(PublicationChange.id.desc()).limit(1))
    return found if found is not None and may_undo(db, found, now) else None


def may_undo(db: Session, change: PublicationChange, now: datetime) -> bool:
    """Say whether everything is still as the change left it, and nobody has changed any of it since."""
    if change.undone_at is not None or now - change.changed_at > UNDONE_WITHIN:
        return False
    later = select(PublicationChange).where(PublicationChange.id > change.id)
    touched = {id_ for row in db.scalars(later) for id_ in row.changed}
    places = _places(db, change)
    as_left = bool(places) and all(place.published == change.published for place in places)
    return as_left and touched.isdisjoint(change.changed)


def booked_in(db: Session, place: Place, now: datetime, *, most: int = 200) -> Sequence[BookingPlace]:
    """Return what is booked at a place from now on, the soonest first."""
    desks = [desk.id for desk in sites.desks_in(db, place)]
    coming = select(BookingPlace).join(Booking).where(BookingPlace.desk_id.in_(desks), BookingPlace.end > now)
    coming = (
        coming.where(Booking.state.in_(OCCUPYING))
        .options(joinedload(BookingPlace.booking))
        .order_by(BookingPlace.start, BookingPlace.id)
    )
    return db.scalars(coming.limit(most)).all()


def forget(db: Session, now: datetime) -> None:
    """Drop what can long not be taken back any more."""
    for old in db.scalars(select(PublicationChange).where(PublicationChange.changed_at < now - KEPT)):
        db.delete(old)


def with_all_inside(db: Session, place: Place) -> list[Place]:
    """Return a place with all rooms and desks in it."""
    rooms: list[Room] = list(place.rooms) if isinstance(place, Site) else []
    inside = sites.desks_in(db, place) if not isinstance(place, Desk) else []
    return [place, *rooms, *inside]


def _switch(
    db: Session, place: Place, places: Sequence[Place], *, to: bool, by: str, now: datetime
) -> PublicationChange:
    changed = [one for one in places if one.published != to]
    for one in changed:
        (sites.publish if to else sites.withdraw)(db, one)
    change = PublicationChange(
        place_id=place.id, published=to, changed=[one.id for one in changed], changed_by=by, changed_at=now
    )
    db.add(change)
    db.flush()
    _record(db, "published" if to else "withdrawn", place, by, now)
    return change


def _places(db: Session, change: PublicationChange) -> list[Place]:
    sites_ = db.scalars(select(Site).where(Site.id.in_(change.changed)).order_by(Site.id)).all()
    rooms = db.scalars(select(Room).where(Room.id.in_(change.changed)).order_by(Room.id)).all()
    return [*sites_, *rooms, *db.scalars(select(Desk).where(Desk.id.in_(change.changed)).order_by(Desk.id))]


def _record(db: Session, event: str, place: Place, by: str, now: datetime) -> None:
    subject = f"{type(place).__name__.lower()} {place.id}"
    audit.record(db, event=event, actor=by, subject=subject, verdict="allowed", reason=place.name, now=now)
