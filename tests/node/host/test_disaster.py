"""A declared disaster: one logged action, and an end that comes by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.errors import BadInput, NotFound
from federation.storage import Storage
from node.host import disaster
from tests.node.host.conftest import NOW

DAY = timedelta(days=1)


def declare(storage: Storage, days: int = 2, reason: str = "地震") -> None:
    with storage.transaction(write=True) as db:
        disaster.declare(db, days=days, reason=reason, by="staff:1", now=NOW)


def grace(storage: Storage, after: timedelta) -> timedelta:
    with storage.transaction() as db:
        return disaster.grace(db, NOW + after)


def test_it_stands_for_its_days_and_ends_by_itself(storage: Storage) -> None:
    assert grace(storage, DAY) == timedelta(0)
    declare(storage)
    assert (grace(storage, DAY), grace(storage, 2 * DAY)) == (timedelta(days=7), timedelta(0))


def test_it_can_be_ended_before_and_each_step_is_a_line(storage: Storage) -> None:
    declare(storage)
    with storage.transaction(write=True) as db:
        disaster.end(db, by="staff:2", now=NOW + DAY)
    assert grace(storage, DAY) == timedelta(0)
    with storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [(line.event, line.actor) for line in lines] == [
        ("disaster-declared", "staff:1"),
        ("disaster-ended", "staff:2"),
    ]


def test_a_later_declaration_takes_the_place_of_an_earlier(storage: Storage) -> None:
    declare(storage, days=7)
    declare(storage, days=1)
    assert grace(storage, DAY) == timedelta(0)


@pytest.mark.parametrize(("days", "reason"), [(0, "地震"), (8, "地震"), (1, "  ")])
def test_nobody_declares_one_without_reason_or_for_longer(storage: Storage, days: int, reason: str) -> None:
    with pytest.raises(BadInput):
        declare(storage, days, reason)


def test_what_does_not_stand_cannot_be_ended(storage: Storage) -> None:
    with pytest.raises(NotFound), storage.transaction(write=True) as db:
        disaster.end(db, by="staff:1", now=NOW)
