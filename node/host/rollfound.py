"""Whom a warden finds and the list does not have: booked and never checked in, or unknown to reception altogether.

Both come onto the list and are accounted for in one go. What would be refused at the door is not refused here: the person
stands in the building.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from federation import municipality
from federation.errors import BadInput
from node.host import rollcall, visits
from node.host.visitors import NAMES_KEPT
from node.models.bookings import BookingPlace
from node.models.rollcalls import RollCall
from node.models.sites import Desk, Room, Site
from node.models.visits import WalkIn


def desks(db: Session, site_id: str = "") -> Sequence[Desk]:
    """Return the desks near which somebody may be found, of a site or of all, with their rooms and sites."""
    offered = select(Desk).join(Desk.room).join(Room.site).where(Desk.published, Room.published, Site.published)
    offered = offered.options(contains_eager(Desk.room).contains_eager(Room.site))
    ordered = offered.order_by(Site.name, Site.id, Room.name, Room.id, Desk.name, Desk.id)
    return db.scalars(ordered.where(Site.id == site_id) if site_id else ordered).all()


def checked_in(db: Session, call: RollCall, place: BookingPlace, *, by: str, now: datetime) -> None:
    """Record the 入室 of somebody who was expected, and that they have been seen.

    Raises what ``visits.arrive`` raises, ``NotFound`` for a place of another building, and ``RollCallOver``.
    """
    visits.arrive(db, place, now)
    db.flush()
    rollcall.account_for(db, call, str(place.id), "seen", last=0, by=by, now=now)


def written_down(
    db: Session, call: RollCall, desk: Desk, *, home_code: str, name: str, section: str = "", by: str, now: datetime
) -> WalkIn:
    """Write down somebody whom nobody expected, near the desk where they were found, and that they have been seen.

    The desk is taken from nobody. Raises ``BadInput`` with the field, ``BadMunicipalityCode``, ``NotFound`` for a desk of
    another building, and ``RollCallOver``.
    """
    municipality.parse(home_code)
    if not name.strip():
        raise BadInput("a name is needed", field="name")
    found = WalkIn(id=str(uuid.uuid4()), home_code=home_code, name=name, section=section, desk_id=desk.id)
    found.arrived_at, found.purge_after = now, now + NAMES_KEPT
    db.add(found)
    db.flush()
    rollcall.account_for(db, call, found.id, "seen", last=0, by=by, now=now)
    return found
