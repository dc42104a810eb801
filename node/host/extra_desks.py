"""The desks that a 災害時臨時開放 adds: given to guests for its time, and put back to what they were.

What somebody else has changed meanwhile is left as they wanted it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from node.host import sites
from node.host.sites import Place
from node.host.wholes import WHOLE
from node.models.emergencies import Emergency, EmergencyPlace
from node.models.sites import Desk, Room, Site

MOST_TEMPORARY = 50
"""Desks put up for the time in one room."""
PREFIX = "臨時-"


@dataclass(frozen=True)
class Extra:
    """Desks of the site that become bookable by guests, and so many put up in one room."""

    desk_ids: Collection[str] = ()
    room_id: str = ""
    temporary: int = 0


NOTHING = Extra()


def choices(db: Session, site: Site) -> Sequence[Desk]:
    """Return the desks of a site that guests cannot book as it is: withdrawn, or kept for others."""
    return [
        desk
        for desk in sites.desks_in(db, site)
        if desk.kind != WHOLE and (desk.pool != "guests" or not desk.published)
    ]


def give(db: Session, emergency: Emergency, extra: Extra) -> None:
    """Offer the desks to guests, with the rooms and the site around them; raises ``BadInput`` for desks of elsewhere."""
    site = db.get_one(Site, emergency.site_id)
    wanted = [desk for desk in sites.desks_in(db, site) if desk.id in set(extra.desk_ids)]
    if len(wanted) != len(set(extra.desk_ids)):
        raise BadInput("a desk of another site", field="desks")
    added = _put_up(db, site, extra)
    around: dict[str, Place] = {site.id: site}
    around |= {desk.room.id: desk.room for desk in (*wanted, *added)}
    for place in (*around.values(), *wanted, *added):
        _open(db, emergency, place)


def _put_up(db: Session, site: Site, extra: Extra) -> list[Desk]:
    """Add desks to a room, named on from those that were put up before."""
    if not extra.temporary:
        return []
    room = db.get(Room, extra.room_id)
    if room is None or room.site_id != site.id:
        raise BadInput("a room of another site", field="room")
    if not 0 < extra.temporary <= MOST_TEMPORARY:
        raise BadInput(f"at most {MOST_TEMPORARY} desks", field="temporary")
    taken = {desk.name for desk in room.desks}
    free = (name for number in range(1, 10_000) if (name := f"{PREFIX}{number:02}") not in taken)
    return [sites.add_desk(db, room, {"name": next(free)}) for _ in range(extra.temporary)]


def _open(db: Session, emergency: Emergency, place: Place) -> None:
    pool = place.pool if isinstance(place, Desk) else None
    if place.published and pool in {None, "guests"}:
        return
    db.add(
        EmergencyPlace(emergency_id=emergency.id, place_id=place.id, was_published=bool(place.published), was_pool=pool)
    )
    if isinstance(place, Desk):
        place.pool = "guests"
    sites.publish(db, place)


def take_back(db: Session, emergency: Emergency) -> None:
    """Let everything be what it was, unless somebody has changed it meanwhile. What is booked there stays booked."""
    for row in db.scalars(select(EmergencyPlace).where(EmergencyPlace.emergency_id == emergency.id)):
        place = sites.find_place(db, row.place_id)
        if place is None or not place.published or (isinstance(place, Desk) and place.pool != "guests"):
            continue
        if isinstance(place, Desk) and row.was_pool is not None:
            place.pool = row.was_pool
        place.published = row.was_published
        db.flush()
        sites.changed(db, place)
