"""The night door: told to who is still in another town's building when its reception is about to close."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.messages.listing import SiteListing
from federation.storage import insert
from federation.wording import phrase
from node.home import telling, trips
from node.models.doorclosing import DoorReminder
from node.models.trips import Trip

BEFORE, AFTER = timedelta(minutes=15), timedelta(hours=2)
"""From so long before the reception closes until so long after it, for a machine that stood still or who came late."""
AT_ONCE = 500
"""So many people's trips are looked at in one transaction; more are not in other towns' buildings at one closing time."""
_DOOR = phrase(
    "%(closes)sに%(site)sの受付が終わります。そのあとは、夜間の入口から出てください：%(door)s。"
    "お帰りの際は、退室の記録をお願いします。"
)


def tell_night_door(db: Session, *, now: datetime) -> int:
    """Tell who is still there by which door to leave, once an evening; return how many. A job.

    A site that names no night door, or no hours of its reception, has nothing to tell.
    """
    here = (
        select(Trip)
        .outerjoin(DoorReminder, (DoorReminder.trip_id == Trip.id) & (DoorReminder.at > now - BEFORE - AFTER))
        .where(Trip.state == "checked_in", Trip.left_at.is_(None), DoorReminder.trip_id.is_(None))
        .order_by(Trip.start, Trip.id)
        .limit(AT_ONCE)
    )
    told = 0
    for trip in db.scalars(here).all():
        site = trips.site_of(trip)
        closes = _closing(site, now)
        if closes is None or not closes - BEFORE <= now < closes + AFTER:
            continue
        row = insert(db, DoorReminder).values(trip_id=trip.id, day=closes.date(), at=now).on_conflict_do_nothing()
        if db.scalar(row.returning(DoorReminder.trip_id)) is not None:
            at = f"{closes:%H:%M}"
            telling.tell(db, trip, _DOOR, now=now, kind="reminder", closes=at, door=site.night_entrance)
            told += 1
    return told


def _closing(site: SiteListing, now: datetime) -> datetime | None:
    """Return when the site's reception closes on its present day, by its own clock."""
    if not site.night_entrance or site.reception_hours is None:
        return None
    hour, minute = map(int, site.reception_hours.closes.split(":"))
    return now.astimezone(ZoneInfo(site.zone)).replace(hour=hour, minute=minute, second=0, microsecond=0)
