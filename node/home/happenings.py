"""What has happened to the trips of our own people, for the town's own programs: where and when, never whose."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.members import Member
from federation.messages.booking import OCCUPYING
from federation.messages.listing import DeskListing, SiteListing
from node.models.trips import Trip
from node.webhooks import kinds
from node.webhooks.promising import Happening, Party, Spot, promise, wanted

Before = tuple[str, str, datetime, datetime]
"""A trip's state, desk, start and end before its host spoke."""

_BY_HOST = frozenset({"confirmed", "refused", "cancelled", "lapsed", "no_show"})


def before(trip: Trip) -> Before:
    """Return what is compared when the host has spoken."""
    return trip.state, trip.desk_id, trip.start, trip.end


def of_word(db: Session, trip: Trip, was: Before, *, unasked: bool, now: datetime) -> None:
    """Promise to tell what the host's word on a trip means; nothing where it is nothing new, or the person's own doing."""
    state = was[0]
    if state == "asking" or (state == "held" and trip.hold):
        # What is held for somebody of the queue is an offer, and booked once they have taken it.
        if trip.state in OCCUPYING and not (trip.hold and trip.state == "held"):
            _tell(db, trip, kinds.TRIP_BOOKED, now)
    elif unasked and state in OCCUPYING and _changed(trip, was):
        _tell(db, trip, kinds.TRIP_CHANGED, now)


def of_cancellation(db: Session, trip: Trip, *, now: datetime) -> None:
    """Promise to tell that a booking was taken back; nothing of one that its host never made, or only held for them."""
    only_held = trip.hold and trip.hold_until is not None
    if trip.version and not only_held:
        _tell(db, trip, kinds.TRIP_CANCELLED, now)


def of_offer(db: Session, trip: Trip, *, now: datetime) -> None:
    """Promise to tell that a desk is held for somebody who waited for it."""
    _tell(db, trip, kinds.TRIP_OFFERED, now)


def _changed(trip: Trip, was: Before) -> bool:
    decided = trip.state != was[0] and trip.state in _BY_HOST
    return decided or (trip.desk_id, trip.start, trip.end) != was[1:]


def _tell(db: Session, trip: Trip, kind: str, now: datetime) -> None:
    if not wanted(db, kind):
        return
    site, desk = SiteListing.read(trip.site_listing), DeskListing.read(trip.desk_listing)
    spot = Spot(site.name, desk.room_name, desk.name, trip.desk_id, trip.start, trip.end, site.zone)
    promise(db, Happening(kind, trip.id, trip.state, [spot], _host(db, trip), None, trip.cause), now=now)


def _host(db: Session, trip: Trip) -> Party | None:
    """Return the host; our own town has no row among the members that we know."""
    code = db.scalar(select(Member.code).where(Member.entity_id == trip.host))
    return Party(code, trip.host_name) if code is not None else None
