"""Changing when places are open: each change tells the feeds of the desks whose open times differ by it, and of no other.

A *place* is a site, a room or a desk. Nothing here touches bookings: who is booked stays booked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.messages.listing import Slots
from node.host import listings, opening, ruling, wholes
from node.host.ruling import Hours, Stretch
from node.host.sites import Place, desks_in, site_of
from node.host.spans import Span
from node.models.bookings import Claim
from node.models.opening import DatedException, ExceptionKind, OpenHours
from node.models.sites import Room, Site

KINDS: tuple[str, ...] = get_args(ExceptionKind)
SLOTS: tuple[str, ...] = get_args(Slots)
MOST_EXCEPTIONS = 200
"""Standing ones of one place."""
MOST_SEASONS = 20
LONGEST = 1100
"""Days from the first to the last of one exception: three years."""


@dataclass(frozen=True)
class DatedWish:
    """An exception as somebody wants it: the columns of ``DatedException`` of the same names."""

    kind: ExceptionKind
    first_day: date
    last_day: date
    words: str
    stretches: tuple[Stretch, ...] = ()
    weekdays: tuple[int, ...] = ()
    yearly: bool = False


def set_week(
    db: Session,
    place: Place,
    hours: Collection[Hours],
    now: datetime,
    *,
    first: date | None = None,
    last: date | None = None,
) -> None:
    """Replace a place's weekly hours of one season; without any it has none. Raises ``BadInput`` as ``opening.set_hours``."""
    if first and hours:
        seasons = select(OpenHours.first_day, OpenHours.last_day).where(OpenHours.place_id == place.id).distinct()
        others = [one for one in db.execute(seasons).all() if tuple(one) != (first, last)]
        if len(others) > MOST_SEASONS:
            raise BadInput("too many seasons", field="first_day")
    with telling(db, place, now):
        opening.set_hours(db, place.id, hours, first=first, last=last)


def open_on_holidays(db: Session, place: Place, choice: bool | None, now: datetime) -> None:
    """Choose whether 祝日 and 12/29-1/3 are days like any other; None leaves it to what is around (never for a site)."""
    with telling(db, place, now):
        place.opens_on_holidays = bool(choice) if isinstance(place, Site) else choice
        db.flush()


def choose_slots(db: Session, place: Site | Room, slots: Slots | None) -> None:
    """Choose in which units a place is booked; None leaves it to what is around. Raises ``BadInput``."""
    if slots is not None and slots not in SLOTS:
        raise BadInput(f"slots {slots}", field="slots")
    place.slots = slots
    db.flush()
    listings.desks_changed(db, [desk.id for desk in desks_in(db, place)])


def add(db: Session, place: Place, wish: DatedWish, now: datetime) -> DatedException:
    """Add an exception to a place. Raises ``BadInput`` with the field."""
    check(wish)
    standing = select(func.count()).where(DatedException.place_id == place.id, DatedException.ended_at.is_(None))
    if (db.scalar(standing) or 0) >= MOST_EXCEPTIONS:
        raise BadInput("too many exceptions", field="first_day")
    added = DatedException(place_id=place.id, made_at=now, **_columns(wish))
    with telling(db, place, now):
        db.add(added)
        db.flush()
    return added


def edit(db: Session, exception: DatedException, place: Place, wish: DatedWish, now: datetime) -> None:
    """Change a standing exception. Raises ``BadInput`` with the field, ``NotFound`` for one that was taken back."""
    check(wish)
    if exception.ended_at is not None:
        raise NotFound("the exception was taken back")
    with telling(db, place, now):
        for name, value in _columns(wish).items():
            setattr(exception, name, value)
        db.flush()


def end(db: Session, exception: DatedException, place: Place, now: datetime) -> None:
    """Take an exception back; its days are as they would be without it. The row stays."""
    with telling(db, place, now):
        exception.ended_at = exception.ended_at or now
        db.flush()


def standing(db: Session, place_ids: Iterable[str]) -> Sequence[DatedException]:
    """Return the exceptions of places that were not taken back, the earliest days first."""
    mine = DatedException.place_id.in_(tuple(place_ids))
    question = select(DatedException).where(mine, DatedException.ended_at.is_(None))
    return db.scalars(question.order_by(DatedException.first_day, DatedException.id)).all()


def outside(db: Session, place: Place, now: datetime) -> int:
    """Return how many people's claims on the desks of a place lie outside its open times from ``now`` to the horizon."""
    window = Span(now, opening.horizon(now, ZoneInfo(site_of(place).zone)))
    desks = desks_in(db, place)
    open_times = opening.open_of(db, desks, window)
    held = select(Claim.desk_id, Claim.start, Claim.end).where(
        Claim.live,
        Claim.place_id.is_not(None),
        Claim.desk_id.in_([desk.id for desk in desks]),
        Claim.end > window.start,
        Claim.start < window.end,
    )
    found = ((desk_id, Span(max(start, now), end)) for desk_id, start, end in db.execute(held))
    return sum(not any(span.contains(one) for span in open_times[desk_id]) for desk_id, one in found)


@contextmanager
def telling(db: Session, place: Place, now: datetime) -> Iterator[None]:
    """Note for the feeds each desk of ``place`` whose open times up to the horizon differ by what is done inside."""
    zone = ZoneInfo(site_of(place).zone)
    window = Span(now, opening.horizon(now, zone))
    desks = desks_in(db, place)
    before = opening.open_of(db, desks, window)
    yield
    after = opening.open_of(db, desks, window)
    changed = [desk.id for desk in desks if before[desk.id] != after[desk.id]]
    for desk_id in sorted(wholes.concerned(db, changed)) if changed else ():
        listings.free_changed(db, desk_id)


def _columns(wish: DatedWish) -> Mapping[str, object]:
    return {
        "kind": wish.kind,
        "first_day": wish.first_day,
        "last_day": wish.last_day,
        "words": wish.words.strip(),
        "stretches": [list(stretch) for stretch in wish.stretches],
        "weekdays": sorted(set(wish.weekdays)),
        "yearly": wish.yearly,
    }


def check(wish: DatedWish) -> None:
    """Raise ``BadInput`` with the field that does not make sense."""
    if wish.kind not in KINDS:
        raise BadInput(f"kind {wish.kind[:20]}", field="kind")
    if not 0 < len(wish.words.strip()) <= 100:
        raise BadInput("words are needed, 100 letters at most", field="words")
    if not wish.first_day <= wish.last_day or (wish.last_day - wish.first_day).days > LONGEST:
        raise BadInput("the last day is not before the first, nor years after it", field="last_day")
    if wish.yearly and not _within_a_year(wish.first_day, wish.last_day):
        raise BadInput("what returns each year is shorter than a year", field="yearly")
    if any(not 0 <= weekday <= 6 for weekday in wish.weekdays):
        raise BadInput("no such weekday", field="weekdays")
    if wish.weekdays and not wish.yearly and not _meets(wish):
        raise BadInput("none of the days is one of the weekdays", field="weekdays")
    if bool(wish.stretches) != (wish.kind in {"hours", "extra"}) or not ruling.in_order(wish.stretches):
        raise BadInput("stretches are in order and within a day", field="stretches")


def _meets(wish: DatedWish) -> bool:
    week = range(min((wish.last_day - wish.first_day).days + 1, 7))
    return any((wish.first_day + timedelta(days=number)).weekday() in wish.weekdays for number in week)


def _within_a_year(first: date, last: date) -> bool:
    same = (first.month, first.day) == (last.month, last.day)
    return (last - first).days <= 366 and (first == last or not same)
