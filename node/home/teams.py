"""同僚と一緒に予約する: desks that sit together for a person and their colleagues, all of them or none.

Each is an ordinary trip of its own person. Every desk is held first, in the order of the desks' ids, so that of two teams that
want the same desks one gets all; once all are held, each is taken. If one cannot be had, all are given back. The row says how
far it has come: a process may die between any two steps, and a job goes on from there.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from federation.errors import NotFound, TachiyoriError
from federation.storage import insert
from federation.wording import phrase
from node.home import asking, behalf, budgets, needs, telling, trips
from node.home.trips import Wish
from node.models.approvals import Approval, ApprovalTrip
from node.models.staff import Staff
from node.models.teams import Team, TeamSeat
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town

MOST = 6
"""So many sit together at most, who asks among them."""
PATIENCE = timedelta(minutes=2)
"""How long desks are gathered while their host does not answer: nobody's desk is kept from others for a team in vain."""
HEAD_START = timedelta(seconds=20)
"""The person at the keyboard goes first; after that the job takes it to be left over."""
OPEN = ("gathering", "confirming")
_CAUSE = "team"
_AT_ONCE = 100
"""So many teams that were left over are looked at in one run."""
_LISTED = 20
_ENDED = frozenset({"refused", "cancelled", "lapsed", "cancelling"})
_MAY_BE_CANCELLED = trips.LIVE - {"cancelling", "checked_in"}
_ALL = phrase("同僚と一緒の予約は、全員分の座席がとれました：%(site)s %(when)s")
_NONE = phrase(
    "全員分の座席がそろわなかったため、同僚と一緒の予約を取りやめました：%(site)s %(when)s。別の座席をお選びください。"
)

Fate = Literal["asked", "held", "stands", "lost"]


def ask(
    town: Town, team_id: str, wishes: Sequence[Wish], by: Staff, signed_in: SignedIn | None, *, now: datetime
) -> None:
    """Ask for a team's desks, the first of them for ``by``. A ``team_id`` that has been asked for is left as it stands.

    ``signed_in`` is ``by`` at the keyboard, None where nobody is. Raises ``PersonElsewhere`` before anybody is asked where
    one of them has another booking, ``BookingRefused`` where a budget does not pay for all of them, and ``NotFound`` for somebody else's id. What hosts say stands with each trip.
    """
    if is_known(town, team_id, by.id):
        return
    with town.storage.transaction(write=True) as db:
        if not _write(db, team_id, wishes, by, now):
            return
    _carry_on(town, team_id, signed_in, set(), now=now)


def _write(db: Session, team_id: str, wishes: Sequence[Wish], by: Staff, now: datetime) -> bool:
    """Write the team and every wish of it down, or nothing; say whether this press was the first."""
    row = insert(db, Team).values(id=team_id, by_id=by.id, state="gathering", made_at=now).on_conflict_do_nothing()
    if db.scalar(row.returning(Team.id)) is None:
        return False
    budgets.lock(db, [wish.staff_id for wish in wishes], [budgets.day_of(wish.start) for wish in wishes])
    # Two teams that have people in common take their locks in one order.
    for staff_id in sorted(wish.staff_id for wish in wishes):
        directory.lock(db, staff_id)
    for position, wish in enumerate(wishes):
        trip = trips.ask(db, replace(wish, hold=True), now=now, batch=team_id)
        if wish.staff_id != by.id:
            behalf.record(db, trip, by.id, now=now)
        db.add(TeamSeat(team_id=team_id, position=position, trip_id=trip.id))
    db.flush()
    return True


def is_known(town: Town, team_id: str, staff_id: int) -> bool:
    """Say whether a team was asked for already; raise ``NotFound`` where somebody else has asked for it."""
    with town.storage.transaction() as db:
        known = db.get(Team, team_id)
    if known is not None:
        _refuse_others(known, staff_id)
    return known is not None


def get(db: Session, team_id: str, staff_id: int) -> Team:
    """Return a team for who asked for it or sits in it; anybody else's is ``NotFound``."""
    team = db.get(Team, team_id)
    if team is None or staff_id not in {team.by_id, *(seat.trip.staff_id for seat in team.seats)}:
        raise NotFound(f"team {team_id[:40]}")
    return team


def _refuse_others(team: Team, staff_id: int) -> None:
    if team.by_id != staff_id:
        raise NotFound(f"team {team.id} of somebody else")


def find(db: Session, trip_id: str) -> str | None:
    """Return the id of the team a trip belongs to, or None."""
    return db.scalar(select(TeamSeat.team_id).where(TeamSeat.trip_id == trip_id))


def of(db: Session, staff_id: int, *, now: datetime) -> Sequence[Team]:
    """Return the teams somebody asked for of which something is still to come, newest first; those in vain are not told."""
    coming = select(TeamSeat.team_id).join(TeamSeat.trip).where(Trip.end > now)
    mine = select(Team).where(Team.by_id == staff_id, Team.state != "released", Team.id.in_(coming))
    return db.scalars(mine.order_by(Team.made_at.desc(), Team.id).limit(_LISTED)).all()


def may_be_cancelled(trip: Trip, *, now: datetime) -> bool:
    """Say whether a trip of a team stands and is not over."""
    return trip.state in _MAY_BE_CANCELLED and trip.end > now


def cancel(town: Town, team_id: str, by: Staff, *, now: datetime) -> int:
    """Cancel all that stands of one's own team, and return how many; hosts that are away are told later."""
    with town.storage.transaction(write=True) as db:
        team = _locked(db, team_id)
        if team is None:
            raise NotFound(f"team {team_id[:40]}")
        _refuse_others(team, by.id)
        ended = [seat.trip for seat in team.seats if may_be_cancelled(seat.trip, now=now)]
        if team.state in OPEN:
            _release(db, team, now)
        else:
            for trip in ended:
                trips.cancel(db, trip, now=now)
                if trip.staff_id != by.id:
                    behalf.tell_taken_back(db, trip, by, now=now)
    _give_back(town, ended, now)
    return len(ended)


# --- Going on ---------------------------------------------------------------------------------------------------


def go_on(town: Town, *, now: datetime) -> int:
    """Go on with teams that were left over: gather or take what is missing, or give all back; how many. A job."""
    ended = exists().where(TeamSeat.team_id == Team.id, TeamSeat.trip_id == Trip.id, Trip.state != "held")
    waits = exists().where(
        TeamSeat.team_id == Team.id, TeamSeat.trip_id == ApprovalTrip.trip_id,
        ApprovalTrip.approval_id == Approval.id, Approval.state == "asked",
    )  # fmt: skip
    # What waits for an approval is gone on with once it is decided, or once a desk is held no more.
    left_over = (Team.state.in_(OPEN), Team.made_at <= now - HEAD_START, or_(~waits, ended))
    with town.storage.transaction() as db:
        found = db.scalars(select(Team.id).where(*left_over).order_by(Team.made_at).limit(_AT_ONCE)).all()
    silent: set[str] = set()
    for team_id in found:
        _carry_on(town, team_id, None, silent, now=now)
    return len(found)


def _carry_on(town: Town, team_id: str, signed_in: SignedIn | None, silent: set[str], *, now: datetime) -> None:
    """Take every step that can be taken now. Hosts that are silent once, in ``silent``, are not waited for again.

    ``signed_in`` is who asked, at the keyboard; None where the outcome has to be told to them.
    """
    _hold(town, team_id, signed_in, silent, now)
    if _decide(town, team_id, told=signed_in is None, now=now) == "confirming" and _is_approved(town, team_id, now):
        lost = _take(town, team_id, silent, now)
        _decide(town, team_id, told=signed_in is None, lost=lost, now=now)


def _is_approved(town: Town, team_id: str, now: datetime) -> bool:
    """Ask whoever has to approve a seat, now that all are held; say whether nobody has to any more."""
    with town.storage.transaction(write=True) as db:
        team = _locked(db, team_id)
        waits = [needs.ask(db, seat.trip, now=now) for seat in team.seats] if team is not None else []
    return not any(waits)


def _hold(town: Town, team_id: str, signed_in: SignedIn | None, silent: set[str], now: datetime) -> None:
    """Have the desks held one after the other, up to the first that cannot be had."""
    for trip in _in_order(town, team_id, "asking"):
        vouched = signed_in if signed_in is not None and trip.staff_id == signed_in.staff_id else None
        if trip.host in silent:
            return
        try:
            asking.carry(town, trip.id, vouched, now=now, told=False)
        except asking.NO:
            return
        except TachiyoriError:
            silent.add(trip.host)
            return


def _take(town: Town, team_id: str, silent: set[str], now: datetime) -> bool:
    """Take each desk that is held; say whether the host has let one go meanwhile."""
    for trip in _in_order(town, team_id, "held"):
        if trip.host in silent:
            return False
        try:
            asking.confirm(town, trip.id, trip.staff_id, now=now)
        except asking.NO:
            return True
        except TachiyoriError:
            silent.add(trip.host)
            return False
    return False


def _in_order(town: Town, team_id: str, state: str) -> Sequence[Trip]:
    mine = select(Trip).join(TeamSeat, TeamSeat.trip_id == Trip.id).where(TeamSeat.team_id == team_id)
    with town.storage.transaction() as db:
        return db.scalars(mine.where(Trip.state == state).order_by(Trip.desk_id, Trip.id)).all()


def _decide(town: Town, team_id: str, *, told: bool, lost: bool = False, now: datetime) -> str:
    """Write down how far a team has come, give all back where one is lost, and return its state."""
    given_back: list[Trip] = []
    with town.storage.transaction(write=True) as db:
        team = _locked(db, team_id)
        if team is None or team.state not in OPEN:
            return team.state if team is not None else "released"
        state = _next(team, lost=lost, now=now)
        if state == "released":
            given_back = [seat.trip for seat in team.seats]
            _release(db, team, now)
        if state == "confirmed":
            _tell_taken(db, team, now)
        if told and state not in OPEN:
            telling.tell(db, team.seats[0].trip, _ALL if state == "confirmed" else _NONE, now=now)
        team.state = state
    _give_back(town, given_back, now)
    return state


def _locked(db: Session, team_id: str) -> Team | None:
    """Return a team under its own lock and then its people's, as the newest commit left it and them."""
    db.execute(select(Team.id).where(Team.id == team_id).with_for_update())
    people = select(Trip.staff_id).join(TeamSeat, TeamSeat.trip_id == Trip.id).where(TeamSeat.team_id == team_id)
    for staff_id in sorted(db.scalars(people)):
        directory.lock(db, staff_id)
    return db.get(Team, team_id, populate_existing=True)


def _next(team: Team, *, lost: bool, now: datetime) -> str:
    fates = {_fate(seat.trip, now) for seat in team.seats}
    if lost or "lost" in fates:
        return "released"
    if "asked" in fates:
        late = now >= min(team.made_at + PATIENCE, *(seat.trip.start for seat in team.seats))
        return "released" if late else "gathering"
    # Once all are held they are taken, however long it takes to reach the host; what it stops holding is lost.
    return "confirmed" if fates == {"stands"} else "confirming"


def _fate(trip: Trip, now: datetime) -> Fate:
    if trip.state == "asking":
        return "asked"
    if trip.state == "held":
        return "lost" if now >= (trip.hold_until or trip.start) else "held"
    return "lost" if trip.state in _ENDED else "stands"


def _release(db: Session, team: Team, now: datetime) -> None:
    team.state = "released"
    for seat in team.seats:
        trips.cancel(db, seat.trip, now=now, cause=_CAUSE, at_once=True)


def _tell_taken(db: Session, team: Team, now: datetime) -> None:
    for seat in team.seats:
        if seat.trip.staff_id == team.by_id:
            telling.receipt(db, seat.trip, "asking", now=now)
        else:
            behalf.tell_booked(db, seat.trip, team.by, now=now)


def _give_back(town: Town, ended: Sequence[Trip], now: datetime) -> None:
    """Tell hosts at once; the promises stand behind, in case they do not hear it."""
    silent: set[str] = set()
    for trip in ended:
        if trip.host in silent:
            continue
        try:
            asking.tell_cancelled(town, trip.id, now=now)
        except TachiyoriError:
            silent.add(trip.host)
