"""Decide, show and cancel: with ``claims`` the only writer of a desk's calendar on behalf of visitors.

Locks are taken before anything is looked at: the agreement (its seats are counted), the visitors, the desks by id. What
was decided once is never judged again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from federation.errors import BookingExists, BookingGone, BookingLapsed, BookingRefused, Conflict, TooMany
from federation.messages import booking as wire
from federation.messages.booking import OCCUPYING, BookingRequest, Place
from federation.rules import No
from federation.storage import insert
from federation.wording import phrase
from node import reasons
from node.host import assistance, claims, codes, happenings, house, walk_ins
from node.host.answers import answer, find_booking, get_booking, noted
from node.host.holding import end, hold, lapse_expired
from node.host.homes import Home
from node.host.judging import agree, find_desks, lock
from node.host.opening import end_of_next_working_day
from node.host.passes import Passes
from node.host.terms import Asked, Terms
from node.host.visitors import remember_cards, remember_names
from node.models.bookings import Booking, BookingPlace, Visitor
from node.models.sites import Desk

TOMBSTONES_STAND = timedelta(days=8)
"""So long after its own time a booking may still be asked about; a PUT that is overtaken for longer is none."""
MOST_TOMBSTONES = 1000
"""So many of one home stand at once: a home that lost a day's answers has fewer."""
TOMBSTONES = (Booking.not_after.is_(None), Booking.deleted_at.is_not(None))
"""What tells a booking that was taken back before it came: every one that came had a ``not_after``."""
_NO_TIME_TO_HOLD = No(
    "no-time-to-hold",
    phrase("開始までに承認を受ける時間がないため、仮予約はできません。"),
    change=phrase("これから始まる時間なら、承認を受けて予約できます。"),
)


def decide(
    db: Session,
    passes: Passes,
    home: Home,
    uuid: str,
    request: BookingRequest,
    *,
    acr: str | None = None,
    now: datetime,
) -> wire.Booking:
    """Answer a PUT: judge it if it is the first of its UUID, else return the present state without judging.

    Raises ``BookingExists`` for other places under the same UUID, ``BookingGone`` once it was cancelled by its home,
    ``BookingLapsed`` after ``not_after``, ``BookingRefused`` and ``DeskTaken`` with reasons and alternatives,
    ``PersonElsewhere``, and ``BadInput`` for a desk this host does not have. ``acr`` is as in ``Asked``.
    """
    booking = _present(db, home, uuid, request)
    return (
        _judge(db, passes, home, uuid, request, acr=acr, now=now) if booking is None else answer(booking, passes, now)
    )


def show(db: Session, passes: Passes, home: Home, uuid: str, *, now: datetime) -> wire.Booking:
    """Return the present state of the home's own booking; raise ``NotFound`` or ``BookingGone``."""
    return answer(get_booking(db, home, uuid), passes, now)


def cancel(db: Session, passes: Passes, home: Home, uuid: str, *, now: datetime) -> wire.Booking | None:
    """Take a booking back on its home's word, as often as needed; None for one that was never here.

    Of an unknown UUID a tombstone stays, so that a PUT that was overtaken finds it; raises ``TooMany`` for a home that
    leaves them by the thousand. Who is on site leaves at ``now``; what has ended stays as it ended.
    """
    unknown = db.get(Booking, uuid) is None
    if unknown:
        _refuse_too_many(db, home)
    if unknown and _enter(db, _tombstone(home, uuid, now)):
        return None
    booking = find_booking(db, home, uuid)
    if booking is None or not booking.places:
        return None
    claims.lock_desks(db, [place.desk_id for place in booking.places])
    db.refresh(booking)
    if booking.deleted_at is None:
        booking.deleted_at = now
        if booking.state in OCCUPYING:
            for place in booking.places:
                place.left_at = place.left_at or (now if place.arrived_at else None)
            end(db, booking, "completed" if booking.state == "checked_in" else "cancelled", "home", now)
    return answer(booking, passes, now)


def _refuse_too_many(db: Session, home: Home) -> None:
    standing = db.scalar(select(func.count()).where(Booking.home_id == home.id, *TOMBSTONES)) or 0
    if standing >= MOST_TOMBSTONES:
        raise TooMany(f"{home.entity_id} took back {standing} bookings that never came", retry_after=3600)


def purge_tombstones(db: Session, now: datetime) -> None:
    """Forget bookings that were taken back and never came, when no PUT can be under way any more. Part of a job."""
    db.execute(delete(Booking).where(*TOMBSTONES, Booking.deleted_at < now - TOMBSTONES_STAND, ~Booking.places.any()))


# --- The first PUT ----------------------------------------------------------------------------------------------


def _present(db: Session, home: Home, uuid: str, request: BookingRequest) -> Booking | None:
    booking = db.get(Booking, uuid)
    if booking is None:
        return None
    if booking.home_id != home.id:
        raise BookingExists("another home's UUID")
    if booking.deleted_at is not None:
        raise BookingGone("cancelled by its home")
    if not request.same_places(places_of(booking)):
        raise BookingExists("other places under the same UUID")
    return booking


def places_of(booking: Booking) -> tuple[Place, ...]:
    """Return a booking's places as its home asked for them."""
    return tuple(as_asked(place) for place in booking.places)


def as_asked(place: BookingPlace) -> Place:
    """Return one place as its home asked for it."""
    return Place(desk=place.desk_id, start=place.start, end=place.end, sub=place.visitor.sub)


def _judge(
    db: Session, passes: Passes, home: Home, uuid: str, request: BookingRequest, *, acr: str | None, now: datetime
) -> wire.Booking:
    if request.not_after <= now:
        raise BookingLapsed("not_after has passed")
    serving = {visitor.sub: visitor.authority or "" for visitor in request.visitors}
    kind = (request.work_kind, request.confidentiality)
    asked = Asked(home, request.places, *kind, acr=acr, authorities=serving)
    desks = find_desks(db, request.places)
    visitors = lock(db, asked, desks)
    if (booking := _present(db, home, uuid, request)) is not None:
        return answer(booking, passes, now)
    lapse_expired(db, now, {desk.id for desk in desks})
    house.refuse_outdated(db, request.consent_version, now)
    given = agree(db, asked, desks, now)
    booking = _enter(db, _first_state(request, given, desks, now) | _always(home, uuid, now))
    if booking is None:
        # A DELETE holds none of our locks: its tombstone may have come while we judged.
        _present(db, home, uuid, request)
        raise Conflict("another request with this UUID was faster")
    set_committed_value(booking, "places", [])
    for number, (desk, place) in enumerate(zip(desks, request.places, strict=True)):
        booking.places.append(new_place(desk, place, number, visitors[place.sub]))
    _furnish(db, booking, home, request, visitors=visitors, given=given)
    told = answer(booking, passes, now)
    noted(db, booking, told)
    happenings.of_first(db, booking)
    return told


def _furnish(
    db: Session, booking: Booking, home: Home, request: BookingRequest, *, visitors: Mapping[str, Visitor], given: Terms
) -> None:
    """Give a new booking with its places their claims, and what reception is to know of who comes."""
    db.flush()
    walk_ins.take_over(db, booking, home.code)
    hold(db, booking.places)
    if given.agreement is None or given.agreement.named_manifest:
        remember_names(db, booking, request.visitors, visitors)
        assistance.remember(db, booking, request.visitors, visitors)
    else:
        remember_cards(booking, request.visitors)


def new_place(desk: Desk, place: Place, position: int, visitor: Visitor) -> BookingPlace:
    """Make the row of a place at its desk; the caller adds it to its booking."""
    return BookingPlace(position=position, desk=desk, visitor=visitor, start=place.start, end=place.end)


def _first_state(request: BookingRequest, given: Terms, desks: Sequence[Desk], now: datetime) -> dict[str, Any]:
    start = min(place.start for place in request.places)
    state = standing(given, hold=request.hold)
    if state == "held" and start <= now:
        error = BookingRefused("cannot be held past its start")
        error.reasons = (reasons.reason(_NO_TIME_TO_HOLD, "host"),)
        raise error
    return {
        "state": state,
        "hold_until": hold_until(state, start, desks[0], now),
        "agreement_id": given.agreement.id if given.agreement else None,
        "price_yen": given.price_yen,
        "not_after": request.not_after,
        "work_kind": request.work_kind,
        "confidentiality": request.confidentiality,
        "consent_version": request.consent_version,
        "home_approves": request.approves is True,
    }


def standing(given: Terms, *, hold: bool) -> wire.State:
    """Return the state in which places stand on these terms: who still has to say yes, home before host."""
    return "held" if hold else "requested" if given.needs_approval else "confirmed"


def hold_until(state: wire.State, start: datetime, desk: Desk, now: datetime) -> datetime | None:
    """Return until when an undecided booking keeps its desks: the end of the next working day, never past the start.

    A request to the host itself waits until the start, since home can do no more about it.
    """
    if state == "held":
        return min(start, end_of_next_working_day(desk.room.site, now))
    return max(start, now) if state == "requested" else None


def _always(home: Home, uuid: str, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid,
        "home_id": home.id,
        "version": 1,
        "cause": "",
        "alternatives": [],
        "made_at": now,
        "changed_at": now,
    }


def _tombstone(home: Home, uuid: str, now: datetime) -> dict[str, Any]:
    return _always(home, uuid, now) | {
        "state": "cancelled",
        "cause": "home",
        "deleted_at": now,
        "work_kind": "satellite",
        "confidentiality": "2",
        "consent_version": "",
        "price_yen": 0,
    }


def _enter(db: Session, values: dict[str, Any]) -> Booking | None:
    """Insert a booking and return it, or None if its UUID is there already; another transaction's is waited for.

    A short code that another booking of this host has leads to another code.
    """
    while True:
        code = None if "deleted_at" in values else codes.new_checked()
        row = insert(db, Booking).values(**values, short_code=code).on_conflict_do_nothing()
        entered = db.scalar(row.returning(Booking))
        if entered is not None or code is None or _is_there(db, values["id"]):
            return entered


def _is_there(db: Session, uuid: str) -> bool:
    return db.scalar(select(Booking.id).where(Booking.id == uuid)) is not None
