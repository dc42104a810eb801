"""Leaving: what ends when somebody serves here no more, and how the hosts that know the person hear of it.

Sessions here end at once. Each host that has a name for the person is told account-disabled, and each booking still to
come is taken back; both are promises in the transaction of the departure, and the outbox keeps them. A change of 所属 ends
nothing. Whoever sits at a desk now stays in that host's roll call until they go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from federation import audit, events
from federation.claims import moment
from federation.events import SecurityEvent
from federation.outbox import Carrier, Parcel
from node.home import trips
from node.models.assistance import Assistance
from node.models.endings import Departure
from node.models.staff import PairwiseSubject, Staff
from node.models.trips import Trip
from node.models.waiting import Waiting
from node.people import announcements, signin
from node.people import staff as directory
from node.town import Town

CAUSE = "left"
"""Why a trip was cancelled: its person has left."""
AT_ONCE = 200
"""So many departures are followed in one transaction, so that nobody waits long on the day of a new staff list."""
JAPAN_AHEAD = timedelta(hours=9)
_BEFORE_ARRIVAL = trips.LIVE - {"checked_in", "cancelling"}


@dataclass(frozen=True)
class Ending:
    """What a departure ends: how many hosts know the person, and the bookings still to come."""

    hosts: int
    trips: Sequence[Trip]


def foresee(db: Session, staff_id: int) -> Ending:
    """Return what would end now if the person left."""
    hosts = db.scalar(select(func.count()).where(PairwiseSubject.staff_id == staff_id)) or 0
    return Ending(hosts, _to_come(db, staff_id))


def end(db: Session, staff_id: int, *, on: date, by: str, now: datetime) -> Ending:
    """Let a person leave on a day, at once where the day has come; returns what ends at once. Raises ``NotFound``."""
    directory.lock(db, staff_id)
    person = directory.get(db, staff_id)
    person.left_on = on
    audit.record(
        db, event="departure", actor=by, subject=f"staff:{staff_id}", verdict="allowed", reason=on.isoformat(), now=now
    )
    return _depart(db, person, now) if signin.has_left(person, now) else Ending(0, ())


def end_sessions(db: Session, staff_id: int, *, by: str, initiator: announcements.Initiator, now: datetime) -> int:
    """End every session of a person who stays, here and wherever they are known; returns how many hosts are told."""
    directory.lock(db, staff_id)
    directory.get(db, staff_id).session_epoch += 1
    audit.record(db, event="sessions-ended", actor=by, subject=f"staff:{staff_id}", verdict="allowed", now=now)
    return announcements.sessions_ended(db, staff_id, by=initiator, now=now)


def follow_departures(db: Session, *, now: datetime) -> int:
    """End everything of those whose day has come, and forget the departure of who is back; a job. Returns how many."""
    today = (now + JAPAN_AHEAD).date()
    serving = select(Staff.id).where(or_(Staff.left_on.is_(None), Staff.left_on > today))
    db.execute(delete(Departure).where(Departure.staff_id.in_(serving)))
    told = exists().where(Departure.staff_id == Staff.id)
    leavers = db.scalars(select(Staff).where(Staff.left_on <= today, ~told).order_by(Staff.id).limit(AT_ONCE)).all()
    for person in leavers:
        directory.lock(db, person.id)
        _depart(db, person, now)
    return len(leavers)


def _depart(db: Session, person: Staff, now: datetime) -> Ending:
    """End the person's sessions, take back what is still to come, and promise to tell every host."""
    person.session_epoch += 1
    hosts = announcements.account_disabled(db, person.id, now=now)
    coming = _to_come(db, person.id)
    for trip in coming:
        trips.cancel(db, trip, now=now, cause=CAUSE, at_once=True)
    queued = update(Waiting).where(Waiting.staff_id == person.id, Waiting.state.in_(("waiting", "offered")))
    db.execute(queued.values(state="withdrawn"))
    db.execute(delete(Assistance).where(Assistance.staff_id == person.id))
    db.merge(Departure(staff_id=person.id, at=now))
    reason = f"{hosts} hosts told, {len(coming)} bookings cancelled"
    audit.record(
        db, event="access-ended", actor="node", subject=f"staff:{person.id}", verdict="allowed", reason=reason, now=now
    )
    return Ending(hosts, coming)


def _to_come(db: Session, staff_id: int) -> Sequence[Trip]:
    mine = (Trip.staff_id == staff_id, Trip.state.in_(_BEFORE_ARRIVAL))
    return db.scalars(select(Trip).where(*mine).order_by(Trip.start, Trip.id)).all()


# --- What the outbox carries ----------------------------------------------------------------------------------


def carriers(town: Town) -> Mapping[str, Carrier]:
    """Return who pushes our people's events to the hosts, for ``outbox.deliver``."""
    return {announcements.EVENT: lambda parcel: _push(town, parcel)}


def _push(town: Town, parcel: Parcel) -> None:
    """Push one event; at our own desks the sessions it ends are our own, and have ended."""
    own, now, what = town.config.entity_id, town.clock(), parcel.payload
    if parcel.target == own:
        return
    host = town.members.verified(parcel.target, now)
    event = SecurityEvent(str(what["event"]), own, str(what["sub"]), moment(int(what["at"])), what["details"])
    token = events.sign(town.keys.protocol.current, event, audience=parcel.target, txn=parcel.key, now=now)
    events.push(town.peer, host.endpoint("desk_exchange", "events_endpoint"), token)
    with town.storage.transaction(write=True) as db:
        audit.record(
            db,
            event="security-event-sent",
            actor=own,
            subject=event.subject,
            verdict="allowed",
            reason=f"{event.name} to {parcel.target}",
            jti=parcel.key,
            now=now,
        )
