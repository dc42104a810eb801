"""What a reception takes along for a time without connection, and what it hands in afterwards. No person is in either.

Taken along: which bookings today's list has, as of when, by their own numbers, and the keys that tell a genuine pass. Handed
in: who came and went, under an id of the reception's own, with the true time. Handing in twice changes nothing.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, Conflict, MemberSuspended, NotFound, NotNow, TachiyoriError
from federation.messages.base import Message, Utc, Uuid
from node.host import reception, visits, walk_ins

MOST = 300
"""So many records are handed in at once; what is left comes with the next."""

What = Literal["arrive", "leave"]
Key = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,9}|[0-9a-f-]{36})$")]


class Expected(Message):
    """One place of today's list, or a walk-in, who has no code and no booking."""

    key: Key
    booking: str
    code: str
    where: str
    desk: str = ""
    start: Utc
    end: Utc
    arrived_at: Utc | None = None
    left_at: Utc | None = None
    admitted: bool = True


class Taken(Message):
    """Today's list without a person, as of when; ``keys`` are the public pass keys (JWK), ``issuer`` whose they are."""

    as_of: Utc
    issuer: str
    keys: tuple[dict[str, str], ...]
    expected: tuple[Expected, ...]
    form_token: str


class Record(Message):
    """Somebody came or went at ``at``; ``id`` is the reception's own word for this record."""

    id: Uuid
    key: Key
    what: What
    at: Utc


class HandedIn(Message):
    """What a reception recorded while it had no connection, in the order it happened."""

    records: Annotated[tuple[Record, ...], Field(max_length=MOST)]


def taken(db: Session, now: datetime, *, site_id: str | None) -> tuple[Expected, ...]:
    """Return today's list without a person; no look is logged, since no name is among it."""
    guests = reception.seats_today(db, now, site_id=site_id)
    return tuple(
        Expected(
            key=one.key,
            booking=one.booking_id,
            code=one.short_code.replace("-", ""),
            desk=one.desk_id,
            where=f"{one.site_name} {one.room_name} {one.desk_name}",
            start=one.start,
            end=one.end,
            arrived_at=one.arrived_at,
            left_at=one.left_at,
            admitted=not one.is_suspended,
        )
        for one in guests
    )


def hand_in(db: Session, record: Record, *, by: str, now: datetime) -> TachiyoriError | None:
    """Write one record down and return None, or why it does not stand: a booking that was cancelled meanwhile, say.

    Either way the audit log has it. Needs a writing transaction of its own.
    """
    try:
        subject = _apply(db, record, now)
    except (BadInput, Conflict, MemberSuspended, NotFound, NotNow) as error:
        refused: dict[str, str] = {"subject": record.key, "reason": error.code}
        audit.record(db, event="visit.offline", actor=by, verdict="refused", now=now, **refused)
        return error
    audit.record(
        db,
        event="visit.arrive" if record.what == "arrive" else "visit.leave",
        actor=by,
        subject=subject,
        verdict="allowed",
        reason="offline",
        now=now,
    )
    return None


def _apply(db: Session, record: Record, now: datetime) -> str:
    """Write it down and return the id of the booking or walk-in."""
    if record.at > now:
        raise NotNow("ahead of now")
    if not record.key.isdigit():
        walk_in = walk_ins.get(db, record.key)
        if record.what == "leave":
            walk_ins.leave(db, walk_in.id, now, at=record.at)
        return walk_in.id
    place = visits.get_place(db, int(record.key))
    (visits.arrive if record.what == "arrive" else visits.leave)(db, place, now, at=record.at)
    return place.booking_id
