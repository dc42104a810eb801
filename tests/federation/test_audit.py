"""The audit log: only ever added to, and it shows when somebody did otherwise."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from federation import audit
from federation.audit import AuditEntry, Chain, Head, record, verify
from federation.errors import BadInput
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


# --- Nobody forges a line -------------------------------------------------------------------------------------

HOSTILE = "a\r\n2026 allowed\x1b[2K\u202eevil\u2028\x00\ud800"


def test_what_would_forge_or_hide_a_line_is_spelt_out(storage: Storage) -> None:
    line = {"event": HOSTILE, "actor": HOSTILE, "subject": HOSTILE, "reason": HOSTILE, "jti": HOSTILE}
    with storage.transaction(write=True) as db:
        record(db, **line, verdict="refused", now=NOW)
    with storage.transaction() as db:
        row = db.scalars(select(AuditEntry)).one()
        (written, _head) = audit.export(db)
    spelt = r"a\r\n2026 allowed\x1b[2K\u202eevil\u2028\x00\ud800"
    assert {row.event, row.actor, row.subject, row.reason, row.jti} == {spelt}
    assert written.isprintable()
    assert verified(storage)


def test_japanese_words_stay_as_they_are(storage: Storage) -> None:
    recorded(storage, "戸籍課　𠮷野")
    with storage.transaction() as db:
        assert db.scalars(select(AuditEntry.subject)).one() == "戸籍課　𠮷野"


def test_a_long_word_is_cut(storage: Storage) -> None:
    recorded(storage, "x" * 100_000)
    with storage.transaction() as db:
        assert len(db.scalars(select(AuditEntry.subject)).one()) == 1000


# --- Kept elsewhere -------------------------------------------------------------------------------------------


def exported(storage: Storage, **period: datetime) -> list[str]:
    with storage.transaction() as db:
        return list(audit.export(db, **period))


def test_an_export_can_be_verified_by_whoever_holds_it(storage: Storage) -> None:
    recorded(storage, "a", "東京", "c")
    *lines, last = exported(storage)
    digests = [hashlib.sha256(line.encode()).hexdigest() for line in lines]
    assert [json.loads(line)["previous"] for line in lines] == ["0" * 64, *digests[:-1]]
    assert json.loads(last) == {"head": f"3:{digests[-1]}"}


def test_an_export_of_a_period_has_its_rows_alone(storage: Storage) -> None:
    for days in range(4):
        recorded(storage, f"day {days}", now=NOW + days * DAY)
    *lines, _head = exported(storage, since=NOW + DAY, until=NOW + 3 * DAY)
    assert [json.loads(line)["subject"] for line in lines] == ["day 1", "day 2"]


def rewritten(storage: Storage) -> None:
    """Make a whole new chain, as one who owns the database can."""
    tampered(storage, "DELETE FROM audit_entries")
    with storage.transaction(write=True) as db:
        db.execute(text("DELETE FROM audit_heads"))
    recorded(storage, "a", "x", "c", "d")


def test_a_chain_made_anew_shows_against_a_head_that_was_kept(storage: Storage) -> None:
    recorded(storage, "a", "b", "c")
    with storage.transaction() as db:
        kept = audit.head_of(db)
    rewritten(storage)
    with storage.transaction() as db:
        assert verify(db)
        assert verify(db, known=kept).broken_at == 3


@pytest.mark.parametrize("more", [(), ("c",), ("c", "d")])
def test_a_head_that_was_kept_holds_while_the_log_grows(storage: Storage, more: tuple[str, ...]) -> None:
    recorded(storage, "a", "b")
    with storage.transaction() as db:
        kept = Head.read(str(audit.head_of(db)))
    recorded(storage, *more)
    with storage.transaction() as db:
        assert verify(db, known=kept)


@pytest.mark.parametrize("typed", ["", "3", "x:" + "0" * 64, "3:" + "0" * 63, "-1:" + "0" * 64])
def test_what_is_no_head_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(BadInput):
        Head.read(typed)
