"""What is kept how long, and what is left of it when its time is over."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import MetaData, func, select
from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.storage import Storage
from node import retention
from node.host import rounds
from node.models.blocks import Block
from node.models.bookings import Booking, ManifestName, Visitor
from node.models.incidents import Incident
from node.models.notices import Notice
from node.models.retention import DeletionRecord
from node.models.staff import Staff
from node.models.stafflists import PlannedList
from node.models.tables import METADATAS
from node.people import staff as directory

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


def told(db: Session, *moments: datetime) -> None:
    person = db.scalar(select(Staff)) or directory.add(db, number="000001", name="立寄 太郎", now=NOW)
    db.add_all(Notice(staff_id=person.id, words="一言", told_at=at) for at in moments)
    db.flush()


def incident(booking: str = "", *, happened: datetime = NOW, closed: datetime | None = None) -> Incident:
    facts: dict[str, Any] = {
        "kind": "lost",
        "severity": "minor",
        "leak": "no",
        "what": "傘",
        "is_ours": True,
        "recorded_by": "staff:1",
    }
    times = {"happened_at": happened, "known_at": happened, "recorded_at": happened, "closed_at": closed}
    return Incident(id="5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0001", booking_id=booking, **facts, **times)


def records(db: Session) -> list[tuple[str, int, date, str]]:
    return [(one.kind, one.count, one.up_to, one.by) for one in db.scalars(select(DeletionRecord))]


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(0, 30))
def test_years_are_whole_fiscal_years_after_the_records_own(today: date, years: int) -> None:
    first = retention.first_kept(years, today)
    assert (first.month, first.day) == (4, 1)
    assert date(first.year + years, 4, 1) <= today < date(first.year + years + 1, 4, 1)


def test_a_fiscal_year_goes_as_a_whole_with_a_record_and_no_person(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        told(db, datetime(2025, 3, 31, 14, 59, tzinfo=UTC), datetime(2025, 3, 31, 15, 0, tzinfo=UTC))
        retention.delete_due(db, NOW)
        assert records(db) == [("notices", 1, date(2025, 4, 1), "")]
        retention.delete_due(db, NOW + timedelta(hours=1))
        assert records(db) == [("notices", 1, date(2025, 4, 1), "")]


def test_blocks_and_lists_that_are_over_go_and_those_that_hold_stay(storage: Storage) -> None:
    first, old = date(2023, 4, 1), datetime(2023, 3, 1, tzinfo=UTC)
    with storage.transaction(write=True) as db:
        by = directory.add(db, number="000001", name="立寄 太郎", now=NOW).id
        for until, ended in (
            (date(2023, 3, 31), None),
            (date(2027, 3, 31), old),
            (first, None),
            (date(2027, 3, 31), None),
        ):
            kept: dict[str, Any] = {"from_on": date(2022, 4, 1), "until_on": until, "ended_at": ended}
            db.add(Block(home_code="112089", sub="", reason="", by_id=by, made_at=old, **kept))
        for number, over in enumerate((old, NOW, None)):
            state = "waiting" if over is None else "withdrawn"
            entrusted: dict[str, Any] = {"id": f"list-{number}", "state": state, "over_at": over, "by_id": by}
            db.add(PlannedList(effective=first, content=b"", people=1, made_at=old, **entrusted))
        db.flush()
        retention.delete_due(db, NOW)
        assert sorted(records(db)) == [("blocks", 2, first, ""), ("lists", 1, first, "")]
        assert sorted(db.scalars(select(PlannedList.id))) == ["list-1", "list-2"]
        retention.delete_due(db, NOW + timedelta(hours=1))
        assert db.scalar(select(func.count()).select_from(Block)) == 2


def test_a_chosen_length_counts_and_one_out_of_bounds_does_not(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        told(db, datetime(2025, 1, 1, tzinfo=UTC))
        retention.choose(db, "notices", 2, by="staff:1", now=NOW)
        retention.delete_due(db, NOW)
        assert db.scalar(select(func.count()).select_from(Notice)) == 1
        with pytest.raises(BadInput):
            retention.choose(db, "names", 0, by="staff:1", now=NOW)


@pytest.mark.parametrize(("is_open", "left"), [(True, 1), (False, 0)])
def test_names_of_an_open_incident_stay(storage: Storage, is_open: bool, left: int) -> None:
    booking = Booking(
        id="5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009", home_id=0, state="completed", made_at=NOW, changed_at=NOW
    )
    with storage.transaction(write=True) as db:
        db.add(booking)
        db.flush()
        whose = Visitor(home_id=0, sub="subject-number-0001")
        db.add(whose)
        db.flush()
        db.add(ManifestName(booking_id=booking.id, visitor_id=whose.id, name="井上 彩", purge_after=NOW))
        db.add(incident(booking.id, closed=None if is_open else NOW))
        db.flush()
        rounds.purge_names(db, retention.names_until(db, NOW), retention.held_back(db))
        assert db.scalar(select(func.count()).select_from(ManifestName)) == left
