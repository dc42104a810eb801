"""入室 and 退室: who came, who left, and what a booking becomes by that."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadDeskCode, Conflict, DeskTaken, MemberSuspended, NotFound, NotNow
from federation.messages.booking import State
from node.host import claims, codes, holding, untold, wholes
from node.host.answers import touched
from node.host.sites import find_desk_by_code
from node.models.bookings import Booking, BookingPlace

EARLY = timedelta(minutes=30)
"""So long before the start one may check in."""
_ADMITTED = ("confirmed", "checked_in")
_RECORDED_LATER = ("confirmed", "checked_in", "completed", "no_show")


def arrive(db: Session, place: BookingPlace, now: datetime, *, at: datetime | None = None) -> None:
    """Record that the visitor is there; doing it again changes nothing.

    ``at`` is the true time where reception types it in afterwards. Raises ``NotNow`` outside of the window from 30 minutes
    before the start to the end, ``Conflict`` for a booking that does not admit anybody.
    """
    moment = now if at is None else at
    lock(db, place)
    _needs(place.booking, _ADMITTED if at is None and place.released_at is None else _RECORDED_LATER)
    if place.booking.frozen_at is not None:
        raise MemberSuspended("the home is suspended")
    if moment > now or not place.start - EARLY <= moment < place.end:
        raise NotNow("outside of the window", facts={"window": _window(place)})
    if place.left_at is not None:
        raise Conflict("the visitor has left already")
    if place.arrived_at is None:
        _take_again(db, place, moment)
        place.arrived_at = moment
        _settle(db, place.booking, now)


def _take_again(db: Session, place: BookingPlace, moment: datetime) -> None:
    """Give a desk that was offered to others back to its late visitor; raise ``DeskTaken`` where somebody has it now.

    Who had come before it was offered, and is typed in afterwards, was there whoever sits there since.
    """
    if place.released_at is None:
        return
    free = claims.take_again(db, place, max(moment, place.released_at))
    if not free and moment >= place.released_at:
        raise DeskTaken("offered to others, and taken")
    place.released_at, place.booking.cause = (None, "") if free else (place.released_at, place.booking.cause)
    untold.note(db, [place.desk_id])


def leave(db: Session, place: BookingPlace, now: datetime, *, at: datetime | None = None) -> None:
    """Record that the visitor has gone and free the desk for the rest; doing it again changes nothing.

    ``at`` is the true time where it is typed in afterwards. Raises ``NotNow`` for a visitor who never came.
    """
    moment = now if at is None else at
    lock(db, place)
    if place.arrived_at is None or not place.arrived_at <= moment <= now:
        raise NotNow("never came, or left before coming", facts={"window": _window(place)})
    if place.left_at is None:
        place.left_at = moment
        claims.shorten(db, place, moment)
        untold.note(db, [place.desk_id])
        _settle(db, place.booking, now)


def lock(db: Session, place: BookingPlace) -> None:
    """Take the booking's desks, so that reception and home do not both count from one version, and read it anew."""
    db.flush()
    claims.lock_desks(db, [one.desk_id for one in place.booking.places])
    db.refresh(place.booking)
    db.refresh(place)


def _settle(db: Session, booking: Booking, now: datetime) -> None:
    booking.state = state_of(booking, now)
    touched(db, booking, now)


def state_of(booking: Booking, now: datetime) -> State:
    """Return the state of a booking that was confirmed, as its places tell it at ``now``."""
    places = booking.places
    if all(_is_over(place, now) for place in places):
        return "completed" if any(place.arrived_at is not None for place in places) else "no_show"
    present = any(_is_present(place, now) for place in places)
    return "checked_in" if present else "confirmed"


def _is_over(place: BookingPlace, now: datetime) -> bool:
    given_away = place.released_at is not None and place.arrived_at is None
    return place.left_at is not None or place.end <= now or given_away


def _is_present(place: BookingPlace, now: datetime) -> bool:
    return place.arrived_at is not None and place.left_at is None and now < place.end


def close_ended(db: Session, now: datetime) -> int:
    """Let visits that are over be completed or no_show; a job. Returns how many changed.

    A visitor who did not check out stays without a time of leaving: reception still sees whom nobody saw go.
    """
    open_ones = select(Booking).where(Booking.state.in_(_ADMITTED), Booking.places.any(BookingPlace.end <= now))
    changed = 0
    for booking in db.scalars(open_ones.order_by(Booking.id)).all():
        state = state_of(booking, now)
        if booking.frozen_at is not None and state == "no_show":
            # Nobody failed to come: the door was shut to them.
            holding.end(db, booking, "cancelled", "home-suspended", now)
        elif booking.state != state:
            _settle(db, booking, now)
        else:
            continue
        changed += 1
    return changed


def place_at(db: Session, booking: Booking, typed: str, now: datetime) -> BookingPlace:
    """Return the booking's place at the desk whose code was typed: the one on now, else the next.

    Raises ``BadDeskCode`` where the code is not that of a desk of this booking.
    """
    desk = find_desk_by_code(db, typed)
    here = [place for place in booking.places if desk is not None and desk.id in wholes.all_of(db, [place.desk_id])]
    if not here:
        raise BadDeskCode("not a desk of this booking", field="desk_code")
    return min(here, key=lambda place: (place.end <= now, place.start))


def place_left(db: Session, booking: Booking, typed: str) -> BookingPlace:
    """Return the place somebody leaves: the desk whose code was typed, or the only one where somebody is."""
    here = [place for place in booking.places if place.arrived_at is not None and place.left_at is None]
    if codes.folded(typed):
        desk = find_desk_by_code(db, typed)
        here = [place for place in here if desk is not None and desk.id in wholes.all_of(db, [place.desk_id])]
    if len(here) != 1:
        raise BadDeskCode("nobody there, or several", field="desk_code")
    return here[0]


def get_place(db: Session, place_id: int) -> BookingPlace:
    """Return a place of a booking; raise ``NotFound``."""
    place = db.get(BookingPlace, place_id)
    if place is None:
        raise NotFound("no such place")
    return place


def _needs(booking: Booking, states: Sequence[str]) -> None:
    if booking.state not in states:
        raise Conflict(f"the booking is {booking.state}")


def _window(place: BookingPlace) -> str:
    """Return the times between which one may check in, as the site's clock shows them."""
    zone = ZoneInfo(place.desk.room.site.zone)
    return "–".join(moment.astimezone(zone).strftime("%H:%M") for moment in (place.start - EARLY, place.end))
