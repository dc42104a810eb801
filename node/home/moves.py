"""日時・座席の変更: the same booking at another time or desk of its host, by its person's own hand.

Until the host has answered, both times are the person's. A process that dies in between leaves a promise to look at what became
of it, so that neither time stays taken for nothing.
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from federation import audit, outbox
from federation.errors import BadInput, Conflict, NotFound, NotNow, PreconditionFailed, TachiyoriError
from federation.messages.booking import Booking, BookingChange, Place
from federation.outbox import Carrier, Parcel
from federation.wording import phrase
from node.home import asking, budgets, forecasts, needs, persontime, telling, trips
from node.home.forecasts import Forecast
from node.home.trips import Wish
from node.models.trips import Trip
from node.people import staff as directory
from node.town import Town

MOVABLE = frozenset({"confirmed", "requested"})
"""States of a trip that its person may move; what is still held is being decided by somebody."""
_PATIENCE = timedelta(minutes=2)
"""After this nobody at a keyboard waits for the host's answer any more."""
_APPROVAL = phrase(
    "変更後の日時・座席には所属団体の承認が必要なため、変更できません。新しい予約として申し込み、承認されてから、この予約を取り消してください。"
)


class NotMovable(NotNow):
    """Somebody decides on it, or it has begun."""

    code = "not-movable"
    words = phrase("この予約は変更できません。変更できるのは、確定または受入団体の承認待ちで、開始前の予約です。")


class NeedsApproval(NotNow):
    """Where the trip would go, our own town has to approve it first."""

    code = "approval-needed"
    words = _APPROVAL


def is_movable(trip: Trip, now: datetime) -> bool:
    """Say whether the trip may be moved: nobody decides on it, and it has not begun."""
    return trip.state in MOVABLE and now < trip.start


def foresee(town: Town, trip: Trip, wish: Wish) -> Forecast:
    """Say what would come of moving the trip to where the wish is, changing nothing."""
    return forecasts.foresee(town, wish, besides=trip.id)


def move(town: Town, trip_id: str, wish: Wish, command: str, *, version: int, now: datetime) -> None:
    """Move one's own trip to the wish's desk and time; done once, however often the ``command`` (a UUID) is given.

    ``version`` is what the person has seen of it. Raises ``PreconditionFailed`` where it has changed since, ``NotFound`` for a trip that is not the wish's person's, ``NotMovable`` where it cannot be moved any more, ``BadInput`` (``desk``) for a desk of another host,
    ``NeedsApproval``, ``PersonElsewhere``, ``BookingRefused``, or what the host says. In doubt the old and the new time stay claimed
    until the host can be asked what holds.
    """
    with town.storage.transaction(write=True) as db:
        if wish.price_yen:
            budgets.lock(db, [wish.staff_id], [budgets.day_of(wish.start)])
        trip = _locked(db, trip_id, wish)
        if _is_there(trip, wish):
            return
        if not is_movable(trip, now):
            raise NotMovable(f"a trip in state {trip.state}")
        if trip.version != version:
            raise PreconditionFailed(f"version {trip.version}, not {version}")
        if needs.of(
            db, directory.get(db, wish.staff_id), wish.site, wish.start, wish.end, work_kind=wish.work_kind
        ).asks:
            raise NeedsApproval("the wish needs an approval")
        budgets.refuse_over(db, trip.section, wish.start, wish.price_yen, besides=trip.id)
        persontime.claim_also(db, trip, wish.start, wish.end)
        outbox.promise(
            db, trips.SETTLE, trip.host, {"trip": trip.id, **_written(wish)}, now=now, not_before=now + _PATIENCE
        )
        who = f"staff:{wish.staff_id}"
        audit.record(db, event="trip-move", actor=who, subject=trip.id, verdict="allowed", reason=trip.host, now=now)
    place = Place(desk=wish.desk.id, start=wish.start, end=wish.end, sub=trip.sub)
    change = BookingChange(command=command, action="move", places=(place,))
    try:
        booking = town.hosts(wish.host).patch_booking(trip_id, change, version)
    except PreconditionFailed:
        # The host has changed it since; what it says now is what holds, and the person looks at that first.
        with contextlib.suppress(TachiyoriError):
            look_again(town, trip_id, {}, now=now)
        raise
    except (*asking.NO, Conflict):
        with town.storage.transaction(write=True) as db:
            known = trips.locked(db, trip_id)
            if known is not None:
                persontime.claim_as_it_is(db, known)
        raise
    _take(town, trip_id, booking, wish, now=now)


def _locked(db: Session, trip_id: str, wish: Wish) -> Trip:
    trip = trips.locked(db, trip_id)
    if trip is None or trip.staff_id != wish.staff_id:
        raise NotFound(f"trip {trip_id[:40]}")
    if wish.host != trip.host:
        raise BadInput("a desk of another host", field="desk")
    return trip


def _is_there(trip: Trip, wish: Wish) -> bool:
    return (trip.desk_id, trip.start, trip.end) == (wish.desk.id, wish.start, wish.end)


def _written(wish: Wish) -> Mapping[str, str]:
    times = {"start": wish.start.isoformat(), "end": wish.end.isoformat()}
    return {"desk": wish.desk.id, "site": wish.site.text(), "listing": wish.desk.text(), **times}


def _take(town: Town, trip_id: str, booking: Booking, wish: Wish, *, now: datetime) -> None:
    """Write down that the trip is where it was wished, if that is what its host says, and whatever else it says."""
    with town.storage.transaction(write=True) as db:
        trip = trips.locked(db, trip_id)
        if trip is not None:
            _follow(db, trip, booking, _written(wish), now=now)


def _follow(db: Session, trip: Trip, booking: Booking, wished: Mapping[str, str], *, now: datetime) -> None:
    """Take in the host's word. A place that is the wished one is no move by the host, and may be any number of days away."""
    place = booking.places[0] if booking.places else None
    if place is not None and wished and booking.version >= trip.version:
        start, end = (datetime.fromisoformat(wished[name]) for name in ("start", "end"))
        if (place.desk, place.start, place.end) == (wished["desk"], start, end) != (trip.desk_id, trip.start, trip.end):
            old, was = trips.where(trip), telling.interval(trip)
            trip.start, trip.end, trip.desk_id, trip.moved_from = start, end, wished["desk"], ""
            trip.site_listing, trip.desk_listing = wished["site"], wished["listing"]
            telling.of_own_move(db, trip, old, was, trips.where(trip), now=now)
    trips.follow(db, trip, booking, now=now, unasked=False)
    # Word that is no news is not followed, and the other time has to be given back all the same.
    persontime.claim_as_it_is(db, trip)


def look_again(town: Town, trip_id: str, wished: Mapping[str, str], *, now: datetime) -> None:
    """Ask the host what holds, and let the trip and its person's time be that; raises what kept us from the answer."""
    with town.storage.transaction() as db:
        trip = db.get(Trip, trip_id)
    if trip is None:
        return
    try:
        booking = town.hosts(trip.host).get_booking(trip_id)
    except NotFound:
        return
    with town.storage.transaction(write=True) as db:
        known = trips.locked(db, trip_id)
        if known is not None:
            _follow(db, known, booking, wished, now=now)


def _settle(town: Town, parcel: Parcel) -> None:
    wished = {name: str(value) for name, value in parcel.payload.items() if name != "trip"}
    look_again(town, str(parcel.payload["trip"]), wished, now=town.clock())


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who carries our promises, for ``outbox.deliver``."""
    return {trips.SETTLE: lambda parcel: _settle(town, parcel)}
