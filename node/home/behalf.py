"""Booking for a colleague: who may, who did, and the colleague's word on it.

Whoever serves in the same 所属 may book for each other; 所属長 and 人事担当 may for everybody. The booking is the colleague's
own: they are told who asked for it, find it in their list, and may cancel it. The host is asked by the town's own token, since
the colleague has not signed in.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import NotFound, NotNow, TachiyoriError
from federation.wording import phrase
from node.home import asking, telling, trips
from node.home.trips import Wish
from node.models.behalf import Behalf
from node.models.staff import Staff
from node.models.teams import Team, TeamSeat
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import has_left
from node.town import Town

FOR_EVERYBODY = frozenset({"manager", "personnel"})
"""Roles that may book for everybody of the town."""
_LISTED = 50
_BOOKED = phrase(
    "%(by)sさんが、あなたの予約を申し込みました：%(site)s %(when)s。ご都合が悪い場合は、予約のページで取り消せます。"
)
_TAKEN_BACK = phrase("%(by)sさんが、あなたのために申し込んだ予約を取り消しました：%(site)s %(when)s")
_DECLINED = phrase("%(name)sさんが、あなたの申し込んだ予約を取り消しました：%(site)s %(when)s")


def find_colleague(db: Session, by: Staff, number: str, *, now: datetime) -> Staff | None:
    """Return the colleague with this 職員番号 for whom ``by`` may book; None for everybody else, whether or not they exist."""
    found = directory.find(db, number.strip()[:32])
    if found is None or found.id == by.id or has_left(found, now):
        return None
    same_section = bool(by.section) and found.section == by.section
    return found if same_section or by.role_names & FOR_EVERYBODY else None


def submit(town: Town, wish: Wish, by: Staff, *, now: datetime) -> str:
    """Ask for a colleague's desk and return the trip's id; a host that does not answer is asked again.

    Raises ``PersonElsewhere`` where the colleague has another booking, and what the host refuses with.
    """
    with town.storage.transaction(write=True) as db:
        trip_id = record(db, trips.ask(db, wish, now=now), by.id, now=now)
    try:
        asking.carry(town, trip_id, None, now=now, told=False)
    except asking.NO:
        raise
    except TachiyoriError:
        # Asked again by the outbox; the colleague is told of the outcome then, and of who asked now.
        pass
    with town.storage.transaction(write=True) as db:
        tell_booked(db, db.get_one(Trip, trip_id), by, now=now)
    return trip_id


def record(db: Session, trip: Trip, by_id: int, *, now: datetime) -> str:
    """Write down, here and in the audit log, that somebody asks for a colleague's trip; return the trip's id."""
    db.add(Behalf(trip_id=trip.id, by_id=by_id, asked_at=now))
    audit.record(
        db, event="booked-for", actor=f"staff:{by_id}", subject=trip.id, verdict="allowed",
        reason=f"for staff:{trip.staff_id}", now=now,
    )  # fmt: skip
    return trip.id


def tell_booked(db: Session, trip: Trip, by: Staff, *, now: datetime) -> None:
    """Tell a colleague that ``by`` asked for a desk in their name."""
    telling.tell(db, trip, _BOOKED, now=now, by=by.name)


def tell_taken_back(db: Session, trip: Trip, by: Staff, *, now: datetime) -> None:
    """Tell a colleague that ``by`` cancelled what they had asked for in their name."""
    telling.tell(db, trip, _TAKEN_BACK, now=now, by=by.name)


def booked_by(db: Session, trip_id: str) -> Staff | None:
    """Return who asked for a trip in its person's name, or None."""
    row = db.get(Behalf, trip_id)
    return row.by if row is not None else None


def of(db: Session, by_id: int, *, now: datetime) -> Sequence[Trip]:
    """Return what somebody asked for in colleagues' names and is still to come, soonest first.

    What was given back since not all of a team could sit together never was a booking, and is not among it.
    """
    in_vain = select(TeamSeat.trip_id).join(Team).where(Team.by_id == by_id, Team.state == "released")
    theirs = select(Behalf).join(Behalf.trip).where(Behalf.by_id == by_id, Trip.end > now, Trip.id.not_in(in_vain))
    return [row.trip for row in db.scalars(theirs.order_by(Trip.start, Trip.id).limit(_LISTED))]


def take_back(town: Town, trip_id: str, by: Staff, *, now: datetime) -> None:
    """Cancel what one asked for in a colleague's name, and tell them; raises ``NotFound`` or ``NotNow``."""
    with town.storage.transaction(write=True) as db:
        row = db.get(Behalf, trip_id)
        if row is None or row.by_id != by.id:
            raise NotFound(f"nothing booked for anybody under {trip_id[:40]}")
        trip = row.trip
        if trip.state not in trips.LIVE - {"checked_in", "cancelling"}:
            raise NotNow(f"a trip in state {trip.state}", facts={"window": ""})
    asking.cancel(town, trip_id, trip.staff_id, now=now)
    with town.storage.transaction(write=True) as db:
        tell_taken_back(db, db.get_one(Trip, trip_id), by, now=now)


def declined(db: Session, trip_id: str, *, now: datetime) -> None:
    """Tell who asked for a trip that its person has cancelled it; nothing where nobody else asked for it."""
    row = db.get(Behalf, trip_id)
    if row is not None:
        telling.tell_other(db, row.by_id, row.trip, _DECLINED, now=now, name=row.trip.staff.name)
