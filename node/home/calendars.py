"""A trip as an event for one's own calendar (iCalendar, RFC 5545)."""

from datetime import UTC, datetime

from federation.messages.listing import SiteListing
from node.home import trips
from node.models.trips import Trip

_STAMP = "%Y%m%dT%H%M%SZ"


def event(trip: Trip, *, now: datetime) -> str:
    """Return one trip as a calendar of one event; the same UID at every download, so that a change replaces it."""
    site, desk = trips.site_of(trip), trips.desk_of(trip)
    status = "CONFIRMED" if trip.state in {"confirmed", "checked_in", "completed"} else "TENTATIVE"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tachiyori//Node//JA",
        "BEGIN:VEVENT",
        f"UID:{trip.id}",
        f"DTSTAMP:{now.astimezone(UTC).strftime(_STAMP)}",
        f"SEQUENCE:{trip.version}",
        f"DTSTART:{trip.start.strftime(_STAMP)}",
        f"DTEND:{trip.end.strftime(_STAMP)}",
        f"SUMMARY:{_text(f'{site.name} {desk.room_name} {desk.name}')}",
        f"LOCATION:{_text(_place(site))}",
        f"STATUS:{status if trip.state not in {'cancelled', 'refused', 'lapsed'} else 'CANCELLED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _place(site: SiteListing) -> str:
    return f"{site.name}, {site.address}"


def _text(words: str) -> str:
    """Escape a TEXT value (3.3.11)."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return " ".join(escaped.split())


def _folded(line: str) -> str:
    """Fold at 75 octets, never within a character (3.1)."""
    parts: list[str] = []
    part = ""
    for letter in line:
        if len((part + letter).encode()) > (75 if not parts else 74):
            parts.append(part)
            part = ""
        part += letter
    return "\r\n ".join([*parts, part])
