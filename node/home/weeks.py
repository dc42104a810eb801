"""The same desk at the same time in another week, by the clock on the wall of its site."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from node.home import trips
from node.models.trips import Trip

A_WEEK = timedelta(days=7)


def later(moment: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """Return the aware UTC moment so many weeks later at which the site's clock reads the same."""
    return (moment.astimezone(zone) + weeks * A_WEEK).astimezone(UTC)


def on_day(trip: Trip, day: date) -> tuple[datetime, datetime]:
    """Return [start, end) of a trip moved to another day of its site, aware UTC."""
    zone = ZoneInfo(trips.site_of(trip).zone)
    start, end = trip.start.astimezone(zone), trip.end.astimezone(zone)
    days = day - start.date()
    return (start + days).astimezone(UTC), (end + days).astimezone(UTC)


def next_day(trip: Trip, *, now: datetime) -> date:
    """Return the day of the first week after the trip's own at which its time still lies ahead."""
    zone, weeks = ZoneInfo(trips.site_of(trip).zone), 1
    while later(trip.start, weeks, zone) <= now:
        weeks += 1
    return later(trip.start, weeks, zone).astimezone(zone).date()


def again(trip: Trip, day: date) -> trips.Wish:
    """Return the wish for the trip's desk at the trip's time on another day, with what was declared then."""
    start, end = on_day(trip, day)
    return trips.Wish(
        staff_id=trip.staff_id,
        host=trip.host,
        host_name=trip.host_name,
        site=trips.site_of(trip),
        desk=trips.desk_of(trip),
        start=start,
        end=end,
        work_kind=trip.work_kind,
        confidentiality=trip.confidentiality,
        consent_version=trip.consent_version,
        price_yen=trip.price_yen,
    )
