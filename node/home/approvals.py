"""承認・差戻し・不承認: what waits for an approver, deciding it, and what becomes of it at the host.

A decision is written down first, in one statement that only the first of two approvers gets through. Then the host is told;
what it could not be told now, a job tells it. An approval that comes after the host has let the desk go says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, selectinload

from federation import audit
from federation.errors import BookingGone, BookingLapsed, Conflict, NotFound, TachiyoriError
from federation.wording import phrase
from node import notices
from node.home import asking, conditions, needs, superiors, trips
from node.home.wishes import JAPAN
from node.models.approvals import Approval, ApprovalTrip
from node.models.staff import Staff, StaffRole
from node.models.teams import Team, TeamSeat
from node.models.trips import Trip
from node.people import staff as directory
from node.town import Town

Act = Literal["approved", "returned", "refused"]
"""承認, 差戻し (ask anew otherwise), 不承認."""
CAUSES = {"returned": "approval-returned", "refused": "approval-refused"}
"""Why a trip is taken back, by the decision."""
LISTED = 200
"""So many a page lists, those whose desk is let go first before the others."""
DECIDED = 20
"""So many of their own decisions an approver is shown, newest first."""
_AT_ONCE = 100
_BEFORE_ARRIVAL = frozenset({"asking", "held"})
_LOST = (BookingLapsed, BookingGone, NotFound, Conflict)
"""What a host says that holds the desk no more."""

_APPROVED = phrase("%(by)sさんが承認しました：%(site)s %(when)s")
_RETURNED = phrase(
    "%(by)sさんが差し戻しました：%(site)s %(when)s。理由：%(reason)s。内容を変えて、もう一度申し込めます。"
)
_REFUSED = phrase("%(by)sさんが承認しませんでした：%(site)s %(when)s。理由：%(reason)s")
_TOO_LATE = phrase(
    "%(by)sさんが承認しましたが、座席の確保の期限が過ぎていました：%(site)s %(when)s。必要なときは、もう一度申し込んでください。"
)
_LAPSED = phrase("承認されないまま座席の確保の期限が過ぎました：%(name)sさん、%(site)s %(when)s")
_ESCALATED = phrase("承認が%(hours)s時間以上待たれています：%(name)sさん、%(site)s %(when)s。人事担当も決められます。")
_TOLD = {"approved": _APPROVED, "returned": _RETURNED, "refused": _REFUSED}


@dataclass(frozen=True)
class Decided:
    """What came of a decision on several: how many were decided, came too late, and had been decided by somebody else."""

    done: int = 0
    late: int = 0
    gone: int = 0


def waiting(db: Session, by: Staff, *, now: datetime) -> Sequence[Approval]:
    """Return what waits for somebody's decision, the most urgent first; as many statements however many there are."""
    today = now.astimezone(JAPAN).date()
    may = superiors.decides(by, superiors.principals(db, by, today), today)
    question = select(Approval).join(Staff, Staff.id == Approval.staff_id).where(Approval.state == "asked", may)
    found = db.scalars(question.options(selectinload(Approval.trips)).order_by(Approval.asked_at).limit(LISTED)).all()
    return sorted(found, key=lambda one: deadline(one) or one.asked_at)


def deadline(one: Approval) -> datetime | None:
    """Return until when it has to be decided: when the first of its desks is let go."""
    return min((trip.hold_until or trip.start for trip in one.trips if trip.state == "held"), default=None)


def decided_by(db: Session, by: Staff) -> Sequence[Approval]:
    """Return what somebody decided last, newest first."""
    theirs = select(Approval).where(Approval.by_id == by.id).options(selectinload(Approval.trips))
    return db.scalars(theirs.order_by(Approval.decided_at.desc(), Approval.id).limit(DECIDED)).all()


def decide(
    town: Town, ids: Collection[str], act: Act, by: Staff, reason: str = "", *, now: datetime, way: str = "portal"
) -> Decided:
    """Decide some of what waits for ``by``; what is not theirs to decide, or decided already, is counted as gone.

    ``way`` is where they decided, for the audit log.
    """
    with town.storage.transaction() as db:
        theirs = {one.id for one in waiting(db, by, now=now)} & set(ids)
    done, late, told = 0, 0, []
    for approval_id in sorted(theirs):
        state = _decide(town, approval_id, act, by, reason, way=way, now=now)
        done, late = done + (state == act), late + (state == "lapsed")
        told += [approval_id] if state == act else []
    silent: set[str] = set()
    for approval_id in told:
        lost = _carry(town, approval_id, silent, now=now)
        done, late = done - lost, late + lost
    return Decided(done, late, len(set(ids)) - done - late)


def _decide(town: Town, approval_id: str, act: Act, by: Staff, reason: str, *, way: str, now: datetime) -> str:
    """Write one decision down and return the state it led to; empty where somebody else was faster."""
    with town.storage.transaction(write=True) as db:
        row = db.get_one(Approval, approval_id)
        directory.lock(db, row.staff_id)
        db.refresh(row)
        found = [trip for trip in row.trips if trip.state in _BEFORE_ARRIVAL]
        state = act if any(needs.is_open(trip, now) for trip in found) else "lapsed"
        first = update(Approval).where(Approval.id == approval_id, Approval.state == "asked")
        news = {"state": state, "by_id": by.id, "decided_at": now, "reason": reason}
        if not db.scalars(first.values(news).returning(Approval.id)).all():
            return ""
        db.refresh(row)
        _log(db, row, by, f"{act} by {way}", now)
        for trip in found if state in CAUSES else ():
            trips.cancel(db, trip, now=now, cause=CAUSES[state], at_once=True)
        words = _TOLD.get(state, _TOO_LATE)
        _tell(db, row, words, now, by=by.name, reason=reason)
        return state


def _log(db: Session, row: Approval, by: Staff, what: str, now: datetime) -> None:
    count = f"{what}: {len(row.trips)} trips of staff:{row.staff_id}, now {row.state}"
    audit.record(db, event="approval", actor=f"staff:{by.id}", subject=row.id, verdict="allowed", reason=count, now=now)


def _tell(db: Session, row: Approval, words: str, now: datetime, **facts: str) -> None:
    """Tell the applicant; of a series, once."""
    trip = row.trips[0]
    about = {**needs.about(trip), **facts}
    notices.tell(db, row.staff_id, words, now=now, link=f"/bookings/{trip.id}", kind="changed", trip=trip.id, **about)


def _carry(town: Town, approval_id: str, silent: set[str], *, now: datetime) -> int:
    """Tell the hosts of a decision as far as they answer; return 1 if an approval came too late for all of its desks."""
    with town.storage.transaction() as db:
        row = db.get_one(Approval, approval_id)
        gathers = exists().where(
            TeamSeat.trip_id == ApprovalTrip.trip_id,
            TeamSeat.team_id == Team.id,
            Team.state.in_(("gathering", "confirming")),
        )
        mine = (
            select(Trip)
            .join(ApprovalTrip, ApprovalTrip.trip_id == Trip.id)
            .where(ApprovalTrip.approval_id == approval_id)
        )
        found = db.scalars(mine.where(~gathers) if row.state == "approved" else mine).all()
    fates = [_carry_one(town, row.state, trip, silent, now) for trip in found]
    if row.state != "approved" or not fates or not all(fate == "lost" for fate in fates):
        return 0
    with town.storage.transaction(write=True) as db:
        late = db.get_one(Approval, approval_id)
        late.state = "lapsed"
        _tell(db, late, _TOO_LATE, now, by=late.by.name if late.by else "")
    return 1


def _carry_one(town: Town, state: str, trip: Trip, silent: set[str], now: datetime) -> str:
    """Confirm or cancel one trip at its host: ``lost`` where the host holds nothing any more."""
    if trip.host in silent:
        return "later"
    try:
        if state != "approved":
            asking.tell_cancelled(town, trip.id, now=now)
        elif trip.state == "held":
            asking.confirm(town, trip.id, trip.staff_id, unasked=True, now=now)
    except _LOST:
        _look(town, trip, now)
        return "lost"
    except TachiyoriError:
        silent.add(trip.host)
        return "later"
    return "done"


def _look(town: Town, trip: Trip, now: datetime) -> None:
    """Take in how the booking stands at its host, which holds it no more; what it does not say now, its feed will."""
    try:
        booking = town.hosts(trip.host).get_booking(trip.id)
    except TachiyoriError:
        return
    with town.storage.transaction(write=True) as db:
        known = trips.locked(db, trip.id)
        if known is not None:
            trips.follow(db, known, booking, now=now, unasked=True)


# --- What the job runs ------------------------------------------------------------------------------------------


def go_on(town: Town, *, now: datetime) -> int:
    """Carry out what was approved and its host has not heard, end what has lapsed, and escalate; how many. A job."""
    held = exists().where(
        ApprovalTrip.approval_id == Approval.id, ApprovalTrip.trip_id == Trip.id, Trip.state == "held"
    )
    with town.storage.transaction() as db:
        approved = select(Approval.id).where(Approval.state == "approved", held)
        left_over = db.scalars(approved.order_by(Approval.asked_at).limit(_AT_ONCE)).all()
    silent: set[str] = set()
    for approval_id in left_over:
        _carry(town, approval_id, silent, now=now)
    with town.storage.transaction(write=True) as db:
        return len(left_over) + _end(db, now) + _escalate(db, now)


def _end(db: Session, now: datetime) -> int:
    """End the questions of which no desk is held any more: withdrawn by the applicant, or lapsed."""
    undecided = select(Approval).where(Approval.state.in_(("draft", "asked"))).options(selectinload(Approval.trips))
    over = [one for one in db.scalars(undecided) if not any(needs.is_open(trip, now) for trip in one.trips)]
    for row in over:
        was, late = row.state, any(trip.state in {"held", "lapsed"} for trip in row.trips)
        row.state = "lapsed" if was == "asked" and late else "withdrawn"
        for approver in needs.who(db, row, now) if row.state == "lapsed" else ():
            needs.tell(db, approver.id, row.trips[0], _LAPSED, now=now, name=row.staff.name)
    return len(over)


def _escalate(db: Session, now: datetime) -> int:
    """Let 人事担当 decide what has waited too long."""
    row = conditions.in_force(db)
    if row is None or row.escalate_hours is None:
        return 0
    late = (Approval.state == "asked", Approval.escalated_at.is_(None))
    waited = Approval.asked_at <= now - timedelta(hours=row.escalate_hours)
    found = db.scalars(select(Approval).where(*late, waited, Approval.whose == "superior").limit(_AT_ONCE)).all()
    personnel = db.scalars(select(StaffRole.staff_id).where(StaffRole.role == "personnel")).all() if found else ()
    for one in found:
        one.escalated_at = now
        for staff_id in personnel:
            if staff_id != one.staff_id:
                hours, trip, name = str(row.escalate_hours), one.trips[0], one.staff.name
                needs.tell(db, staff_id, trip, _ESCALATED, now=now, name=name, hours=hours, approval=one.id)
    return len(found)
