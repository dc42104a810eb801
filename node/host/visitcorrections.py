"""訂正: the times of a visit put right at the host, with a reason; home learns of it by its feed, and its person is told there.

What stood before stays beside it. A wrong press at a busy desk is taken back in the same way: nobody came, or nobody left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput, Conflict, DeskTaken
from node.host import claims, untold, visits
from node.host.answers import touched
from node.models.bookings import Booking, BookingPlace
from node.models.visits import VisitCorrection

MOST = 20
"""So many corrections one visit bears."""
LONGEST_REASON = 300
BACK = timedelta(days=92)
"""So long after its end a visit is put right here: what is older has been settled."""
_LATE = timedelta(hours=12)
_STATES = ("confirmed", "checked_in", "completed", "no_show")


def correct(
    db: Session,
    place: BookingPlace,
    times: tuple[datetime | None, datetime | None],
    reason: str,
    *,
    by: str,
    now: datetime,
) -> VisitCorrection:
    """Let a visit's times be these: when somebody came, and when they left; None for one that did not happen.

    Raises ``Conflict`` for a booking nobody could come by, or one too long ago; ``BadInput`` (``arrived``, ``left``,
    ``reason``) for times that cannot be, that change nothing, or without a reason; ``DeskTaken`` where somebody who left in
    error has no desk any more.
    """
    arrived, left = times
    visits.lock(db, place)
    if place.booking.state not in _STATES or now > place.end + BACK:
        raise Conflict(f"the booking is {place.booking.state}")
    if not reason.strip():
        raise BadInput("a reason is needed", field="reason")
    _check(place, arrived, left, now)
    if (arrived, left) == (place.arrived_at, place.left_at):
        raise BadInput("nothing is corrected", field="arrived")
    if len(of_place(db, place)) >= MOST:
        raise BadInput("corrected too often", field="reason")
    made = VisitCorrection(
        place_id=place.id,
        was_arrived_at=place.arrived_at,
        was_left_at=place.left_at,
        arrived_at=arrived,
        left_at=left,
        reason=reason.strip(),
        at=now,
        by=by,
    )
    db.add(made)
    _seat(db, place, arrived, left, now)
    place.arrived_at, place.left_at = arrived, left
    _settle(db, place.booking, now)
    return made


def of_place(db: Session, place: BookingPlace) -> Sequence[VisitCorrection]:
    """Return the corrections of a visit, oldest first."""
    mine = select(VisitCorrection).where(VisitCorrection.place_id == place.id)
    return db.scalars(mine.order_by(VisitCorrection.id)).all()


def _check(place: BookingPlace, arrived: datetime | None, left: datetime | None, now: datetime) -> None:
    if arrived is not None and not (place.start - visits.EARLY <= arrived < place.end and arrived <= now):
        raise BadInput("outside of the window", field="arrived")
    if left is not None and arrived is None:
        raise BadInput("left without coming", field="arrived")
    if left is not None and arrived is not None and not arrived < left <= min(now, place.end + _LATE):
        raise BadInput("left before coming, or ahead of now", field="left")


def _seat(db: Session, place: BookingPlace, arrived: datetime | None, left: datetime | None, now: datetime) -> None:
    """Give the desk back to who is still there, and let it go where they left earlier than was known."""
    if now >= place.end:
        return
    given_away = place.released_at is not None and arrived is not None
    if left is None and (place.left_at is not None or given_away):
        if not claims.take_again(db, place, now):
            raise DeskTaken("somebody else has the desk since")
        place.released_at = None
    if place.left_at is None and left is not None:
        claims.shorten(db, place, left)
    untold.note(db, [place.desk_id])


def _settle(db: Session, booking: Booking, now: datetime) -> None:
    booking.state = visits.state_of(booking, now)
    if booking.state != "no_show" and booking.cause == "no-show":
        booking.cause = ""
    touched(db, booking, now)
