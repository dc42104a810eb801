"""What home may command of a booking that stands: confirm, move, extend, arrive, leave. Each command is done once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from federation.errors import BadInput, BookingLapsed, Conflict, PreconditionFailed
from federation.messages import booking as wire
from federation.messages.booking import MOVED, BookingChange, Place
from node.host import claims, noshows, visits
from node.host.answers import answer, get_booking, touched
from node.host.bookings import hold_until, new_place, places_of, standing
from node.host.holding import hold, lapse_expired, release
from node.host.homes import Home
from node.host.judging import agree, find_desks, lock
from node.host.passes import Passes
from node.host.terms import Asked, Terms
from node.host.visitors import keep_names
from node.models.agreements import Agreement
from node.models.bookings import Booking, Claim, CommandDone, Visitor
from node.models.sites import Desk


@dataclass(frozen=True)
class Command:
    """One command on one booking, with what it asks for and who it concerns; locks are held."""

    db: Session
    booking: Booking
    wanted: BookingChange
    asked: Asked
    visitors: Mapping[str, Visitor]
    now: datetime


def change(
    db: Session, passes: Passes, home: Home, uuid: str, wanted: BookingChange, *, version: int, now: datetime
) -> wire.Booking:
    """Carry out one command on exactly this version, and return the booking's new state.

    A command that was done already is answered with the present state, whatever the version. Raises ``NotFound``,
    ``BookingGone``, ``PreconditionFailed``, ``NotNow`` or ``Conflict`` when the hour or the state does not allow it,
    ``BookingLapsed`` for a hold that ran out, and whatever judging raises.
    """
    booking = get_booking(db, home, uuid)
    asked = _asked(home, booking, wanted)
    visitors = _lock(db, booking, asked, judges=wanted.action in _JUDGING)
    db.refresh(booking)
    if db.get(CommandDone, (booking.id, wanted.command)) is not None:
        return answer(booking, passes, now)
    if booking.version != version:
        raise PreconditionFailed(f"version {booking.version}, not {version}")
    _ACTIONS[wanted.action](Command(db, booking, wanted, asked, visitors, now))
    db.add(CommandDone(booking_id=booking.id, command=wanted.command, done_at=now))
    db.flush()
    return answer(booking, passes, now)


def _asked(home: Home, booking: Booking, wanted: BookingChange) -> Asked:
    """Return what the booking would ask for once changed."""
    places = places_of(booking)
    if wanted.action in _JUDGING and not wanted.places:
        raise BadInput("places are needed", field="places")
    if wanted.action == "move":
        places = wanted.places
    elif wanted.action == "extend":
        places = _extended(places, wanted.places)
    return Asked(
        home,
        places,
        booking.work_kind,
        booking.confidentiality,
        besides=booking.id,
        underway=wanted.action == "extend",
        agreed=booking.agreement_id,
    )


def _extended(present: Sequence[Place], longer: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places with later ends where they are given; raise ``BadInput`` for anything but a later end."""
    ends = {(place.desk, place.sub, place.start): place.end for place in longer}
    known = {(place.desk, place.sub, place.start): place.end for place in present}
    for number, place in enumerate(longer):
        key = (place.desk, place.sub, place.start)
        if key not in known or place.end <= known[key]:
            raise BadInput("an extension only moves an end later", field=f"places.{number}")
    return tuple(
        place.model_copy(update={"end": ends.get((place.desk, place.sub, place.start), place.end)}) for place in present
    )


def _lock(db: Session, booking: Booking, asked: Asked, *, judges: bool) -> Mapping[str, Visitor]:
    """Take the locks in their order: all of them where places are judged, else the desks alone."""
    present = [place.desk_id for place in booking.places]
    if judges:
        return lock(db, asked, find_desks(db, asked.places), also=present)
    claims.lock_desks(db, present)
    return {}


def _confirm(command: Command) -> None:
    """Home's own approval has come; the host's may still be needed. A confirmed booking is left as it is."""
    booking, now = command.booking, command.now
    if booking.state in {"confirmed", "requested", "checked_in"}:
        return
    _needs(booking, "held")
    if booking.hold_until is not None and booking.hold_until <= now:
        raise BookingLapsed("the hold ran out")
    agreement = command.db.get(Agreement, booking.agreement_id) if booking.agreement_id else None
    booking.state = "requested" if agreement is not None and agreement.host_approves else "confirmed"
    start = min(place.start for place in booking.places)
    booking.hold_until = hold_until(booking.state, start, booking.places[0].desk, now)
    touched(command.db, booking, now)


def _move(command: Command) -> None:
    """Take other places instead; before the visit begins."""
    booking = command.booking
    _needs(booking, "held", "requested", "confirmed")
    if any(place.start <= command.now for place in booking.places):
        raise Conflict("the visit has begun")
    held = booking.state == "held"
    terms = _rejudge(command)
    start = min(place.start for place in command.asked.places)
    booking.state = standing(terms, hold=held)
    booking.hold_until = hold_until(booking.state, start, booking.places[0].desk, command.now)
    booking.cause = MOVED
    touched(command.db, booking, command.now)


def _extend(command: Command) -> None:
    """Stay longer at the same desks, before or during the visit."""
    _needs(command.booking, "held", "requested", "confirmed", "checked_in")
    if any(place.end <= command.now for place in command.booking.places):
        raise Conflict("the visit is over")
    approved = command.booking.state in {"confirmed", "checked_in"}
    _rejudge(replace(command, asked=replace(command.asked, approved=approved)))
    touched(command.db, command.booking, command.now)


def _rejudge(command: Command) -> Terms:
    """Judge the new places as if asked anew, and put them into the place of the old."""
    db, booking = command.db, command.booking
    desks = find_desks(db, command.asked.places)
    lapse_expired(db, command.now, {desk.id for desk in desks})
    terms = agree(db, command.asked, desks, command.now)
    release(db, booking.places)
    _rewrite(db, booking, desks, command.asked.places, command.visitors)
    hold(db, booking.places)
    keep_names(db, booking)
    booking.price_yen = terms.price_yen
    booking.agreement_id = terms.agreement.id if terms.agreement else None
    return terms


def _rewrite(
    db: Session, booking: Booking, desks: Sequence[Desk], places: Sequence[Place], visitors: Mapping[str, Visitor]
) -> None:
    """Let the booking's places be these; what is known of an arrival stays with its place."""
    cards = {row.visitor_id: row.card for row in booking.places}
    for surplus in booking.places[len(places) :]:
        db.execute(delete(Claim).where(Claim.place_id == surplus.id))
        db.delete(surplus)
    for number, place in enumerate(places):
        if number < len(booking.places):
            row = booking.places[number]
            row.desk_id, row.visitor_id = place.desk, visitors[place.sub].id
            row.start, row.end = place.start, place.end
        else:
            booking.places.append(new_place(desks[number], place, number, visitors[place.sub]))
    for row in booking.places:
        row.card = cards.get(row.visitor_id or row.visitor.id, "")
    db.flush()
    db.expire(booking, ["places"])
    for row in booking.places:
        db.expire(row)


def _arrive(command: Command) -> None:
    """The visitor typed the code printed on the desk, at home's own portal."""
    place = visits.place_at(command.db, command.booking, command.wanted.desk_code, command.now)
    visits.arrive(command.db, place, command.now)


def _leave(command: Command) -> None:
    """The visitor goes; the code is needed only where several are there."""
    place = visits.place_left(command.db, command.booking, command.wanted.desk_code)
    visits.leave(command.db, place, command.now)


def _dispute(command: Command) -> None:
    """The visitor says that they did come."""
    noshows.dispute(command.db, command.booking, command.now)


def _needs(booking: Booking, *states: str) -> None:
    if booking.state not in states:
        raise Conflict(f"the booking is {booking.state}")


_JUDGING = frozenset({"move", "extend"})
_ACTIONS: Mapping[str, Callable[[Command], None]] = {
    "confirm": _confirm,
    "move": _move,
    "extend": _extend,
    "arrive": _arrive,
    "leave": _leave,
    "dispute": _dispute,
}
