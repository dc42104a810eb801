"""By how much a visit may be extended in the units of its desk."""

from datetime import UTC, datetime

import pytest

from federation.messages.listing import Slots
from node.home.lengths import longer
from node.models.trips import Trip
from tests.node.fakehost import DESK, SITE


@pytest.mark.parametrize(
    ("slots", "end", "minutes"),
    [
        (None, "03:15", (30, 60, 120)),
        ("15", "03:15", (30, 60, 120)),
        ("30", "03:00", (30, 60, 120)),
        ("60", "03:00", (60, 120)),
        ("60", "03:30", (30,)),
        ("half_day", "03:00", (315,)),
        ("half_day", "08:15", ()),
        ("day", "03:00", ()),
    ],
)
def test_only_the_desk_s_units_are_offered(slots: Slots | None, end: str, minutes: tuple[int, ...]) -> None:
    at = datetime.fromisoformat(f"2026-11-24T{end}").replace(tzinfo=UTC)
    desk = DESK.model_copy(update={"slots": slots})
    trip = Trip(end=at, site_listing=SITE.text(), desk_listing=desk.text())
    assert longer(trip) == minutes
