"""Which places and walk-ins belong on a day's list: those that touch the local day of their site."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from node.host.opening import moment
from node.models.bookings import Booking, BookingPlace, Claim
from node.models.sites import Desk, Room, Site
from node.models.visits import WalkIn

EXPECTED = ("confirmed", "checked_in", "completed", "no_show")
"""The states of a booking whose visitors are on the list."""


def places(db: Session, now: datetime, site_id: str | None = None) -> Sequence[BookingPlace]:
    """Return the places of the day of one site, or of all, in the order of their times, with their bookings and desks.

    Of a site no more than its name and zone is loaded: its guide is many columns, and a list has many rows.
    """
    here = [] if site_id is None else [Site.id == site_id]
    return db.scalars(seats().where(Booking.state.in_(EXPECTED), *_on_the_day(db, now), *here)).all()


def walk_ins(db: Session, now: datetime, site_id: str | None = None) -> Sequence[tuple[WalkIn, datetime]]:
    """Return the walk-ins whom no booking has taken over, each with the end of what they were given."""
    recent = (WalkIn.booking_id.is_(None), WalkIn.arrived_at > now - timedelta(days=2))
    found = [(row[0], row[1]) for row in db.execute(strangers().where(*recent))]
    return [
        (one, end)
        for one, end in found
        if _touches(one.desk, one.arrived_at, end, now) and site_id in {None, one.desk.room.site_id}
    ]


def seats() -> Select[BookingPlace]:
    """Ask for places with their bookings and where they are, in the order of their times."""
    desk = contains_eager(BookingPlace.desk)
    return (
        select(BookingPlace)
        .join(BookingPlace.booking)
        .join(BookingPlace.desk)
        .join(Desk.room)
        .join(Room.site)
        .options(
            contains_eager(BookingPlace.booking),
            desk.load_only(Desk.name, Desk.room_id),
            desk.contains_eager(Desk.room).load_only(Room.name, Room.site_id),
            desk.contains_eager(Desk.room).contains_eager(Room.site).load_only(Site.name, Site.zone),
        )
        .order_by(BookingPlace.start, BookingPlace.id)
    )


def strangers() -> Select[WalkIn, datetime]:
    """Ask for walk-ins with where they are and the end of what they were given, in the order they came.

    Who was found in a roll call was given no desk: that ends when it began.
    """
    given = select(func.max(Claim.end)).where(Claim.walk_in_id == WalkIn.id).scalar_subquery()
    end = func.coalesce(given, WalkIn.arrived_at)
    where = joinedload(WalkIn.desk).joinedload(Desk.room).joinedload(Room.site)
    return select(WalkIn, end).options(where).order_by(WalkIn.arrived_at, WalkIn.id)


def is_of_the_day(place: BookingPlace, now: datetime) -> bool:
    """Say whether a place touches the local day of its site."""
    return _touches(place.desk, place.start, place.end, now)


def _on_the_day(db: Session, now: datetime) -> Iterable[ColumnElement[bool]]:
    """Ask for places that touch today by the clock of their site; the widest of these days is there for the index."""
    days = {zone: _day(zone, now) for zone in db.scalars(select(Site.zone).distinct())}
    if not days:
        return (false(),)
    touching = [
        and_(Site.zone == zone, BookingPlace.start < after, BookingPlace.end > first)
        for zone, (first, after) in days.items()
    ]
    first, after = min(first for first, _ in days.values()), max(after for _, after in days.values())
    return (BookingPlace.start < after, BookingPlace.end > first, or_(*touching))


def _touches(desk: Desk, start: datetime, end: datetime, now: datetime) -> bool:
    first, after = _day(desk.room.site.zone, now)
    return start < after and end > first


def _day(zone: str, now: datetime) -> tuple[datetime, datetime]:
    """Return when the local day begins and when the next one does."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    return moment(today, 0, local), moment(today, 1440, local)
