"""A visitor's own bookings at this host, as they see and change them when signed in here with their home.

A visitor reaches what their home booked under their own subject and nothing else, and never makes a booking: that is born
at home alone. What they change reaches their home by the visits feed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from federation.errors import AskAtHome, BadDeskCode, BadInput, NotFound
from federation.messages.booking import BookingChange, Place
from node.host import changes, lengths, visits
from node.host.daylist import is_of_the_day
from node.host.homes import Home
from node.host.passes import Passes
from node.host.sites import find_desk_by_code
from node.models.bookings import Booking, BookingPlace, Visitor

_SHOWN = ("held", "requested", "confirmed", "checked_in", "completed", "no_show")
_MOST = 20
"""So many places of one person's day are shown; nobody sits at more."""

Step = Literal["arrive", "leave", "extend"]


@dataclass(frozen=True)
class Seat:
    """One place of the visitor's own today, and what they may do about it now."""

    place: BookingPlace
    version: int
    state: str
    steps: frozenset[Step]
    longer: tuple[tuple[int, datetime], ...] = ()
    """By how many minutes the visit may be extended now, and until when that is; each of them would be accepted."""

    @property
    def zone(self) -> ZoneInfo:
        """The site's own zone."""
        return ZoneInfo(self.place.desk.room.site.zone)

    @property
    def opens(self) -> datetime:
        """From when one may check in."""
        return self.place.start - visits.EARLY


def today(db: Session, home: Home, sub: str, now: datetime) -> Sequence[Seat]:
    """Return a person's places of today here, in the order of their times."""
    wide = timedelta(days=2)
    question = (
        select(BookingPlace)
        .join(BookingPlace.booking)
        .join(BookingPlace.visitor)
        .options(contains_eager(BookingPlace.booking), contains_eager(BookingPlace.visitor))
        .where(Booking.home_id == home.id, Visitor.home_id == home.id, Visitor.sub == sub, Booking.state.in_(_SHOWN))
        .where(BookingPlace.start < now + wide, BookingPlace.end > now - wide)
        .order_by(BookingPlace.start, BookingPlace.id)
    )
    around = db.scalars(question).all()
    ends = lengths.ends_of(db, home, around, now)
    return [_seat(place, ends[place.id], now) for place in around if is_of_the_day(place, now)][:_MOST]


def _seat(place: BookingPlace, ends: Sequence[datetime], now: datetime) -> Seat:
    booking = place.booking
    steps: set[Step] = set()
    live = booking.frozen_at is None and place.left_at is None and booking.state in {"confirmed", "checked_in"}
    if live and now < place.end:
        steps.add("extend")
        if place.arrived_at is None and now >= place.start - visits.EARLY:
            steps.add("arrive")
    if live and place.arrived_at is not None:
        steps.add("leave")
    ends = () if booking.home_approves else ends
    longer = tuple(((end - place.end) // timedelta(minutes=1), end) for end in ends)
    return Seat(place, booking.version, booking.state, frozenset(steps), longer)


def find_place(db: Session, home: Home, sub: str, place_id: int) -> BookingPlace:
    """Return a person's own place; raise ``NotFound`` for any other, as for one that never was."""
    place = db.get(BookingPlace, place_id)
    if (
        place is None
        or place.booking.home_id != home.id
        or (place.visitor.home_id, place.visitor.sub) != (home.id, sub)
    ):
        raise NotFound("no place of this person")
    return place


def arrive(db: Session, place: BookingPlace, now: datetime, *, desk: str, typed: str) -> None:
    """Check in at the desk whose label was read (``desk``), or else by the code typed from it.

    Raises ``BadDeskCode`` for the code of another desk, a colleague's in the same booking too, and what ``visits.arrive``
    raises.
    """
    if desk != place.desk_id and getattr(find_desk_by_code(db, typed), "id", "") != place.desk_id:
        raise BadDeskCode("not the desk of this place", field="code")
    visits.arrive(db, place, now)


def leave(db: Session, place: BookingPlace, now: datetime) -> None:
    """Check out; raises what ``visits.leave`` raises."""
    visits.leave(db, place, now)


def extend(
    db: Session, passes: Passes, home: Home, place: BookingPlace, minutes: int, *, version: int, now: datetime
) -> None:
    """Stay ``minutes`` longer, as was offered, by the same judging as when home asks.

    Raises what that raises, and ``AskAtHome`` where home wants stays approved.
    """
    if place.booking.home_approves:
        raise AskAtHome("the home approves stays")
    ends = lengths.ends_of(db, home, [place], now)[place.id]
    if minutes not in lengths.LONGER and place.end + timedelta(minutes=minutes) not in ends:
        raise BadInput(f"{minutes} minutes", field="minutes")
    longer = Place(
        desk=place.desk_id, start=place.start, end=place.end + timedelta(minutes=minutes), sub=place.visitor.sub
    )
    wanted = BookingChange(command=str(uuid.uuid4()), action="extend", places=(longer,))
    changes.change(db, passes, home, place.booking_id, wanted, version=version, now=now)
