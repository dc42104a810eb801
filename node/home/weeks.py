"""The same desk at the same time in another week, by the clock on the wall of its site."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from node.home import trips
from node.home.wishes import HORIZON
from node.models.trips import Trip

A_WEEK = timedelta(days=7)
MOST = 8
"""So many weeks hosts offer their desks for, and so often a wish may be repeated."""


def later(moment: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """Return the aware UTC moment so many weeks later at which the site's clock reads the same."""
    return (moment.astimezone(zone) + weeks * A_WEEK).astimezone(UTC)


def repeated(wish: trips.Wish, times: int, *, now: datetime) -> Sequence[trips.Wish]:
    """Return a wish and the same one in the weeks after it, ``times`` in all, as far as hosts offer their desks."""
    zone = ZoneInfo(wish.site.zone)
    last = now.astimezone(zone).date() + HORIZON
    all_of_them = (
        replace(wish, start=later(wish.start, week, zone), end=later(wish.end, week, zone)) for week in range(times)
    )
    return [one for one in all_of_them if one.start.astimezone(zone).date() <= last]


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
