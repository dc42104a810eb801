"""The audit log: only ever added to, and it shows when somebody did otherwise."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from federation import audit
from federation.audit import AuditEntry, Chain, record, verify
from federation.storage import Storage
from tests.contention import at_once

NOW = datetime(2026, 12, 1, 3, 4, 5, 678901, tzinfo=UTC)
DAY = timedelta(days=1)


def recorded(storage: Storage, *subjects: str, now: datetime = NOW) -> None:
    with storage.transaction(write=True) as db:
        for subject in subjects:
            record(db, event="booking", actor="https://home.example", subject=subject, verdict="allowed", now=now)


def verified(storage: Storage) -> Chain:
    with storage.transaction() as db:
        return verify(db)


def tampered(storage: Storage, sql: str) -> None:
    """Change a row as one who owns the whole database could."""
    switch = "ALTER TABLE audit_entries DISABLE TRIGGER USER"
    off = (
        [switch]
        if storage.dialect == "postgresql"
        else ["DROP TRIGGER audit_entries_stay", "DROP TRIGGER audit_entries_remain"]
    )
    on = [switch.replace("DISABLE", "ENABLE")] if storage.dialect == "postgresql" else audit.guards("sqlite")
    with storage.transaction(write=True) as db:
        for statement in [*off, sql, *on]:
            db.connection().exec_driver_sql(statement)


def test_rows_stand_in_order_with_all_they_were_given(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        record(db, event="sign-in", actor="a", subject="b", verdict="refused", reason="期限切れ", jti="j1", now=NOW)
    with storage.transaction() as db:
        row = db.scalars(select(AuditEntry)).one()
    assert (row.number, row.verdict, row.reason, row.jti, row.at) == (1, "refused", "期限切れ", "j1", NOW)


def test_an_untouched_chain_holds(storage: Storage) -> None:
    assert verified(storage).rows == 0
    recorded(storage, "a", "b")
    recorded(storage, "c")
    assert verified(storage)
    assert verified(storage).rows == 3


def test_the_digest_moves_with_every_row(storage: Storage) -> None:
    recorded(storage, "a")
    before = verified(storage).digest
    recorded(storage, "a")
    assert verified(storage).digest != before


def test_what_is_rolled_back_leaves_no_row(storage: Storage) -> None:
    def change_of_mind() -> None:
        with storage.transaction(write=True) as db:
            record(db, event="x", actor="a", subject="b", verdict="allowed", now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    recorded(storage, "a")
    assert verified(storage).rows == 1


def test_a_savepoint_does_not_write_early_or_twice(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        record(db, event="x", actor="a", subject="b", verdict="allowed", now=NOW)
        with db.begin_nested():
            record(db, event="y", actor="a", subject="b", verdict="allowed", now=NOW)
        assert db.scalars(select(AuditEntry)).all() == []
    assert verified(storage).rows == 2


def test_a_reading_transaction_records_nothing(storage: Storage) -> None:
    with storage.transaction() as db, pytest.raises(RuntimeError, match="does not write"):
        record(db, event="x", actor="a", subject="b", verdict="allowed", now=NOW)


def test_many_at_once_make_one_chain(storage: Storage) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            recorded(storage, f"{number}-{turn}")

    assert at_once(8, write) == []
    assert (bool(verified(storage)), verified(storage).rows) == (True, 40)


@pytest.mark.parametrize("sql", ["UPDATE audit_entries SET reason = 'x'", "DELETE FROM audit_entries WHERE number = 2"])
def test_the_database_refuses_to_change_a_row(storage: Storage, sql: str) -> None:
    recorded(storage, "a", "b")
    with pytest.raises(DBAPIError, match="only ever added to"), storage.transaction(write=True) as db:
        db.execute(text(sql))


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("UPDATE audit_entries SET subject = 'x' WHERE number = 2", 3),
        ("UPDATE audit_entries SET verdict = 'refused' WHERE number = 3", 4),
        ("DELETE FROM audit_entries WHERE number = 2", 3),
        ("DELETE FROM audit_entries WHERE number = 3", 3),
        ("DELETE FROM audit_entries", 1),
        ("DELETE FROM audit_heads", 4),
    ],
    ids=["changed", "newest changed", "taken out", "newest taken out", "all taken out", "no head"],
)
def test_tampering_shows(storage: Storage, sql: str, number: int) -> None:
    recorded(storage, "a", "b", "c")
    tampered(storage, sql)
    assert verified(storage).broken_at == number


def test_the_oldest_rows_go_when_their_time_is_over(storage: Storage) -> None:
    for days in range(4):
        recorded(storage, "a", now=NOW + days * DAY)
    with storage.transaction(write=True) as db:
        assert audit.forget(db, before=NOW + 2 * DAY) == 2
    assert (bool(verified(storage)), verified(storage).rows) == (True, 2)


def test_the_newest_row_stays_for_the_chain_to_go_on_from(storage: Storage) -> None:
    recorded(storage, "a", "b")
    with storage.transaction(write=True) as db:
        audit.forget(db, before=NOW + DAY)
    recorded(storage, "c")
    assert (bool(verified(storage)), verified(storage).rows) == (True, 2)


def test_an_empty_log_forgets_nothing(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        assert audit.forget(db, before=NOW) == 0
