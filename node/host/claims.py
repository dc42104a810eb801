"""The calendar of a desk: who holds it when. With ``bookings`` and ``closures`` the only writer of claims.

Locks come before looks: agreement rows, then visitors, then desks by id, then the feeds' counters. Behind them the
database itself refuses two live claims on one desk at one time.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.messages.booking import Availability, FreeRange
from node.host import leeway, opening, pools, slots, terms, wholes
from node.host.homes import Home
from node.host.spans import Span, common, joined, without
from node.models.bookings import BookingPlace, Claim
from node.models.opening import Closure
from node.models.sites import Desk
from node.models.visits import WalkIn

_TAKEN = (
    select(Claim.desk_id, Claim.start, Claim.end)
    .outerjoin(BookingPlace, BookingPlace.id == Claim.place_id)
    .outerjoin(WalkIn, WalkIn.id == Claim.walk_in_id)
    .where(Claim.desk_id.in_(bindparam("desks", expanding=True)), Claim.live)
    .where(Claim.end > bindparam("start"), Claim.start < bindparam("end"))
    .where(BookingPlace.booking_id.is_(None) | (BookingPlace.booking_id != bindparam("besides")))
    .where(WalkIn.home_code.is_(None) | (WalkIn.home_code != bindparam("home")))
    .order_by(Claim.start)
)
"""Built once: every booking asks it, and its feed again."""


def lock_desks(db: Session, desk_ids: Iterable[str]) -> None:
    """Take the desks' locks in the order of their ids, those of a whole room with all its desks.

    They are held until the transaction ends.
    """
    for desk_id in sorted(wholes.all_of(db, set(desk_ids))):
        db.execute(update(Desk).where(Desk.id == desk_id).values(lock_version=Desk.lock_version + 1))


def taken(
    db: Session, desk_ids: Collection[str], window: Span, *, besides: str = "", walk_ins_of: str = ""
) -> Mapping[str, tuple[Span, ...]]:
    """Return the live claims on each desk that touch ``window``.

    Of a whole room they are those of all its desks. Those of the booking ``besides`` are left out, and the walk-ins from the town with the code ``walk_ins_of``: their own
    home's booking takes their place.
    """
    taken_with = wholes.occupied(db, desk_ids)
    every = {id_ for ids in taken_with.values() for id_ in ids}
    asked = {"desks": tuple(every), "start": window.start, "end": window.end, "besides": besides, "home": walk_ins_of}
    found: dict[str, list[Span]] = {desk_id: [] for desk_id in every}
    for desk_id, start, end in db.execute(_TAKEN, asked):
        found[desk_id].append(Span(start, end))
    return {desk_id: tuple(span for id_ in ids for span in found[id_]) for desk_id, ids in taken_with.items()}


def offered_window(desk: Desk, now: datetime) -> Span:
    """Return the time in which a desk may be booked at all: from now to the horizon."""
    return Span(now, opening.horizon(now, ZoneInfo(desk.room.site.zone)))


def free_of(db: Session, desks: Collection[Desk], window: Span) -> Mapping[str, tuple[Span, ...]]:
    """Return for each desk (by id) when it is open and unclaimed in ``window``, in whole units of the desk.

    A whole room is free when all its desks are.
    """
    return _free(db, desks, window, lambda _wide: {})


def free_for(
    db: Session, desks: Collection[Desk], who: pools.Who, window: Span, now: datetime
) -> Mapping[str, tuple[Span, ...]]:
    """Return for each desk (by id) when it is free, and may be had by somebody of that kind, as it stands ``now``."""
    return _free(db, desks, window, lambda wide: pools.when(db, desks, who, wide, now))


def _free(
    db: Session, desks: Collection[Desk], window: Span, had: Callable[[Span], Mapping[str, tuple[Span, ...]]]
) -> Mapping[str, tuple[Span, ...]]:
    """Return what is free; ``had`` says when the desks may be had, those it does not name always."""
    with_parts = wholes.with_parts(db, desks)
    wide = slots.widened(desks, window)
    open_times = opening.open_of(db, {desk.id: desk for ids in with_parts.values() for desk in ids}.values(), wide)
    claimed, theirs = taken(db, [desk.id for desk in desks], wide), had(wide)
    found: dict[str, tuple[Span, ...]] = {}
    for desk in desks:
        whole = common([open_times[one.id] for one in with_parts[desk.id]])
        kept = without([wide], theirs.get(desk.id, (wide,)))
        found[desk.id] = slots.free(desk, whole, [*claimed[desk.id], *kept], window)
    return found


def availability(
    db: Session, home: Home, desk_id: str, start: datetime, end: datetime, *, now: datetime
) -> Availability:
    """Return this host's own word on a desk: when it is free for a home within [start, end), as of ``now``.

    Raises ``NotFound`` for a desk that is not offered, or not to this home, and ``BadInput`` for a time that ends before it starts.
    """
    desk = db.get(Desk, desk_id)
    if desk is None or not terms.knows(db, home, desk, now):
        raise NotFound("no such desk, or not offered")
    if end <= start:
        raise BadInput("the end lies after the start", field="end")
    offered = offered_window(desk, now)
    window = Span(max(start, offered.start), min(end, offered.end))
    who: pools.Who = "own" if home.is_own else "guests"
    whole = free_for(db, [desk], who, window, now)[desk.id] if window.start < window.end else ()
    free = leeway.open_to(db, home, now).cut(desk, whole)
    return Availability(desk=desk.id, as_of=now, free=tuple(FreeRange(start=span.start, end=span.end) for span in free))


def hold(db: Session, place: BookingPlace) -> None:
    """Claim the desk for a place, of a whole room every desk; the database refuses when flushed if somebody holds one."""
    for desk_id in wholes.occupied(db, [place.desk_id])[place.desk_id]:
        db.add(Claim(desk_id=desk_id, start=place.start, end=place.end, place_id=place.id))


def take_again(db: Session, place: BookingPlace, since: datetime) -> bool:
    """Claim the desk for the rest of a place's time, if nobody has it; the caller holds the desk's lock."""
    if since >= place.end:
        return True
    if taken(db, [place.desk_id], Span(since, place.end), besides=place.booking_id)[place.desk_id]:
        return False
    for desk_id in wholes.occupied(db, [place.desk_id])[place.desk_id]:
        db.add(Claim(desk_id=desk_id, start=since, end=place.end, place_id=place.id))
    db.flush()
    return True


def hold_at_the_door(db: Session, walk_in: WalkIn, start: datetime, end: datetime) -> None:
    """Claim the desk for somebody nobody announced, as ``hold`` does."""
    for desk_id in wholes.occupied(db, [walk_in.desk_id])[walk_in.desk_id]:
        db.add(Claim(desk_id=desk_id, start=start, end=end, walk_in_id=walk_in.id))


def share_with(db: Session, desk: Desk, whole_id: str) -> None:
    """Let a desk that comes into a room belong to those who have the whole of it. The caller holds the whole's locks."""
    mine = select(Claim).where(Claim.desk_id == whole_id, Claim.live)
    for claim in db.scalars(mine.where(Claim.place_id.is_not(None) | Claim.walk_in_id.is_not(None))).all():
        shared = {"place_id": claim.place_id, "walk_in_id": claim.walk_in_id}
        db.add(Claim(desk_id=desk.id, start=claim.start, end=claim.end, **shared))


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
    desks = db.scalars(select(Desk).where(Desk.id.in_(desk_ids)).order_by(Desk.id)).all()
    around = {desk.id: {desk.id, desk.room_id, desk.room.site_id} for desk in desks}
    standing = select(Closure).where(Closure.lifted_at.is_(None))
    closures = db.scalars(standing.where(Closure.place_id.in_({id_ for ids in around.values() for id_ in ids}))).all()
    for desk_id, ids in around.items():
        spans = joined(Span(one.start, one.end) for one in closures if one.place_id in ids)
        db.add_all(Claim(desk_id=desk_id, start=span.start, end=span.end) for span in spans)
    db.flush()
