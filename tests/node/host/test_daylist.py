"""The day's list is of the day at the site, whatever the hour is elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, update

from federation.storage import Storage
from node.host import daylist
from node.models.bookings import BookingPlace
from node.models.sites import Site
from tests.node.host.conftest import Desks, Put, wish

MIDNIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""The first moment of the 25th in Japan."""
SECOND = timedelta(seconds=1)


@pytest.fixture
def night(put: Put, desks: Desks, storage: Storage) -> None:
    """Somebody sits there from 23:30 on the 24th to 00:30 on the 25th."""
    put(wish(desks.first))
    with storage.transaction(write=True) as db:
        hours = {"start": MIDNIGHT - timedelta(minutes=30), "end": MIDNIGHT + timedelta(minutes=30)}
        db.execute(update(BookingPlace).values(**hours))


def listed(storage: Storage, now: datetime, site_id: str | None = None) -> int:
    with storage.transaction() as db:
        return len(daylist.places(db, now, site_id))


@pytest.mark.usefixtures("night")
def test_who_sits_over_midnight_is_of_both_days(storage: Storage) -> None:
    day = timedelta(days=1)
    moments = (
        MIDNIGHT - day - SECOND,
        MIDNIGHT - day,
        MIDNIGHT - SECOND,
        MIDNIGHT,
        MIDNIGHT + day - SECOND,
        MIDNIGHT + day,
    )
    assert [listed(storage, now) for now in moments] == [0, 1, 1, 1, 1, 0]


@pytest.mark.usefixtures("night")
def test_the_sites_own_clock_says_which_day_it_is(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        db.execute(update(Site).values(zone="Pacific/Honolulu"))
    # Midnight of the 24th is ten o’clock in Greenwich there, five hours before Japan’s.
    assert [listed(storage, MIDNIGHT + timedelta(hours=h)) for h in (-6, -5, 18, 19)] == [0, 1, 1, 0]


@pytest.mark.usefixtures("night")
def test_another_site_does_not_list_them(storage: Storage) -> None:
    assert listed(storage, MIDNIGHT, "00000000-0000-0000-0000-000000000000") == 0


@pytest.mark.usefixtures("night")
def test_a_site_is_not_loaded_with_its_guide(storage: Storage) -> None:
    with storage.transaction() as db:
        (place,) = daylist.places(db, MIDNIGHT)
        assert "address" in inspect(place.desk.room.site).unloaded
        assert place.desk.room.site.name
