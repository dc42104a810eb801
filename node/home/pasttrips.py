"""What a person's trips tell: where they usually sit, and which towns have learned of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.messages.listing import DeskListing, SiteListing
from node.home import persontime, trips
from node.home.wishes import When, around
from node.models.trips import Trip

_A_WEEK = timedelta(days=7)
MOST = 3
"""So many usual seats are offered."""
_KEPT = ("confirmed", "checked_in", "completed")


@dataclass(frozen=True)
class Usual:
    """A seat this person took lately, in which trip, and the same weekday and time in the coming week."""

    trip_id: str
    site: SiteListing
    desk: DeskListing
    when: When


@dataclass(frozen=True)
class Learned:
    """A host that has been told of a person: how often, and when last."""

    host: str
    host_name: str
    trips: int
    last: datetime


def usual_seats(db: Session, staff_id: int, *, now: datetime, limit: int = MOST) -> Sequence[Usual]:
    """Return the seats of the last seven days, moved on by weeks until they lie ahead, where the person is still free."""
    mine = (Trip.staff_id == staff_id, Trip.state.in_(_KEPT), Trip.start > now - _A_WEEK, Trip.start < now + _A_WEEK)
    found = []
    for trip in db.scalars(select(Trip).where(*mine).order_by(Trip.start)):
        start, end = trip.start + _A_WEEK, trip.end + _A_WEEK
        while start <= now:
            start, end = start + _A_WEEK, end + _A_WEEK
        if persontime.find_elsewhere(db, staff_id, start, end) is None:
            found.append(Usual(trip.id, trips.site_of(trip), trips.desk_of(trip), around(start, end)))
    return found[:limit]


def learned(db: Session, staff_id: int) -> Sequence[Learned]:
    """Return the towns that have learned of a person through their trips, the latest first."""
    last = func.max(Trip.asked_at)
    columns = select(Trip.host, func.max(Trip.host_name), func.count(), last)
    rows = db.execute(columns.where(Trip.staff_id == staff_id).group_by(Trip.host).order_by(last.desc()))
    return [Learned(*row) for row in rows]
