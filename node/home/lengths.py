"""By how much a visit may be extended, in the units of its desk; whether the desk is free then, its host knows."""

from zoneinfo import ZoneInfo

from node.home import trips
from node.models.trips import Trip

LONGER = (30, 60, 120)
"""Minutes that are offered where a desk is not booked in half days or days."""


def longer(trip: Trip) -> tuple[int, ...]:
    """Return the minutes by which the end of a trip may be moved."""
    site, desk = trips.site_of(trip), trips.desk_of(trip)
    local = trip.end.astimezone(ZoneInfo(site.zone))
    end = local.hour * 60 + local.minute
    if desk.slots == "day":
        return ()
    if desk.slots == "half_day":
        noon, evening = (_minutes(text) for text in (site.half_days.noon_start, site.half_days.evening_end))
        return (evening - end,) if end <= noon else ()
    if desk.slots in {"30", "60"}:
        return tuple(minutes for minutes in LONGER if (end + minutes) % int(desk.slots) == 0)
    return LONGER


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)
