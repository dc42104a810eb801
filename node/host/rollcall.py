"""在館者確認 (点呼): everybody who is in the building, whichever town employs them, from one press to the list of the missing.

Several wardens mark at once. Answers are added and never overwritten, each under the roll call's lock and against the
answer its warden had seen: two who say different things of one person learn of each other.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound, RollCallAnswered, RollCallOver
from federation.messages.rollcall import Outcome
from federation.storage import insert
from node.host import reception
from node.host.reception import Guest
from node.models.bookings import BookingPlace
from node.models.rollcalls import Accounted, RollCall, RollCallPerson
from node.models.sites import Desk, Room
from node.models.visits import WalkIn

Answer = Literal["seen", "sheltering", "missing"]
"""確認済, 庁舎待機, and taking either back."""
SHOWN = 10
"""So many roll calls of before a page lists."""
_MAY_STILL_BE_THERE = timedelta(hours=12)
"""How long after the end of their time somebody counts whom nobody saw leave."""
_LONGEST_STAY = timedelta(days=2)


@dataclass(frozen=True)
class Person:
    """Somebody in a roll call, and the newest answer on them (None before anybody looked)."""

    guest: Guest
    answer: Accounted | None

    @property
    def outcome(self) -> Outcome:
        """How it stands: ``seen``, ``sheltering``, ``left`` the building, or ``missing``."""
        if self.answer is not None and self.answer.seen:
            return "sheltering" if self.answer.sheltering else "seen"
        return "left" if self.guest.left_at is not None else "missing"

    @property
    def last(self) -> int:
        """The number of the newest answer; 0 before there is one."""
        return self.answer.id if self.answer is not None else 0

    @property
    def heads(self) -> int:
        """How many people that is, with those who came along."""
        return 1 + self.guest.companions


@dataclass(frozen=True)
class Roll:
    """Everybody in a roll call, in the order of their places."""

    people: tuple[Person, ...]

    def of(self, *outcomes: Outcome) -> tuple[Person, ...]:
        """Return those of whom it stands so."""
        return tuple(one for one in self.people if one.outcome in outcomes)

    @property
    def missing(self) -> tuple[Person, ...]:
        """Those who are in the building and have not been seen."""
        return self.of("missing")

    @property
    def companions(self) -> int:
        """How many came along with them all."""
        return sum(one.guest.companions for one in self.people)


def begin(db: Session, *, site_id: str = "", is_drill: bool = False, by: str, now: datetime) -> RollCall:
    """Begin a roll call of a site, or of all; who presses while one is open joins that one."""
    new = {"id": str(uuid.uuid4()), "site_id": site_id, "is_drill": is_drill, "begun_at": now, "begun_by": by}
    open_one = RollCall.ended_at.is_(None)
    row = insert(db, RollCall).values(**new, ended_by="", version=0)
    db.execute(row.on_conflict_do_nothing(index_elements=["site_id"], index_where=open_one))
    return db.scalars(select(RollCall).where(RollCall.site_id == site_id, open_one)).one()


def current(db: Session, site_id: str = "") -> RollCall | None:
    """Return the open roll call of a site, or of all, or None."""
    return db.scalar(select(RollCall).where(RollCall.site_id == site_id, RollCall.ended_at.is_(None)))


def open_elsewhere(db: Session, site_id: str = "") -> Sequence[RollCall]:
    """Return the open roll calls of other sites, or of all, so that two halves of one emergency find each other."""
    others = select(RollCall).where(RollCall.site_id != site_id, RollCall.ended_at.is_(None))
    return db.scalars(others.order_by(RollCall.begun_at, RollCall.id)).all()


def get(db: Session, roll_call_id: str) -> RollCall:
    """Return a roll call; raise ``NotFound``."""
    found = db.get(RollCall, roll_call_id)
    if found is None:
        raise NotFound("no such roll call")
    return found


def latest(db: Session, site_id: str = "") -> Sequence[RollCall]:
    """Return the roll calls that are over, newest first; of a site, or all."""
    over = select(RollCall).where(RollCall.ended_at.is_not(None))
    found = over.where(RollCall.site_id == site_id) if site_id else over
    return db.scalars(found.order_by(RollCall.begun_at.desc(), RollCall.id).limit(SHOWN)).all()


def present(db: Session, now: datetime, *, by: str, site_id: str = "", since: datetime | None = None) -> Roll:
    """Return who is in the building, and who was since ``since`` and has left; looks at names are logged as ``by``'s.

    Whom nobody saw leave counts for half a day after their time, past midnight too.
    """
    places, walk_ins = _keys(db, now, site_id, since or now)
    guests = reception.of(db, places, walk_ins, now, by=by)
    return Roll(tuple(Person(guest, None) for guest in guests))


def roll(db: Session, call: RollCall, now: datetime, *, by: str) -> Roll:
    """Return everybody in a roll call with the newest answer on each; of one that is over, as it ended."""
    if call.ended_at is None:
        people = present(db, now, by=by, site_id=call.site_id, since=call.begun_at).people
    else:
        kept = db.execute(
            select(RollCallPerson.place_id, RollCallPerson.walk_in_id).where(RollCallPerson.roll_call_id == call.id)
        ).all()
        places, walk_ins = [row.place_id for row in kept], [row.walk_in_id for row in kept]
        guests = reception.of(db, [one for one in places if one], [one for one in walk_ins if one], now, by=by)
        people = tuple(Person(guest, None) for guest in guests)
    answers = _answers(db, call)
    return Roll(tuple(Person(one.guest, answers.get(one.guest.key)) for one in people))


def outcomes(db: Session, call: RollCall) -> Mapping[str, RollCallPerson]:
    """Return how a roll call that is over left each person, by key."""
    rows = db.scalars(select(RollCallPerson).where(RollCallPerson.roll_call_id == call.id))
    return {str(row.place_id or row.walk_in_id): row for row in rows}


def account_for(db: Session, call: RollCall, key: str, answer: Answer, *, last: int, by: str, now: datetime) -> None:
    """Write down one answer on somebody in the roll call; ``last`` is the number of the answer that had been seen.

    The same answer again changes nothing. Raises ``RollCallOver``, ``NotFound`` for nobody of it, and
    ``RollCallAnswered`` where somebody has said something else meanwhile.
    """
    lock(db, call)
    key = _taken_over(db, [key]).get(key, key)
    places, walk_ins = _keys(db, now, call.site_id, call.begun_at)
    if key not in {str(one) for one in places} | set(walk_ins):
        raise NotFound("nobody there")
    newest = _answers(db, call).get(key)
    seen, sheltering = answer != "missing", answer == "sheltering"
    if newest is not None and (newest.seen, newest.sheltering) == (seen, sheltering):
        return
    if (newest.id if newest is not None else 0) != last:
        raise RollCallAnswered("somebody said something else meanwhile")
    who = {"place_id": int(key)} if key.isdigit() else {"walk_in_id": key}
    db.add(Accounted(roll_call_id=call.id, **who, seen=seen, sheltering=sheltering, by=by, at=now))
    db.flush()


def lock(db: Session, call: RollCall) -> None:
    """Take the roll call's lock until the transaction ends; raise ``RollCallOver`` for one that has ended."""
    mine = update(RollCall).where(RollCall.id == call.id, RollCall.ended_at.is_(None))
    if db.scalar(mine.values(version=RollCall.version + 1).returning(RollCall.id)) is None:
        raise RollCallOver("the roll call is over")
    db.refresh(call)


def _answers(db: Session, call: RollCall) -> Mapping[str, Accounted]:
    words = db.scalars(select(Accounted).where(Accounted.roll_call_id == call.id).order_by(Accounted.id)).all()
    places = _taken_over(db, {word.walk_in_id for word in words if word.walk_in_id})
    said = ((str(word.place_id or word.walk_in_id), word) for word in words)
    return {places.get(key, key): word for key, word in said}


def _taken_over(db: Session, keys: Collection[str]) -> Mapping[str, str]:
    """Return the new keys of those among these walk-ins whom a booking of their home has taken over, with the old.

    What was said of them while they had none holds for their place in it, which has their arrival.
    """
    if not keys:
        return {}
    same = and_(BookingPlace.booking_id == WalkIn.booking_id, BookingPlace.arrived_at == WalkIn.arrived_at)
    found = select(WalkIn.id, BookingPlace.id).join(BookingPlace, same).where(WalkIn.id.in_(keys))
    return {walk_in: str(place) for walk_in, place in db.execute(found.order_by(BookingPlace.id.desc()))}


def _keys(db: Session, now: datetime, site_id: str, since: datetime) -> tuple[Sequence[int], Sequence[str]]:
    """Return the places and walk-ins of those who are on site, or were after ``since``.

    What has become of a booking does not count: whoever came and did not leave is in the building.
    """
    places = (
        select(BookingPlace.id)
        .join(Desk, Desk.id == BookingPlace.desk_id)
        .join(Room, Room.id == Desk.room_id)
        .where(BookingPlace.arrived_at.is_not(None), BookingPlace.start < now + _LONGEST_STAY)
        .where(or_(BookingPlace.left_at.is_(None), BookingPlace.left_at > since))
        .where(BookingPlace.end > since - _MAY_STILL_BE_THERE)
        .order_by(BookingPlace.start, BookingPlace.id)
    )
    walk_ins = (
        select(WalkIn.id)
        .join(Desk, Desk.id == WalkIn.desk_id)
        .join(Room, Room.id == Desk.room_id)
        .where(WalkIn.booking_id.is_(None), WalkIn.arrived_at > since - _MAY_STILL_BE_THERE * 2)
        .where(or_(WalkIn.left_at.is_(None), WalkIn.left_at > since))
        .order_by(WalkIn.arrived_at, WalkIn.id)
    )
    if site_id:
        places, walk_ins = places.where(Room.site_id == site_id), walk_ins.where(Room.site_id == site_id)
    return db.scalars(places).all(), db.scalars(walk_ins).all()


def read_answer(text: str) -> Answer:
    """Read an answer from a form; raise ``BadInput`` for anything else."""
    for known in ("seen", "sheltering", "missing"):
        if text == known:
            return known
    raise BadInput("no such answer", field="answer")
