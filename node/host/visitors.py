"""Other towns' people as this host may know them: a subject to lock by, and a name for the reception of the day."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from federation.errors import PersonElsewhere
from federation.messages import booking as wire
from federation.storage import insert
from node.host.homes import Home
from node.host.terms import Asked
from node.models.bookings import Booking, BookingPlace, Claim, ManifestName, Visitor
from node.models.sites import Desk, Room, Site

NAMES_KEPT = timedelta(days=7)
"""How long after the visit a name stays, for lost property and incidents; then it is deleted."""


_ELSEWHERE = (
    select(Site.name)
    .select_from(BookingPlace)
    .join(Claim, Claim.place_id == BookingPlace.id)
    .join(Visitor, Visitor.id == BookingPlace.visitor_id)
    .join(Desk, Desk.id == BookingPlace.desk_id)
    .join(Room, Room.id == Desk.room_id)
    .join(Site, Site.id == Room.site_id)
    .where(Visitor.home_id == bindparam("home"), Visitor.sub == bindparam("sub"))
    .where(BookingPlace.booking_id != bindparam("besides"))
    .where(Claim.live, Claim.start < bindparam("end"), Claim.end > bindparam("start"))
    .limit(1)
)
"""Where somebody sits at that time, by the site's name."""


def lock_visitors(db: Session, home: Home, subs: Collection[str]) -> dict[str, Visitor]:
    """Return the visitors by subject, made where they are new, and locked in the order of their subjects."""
    locked: dict[str, Visitor] = {}
    for sub in sorted(subs):
        new = insert(db, Visitor).values(home_id=home.id, sub=sub, lock_version=0)
        again = {"lock_version": Visitor.lock_version + 1}
        row = new.on_conflict_do_update(index_elements=["home_id", "sub"], set_=again).returning(Visitor)
        locked[sub] = db.scalars(row, execution_options={"populate_existing": True}).one()
    return locked


def refuse_elsewhere(db: Session, asked: Asked) -> None:
    """Raise ``PersonElsewhere`` if somebody asked for sits at another desk of this host at that time."""
    for number, place in enumerate(asked.places):
        whose = {"home": asked.home.id, "sub": place.sub, "besides": asked.besides}
        where = db.scalar(_ELSEWHERE, {**whose, "start": place.start, "end": place.end})
        if where is not None:
            raise PersonElsewhere("another place of the same person", field=f"places.{number}", facts={"where": where})


def remember_names(
    db: Session, booking: Booking, named: Collection[wire.Visitor], visitors: Mapping[str, Visitor]
) -> None:
    """Keep the names of those who have a place in the booking, until ``NAMES_KEPT`` after its end."""
    purge_after = max(place.end for place in booking.places) + NAMES_KEPT
    names = {visitors[one.sub].id: one for one in named if one.sub in visitors}
    for visitor_id, one in names.items():
        db.add(
            ManifestName(
                booking_id=booking.id,
                visitor_id=visitor_id,
                name=one.name,
                section=one.section,
                purge_after=purge_after,
            )
        )


def keep_names(db: Session, booking: Booking) -> None:
    """Keep a booking's names until ``NAMES_KEPT`` after its end as it is now: it may have been moved to another month."""
    purge_after = max(place.end for place in booking.places) + NAMES_KEPT
    db.execute(update(ManifestName).where(ManifestName.booking_id == booking.id).values(purge_after=purge_after))


def remember_cards(booking: Booking, told: Collection[wire.Visitor]) -> None:
    """Keep with each place, where no name is told, by what its visitor's card is known."""
    given = {one.sub: one.card or "" for one in told}
    for place in booking.places:
        place.card = given.get(place.visitor.sub, "")


def purge_names(db: Session, now: datetime, held: Collection[str] = ()) -> int:
    """Delete the names whose time is over, but of the bookings ``held``; return how many there were. A job.

    What stood in their place where none were told goes with them.
    """
    nameless = update(BookingPlace).where(BookingPlace.card != "", BookingPlace.booking_id.not_in(held))
    db.execute(nameless.where(BookingPlace.end <= now - NAMES_KEPT).values(card=""))
    gone = db.execute(delete(ManifestName).where(ManifestName.purge_after <= now, ManifestName.booking_id.not_in(held)))
    return gone.rowcount  # type: ignore[attr-defined, no-any-return]  # A DELETE's result has it.
