"""休止: a place closed for stretches of time. A closure is claims on every desk there; whom it hits is moved or ended, and told.

Who is not moved keeps nothing but is told why and what would do instead, in the transaction that closes the place.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput, Conflict, DeskTaken
from node.host import claims, displaced, listings, wholes
from node.host.answers import touched
from node.host.causes import CLOSURE, LIFTED, TEMPLATES
from node.host.displaced import Hit, Shutting
from node.host.holding import end as end_booking
from node.host.holding import rehouse
from node.host.sites import Place as Somewhere
from node.host.sites import desks_in, get_place, site_of
from node.host.spans import Span, joined
from node.models.bookings import Booking
from node.models.opening import Closure

__all__ = ["TEMPLATES", "Closed", "Hit", "change", "close", "lift", "preview"]


@dataclass(frozen=True)
class Closed:
    """A closure that stands (of a series the first of ``all``), and whom it hit; so many have ``moved`` to another desk."""

    closure: Closure
    hits: tuple[Hit, ...]
    moved: int = 0
    all: tuple[Closure, ...] = ()


def preview(
    db: Session,
    place: Somewhere,
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    more: Sequence[Span] = (),
    also: Sequence[Somewhere] = (),
) -> tuple[Hit, ...]:
    """Say whom a closure of ``place`` in [start, end), and in ``more``, would hit; nothing is changed.

    ``also`` are further places of the same site. Raises ``BadInput``. As many statements for many bookings as for one.
    """
    shutting = _shutting(db, [place, *also], _spans(start, end, more, now), now)
    return displaced.hits(db, shutting, displaced.bookings_in(db, shutting))


def close(
    db: Session,
    place: Somewhere,
    start: datetime,
    end: datetime,
    *,
    template: str,
    note: str = "",
    moves: Mapping[str, Sequence[str]] = MappingProxyType({}),
    more: Sequence[Span] = (),
    also: Sequence[Somewhere] = (),
    now: datetime,
) -> Closed:
    """Close ``place``, and ``also`` others of its site, in [start, end) and in ``more``: whom it hits gets another desk or is cancelled, and is told.

    ``moves`` has by booking the desks for its places that are hit; who is there already leaves before it begins. Raises
    ``BadInput`` for a time that is over or empty, or a word that is none of ``TEMPLATES``, and ``DeskTaken``, whose
    ``field`` is the booking, where such a desk is no option (any more): the caller lets nothing of it stand then.
    """
    if template not in TEMPLATES:
        raise BadInput(f"template {template[:40]}", field="template")
    places = list({one.id: one for one in (place, *also)}.values())
    shutting = _shutting(db, places, _spans(start, end, more, now), now)
    claims.lock_desks(db, {*shutting.hit_ids, *(one for wanted in moves.values() for one in wanted)})
    db.expire_all()
    made = _written(db, places, shutting, template=template, note=note)
    return _carry_out(db, places, made, shutting, moves)


def change(
    db: Session,
    closure: Closure,
    start: datetime,
    end: datetime,
    *,
    template: str,
    note: str = "",
    moves: Mapping[str, Sequence[str]] = MappingProxyType({}),
    now: datetime,
) -> Closed:
    """Give a closure other times or words: whom it hits now is dealt with as by ``close``, whose time it leaves free hears of it.

    Raises as ``close`` does, and ``Conflict`` for a closure that was lifted or is over.
    """
    if template not in TEMPLATES:
        raise BadInput(f"template {template[:40]}", field="template")
    place = get_place(db, closure.place_id)
    shutting = _shutting(db, [place], _spans(start, end, (), now), now)
    claims.lock_desks(db, {*shutting.hit_ids, *(one for wanted in moves.values() for one in wanted)})
    db.expire_all()
    if closure.lifted_at is not None or closure.end <= now:
        raise Conflict("this closure is over")
    closure.start, closure.end, closure.template, closure.note = start, end, template, note
    db.flush()
    closed = _carry_out(db, [place], [closure], shutting, moves)
    _call_back(db, closure, now)
    return closed


def _carry_out(
    db: Session,
    places: Sequence[Somewhere],
    made: Sequence[Closure],
    shutting: Shutting,
    moves: Mapping[str, Sequence[str]],
) -> Closed:
    """Have the closures ``made`` stand, under the locks: those they hit are moved or ended, and the time is taken."""
    inside = {one.id: _shutting(db, [one], shutting.spans, shutting.now).hit_ids for one in places}
    hit = displaced.bookings_in(db, shutting)
    before = displaced.hits(db, shutting, hit)
    moving = {one.booking_id: one for one in before if one.booking_id in moves}
    for booking in hit:
        booking.closure_id = _first_to_hit(booking, made, inside).id
        if booking.id not in moving:
            _give_way(db, booking, shutting)
    for booking in hit:
        if booking.id in moving:
            _move(db, booking, moving[booking.id], moves[booking.id], shutting)
    _lay(db, shutting.desk_ids)
    ended = [booking for booking in hit if booking.state == "cancelled"]
    for told in displaced.hits(db, shutting, ended):
        db.get_one(Booking, told.booking_id).alternatives = [one.wire() for one in told.alternatives]
    return Closed(made[0], before, len(moving), tuple(made))


def lift(db: Session, closure: Closure, place: Somewhere, now: datetime) -> None:
    """End a closure at once; other closures of the same desks stay.

    Those it ended are not booked again by themselves, but hear that the desk can be had again.
    """
    desk_ids = [desk.id for desk in desks_in(db, place)]
    claims.lock_desks(db, desk_ids)
    if closure.lifted_at is not None:
        return
    closure.lifted_at = now
    _lay(db, desk_ids)
    _call_back(db, closure, now)


def _call_back(db: Session, closure: Closure, now: datetime) -> None:
    """Tell those whom a closure ended, and now leaves alone, that the desk can be had again."""
    ended = select(Booking).where(
        Booking.closure_id == closure.id, Booking.state == "cancelled", Booking.cause == CLOSURE
    )
    for booking in db.scalars(ended.where(Booking.deleted_at.is_(None)).order_by(Booking.id)).all():
        still = closure.lifted_at is None and any(
            place.start < closure.end and closure.start < place.end for place in booking.places
        )
        if not still and any(place.start > now for place in booking.places):
            booking.cause = LIFTED
            touched(db, booking, now)


def _lay(db: Session, desk_ids: Collection[str]) -> None:
    claims.lay_closures(db, tuple(desk_ids))
    listings.free_changed(db, *desk_ids)


def _shutting(db: Session, places: Sequence[Somewhere], spans: Sequence[Span], now: datetime) -> Shutting:
    desks = list({desk.id: desk for place in places for desk in desks_in(db, place)}.values())
    parts = [desk.id for desk in desks if desk.kind != wholes.WHOLE]
    site = site_of(places[0])
    if any(site_of(place).id != site.id for place in places):
        raise BadInput("places of one site are closed together", field="also")
    return Shutting(site, desks, spans, now, wholes.wholes_around(db, parts))


def _spans(start: datetime, end: datetime, more: Sequence[Span], now: datetime) -> tuple[Span, ...]:
    if end <= start:
        raise BadInput("a closure ends after it starts", field="end")
    if end <= now:
        raise BadInput("the time is over", field="end")
    if any(span.end <= now for span in more):
        raise BadInput("one of the times is over", field="dates")
    return joined((Span(start, end), *more))


def _written(
    db: Session, places: Sequence[Somewhere], shutting: Shutting, *, template: str, note: str
) -> Sequence[Closure]:
    series = str(uuid.uuid4()) if len(shutting.spans) * len(places) > 1 else None
    made = [
        Closure(id=str(uuid.uuid4()), place_id=place.id, start=span.start, end=span.end, template=template, note=note)
        for span in shutting.spans
        for place in places
    ]
    for closure in made:
        closure.made_at, closure.series = shutting.now, series
    db.add_all(made)
    db.flush()
    return made


def _first_to_hit(booking: Booking, made: Sequence[Closure], inside: Mapping[str, Collection[str]]) -> Closure:
    """Return the closure that a booking is told of; ``inside`` are the desks of each place that closes."""
    hitting = (one for one in made if displaced.hit_places(booking, inside[one.place_id], [Span(one.start, one.end)]))
    return next(hitting, made[0])


def _give_way(db: Session, booking: Booking, shutting: Shutting) -> None:
    """Cut a visit short that is under way, or end the booking."""
    spans, now = shutting.spans, shutting.now
    if not displaced.is_under_way(booking, spans):
        end_booking(db, booking, "cancelled", CLOSURE, now)
        return
    first = min(span.start for span in spans if any(place.end > span.start for place in booking.places))
    for place in booking.places:
        claims.shorten(db, place, first)
        place.end = min(place.end, first)
    booking.cause = CLOSURE
    touched(db, booking, now)


def _move(db: Session, booking: Booking, hit: Hit, wanted: Sequence[str], shutting: Shutting) -> None:
    """Give a booking the desks of one of its options, if they are free under the locks."""
    if hit.option(wanted) is None:
        raise DeskTaken("not among the options", field=booking.id)
    places = displaced.hit_places(booking, shutting.hit_ids, shutting.spans)
    targets = {place.id: desk_id for place, desk_id in zip(places, wanted, strict=True)}
    held = claims.taken(db, set(wanted), Span(min(one.start for one in places), max(one.end for one in places)))
    clash = any(span.overlaps(Span(place.start, place.end)) for place in places for span in held[targets[place.id]])
    if clash:
        raise DeskTaken("the proposed desk is not free any more", field=booking.id)
    rehouse(db, booking, targets, CLOSURE, shutting.now)
