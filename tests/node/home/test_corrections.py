"""What home learns of the day, tells the 所属長, and puts right beside the host's word."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from federation.errors import BadInput
from federation.messages.feed import FeedItem
from federation.storage import Storage
from node import notices
from node.home import asking, attendance, corrections, following, presence, trips
from node.models.attendance import Attendance
from node.people import staff as directory
from node.people.signin import SignedIn
from node.town import Town
from tests.node.fakehost import HOST, FakeHost
from tests.node.home.conftest import Clock

HOUR = timedelta(hours=1)


@pytest.fixture
def booked(town: Town, wish: Callable[..., trips.Wish], person: SignedIn) -> str:
    return asking.submit(town, wish(), person, now=town.clock())


@pytest.fixture
def chief(storage: Storage, person: SignedIn, town: Town) -> int:
    """The 所属長 of the person's section."""
    with storage.transaction(write=True) as db:
        section = directory.get(db, person.staff_id).section or "企画課"
        directory.get(db, person.staff_id).section = section
        facts = {"number": "000002", "name": "課長 次郎", "section": section}
        return directory.add(db, **facts, roles=("staff", "manager"), now=town.clock()).id


def records(town: Town, host: FakeHost, booked: str, **times: datetime) -> None:
    """The host records when somebody came, and left."""
    at = host.bookings[booked].places[0]
    state = "completed" if "left_at" in times else "checked_in"
    said = host.changed(booked, state=state, places=(at.model_copy(update=times),))
    item = FeedItem(state="updated", kind="booking", id=booked, modified=said.version, data=said.wire())
    with town.storage.transaction(write=True) as db:
        following.take(db, HOST, item, now=town.clock())


def told(storage: Storage, staff_id: int) -> list[str]:
    with storage.transaction() as db:
        return [one.words for one in notices.latest(db, staff_id)]


@pytest.mark.parametrize(
    ("start", "end", "count"), [(False, False, 0), (True, False, 1), (False, True, 1), (True, True, 2)]
)
def test_the_superior_is_told_as_the_town_laid_down(
    town: Town, host: FakeHost, booked: str, storage: Storage, chief: int, start: bool, end: bool, count: int
) -> None:
    with storage.transaction(write=True) as db:
        presence.lay_down(db, tells_start=start, tells_end=end)
    begins = host.bookings[booked].places[0].start
    for _twice in range(2):
        records(town, host, booked, arrived_at=begins)
    records(town, host, booked, arrived_at=begins, left_at=begins + HOUR)
    assert len([words for words in told(storage, chief) if "始業" in words or "終業" in words]) == count


def the_day(storage: Storage) -> Attendance:
    with storage.transaction() as db:
        return db.scalars(select(Attendance)).one()


def test_the_hosts_times_stay_and_the_correction_counts(
    town: Town, host: FakeHost, booked: str, storage: Storage, person: SignedIn, clock: Clock
) -> None:
    begins = host.bookings[booked].places[0].start
    records(town, host, booked, arrived_at=begins, left_at=begins + HOUR)
    clock.now = begins + 4 * HOUR
    with storage.transaction(write=True) as db:
        row = db.scalars(select(Attendance)).one()
        corrections.correct(db, row, None, begins + 2 * HOUR, "=退室の押し忘れ", by="staff:9", now=clock())
    row = the_day(storage)
    assert (row.left_at, corrections.times(row)[1], attendance.minutes(row)) == (begins + HOUR, begins + 2 * HOUR, 120)
    assert "勤務実績が訂正されました" in told(storage, person.staff_id)[0]
    with storage.transaction() as db:
        written = attendance.as_csv(db.scalars(select(Attendance)).all()).decode("utf-8-sig")
    assert "'=退室の押し忘れ" in written


@pytest.mark.parametrize(
    ("arrived", "left", "reason", "field"),
    [(0, None, "", "reason"), (None, None, "理由", "arrived"), (99, None, "理由", "arrived"), (1, 1, "理由", "left")],
)
def test_what_cannot_be_is_no_correction(
    town: Town,
    host: FakeHost,
    booked: str,
    storage: Storage,
    clock: Clock,
    arrived: int | None,
    left: int | None,
    reason: str,
    field: str,
) -> None:
    begins = host.bookings[booked].places[0].start
    records(town, host, booked, arrived_at=begins, left_at=begins + HOUR)
    clock.now = begins + 4 * HOUR
    at = [None if hours is None else begins + hours * HOUR for hours in (arrived, left)]
    with storage.transaction(write=True) as db, pytest.raises(BadInput) as refused:
        corrections.correct(db, db.scalars(select(Attendance)).one(), at[0], at[1], reason, by="staff:9", now=clock())
    assert refused.value.field == field
