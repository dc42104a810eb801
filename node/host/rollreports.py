"""How a roll call ends: who was missing is written down, and each home is told of its own people, signed."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from federation import feed
from federation.keys import KeyRing
from federation.members import Member
from federation.messages import rollcall as wire
from federation.messages.base import Message
from federation.tokens import ROLL_CALL
from node.host import rollcall
from node.host.listings import visits_of
from node.host.rollcall import Person, Roll
from node.models.bookings import OWN_TOWN, BookingPlace
from node.models.rollcalls import RollCall, RollCallPerson, RollCallReport
from node.models.visits import WalkIn

KIND = "roll_call"
"""What the visits feed calls it."""


@dataclass(frozen=True)
class Reporter:
    """Who signs: this host's entity id and code, and its protocol keys."""

    entity_id: str
    code: str
    ring: KeyRing

    def sign(self, audience: str, report: wire.RollCall, now: datetime) -> str:
        """Sign a report for one home."""
        claims = {"iss": self.entity_id, "aud": audience, "report": report.wire()}
        return ROLL_CALL.sign(self.ring.current, claims, now=now)


def end(db: Session, reporter: Reporter, call: RollCall, *, by: str, now: datetime) -> Roll:
    """End a roll call, and note for each home what is to be told; return how it ended. Raises ``RollCallOver``."""
    rollcall.lock(db, call)
    found = rollcall.roll(db, call, now, by=by)
    call.ended_at, call.ended_by = now, by
    db.add_all(_kept(call, one) for one in found.people)
    homes = _homes(db, reporter, found.people)
    for home_id in sorted({home for home, _sub in homes.values()}):
        audience = reporter.entity_id if home_id == OWN_TOWN else db.get_one(Member, home_id).entity_id
        theirs = [one for one in found.people if homes.get(one.guest.key, (None, ""))[0] == home_id]
        people = [_told(one, homes[one.guest.key][1]) for one in theirs]
        for report in _reports(call, people):
            row = RollCallReport(id=str(uuid.uuid4()), roll_call_id=call.id, home_id=home_id, part=report.part)
            row.token = reporter.sign(audience, report, now)
            db.add(row)
            db.flush()
            feed.changed(db, visits_of(home_id), KIND, row.id)
    db.flush()
    return found


def _reports(call: RollCall, people: Sequence[wire.AccountedFor]) -> Iterator[wire.RollCall]:
    parts = [tuple(people[begin : begin + wire.MOST]) for begin in range(0, len(people), wire.MOST)]
    facts = {"id": call.id, "begun_at": call.begun_at, "ended_at": call.ended_at, "is_drill": call.is_drill}
    for part, some in enumerate(parts, start=1):
        yield wire.RollCall.model_validate({**facts, "part": part, "parts": len(parts), "people": some})


def _kept(call: RollCall, one: Person) -> RollCallPerson:
    walk_in = one.guest.is_walk_in
    return RollCallPerson(
        roll_call_id=call.id,
        place_id=None if walk_in else int(one.guest.key),
        walk_in_id=one.guest.key if walk_in else None,
        outcome=one.outcome,
        companions=one.guest.companions,
        at=_when(one),
    )


def _told(one: Person, sub: str) -> wire.AccountedFor:
    guest = one.guest
    return wire.AccountedFor(
        sub=sub or None,
        booking=guest.booking_id or None,
        site_name=guest.site_name,
        room_name=guest.room_name,
        desk_name=guest.desk_name,
        arrived_at=guest.arrived_at or guest.start,
        outcome=one.outcome,
        at=_when(one),
        companions=guest.companions,
    )


def _when(one: Person) -> datetime | None:
    """Return when somebody was seen, or left."""
    if one.outcome == "left":
        return one.guest.left_at
    return one.answer.at if one.answer is not None and one.answer.seen else None


def _homes(db: Session, reporter: Reporter, people: Iterable[Person]) -> dict[str, tuple[int, str]]:
    """Return whose person each one is, and the subject their home uses for us; a town that is no member is told nothing."""
    keys = [one.guest.key for one in people]
    places = db.scalars(
        select(BookingPlace)
        .options(joinedload(BookingPlace.booking))
        .where(BookingPlace.id.in_([int(key) for key in keys if key.isdigit()]))
    )
    found = {str(place.id): (place.booking.home_id, place.visitor.sub) for place in places}
    walk_ins = db.scalars(select(WalkIn).where(WalkIn.id.in_([key for key in keys if not key.isdigit()]))).all()
    codes = {one.home_code for one in walk_ins}
    members = {one.code: one.id for one in db.scalars(select(Member).where(Member.code.in_(codes), ~Member.gone))}
    members[reporter.code] = OWN_TOWN
    return found | {one.id: (members[one.home_code], "") for one in walk_ins if one.home_code in members}


def read(db: Session, report_id: str) -> Message | None:
    """Return what the visits feed says of a report."""
    row = db.get(RollCallReport, report_id)
    return wire.RollCallReport(id=row.id, token=row.token) if row is not None else None


def told_homes(db: Session, call: RollCall) -> Sequence[str]:
    """Return the names of the other towns that were told of their people in a roll call."""
    names = select(Member.name).join(RollCallReport, RollCallReport.home_id == Member.id)
    return db.scalars(names.where(RollCallReport.roll_call_id == call.id).distinct().order_by(Member.name)).all()
