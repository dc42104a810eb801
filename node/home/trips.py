"""A staff member's bookings anywhere: asked for, known by the host's word, cancelled. The person's own time goes with them.

Asking is three steps, and a killed process may stop between any two: the wish and the person's time are written down with
the promise to ask; the host is asked once or many times under one UUID; the outcome is written down.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation import audit, outbox
from federation.errors import NotFound, TachiyoriError
from federation.messages.booking import MOVED, OCCUPYING, Alternative, Booking, PlaceNow, Reason
from federation.messages.listing import DeskListing, SiteListing
from node.home import attendance, budgets, happenings, needs, presence, telling
from node.home.persontime import claim_as_it_is, refuse_elsewhere
from node.models.trips import PersonTime, Trip
from node.people import staff as directory
from node.people.subjects import subject_for

ASK, CANCEL, LOOK, SETTLE = "trip-ask", "trip-cancel", "trip-look", "trip-settle"
"""Kinds of promises: to ask a host again, to tell it of a cancellation, to look at the desk to which it moved somebody, and at
what became of a move.
"""

PATIENCE = timedelta(minutes=30)
"""How long a wish is kept alive while its host does not answer."""
_HEAD_START = timedelta(seconds=20)
"""The person at the keyboard asks first; the promise stands behind, in case this process dies."""

_FARTHEST = timedelta(days=1)
"""How far a host's word moves a trip at once. A host that said more would take years of a person's time for a morning."""

OUR_OWN = frozenset({"asking", "cancelling"})
LIVE = OCCUPYING | OUR_OWN
"""States that take the person's time."""


@dataclass(frozen=True)
class Wish:
    """What a person asks for: one desk as its host publishes it, [start, end) in UTC, and what was declared."""

    staff_id: int
    host: str
    host_name: str
    site: SiteListing
    desk: DeskListing
    start: datetime
    end: datetime
    work_kind: str
    confidentiality: str
    consent_version: str
    price_yen: int = 0
    hold: bool = False
    """Only to be kept for the person, who has yet to take it."""
    acr: str = ""
    """How surely whoever asks has signed in: the person, or who books for them."""


def ask(db: Session, wish: Wish, *, now: datetime, batch: str = "") -> Trip:
    """Write the wish down, claim the person's time, and promise to ask.

    Raises ``PersonElsewhere`` if it is taken, ``BookingRefused`` where their section's budget does not pay for it. What our conditions want approved is only held until it is. ``batch`` is the series or team it belongs to.
    """
    if wish.price_yen:
        budgets.lock(db, [wish.staff_id], [budgets.day_of(wish.start)])
    directory.lock(db, wish.staff_id)
    refuse_elsewhere(db, wish.staff_id, wish.start, wish.end)
    person = directory.get(db, wish.staff_id)
    budgets.refuse_over(db, person.section, wish.start, wish.price_yen)
    need = needs.of(db, person, wish.site, wish.start, wish.end, work_kind=wish.work_kind)
    trip = Trip(
        id=str(uuid.uuid4()),
        staff_id=wish.staff_id,
        host=wish.host,
        state="asking",
        desk_id=wish.desk.id,
        start=wish.start,
        end=wish.end,
        sub=subject_for(db, wish.staff_id, wish.host, now=now),
        not_after=min(now + PATIENCE, wish.end),
        work_kind=wish.work_kind,
        confidentiality=wish.confidentiality,
        consent_version=wish.consent_version,
        host_name=wish.host_name,
        site_listing=wish.site.text(),
        desk_listing=wish.desk.text(),
        price_yen=wish.price_yen,
        hold=wish.hold or need.asks,
        acr=wish.acr,
        section=person.section,
        asked_at=now,
        changed_at=now,
    )
    db.add(trip)
    db.flush()
    db.add(PersonTime(staff_id=wish.staff_id, trip_id=trip.id, start=wish.start, end=wish.end))
    outbox.promise(db, ASK, wish.host, {"trip": trip.id}, now=now, not_before=now + _HEAD_START)
    db.flush()
    needs.enter(db, trip, need, batch or trip.id, untaken=wish.hold, now=now)
    audit.record(
        db,
        event="trip-asked",
        actor=f"staff:{wish.staff_id}",
        subject=trip.id,
        verdict="allowed",
        reason=wish.host,
        now=now,
    )
    return trip


def get(db: Session, trip_id: str, staff_id: int) -> Trip:
    """Return one's own trip; anybody else's is ``NotFound``."""
    trip = db.get(Trip, trip_id)
    if trip is None or trip.staff_id != staff_id:
        raise NotFound(f"trip {trip_id[:40]}")
    return trip


def of(db: Session, staff_id: int, *, since: datetime) -> Sequence[Trip]:
    """Return a person's trips that end after ``since`` or are still open, soonest first."""
    mine = (Trip.staff_id == staff_id, or_(Trip.end > since, Trip.state.in_(OUR_OWN)))
    return db.scalars(select(Trip).where(*mine).order_by(Trip.start, Trip.id)).all()


def locked(db: Session, trip_id: str) -> Trip | None:
    """Return a trip under its person's lock, as the newest commit left it; None where there is none."""
    staff_id = db.scalar(select(Trip.staff_id).where(Trip.id == trip_id))
    if staff_id is None:
        return None
    directory.lock(db, staff_id)
    return db.get(Trip, trip_id, populate_existing=True)


def cancel(db: Session, trip: Trip, *, now: datetime, cause: str = "", at_once: bool = False) -> None:
    """Cancel here and promise to tell the host; the person's time is free only when the host has acknowledged it.

    ``at_once`` lets the promise be kept without waiting for a person at the keyboard to be quicker.
    """
    if trip.state not in LIVE or trip.state in {"cancelling", "checked_in"}:
        return
    trip.state, trip.cause, trip.changed_at = "cancelling", cause, now
    audit.record(db, event="trip-cancelled", actor="node", subject=trip.id, verdict="allowed", reason=cause, now=now)
    due = now if at_once else now + _HEAD_START
    outbox.promise(db, CANCEL, trip.host, {"trip": trip.id}, now=now, not_before=due)


def cancelled(db: Session, trip: Trip, *, now: datetime) -> None:
    """The host has acknowledged: it holds nothing for this trip any more."""
    if trip.state == "cancelling":
        _end(db, trip, "lapsed" if trip.cause == "lapsed" else "cancelled", now)
        happenings.of_cancellation(db, trip, now=now)
        if not trip.cause:
            telling.receipt(db, trip, "cancelling", now=now)


def refused(db: Session, trip: Trip, no: TachiyoriError, *, now: datetime) -> None:
    """The host has said no: keep its reasons and what would do instead, free the person's time."""
    if trip.state == "asking":
        reasons: Sequence[Reason] = getattr(no, "reasons", ())
        instead: Sequence[Alternative] = getattr(no, "alternatives", ())
        trip.reasons = json.dumps([reason.wire() for reason in reasons], ensure_ascii=False)
        trip.alternatives = json.dumps([one.wire() for one in instead], ensure_ascii=False)
        trip.cause = no.code[:300]
        _end(db, trip, "refused", now)


def follow(db: Session, trip: Trip, booking: Booking, *, now: datetime, unasked: bool) -> None:
    """Take in the host's word on a trip. ``unasked`` word (from its feed, or a retry) is told to the person as well.

    Word older than what is known changes nothing, so that a slow feed cannot undo a quick answer.
    """
    before = trip.state
    outdated = booking.version < trip.version or (booking.version == trip.version and booking.state == before)
    if outdated or (before == "cancelling" and booking.state in OCCUPYING):
        return
    known = Known(before, trip.desk_id, trip.desk_listing, trip.site_listing, trip.start, trip.end)
    was, disputed, times = happenings.before(trip), trip.dispute, (trip.arrived_at, trip.left_at)
    _copy(trip, booking)
    trip.changed_at = now
    claim_as_it_is(db, trip)
    attendance.note(db, trip)
    presence.tell(db, trip, times, now=now)
    ours = _is_own_move(db, trip, booking, known)
    old = _where(known.site_listing, known.desk_listing)
    if trip.desk_id != known.desk_id and trip.state in OCCUPYING:
        _moved(db, trip, booking.places[0], known, now)
        if not ours:
            telling.of_move(db, trip, old, now=now)
    elif unasked:
        telling.of_change(db, trip, before, now=now)
        telling.of_closure(db, trip, before, known.end, now=now)
    else:
        telling.receipt(db, trip, before, now=now)
    if ours:
        # The host's feed was quicker than its answer to us.
        trip.moved_from = ""
        telling.of_own_move(db, trip, old, telling.interval_of(known.start, known.end), where(trip), now=now)
    telling.of_dispute(db, trip, disputed, now=now)
    telling.of_visit(db, trip, now=now)
    if before == "asking" and trip.state == "held":
        needs.held(db, trip, now=now)
    happenings.of_word(db, trip, was, unasked=unasked, now=now)


def _is_own_move(db: Session, trip: Trip, booking: Booking, known: "Known") -> bool:
    """Say whether the trip is elsewhere because we asked for that; a host that only says so has moved it itself."""
    if booking.cause != MOVED or (trip.desk_id, trip.start, trip.end) == (known.desk_id, known.start, known.end):
        return False
    return any(asked["trip"] == trip.id for asked in outbox.promised(db, SETTLE, trip.host))


@dataclass(frozen=True)
class Known:
    """What was known of a trip before its host spoke."""

    state: str
    desk_id: str
    desk_listing: str
    site_listing: str
    start: datetime
    end: datetime


def _copy(trip: Trip, booking: Booking) -> None:
    trip.state, trip.version = booking.state, booking.version
    trip.short_code = booking.short_code or trip.short_code
    trip.visit_pass = booking.visit_pass or trip.visit_pass
    trip.hold_until, trip.cause, trip.price_yen = booking.hold_until, booking.cause, booking.price_yen
    trip.dispute = booking.dispute
    trip.reasons = json.dumps([reason.wire() for reason in booking.reasons], ensure_ascii=False)
    trip.alternatives = json.dumps([one.wire() for one in booking.alternatives], ensure_ascii=False)
    for place in booking.places[:1]:
        if max(abs(place.start - trip.start), abs(place.end - trip.end)) <= _FARTHEST:
            trip.start, trip.end, trip.desk_id = place.start, place.end, place.desk
        trip.arrived_at, trip.left_at = place.arrived_at, place.left_at


def _moved(db: Session, trip: Trip, place: PlaceNow, known: Known, now: datetime) -> None:
    """Show the desk the host names now, and promise to look at what it publishes of it: the way in may be another."""
    site, desk = SiteListing.read(known.site_listing), DeskListing.read(known.desk_listing)
    trip.moved_from = known.desk_listing
    named = {"id": place.desk, "name": place.desk_name, "room_name": place.room_name or desk.room_name}
    kept = {"room_id": desk.room_id, "privacy": desk.privacy, "features": desk.features}
    address = f"{trip.host}/desks/{place.desk}"
    trip.desk_listing = DeskListing.model_validate({"url": address, "site_id": place.site, **named, **kept}).text()
    if place.site != site.id:
        here = {"id": place.site, "name": place.site_name, "url": f"{trip.host}/sites/{place.site}", "address": ""}
        around = {name: getattr(site, name) for name in ("municipality_code", "lat", "lon", "zone", "half_days")}
        trip.site_listing = SiteListing.model_validate({**here, **around}).text()
    outbox.promise(db, LOOK, trip.host, {"trip": trip.id}, now=now)


def _where(site_listing: str, desk_listing: str) -> str:
    site, desk = SiteListing.read(site_listing), DeskListing.read(desk_listing)
    return f"{site.name} {desk.room_name} {desk.name}"


def where(trip: Trip) -> str:
    """Return the site, room and desk of a trip in words."""
    return _where(trip.site_listing, trip.desk_listing)


def looked(db: Session, trip_id: str, site: SiteListing, desk: DeskListing) -> None:
    """Take in what a host publishes of the desk to which it moved a trip, if that is still the trip's desk."""
    trip = locked(db, trip_id)
    if trip is not None and trip.desk_id == desk.id and desk.site_id == site.id:
        trip.site_listing, trip.desk_listing = site.text(), desk.text()


def _end(db: Session, trip: Trip, state: str, now: datetime) -> None:
    trip.state, trip.changed_at = state, now
    claim_as_it_is(db, trip)
    db.flush()


def site_of(trip: Trip) -> SiteListing:
    """Return the site as its host published it when the trip was asked for."""
    return SiteListing.read(trip.site_listing)


def desk_of(trip: Trip) -> DeskListing:
    """Return the desk as its host published it when the trip was asked for."""
    return DeskListing.read(trip.desk_listing)


def alternatives_of(trip: Trip) -> Sequence[Alternative]:
    """Return what the host proposed when it ended the trip."""
    return [Alternative.model_validate(one, strict=False) for one in json.loads(trip.alternatives)]


def reasons_of(trip: Trip) -> Sequence[Reason]:
    """Return why the host said no, in both languages."""
    return [Reason.model_validate(reason) for reason in json.loads(trip.reasons)]
