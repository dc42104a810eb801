"""Whether desks are free at this moment and until when, for whoever stands before them. Never who sits there, nor anything later."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import PlaceNotShown
from node.host import claims, opening, pools, wholes
from node.host.spans import SLOT, Span, joined, without
from node.models.bookings import BookingPlace, Claim
from node.models.sites import Desk

_AHEAD = timedelta(days=10)
"""How far the next opening is looked for: past the turn of the year and the weekends beside it."""


@dataclass(frozen=True)
class Vacancy:
    """The state of a desk now: ``free``, ``taken``, ``kept`` for others than guests, ``shut``, or ``outside`` its hours.

    A desk whose half day or day somebody has a part of is ``taken`` in all of it, as it is everywhere else.

    ``until`` is when that ends, aware UTC; None where the end is further off than anybody waits for. ``present`` says
    whether somebody sits at a taken desk.
    """

    state: Literal["free", "taken", "kept", "shut", "outside"]
    until: datetime | None
    present: bool = False


@dataclass(frozen=True)
class _Held:
    """What lies on a desk: closures, people's claims, and those of them who came and have not left."""

    closed: tuple[Span, ...]
    taken: tuple[Span, ...]
    present: tuple[Span, ...]


def of_desk(db: Session, desk_id: str, now: datetime) -> Vacancy:
    """Return how it is with a desk at ``now``; raise ``PlaceNotShown`` for one that is not offered."""
    desk = db.get(Desk, desk_id)
    if desk is None or not desk.offered:
        raise PlaceNotShown("no such desk, or withdrawn")
    return of_desks(db, [desk], now, pool="guests")[desk.id]


def of_desks(
    db: Session, desks: Collection[Desk], now: datetime, *, pool: Literal["guests"] | None = None
) -> Mapping[str, Vacancy]:
    """Return how it is with each desk (by id) at ``now``; as many statements for many desks as for one.

    With ``pool`` as those people may have it, who see a desk that others are kept for as ``kept``; else as it stands there.
    """
    window = Span(now, now + _AHEAD)
    open_times = opening.open_of(db, desks, window)
    held = _held(db, [desk.id for desk in desks], window)
    left = {id_: without(open_times[id_], one.closed + one.taken) for id_, one in held.items()}
    if pool is None:
        return {id_: _vacancy(open_times[id_], held[id_], left[id_], left[id_], window) for id_ in held}
    theirs = pools.when(db, desks, pool, window, now)
    offered = claims.free_for(db, desks, pool, window, now)
    return {
        id_: _vacancy(
            open_times[id_],
            one,
            without(left[id_], without([window], theirs[id_])),
            without(offered[id_], one.taken),
            window,
        )
        for id_, one in held.items()
    }


def _vacancy(
    open_times: tuple[Span, ...], held: _Held, left: tuple[Span, ...], offered: tuple[Span, ...], window: Span
) -> Vacancy:
    """Say how it is with a desk of which ``left`` is open and nobody's, and ``offered`` may be booked."""
    now = window.start
    coming = next((span.start for span in offered), None)
    if (shut := _around(held.closed, now)) is not None:
        return Vacancy("shut", _soon(shut.end, window))
    if (taken := _around(held.taken, now)) is not None:
        return Vacancy("taken", _soon(taken.end, window), present=_around(held.present, now) is not None)
    if _around(open_times, now) is None:
        return Vacancy("outside", coming)
    rest = _around(left, now)
    if rest is None:
        return Vacancy("kept", coming)
    if coming is not None and coming - now < SLOT:
        return Vacancy("free", _soon(offered[0].end, window))
    # Of the last minutes before the evening nothing can be booked, and yet nobody has them.
    return Vacancy("free", rest.end) if rest.end - now < SLOT else Vacancy("taken", coming)


def _held(db: Session, desk_ids: Collection[str], window: Span) -> Mapping[str, _Held]:
    """Return what lies on each desk and touches ``window``; on a whole room, what lies on any of its desks."""
    parts = wholes.occupied(db, desk_ids)
    question = (
        select(Claim, BookingPlace.arrived_at, BookingPlace.left_at)
        .outerjoin(BookingPlace, BookingPlace.id == Claim.place_id)
        .where(
            Claim.desk_id.in_({part for ids in parts.values() for part in ids}),
            Claim.live,
            Claim.end > window.start,
            Claim.start < window.end,
        )
        .order_by(Claim.start)
    )
    closed: dict[str, list[Span]] = {}
    taken: dict[str, list[Span]] = {}
    present: dict[str, list[Span]] = {}
    for claim, arrived, left in db.execute(question):
        of_people = claim.place_id is not None or claim.walk_in_id is not None
        # Who came before the time sits there all the same.
        span = Span(min(claim.start, arrived or claim.start), claim.end)
        (taken if of_people else closed).setdefault(claim.desk_id, []).append(span)
        if claim.walk_in_id is not None or (arrived is not None and left is None):
            present.setdefault(claim.desk_id, []).append(span)
    return {
        id_: _Held(
            *(joined([span for part in ids for span in spans.get(part, ())]) for spans in (closed, taken, present))
        )
        for id_, ids in parts.items()
    }


def _around(spans: tuple[Span, ...], now: datetime) -> Span | None:
    return next((span for span in spans if span.start <= now < span.end), None)


def _soon(end: datetime, window: Span) -> datetime | None:
    return end if end < window.end else None
