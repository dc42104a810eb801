"""Subscribing to one's own bookings: an address that is itself the permission to read them, and nothing else.

Whoever holds the address reads the calendar, so it is shown once, kept as a digest, and renewed or ended by a press.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import NotFound
from federation.language import Locale, negotiate
from node.home import trips
from node.models.calendars import CalendarAddress
from node.models.staff import Staff
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import has_left

BACK = timedelta(days=90)
"""How long a past trip stays in the calendar."""
MOST = 500
"""So many events at most, the latest."""


@dataclass(frozen=True)
class Subscribed:
    """What stands at an address: the trips, soonest first, and the language to write them in."""

    trips: Sequence[Trip]
    locale: Locale


def renew(db: Session, staff_id: int, *, locale: Locale, now: datetime) -> str:
    """Make a new address and return its secret, which is kept nowhere; the one before leads nowhere from now on."""
    secret = secrets.token_urlsafe(32)
    directory.lock(db, staff_id)
    db.merge(CalendarAddress(staff_id=staff_id, digest=_digest(secret), locale=locale, made_at=now))
    _record(db, staff_id, "made", now)
    db.flush()
    return secret


def revoke(db: Session, staff_id: int, *, now: datetime) -> bool:
    """End the person's address; False where there was none."""
    mine = delete(CalendarAddress).where(CalendarAddress.staff_id == staff_id)
    ended = db.scalar(mine.returning(CalendarAddress.staff_id)) is not None
    if ended:
        _record(db, staff_id, "ended", now)
    return ended


def made_at(db: Session, staff_id: int) -> datetime | None:
    """Return since when the person has an address; None where they have none."""
    kept = db.get(CalendarAddress, staff_id)
    return kept.made_at if kept else None


def read(db: Session, secret: str, *, now: datetime) -> Subscribed:
    """Return what stands at the address; raise ``NotFound`` for one that is none, or whose person has left."""
    found = db.execute(
        select(CalendarAddress, Staff)
        .join(Staff, Staff.id == CalendarAddress.staff_id)
        .where(CalendarAddress.digest == _digest(secret))
    ).one_or_none()
    if found is None or has_left(found[1], now):
        raise NotFound("no such calendar")
    address, person = found
    return Subscribed(trips.of(db, person.id, since=now - BACK)[-MOST:], negotiate((address.locale,)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _record(db: Session, staff_id: int, what: str, now: datetime) -> None:
    who = f"staff:{staff_id}"
    audit.record(db, event="calendar-address", actor=who, subject=who, verdict="allowed", reason=what, now=now)
