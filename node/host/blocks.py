"""利用停止: whom this host takes in no more for a time. Laid down with a reason for our own people, and ended again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, NotFound, TooMany
from federation.members import Member
from federation.messages.booking import OCCUPYING
from node.host import claims
from node.host.holding import end
from node.models.blocks import Block
from node.models.bookings import Booking, BookingPlace, Visitor

LONGEST = timedelta(days=3 * 366)
MOST = 500
"""So many may stand at once."""
_JAPAN = ZoneInfo("Asia/Tokyo")
_ENDABLE = OCCUPYING - {"checked_in"}


@dataclass(frozen=True)
class Whom:
    """A town by its 団体コード, or one person of it by the subject by which it names them to us."""

    home_code: str
    sub: str = ""


def block(db: Session, whom: Whom, from_on: date, until_on: date, reason: str, *, by: int, now: datetime) -> Block:
    """Take somebody in no more on the days [from_on, until_on].

    Raises ``BadInput`` for days that are none, over or more than ``LONGEST``, and ``TooMany``.
    """
    if not from_on <= until_on <= from_on + LONGEST or until_on < now.astimezone(_JAPAN).date():
        raise BadInput("days that are none", field="until_on")
    if len(standing(db, now)) >= MOST:
        raise TooMany(f"{MOST} blocks stand", retry_after=24 * 3600)
    row = Block(
        home_code=whom.home_code, sub=whom.sub, from_on=from_on, until_on=until_on, reason=reason, by_id=by, made_at=now
    )
    db.add(row)
    db.flush()
    _log(db, row, by, f"{from_on.isoformat()} to {until_on.isoformat()}", now)
    return row


def call_off(db: Session, whom: Whom, from_on: date, until_on: date, *, now: datetime) -> int:
    """Cancel what stands of these people on these days, as the host; their homes are told. Returns how many."""
    homes = select(Member.id).where(Member.code == whom.home_code)
    theirs = select(Booking).join(Booking.places).where(Booking.home_id.in_(homes), Booking.state.in_(_ENDABLE))
    if whom.sub:
        theirs = theirs.join(BookingPlace.visitor).where(Visitor.sub == whom.sub)
    coming = theirs.where(BookingPlace.start > now).distinct().order_by(Booking.id)
    found = [one for one in db.scalars(coming).all() if _falls(one, from_on, until_on)]
    claims.lock_desks(db, [place.desk_id for one in found for place in one.places])
    for one in found:
        db.refresh(one)
    standing_yet = [one for one in found if one.state in _ENDABLE]
    for one in standing_yet:
        end(db, one, "cancelled", "host", now)
    return len(standing_yet)


def _falls(booking: Booking, from_on: date, until_on: date) -> bool:
    days = (place.start.astimezone(ZoneInfo(place.desk.room.site.zone)).date() for place in booking.places)
    return any(from_on <= day <= until_on for day in days)


def standing(db: Session, now: datetime) -> Sequence[Block]:
    """Return the blocks that hold or will, soonest to end first."""
    held = select(Block).where(Block.ended_at.is_(None), Block.until_on >= now.astimezone(_JAPAN).date())
    return db.scalars(held.order_by(Block.until_on, Block.id).limit(MOST)).all()


def lift(db: Session, block_id: int, *, by: int, now: datetime) -> None:
    """End a block early; one that has ended stays as it is. Raises ``NotFound``."""
    row = db.get(Block, block_id)
    if row is None:
        raise NotFound(f"block {block_id}")
    if row.ended_at is None:
        row.ended_at = now
        _log(db, row, by, "lifted", now)


def _log(db: Session, row: Block, by: int, what: str, now: datetime) -> None:
    whom = f"{row.home_code}:{row.sub}" if row.sub else row.home_code
    # The reason tells of a person, and stays in the block's own row: what the log has can never be deleted.
    audit.record(db, event="block", actor=f"staff:{by}", subject=whom, verdict="allowed", reason=what, now=now)
