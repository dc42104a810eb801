"""休止: a place closed for a stretch of time. A closure is claims on every desk there; what it hits is ended and told.

Those who were booked keep nothing but are told why and what would do instead, in the transaction that closes the place.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.messages.booking import OCCUPYING, Alternative
from federation.wording import phrase
from node.host import claims, codes, listings
from node.host.alternatives import instead_of
from node.host.answers import touched
from node.host.bookings import as_asked
from node.host.holding import end as end_booking
from node.host.sites import Place as Somewhere
from node.host.sites import desks_in
from node.host.spans import Span
from node.models.bookings import Booking, BookingPlace, Claim
from node.models.opening import Closure

TEMPLATES: Mapping[str, str] = {
    "early_voting": phrase("期日前投票"),
    "tax_return": phrase("確定申告会場"),
    "assembly": phrase("議会"),
    "inspection": phrase("電気設備点検（全館停電）"),
    "holiday": phrase("祝日・年末年始"),
    "disaster": phrase("災害対応（臨時閉鎖）"),
    "other": phrase("その他"),
}
"""Why places close: the word that is stored and travels, and what people read."""

CAUSE = "closure"


@dataclass(frozen=True)
class Hit:
    """A booking that a closure ends, or cuts short where ``shortened`` says so, and what would do instead."""

    booking_id: str
    home_id: int
    short_code: str
    desk_name: str
    start: datetime
    end: datetime
    shortened: bool
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Closed:
    """A closure that stands, and whom it hit."""

    closure: Closure
    hits: tuple[Hit, ...]


def preview(db: Session, place: Somewhere, start: datetime, end: datetime, now: datetime) -> tuple[Hit, ...]:
    """Say whom a closure of ``place`` in [start, end) would hit; nothing is changed. Raises ``BadInput``."""
    span = _span(start, end, now)
    desks = [desk.id for desk in desks_in(db, place)]
    return tuple(
        _hit(booking, hit, span, instead_of(db, as_asked(hit), hit.desk, now, avoid=desks))
        for booking in _bookings_in(db, desks, span)
        for hit in [_place_hit(booking, desks, span)]
    )


def close(
    db: Session, place: Somewhere, start: datetime, end: datetime, *, template: str, note: str = "", now: datetime
) -> Closed:
    """Close ``place`` in [start, end): who is booked there is cancelled and told, who is there already leaves by then.

    Raises ``BadInput`` for a time that is over or empty, or a word that is none of ``TEMPLATES``.
    """
    if template not in TEMPLATES:
        raise BadInput(f"template {template[:40]}", field="template")
    span = _span(start, end, now)
    desks = [desk.id for desk in desks_in(db, place)]
    claims.lock_desks(db, desks)
    db.expire_all()
    closure = Closure(id=str(uuid.uuid4()), place_id=place.id, start=start, end=end, template=template, note=note)
    closure.made_at = now
    db.add(closure)
    hit = [(booking, _place_hit(booking, desks, span)) for booking in _bookings_in(db, desks, span)]
    for booking, _ in hit:
        _give_way(db, booking, span, now)
    _lay(db, desks)
    return Closed(closure, tuple(_told(db, booking, one, span, now) for booking, one in hit))


def lift(db: Session, closure: Closure, place: Somewhere, now: datetime) -> None:
    """End a closure at once; other closures of the same desks stay. Those it hit are not booked again by themselves."""
    desks = [desk.id for desk in desks_in(db, place)]
    claims.lock_desks(db, desks)
    closure.lifted_at = closure.lifted_at or now
    _lay(db, desks)


def _lay(db: Session, desk_ids: Sequence[str]) -> None:
    claims.lay_closures(db, desk_ids)
    for desk_id in desk_ids:
        listings.free_changed(db, desk_id)


def _span(start: datetime, end: datetime, now: datetime) -> Span:
    if end <= start:
        raise BadInput("a closure ends after it starts", field="end")
    if end <= now:
        raise BadInput("the time is over", field="end")
    return Span(start, end)


def _bookings_in(db: Session, desk_ids: Sequence[str], span: Span) -> Sequence[Booking]:
    """Return the bookings that hold one of the desks at that time."""
    inside = (
        select(BookingPlace.booking_id)
        .join(Claim, Claim.place_id == BookingPlace.id)
        .where(Claim.live, Claim.desk_id.in_(desk_ids), Claim.start < span.end, Claim.end > span.start)
    )
    found = select(Booking).where(Booking.id.in_(inside), Booking.state.in_(OCCUPYING))
    return db.scalars(found.order_by(Booking.id)).all()


def _place_hit(booking: Booking, desk_ids: Sequence[str], span: Span) -> BookingPlace:
    return next(one for one in booking.places if one.desk_id in desk_ids and Span(one.start, one.end).overlaps(span))


def _give_way(db: Session, booking: Booking, span: Span, now: datetime) -> None:
    """Cut a visit short that is under way, or end the booking."""
    if not _is_under_way(booking, span):
        end_booking(db, booking, "cancelled", CAUSE, now)
        return
    for place in booking.places:
        claims.shorten(db, place, span.start)
        place.end = min(place.end, span.start)
    booking.cause = CAUSE
    touched(db, booking, now)


def _told(db: Session, booking: Booking, place: BookingPlace, span: Span, now: datetime) -> Hit:
    """Write down what would do instead, now that the closure's claims stand; the feed takes it along."""
    instead = instead_of(db, as_asked(place), place.desk, now) if booking.state == "cancelled" else ()
    booking.alternatives = [one.wire() for one in instead]
    return _hit(booking, place, span, instead)


def _hit(booking: Booking, place: BookingPlace, span: Span, instead: tuple[Alternative, ...]) -> Hit:
    return Hit(
        booking_id=booking.id,
        home_id=booking.home_id,
        short_code=codes.shown(booking.short_code or ""),
        desk_name=place.desk.name,
        start=place.start,
        end=place.end,
        shortened=_is_under_way(booking, span),
        alternatives=instead,
    )


def _is_under_way(booking: Booking, span: Span) -> bool:
    """Say whether somebody is there who can stay until the closure begins."""
    return booking.state == "checked_in" and all(place.start < span.start for place in booking.places)
