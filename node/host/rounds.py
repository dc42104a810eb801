"""What a host does by itself, from time to time: holds lapse, visits close, the horizon rolls on, names are deleted.

Each takes the locks it needs and may run twice at once without harm.
"""

import zlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.feed import FeedEntry
from node.host import claims, door, holding, listings, pools, visitors, visits
from node.models.bookings import Booking, BookingPlace
from node.models.pools import PoolRule
from node.models.sites import Desk, Room, Site
from node.models.visits import WalkIn

_OLD = timedelta(hours=18)
_JITTER = timedelta(hours=5)


def lapse_holds(db: Session, now: datetime) -> int:
    """Let go of holds and requests whose time is over; return how many there were."""
    expired = select(Booking.id).where(Booking.state.in_(("held", "requested")), Booking.hold_until <= now)
    _lock(db, db.scalars(expired).all())
    return holding.lapse_expired(db, now)


def close_visits(db: Session, now: datetime) -> int:
    """Let visits whose time is over be completed, or no_show where nobody came; return how many changed."""
    over = select(BookingPlace.booking_id).join(Booking)
    over = over.where(Booking.state.in_(("confirmed", "checked_in")), BookingPlace.end <= now)
    _lock(db, db.scalars(over).all())
    return visits.close_ended(db, now)


def roll_horizon(db: Session, now: datetime, *, limit: int = 200) -> int:
    """Note the free times of desks whose last word is about a day old, ``limit`` at most; return how many there were.

    Each desk has an age of its own at which it is due, so that a town's desks do not all move in one minute. Call it
    again while it returns ``limit``.
    """
    offered = select(Desk.id).join(Room).join(Site).where(Desk.published, Room.published, Site.published)
    words = select(FeedEntry.id, FeedEntry.data).where(FeedEntry.feed == listings.OFFERS, FeedEntry.kind == "free")
    said: dict[str, Any] = {row.id: row.data for row in db.execute(words)}
    due = [id_ for id_ in db.scalars(offered.order_by(Desk.id)) if _is_due(id_, said.get(id_), now)][:limit]
    listings.free_changed(db, *due)
    return len(due)


def release_pools(db: Session, now: datetime) -> int:
    """Note the free times of desks that were kept and are anybody's since their last word; return how many there were."""
    rooms = select(PoolRule.room_id).where(PoolRule.release_hours.is_not(None))
    desks = db.scalars(select(Desk).where(Desk.room_id.in_(rooms), Desk.published)).all()
    if not desks:
        return 0
    standing = pools.standings(db, desks)
    words = select(FeedEntry.id, FeedEntry.data).where(FeedEntry.feed == listings.OFFERS, FeedEntry.kind == "free")
    said = db.execute(words.where(FeedEntry.id.in_(tuple(standing))))
    due = [row.id for row in said if (as_of := _as_of(row.data)) and pools.releases(standing[row.id], as_of, now)]
    listings.free_changed(db, *due)
    return len(due)


def _as_of(said: object) -> datetime | None:
    as_of = said.get("as_of") if isinstance(said, dict) else None
    return datetime.fromisoformat(as_of) if isinstance(as_of, str) else None


def _is_due(desk_id: str, said: object, now: datetime) -> bool:
    as_of = _as_of(said)
    if as_of is None:
        return False
    share = zlib.crc32(desk_id.encode()) / 0xFFFFFFFF
    return as_of <= now - _OLD - _JITTER * share


def purge_names(db: Session, now: datetime, held: Collection[str] = ()) -> int:
    """Delete the names whose time is over, of visitors and of walk-ins, and what the door noted; return how many there were.

    What is kept of the bookings ``held`` stays.
    """
    over = update(WalkIn).where(WalkIn.purge_after <= now, WalkIn.name != "")
    walked_in = db.scalars(over.values(name="", section="").returning(WalkIn.id)).all()
    return visitors.purge_names(db, now, held) + len(walked_in) + door.purge(db, now, held)


def _lock(db: Session, booking_ids: Iterable[str]) -> None:
    """Lock the desks of these bookings, and forget what was read before the locks were there."""
    desks = select(BookingPlace.desk_id).where(BookingPlace.booking_id.in_(tuple(booking_ids)))
    claims.lock_desks(db, db.scalars(desks).all())
    db.expire_all()
