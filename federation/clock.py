"""The one place where the time of day is read; everything below the edge is told what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, aware and in UTC."""
    return datetime.now(UTC)
