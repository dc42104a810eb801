"""The calendar of a desk: who holds it when. With ``bookings`` and ``closures`` the only writer of claims.

Locks come before looks: agreement rows, then visitors, then desks by id, then the feeds' counters. Behind them the
database itself refuses two live claims on one desk at one time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.messages.booking import Availability, FreeRange
from node.host import opening, terms
from node.host.homes import Home
from node.host.spans import Span, joined, snapped, without
from node.models.bookings import BookingPlace, Claim
from node.models.opening import Closure
from node.models.sites import Desk
from node.models.visits import WalkIn


def lock_desks(db: Session, desk_ids: Iterable[str]) -> None:
    """Take the desks' locks in the order of their ids; they are held until the transaction ends."""
    for desk_id in sorted(set(desk_ids)):
        db.execute(update(Desk).where(Desk.id == desk_id).values(lock_version=Desk.lock_version + 1))


def taken(
    db: Session, desk_ids: Collection[str], window: Span, *, besides: str = "", walk_ins_of: str = ""
) -> Mapping[str, tuple[Span, ...]]:
    """Return the live claims on each desk that touch ``window``.

    Those of the booking ``besides`` are left out, and the walk-ins from the town with the code ``walk_ins_of``: their own
    home's booking takes their place.
    """
    question = (
        select(Claim.desk_id, Claim.start, Claim.end)
        .outerjoin(BookingPlace, BookingPlace.id == Claim.place_id)
        .outerjoin(WalkIn, WalkIn.id == Claim.walk_in_id)
        .where(Claim.desk_id.in_(tuple(desk_ids)), Claim.live, Claim.end > window.start, Claim.start < window.end)
        .where(BookingPlace.booking_id.is_(None) | (BookingPlace.booking_id != besides))
        .where(WalkIn.home_code.is_(None) | (WalkIn.home_code != walk_ins_of))
        .order_by(Claim.start)
    )
    found: dict[str, tuple[Span, ...]] = dict.fromkeys(desk_ids, ())
    for desk_id, start, end in db.execute(question):
        found[desk_id] += (Span(start, end),)
    return found


def offered_window(desk: Desk, now: datetime) -> Span:
    """Return the time in which a desk may be booked at all: from now to the horizon."""
    return Span(now, opening.horizon(now, ZoneInfo(desk.room.site.zone)))


def free_of(db: Session, desks: Collection[Desk], window: Span) -> Mapping[str, tuple[Span, ...]]:
    """Return for each desk (by id) when it is open and unclaimed in ``window``, in whole slots."""
    open_times = opening.open_of(db, desks, window)
    claimed = taken(db, [desk.id for desk in desks], window)
    return {desk.id: snapped(without(open_times[desk.id], claimed[desk.id])) for desk in desks}


def availability(
    db: Session, home: Home, desk_id: str, start: datetime, end: datetime, *, now: datetime
) -> Availability:
    """Return this host's own word on a desk: when it is free within [start, end), as of ``now``.

    Raises ``NotFound`` for a desk that is not offered, or not to this home, and ``BadInput`` for a time that ends before it starts.
    """
    desk = db.get(Desk, desk_id)
    if desk is None or not terms.knows(db, home, desk, now):
        raise NotFound("no such desk, or not offered")
    if end <= start:
        raise BadInput("the end lies after the start", field="end")
    offered = offered_window(desk, now)
    window = Span(max(start, offered.start), min(end, offered.end))
    free = free_of(db, [desk], window)[desk.id] if window.start < window.end else ()
    return Availability(desk=desk.id, as_of=now, free=tuple(FreeRange(start=span.start, end=span.end) for span in free))


def hold(db: Session, place: BookingPlace) -> None:
    """Claim the desk for a place; the database refuses when flushed if somebody holds it."""
    db.add(Claim(desk_id=place.desk_id, start=place.start, end=place.end, place_id=place.id))


def release(db: Session, places: Collection[BookingPlace]) -> None:
    """Let go of what the places still hold."""
    ids = [place.id for place in places]
    db.execute(update(Claim).where(Claim.place_id.in_(ids), Claim.live).values(live=False))


def shorten(db: Session, place: BookingPlace, end: datetime) -> None:
    """Let go of what a place holds after ``end``: a visitor left early. Without any time left it holds nothing."""
    if end <= place.start:
        release(db, [place])
        return
    db.execute(update(Claim).where(Claim.place_id == place.id, Claim.live, Claim.end > end).values(end=end))


def lay_closures(db: Session, desk_ids: Sequence[str]) -> None:
    """Let the closures' claims on desks be what the closures say now: also for a desk that is new in a closed room.

    The caller holds the desks' locks. Closures that overlap become one claim, since claims may not.
    """
    db.flush()
    db.execute(delete(Claim).where(Claim.desk_id.in_(desk_ids), Claim.place_id.is_(None), Claim.walk_in_id.is_(None)))
    for desk in db.scalars(select(Desk).where(Desk.id.in_(desk_ids)).order_by(Desk.id)):
        around = (desk.id, desk.room_id, desk.room.site_id)
        standing = select(Closure).where(Closure.place_id.in_(around), Closure.lifted_at.is_(None))
        spans = joined(Span(one.start, one.end) for one in db.scalars(standing))
        db.add_all(Claim(desk_id=desk.id, start=span.start, end=span.end) for span in spans)
    db.flush()
