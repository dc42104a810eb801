"""What would do instead: the nearest free desks at the same time, then other times of the same day."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, contains_eager

from federation.messages.booking import Alternative, Place
from node.host import claims
from node.host.spans import Span
from node.models.sites import Desk, Room, Site

ENOUGH = 5


def instead_of(
    db: Session, place: Place, desk: Desk, now: datetime, *, avoid: Collection[str] = ()
) -> tuple[Alternative, ...]:
    """Return at most five alternatives to a place that cannot be had; the same room comes before the same site.

    ``avoid`` are desks that will not do, such as those about to be closed.
    """
    wish = Span(place.start, place.end)
    neighbours = _neighbours(db, desk)
    free = claims.free_of(db, neighbours, _day_of(wish, desk, now))
    others = (other for other in neighbours if other.id != desk.id and other.id not in avoid)
    same_time = [_alternative(other, wish) for other in others if any(span.contains(wish) for span in free[other.id])]
    length = wish.end - wish.start
    moved = [
        _alternative(desk, _nearest(span, wish, length))
        for span in free[desk.id]
        if span.end - span.start >= length and desk.id not in avoid
    ]
    moved.sort(key=lambda one: abs(one.start - wish.start))
    return tuple((same_time + moved)[:ENOUGH])


def _neighbours(db: Session, desk: Desk) -> Sequence[Desk]:
    """Return the desks offered to guests in the same site, those of the same room first; the desk itself among them."""
    question = (
        select(Desk)
        .join(Desk.room)
        .join(Room.site)
        .options(contains_eager(Desk.room).contains_eager(Room.site))
        .where(Site.id == desk.room.site_id, (Desk.id == desk.id) | _for_guests())
        .order_by(Desk.room_id != desk.room_id, Desk.name)
    )
    return db.scalars(question).all()


def _for_guests() -> ColumnElement[bool]:
    return Desk.published & Room.published & Site.published & (Desk.pool == "guests")


def _day_of(wish: Span, desk: Desk, now: datetime) -> Span:
    """Return the site's own day of the wish, as far as it lies ahead."""
    start = wish.start.astimezone(ZoneInfo(desk.room.site.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    end = max(start + timedelta(days=1), wish.end)
    return Span(min(max(start, now), wish.start), end)


def _nearest(span: Span, wish: Span, length: timedelta) -> Span:
    """Return the stretch of that length inside ``span`` that begins nearest to the wish."""
    start = min(max(span.start, wish.start), span.end - length)
    return Span(start, start + length)


def _alternative(desk: Desk, span: Span) -> Alternative:
    return Alternative(desk=desk.id, desk_name=desk.name, site_name=desk.room.site.name, start=span.start, end=span.end)
