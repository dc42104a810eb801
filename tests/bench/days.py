"""The days on which desks are open in the measurements: eight weeks of weekdays, holidays left out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from node.host.opening import is_holiday

HALF_HOUR = timedelta(minutes=30)
WEEKS = 8
_JAPAN = ZoneInfo("Asia/Tokyo")


def weekdays(now: datetime) -> Iterator[date]:
    """Go through the working days of eight weeks, from tomorrow on."""
    today = now.astimezone(_JAPAN).date()
    for number in range(1, WEEKS * 7):
        day = today + timedelta(days=number)
        if day.weekday() < 5 and not is_holiday(day):
            yield day


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the UTC moment of a time of day in Japan."""
    return datetime.combine(day, time(hour, minute), tzinfo=_JAPAN).astimezone(UTC)
