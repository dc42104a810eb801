"""The person's own time: nobody is in two places at once, whichever towns these are in."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation.errors import PersonElsewhere
from federation.language import period
from federation.messages.listing import SiteListing
from node.home.wishes import JAPAN
from node.models.trips import PersonTime, Trip
from node.people import staff as directory


def refuse_elsewhere(db: Session, staff_id: int, start: datetime, end: datetime, *, besides: str = "") -> None:
    """Raise ``PersonElsewhere``, naming the place, if the person holds another one during [start, end)."""
    other = find_elsewhere(db, staff_id, start, end, besides=besides)
    if other is not None:
        when = period(other.start, other.end, JAPAN, "ja")
        raise PersonElsewhere(facts={"where": f"{SiteListing.read(other.site_listing).name} {when}"})


def find_elsewhere(db: Session, staff_id: int, start: datetime, end: datetime, *, besides: str = "") -> Trip | None:
    """Return the first trip but ``besides`` that takes any of the person's time within [start, end), or None."""
    overlapping = (
        PersonTime.staff_id == staff_id,
        PersonTime.trip_id != besides,
        PersonTime.live.is_(True),
        PersonTime.start < end,
        PersonTime.end > start,
    )
    taken = select(Trip).join(PersonTime, PersonTime.trip_id == Trip.id).where(*overlapping).order_by(PersonTime.start)
    return db.scalar(taken.limit(1))


def claim_longer(db: Session, trip: Trip, end: datetime) -> None:
    """Claim the person's time up to ``end`` before the host is asked to extend; raise ``PersonElsewhere``."""
    directory.lock(db, trip.staff_id)
    refuse_elsewhere(db, trip.staff_id, trip.start, end, besides=trip.id)
    db.execute(update(PersonTime).where(PersonTime.trip_id == trip.id).values(end=end))


def claim_also(db: Session, trip: Trip, start: datetime, end: datetime) -> None:
    """Claim the person's time in [start, end) beside the trip's own, before its host is asked to move it there.

    Whichever of the two comes of it, nobody else takes it meanwhile. Raises ``PersonElsewhere``.
    """
    directory.lock(db, trip.staff_id)
    refuse_elsewhere(db, trip.staff_id, start, end, besides=trip.id)
    if start <= trip.end and trip.start <= end:
        both = {"start": min(start, trip.start), "end": max(end, trip.end)}
        db.execute(update(PersonTime).where(PersonTime.trip_id == trip.id).values(**both))
    else:
        db.add(PersonTime(staff_id=trip.staff_id, trip_id=trip.id, start=start, end=end))
        db.flush()


def claim_as_it_is(db: Session, trip: Trip) -> None:
    """Make the person's time what the trip's state says. A state that nobody knows holds the time: ask the host."""
    live = trip.state not in {"refused", "cancelled", "lapsed", "completed", "no_show"}
    if live and find_elsewhere(db, trip.staff_id, trip.start, trip.end, besides=trip.id) is not None:
        # The host moved the trip into time that is taken: both stand, and the older claim is left as it is.
        return
    first = select(func.min(PersonTime.id)).where(PersonTime.trip_id == trip.id).scalar_subquery()
    db.execute(delete(PersonTime).where(PersonTime.trip_id == trip.id, PersonTime.id != first))
    mine = update(PersonTime).where(PersonTime.trip_id == trip.id)
    db.execute(mine.values(start=trip.start, end=trip.end, live=live))
