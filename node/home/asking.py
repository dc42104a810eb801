"""Carrying a trip to its host and the answer back: at once by the person's own request, later by the outbox."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import (
    BadInput,
    BookingExists,
    BookingGone,
    BookingLapsed,
    BookingRefused,
    Conflict,
    DeskTaken,
    Forbidden,
    NotAMember,
    NotFound,
    NotNow,
    PeerRefused,
    PeerUnreachable,
    PersonElsewhere,
    PreconditionFailed,
    SurerSignInNeeded,
    TachiyoriError,
)
from federation.host import Person
from federation.messages.booking import BookingChange, BookingRequest, Place
from federation.outbox import Carrier, Parcel
from node.home import here, lengths, manifest, needs, persontime, telling, trips
from node.models.trips import Trip
from node.people.signin import SignedIn
from node.town import Town

NO = (
    BadInput, BookingExists, BookingGone, BookingLapsed, BookingRefused, DeskTaken, Forbidden, NotAMember, NotFound,
    PeerRefused, PersonElsewhere, SurerSignInNeeded,
)  # fmt: skip
"""Answers after which a host certainly holds nothing for us. All else leaves us in doubt, and we ask again."""


def submit(town: Town, wish: trips.Wish, signed_in: SignedIn, *, now: datetime) -> str:
    """Ask for a desk and return the trip's id. A host that does not answer leaves the trip ``asking``.

    Raises ``PersonElsewhere`` before anybody is asked, and whatever the host refuses with after that.
    """
    with town.storage.transaction(write=True) as db:
        trip_id = trips.ask(db, replace(wish, acr=signed_in.acr), now=now).id
    try:
        carry(town, trip_id, signed_in, now=now)
    except TachiyoriError as error:
        # In doubt the promise asks again.
        if isinstance(error, NO):
            raise
    return trip_id


def carry(town: Town, trip_id: str, signed_in: SignedIn | None, *, now: datetime, told: bool | None = None) -> None:
    """Ask the host for a trip that is still being asked for, and write the outcome down.

    ``signed_in`` is the person at the keyboard; None for a retry, of whose outcome they are told unless ``told`` says
    otherwise. Of a desk that is only held, whoever has it held tells. Raises what the host refused with, and what kept us
    from its answer.
    """
    with town.storage.transaction() as db:
        trip, approval = db.get(Trip, trip_id), needs.find(db, trip_id)
        request = None if trip is None else _request(db, trip)
    if trip is None or request is None or trip.state != "asking":
        return
    if now >= trip.not_after:
        give_up(town, trip_id, now=now)
        return
    quiet = trip.hold and (approval is None or approval.untaken)
    told = (signed_in is None and not quiet) if told is None else told
    person = Person(trip.sub, signed_in.acr, signed_in.auth_time) if signed_in else None
    try:
        booking = town.hosts(trip.host).put_booking(trip_id, request, person)
    except NO as no:
        _note_refusal(town, trip_id, no, told=told, now=now)
        raise
    with town.storage.transaction(write=True) as db:
        known = trips.locked(db, trip_id)
        if known is not None:
            trips.follow(db, known, booking, now=now, unasked=told)


def _request(db: Session, trip: Trip) -> BookingRequest:
    """Build the body of PUT from the trip, with the same places at every attempt."""
    need = needs.of(db, trip.staff, trips.site_of(trip), trip.start, trip.end, work_kind=trip.work_kind)
    return BookingRequest(
        places=(Place(desk=trip.desk_id, start=trip.start, end=trip.end, sub=trip.sub),),
        visitors=(manifest.of(db, trip),),
        not_after=trip.not_after,
        consent_version=trip.consent_version,
        work_kind=trip.work_kind,  # type: ignore[arg-type]  # The model checks the word.
        confidentiality=trip.confidentiality,  # type: ignore[arg-type]  # The model checks the word.
        hold=trip.hold,
        acr=trip.acr or None,
        approves=True if need.whose else None,
    )


def _note_refusal(town: Town, trip_id: str, no: TachiyoriError, *, told: bool, now: datetime) -> None:
    with town.storage.transaction(write=True) as db:
        trip = trips.locked(db, trip_id)
        if trip is None:
            return
        before = trip.state
        trips.refused(db, trip, no, now=now)
        if told:
            telling.of_change(db, trip, before, now=now)


def give_up(town: Town, trip_id: str, *, now: datetime) -> None:
    """The wish has lapsed unanswered: tell the person, and have the host forget it, whatever it may have made of it."""
    with town.storage.transaction(write=True) as db:
        trip = trips.locked(db, trip_id)
        if trip is not None and trip.state == "asking" and now >= trip.not_after:
            trips.cancel(db, trip, now=now, cause="lapsed")
            telling.of_end(db, trip, now=now)


def cancel(town: Town, trip_id: str, staff_id: int, *, now: datetime) -> None:
    """Cancel one's own trip; if its host cannot be told now, the outbox tells it. Raises ``NotFound`` or ``NotNow``."""
    with town.storage.transaction(write=True) as db:
        trips.locked(db, trip_id)
        trip = trips.get(db, trip_id, staff_id)
        if trip.state not in trips.LIVE or trip.state == "checked_in":
            raise NotNow(f"a trip in state {trip.state}")
        trips.cancel(db, trip, now=now)
    try:
        tell_cancelled(town, trip_id, now=now)
    except TachiyoriError:
        return


def tell_cancelled(town: Town, trip_id: str, *, now: datetime) -> None:
    """DELETE at the host and write its acknowledgement down; raises what kept us from it."""
    with town.storage.transaction() as db:
        trip = db.get(Trip, trip_id)
    if trip is None or trip.state != "cancelling":
        return
    host = town.hosts(trip.host)
    try:
        booking = host.delete_booking(trip_id)
    except (NotFound, BookingGone):
        booking = None
    except Conflict:
        # Cancelling came too late; what the host says now is what holds.
        booking = host.get_booking(trip_id)
    with town.storage.transaction(write=True) as db:
        known = trips.locked(db, trip_id)
        if known is None:
            return
        if booking is None or booking.state in {"cancelled", "lapsed", "refused"}:
            trips.cancelled(db, known, now=now)
        else:
            # Our cancellation is void, so it must not stand in the way of the host's word.
            known.state = "asking"
            trips.follow(db, known, booking, now=now, unasked=False)


def confirm(town: Town, trip_id: str, staff_id: int, *, unasked: bool = False, now: datetime) -> None:
    """Take the desk that the host holds for the person; raises what the host says, such as ``BookingLapsed``.

    ``unasked`` has the person told, who is not at the keyboard.
    """
    try:
        _change(town, trip_id, staff_id, "confirm", "", unasked=unasked, now=now)
    except PreconditionFailed:
        # An earlier answer was lost, or the host changed something: what it says now is what holds.
        with town.storage.transaction() as db:
            host = trips.get(db, trip_id, staff_id).host
        booking = town.hosts(host).get_booking(trip_id)
        with town.storage.transaction(write=True) as db:
            known = trips.locked(db, trip_id)
            if known is not None:
                trips.follow(db, known, booking, now=now, unasked=unasked)
        if booking.state == "held":
            raise


def arrive(town: Town, trip_id: str, staff_id: int, code: str, *, now: datetime) -> None:
    """Check in by the code printed on the desk; raises ``BadDeskCode``, or what the host says."""
    _change(town, trip_id, staff_id, "arrive", here.desk_code(code), now=now)


def leave(town: Town, trip_id: str, staff_id: int, *, now: datetime) -> None:
    """Check out; raises what the host says."""
    _change(town, trip_id, staff_id, "leave", "", now=now)


def dispute(town: Town, trip_id: str, staff_id: int, *, now: datetime) -> None:
    """Say that one did come to a booking that counts as unused; raises what the host says."""
    _change(town, trip_id, staff_id, "dispute", "", now=now)


def extend(town: Town, trip_id: str, staff_id: int, minutes: int, *, now: datetime) -> None:
    """Stay ``minutes`` longer, in the desk's units; raises ``BadInput``, ``PersonElsewhere``, or what the host says."""
    with town.storage.transaction(write=True) as db:
        trip = trips.get(db, trip_id, staff_id)
        if minutes not in lengths.longer(trip):
            raise BadInput(f"{minutes} minutes", field="minutes")
        end = trip.end + timedelta(minutes=minutes)
        persontime.claim_longer(db, trip, end)
    try:
        _change(town, trip_id, staff_id, "extend", "", until=end, now=now)
    except TachiyoriError:
        with town.storage.transaction(write=True) as db:
            known = trips.locked(db, trip_id)
            if known is not None:
                persontime.claim_as_it_is(db, known)
        raise


def _change(
    town: Town,
    trip_id: str,
    staff_id: int,
    action: str,
    code: str,
    *,
    until: datetime | None = None,
    unasked: bool = False,
    now: datetime,
) -> None:
    with town.storage.transaction() as db:
        trip = trips.get(db, trip_id, staff_id)
    wanted: dict[str, object] = {"command": str(uuid.uuid4()), "action": action}
    wanted |= {"desk_code": code} if code else {}
    if until is not None:
        wanted["places"] = (Place(desk=trip.desk_id, start=trip.start, end=until, sub=trip.sub),)
    booking = town.hosts(trip.host).patch_booking(trip_id, BookingChange.model_validate(wanted), trip.version)
    with town.storage.transaction(write=True) as db:
        known = trips.locked(db, trip_id)
        if known is not None:
            trips.follow(db, known, booking, now=now, unasked=unasked)


# --- What the jobs run ----------------------------------------------------------------------------------------


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who carries our promises, for ``outbox.deliver``."""
    return {
        trips.ASK: lambda parcel: _ask_again(town, parcel),
        trips.CANCEL: lambda parcel: tell_cancelled(town, str(parcel.payload["trip"]), now=town.clock()),
        trips.LOOK: lambda parcel: look_again(town, str(parcel.payload["trip"])),
    }


def look_again(town: Town, trip_id: str) -> None:
    """Ask the host what it publishes of the desk to which it moved a trip; one it does not list stays as it was named."""
    with town.storage.transaction() as db:
        trip = db.get(Trip, trip_id)
    if trip is None:
        return
    try:
        site, desk = town.hosts(trip.host).listing(trip.desk_id)
    except NotFound:
        return
    with town.storage.transaction(write=True) as db:
        trips.looked(db, trip_id, site, desk)


def _ask_again(town: Town, parcel: Parcel) -> None:
    """Ask again; a refusal has been written down and is an answer too."""
    try:
        carry(town, str(parcel.payload["trip"]), None, now=town.clock())
    except NO:
        return
    except Conflict as error:
        raise PeerUnreachable(f"a lost race: {error.detail}") from error


def lapse(town: Town, *, now: datetime) -> int:
    """Give up what was asked too long ago, and free the time of cancelled trips that are over; how many. A job."""
    with town.storage.transaction() as db:
        late = db.scalars(select(Trip.id).where(Trip.state == "asking", Trip.not_after <= now)).all()
        over = db.scalars(select(Trip.id).where(Trip.state == "cancelling", Trip.end <= now)).all()
    for trip_id in late:
        give_up(town, trip_id, now=now)
    for trip_id in over:
        with town.storage.transaction(write=True) as db:
            trip = trips.locked(db, trip_id)
            if trip is not None:
                trips.cancelled(db, trip, now=now)
    return len(late) + len(over)
