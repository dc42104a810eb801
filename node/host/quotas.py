"""How many of the agreed seats are used, day by day: what a 施設担当者 reads of an agreement at a glance."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from node.host.tallies import SEATED
from node.models.agreements import Agreement
from node.models.bookings import Booking, BookingPlace
from node.models.sites import Desk, Room, Site

ENDS_SOON = timedelta(days=60)
"""So long before its end an agreement is shown as ending soon, in time to conclude the next."""


@dataclass(frozen=True)
class DaySeats:
    """Seats used on one day; ``left`` is None where the agreement names no number."""

    day: date
    used: int
    left: int | None
    applies: bool


def week_of(now: datetime, zone: tzinfo) -> tuple[date, ...]:
    """Return the seven days, from Monday, of the week that now lies in."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return tuple(monday + timedelta(days=number) for number in range(7))


def seats(db: Session, agreements: Collection[Agreement], days: Collection[date]) -> Mapping[str, tuple[DaySeats, ...]]:
    """Return for each agreement (by id) its seats on consecutive days, counted at each site's clock; one statement."""
    used = _used(db, days)
    return {one.id: tuple(_day_seats(one, day, len(used.get((one.id, day), ()))) for day in days) for one in agreements}


def _day_seats(agreement: Agreement, day: date, used: int) -> DaySeats:
    limit = agreement.seats_a_day
    begun = agreement.starts_on is None or agreement.starts_on <= day
    applies = begun and (agreement.ends_on is None or day <= agreement.ends_on)
    on_weekday = not agreement.weekdays or day.weekday() in agreement.weekdays
    return DaySeats(day, used, None if limit is None else max(0, limit - used), applies and on_weekday)


def _used(db: Session, days: Collection[date]) -> Mapping[tuple[str, date], set[str]]:
    start = datetime.combine(min(days), time(), UTC) - timedelta(days=1)
    end = datetime.combine(max(days), time(), UTC) + timedelta(days=2)
    question = (
        select(Booking.agreement_id, BookingPlace.desk_id, BookingPlace.start, Site.zone)
        .join(BookingPlace.booking)
        .join(BookingPlace.desk)
        .join(Desk.room)
        .join(Room.site)
        .where(Booking.agreement_id.is_not(None), Booking.state.in_(SEATED))
        .where(BookingPlace.start < end, BookingPlace.end > start)
    )
    used: dict[tuple[str, date], set[str]] = {}
    for agreement_id, desk_id, begins, at in db.execute(question):
        used.setdefault((str(agreement_id), begins.astimezone(ZoneInfo(at)).date()), set()).add(desk_id)
    return used


def standing(agreement: Agreement, today: date) -> str:
    """Say where it stands: ``suspended``, ``ended``, ``awaiting`` (no town's word yet), ``coming``, ``ending`` (soon), ``valid``."""
    if agreement.suspended_at is not None or (agreement.named and set(agreement.named) <= set(agreement.suspended_by)):
        return "suspended"
    if agreement.ends_on is not None and agreement.ends_on < today:
        return "ended"
    if not agreement.signed_off:
        return "awaiting"
    if agreement.starts_on is not None and today < agreement.starts_on:
        return "coming"
    return "ending" if agreement.ends_on is not None and agreement.ends_on - today <= ENDS_SOON else "valid"
