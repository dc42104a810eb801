"""Storage: both databases keep the same promises."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Index, MetaData, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from federation.errors import BadInput, Conflict, DeskTaken, PersonElsewhere, Unavailable
from federation.storage import Base, Storage, UtcTime, insert, is_deadlock, is_overlap, metadata, no_overlap
from tests.contention import at_once
from tests.databases import SERVER, drop_database, new_database, url_of

NINE = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Room(DeclarativeBase):
    metadata = metadata()
    type_annotation_map = Base.type_annotation_map


class Desk(Room):
    __tablename__ = "desks"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)


class Claim(Room):
    __tablename__ = "claims"
    __table_args__ = (Index(None, "desk_id", "end"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime]
    live: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime | None]


class Trip(Room):
    __tablename__ = "trips"
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[int]
    start: Mapped[datetime]
    end: Mapped[datetime]


no_overlap(Claim.__table__)
no_overlap(Trip.__table__, key="person", where=None, refusal=PersonElsewhere)


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return (Room.metadata,)


def claim(storage: Storage, hours: float, length: float = 1, *, desk: str = "a", live: bool = True) -> int:
    with storage.transaction(write=True) as db:
        row = Claim(desk_id=desk, start=NINE + hours * HOUR, end=NINE + (hours + length) * HOUR, live=live)
        db.add(row)
        db.flush()
        return row.id


def raw(storage: Storage, sql: str, **values: object) -> None:
    """Plain SQL, past every model."""
    with storage.transaction(write=True) as db:
        db.execute(text(sql), values)


# --- Transactions -------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again(storage: Storage) -> None:
    claim(storage, 0)
    with storage.transaction() as db:
        assert db.scalars(select(Claim)).one().start == NINE


def test_a_block_that_raises_leaves_nothing_behind(storage: Storage) -> None:
    def change_of_mind() -> None:
        with storage.transaction(write=True) as db:
            db.add(Desk(id="a"))
            db.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_of_mind()
    with storage.transaction() as db:
        assert db.get(Desk, "a") is None


def test_a_reading_transaction_cannot_write(storage: Storage) -> None:
    with pytest.raises(DBAPIError), storage.transaction() as db:
        db.execute(text("INSERT INTO desks (id, version) VALUES ('a', 0)"))


def test_a_reading_transaction_sees_one_moment(storage: Storage) -> None:
    claim(storage, 0)
    count = "SELECT count(*) FROM claims"
    with storage.transaction() as db:
        before = db.scalar(text(count))
        writer = threading.Thread(target=claim, args=(storage, 5))
        writer.start()
        writer.join()
        assert db.scalar(text(count)) == before == 1


def test_a_transaction_inside_another_is_refused(storage: Storage) -> None:
    with (
        storage.transaction(write=True),
        pytest.raises(RuntimeError, match="already open"),
        storage.transaction(),
    ):
        pass


def test_after_a_refused_one_the_next_opens(storage: Storage) -> None:
    with pytest.raises(RuntimeError), storage.transaction(), storage.transaction():
        pass
    assert claim(storage, 0)


def test_acts_come_before_and_after_the_commit(storage: Storage) -> None:
    seen: list[str] = []
    storage.before_commit.append(lambda db: seen.append(f"before, {len(db.scalars(select(Claim)).all())} row"))
    storage.after_commit.append(lambda: seen.append("after"))
    claim(storage, 0)
    with storage.transaction():
        pass
    assert seen == ["before, 1 row", "after"]


def test_after_a_rollback_no_act_comes(storage: Storage) -> None:
    seen: list[str] = []
    storage.after_commit.append(lambda: seen.append("after"))
    with pytest.raises(ZeroDivisionError), storage.transaction(write=True):
        raise ZeroDivisionError
    assert seen == []


def test_an_act_after_the_commit_may_open_its_own(storage: Storage) -> None:
    def look() -> None:
        with storage.transaction() as db:
            assert db.scalars(select(Claim)).one()

    storage.after_commit.append(look)
    claim(storage, 0)


def test_rows_can_be_read_when_the_transaction_is_over(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        row = Desk(id="a")
        db.add(row)
    assert row.version == 0


def test_writers_of_one_counter_lose_nothing(storage: Storage) -> None:
    raw(storage, "INSERT INTO desks (id, version) VALUES ('a', 0)")

    def count(_number: int) -> None:
        for _ in range(10):
            raw(storage, "UPDATE desks SET version = version + 1")

    assert at_once(16, count) == []
    with storage.transaction() as db:
        assert db.scalars(select(Desk)).one().version == 160


def test_writers_of_two_processes_lose_nothing(storage: Storage, storage_url: str) -> None:
    """A second storage shares nothing with the first but the database, as another process does."""
    raw(storage, "INSERT INTO desks (id, version) VALUES ('a', 0)")
    both = (storage, Storage(storage_url))

    def count(number: int) -> None:
        for _ in range(20):
            raw(both[number % 2], "UPDATE desks SET version = version + 1")

    assert at_once(8, count) == []
    both[1].close()
    with storage.transaction() as db:
        assert db.scalars(select(Desk)).one().version == 160


def test_what_is_simply_wrong_stays_what_it_is(storage: Storage) -> None:
    with pytest.raises(DBAPIError), storage.transaction() as db:
        db.execute(text("SELECT no_such_thing"))


def test_a_text_that_no_column_holds_is_bad_input(storage: Storage) -> None:
    asked = select(Desk).where(Desk.id == "\0")
    if storage.dialect == "sqlite":
        with storage.transaction() as db:
            assert db.scalar(asked) is None
        return
    with pytest.raises(BadInput), storage.transaction() as db:
        db.scalar(asked)


def test_an_insert_may_ignore_what_is_there(storage: Storage) -> None:
    for version in (1, 2):
        with storage.transaction(write=True) as db:
            db.execute(insert(db, Desk).values(id="a", version=version).on_conflict_do_nothing())
    with storage.transaction() as db:
        assert db.scalars(select(Desk)).one().version == 1


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    nowhere = Storage("postgresql://postgres@127.0.0.1:1/nowhere")
    with pytest.raises(Unavailable), nowhere.transaction() as db:
        db.execute(text("SELECT 1"))


@pytest.mark.parametrize("storage_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_connection_that_died_in_the_pool_is_replaced(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.storage._FRESH", 0)
    with storage.transaction() as db:
        (pid,) = db.execute(text("SELECT pg_backend_pid()")).one()
    with psycopg.connect(SERVER, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with storage.transaction() as db:
        assert db.scalar(text("SELECT 1")) == 1


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    nowhere = Storage(f"sqlite:///{tmp_path / 'no folder' / 'test.db'}")
    with pytest.raises(Unavailable), nowhere.transaction() as db:
        db.execute(text("SELECT 1"))


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="a file"):
        Storage("sqlite://")


# --- Times --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 1, 9, 30, 15, 123456, tzinfo=UTC),
        datetime(2026, 12, 1, 9, 30, tzinfo=timezone(9 * HOUR)),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_a_time_comes_back_in_utc_to_the_microsecond(storage: Storage, moment: datetime) -> None:
    with storage.transaction(write=True) as db:
        db.add(Claim(desk_id="a", start=moment, end=moment + HOUR))
    with storage.transaction() as db:
        kept = db.scalars(select(Claim)).one()
    assert (kept.start, kept.start.tzinfo, kept.seen_at) == (moment, UTC, None)


def test_a_time_without_a_zone_is_refused(storage: Storage) -> None:
    kind = UtcTime()
    with storage.transaction() as db, pytest.raises(ValueError, match="without a zone"):
        kind.process_bind_param(datetime(2026, 12, 1), db.get_bind().dialect)  # noqa: DTZ001 - that is the point.


@pytest.mark.parametrize("written", ["2026-12-01 00:00:00", 1.5, None])
def test_a_time_that_is_no_integer_does_not_enter_sqlite(storage: Storage, written: object) -> None:
    if storage.dialect == "postgresql":
        return
    sql = "INSERT INTO claims (desk_id, start, \"end\", live) VALUES ('a', :start, :end, 1)"
    with pytest.raises(IntegrityError):
        raw(storage, sql, start=written, end=2**60)


# --- No overlap ---------------------------------------------------------------------------------------------------


def moved(claim: int, hours: float) -> Callable[[Storage], None]:
    def move(storage: Storage) -> None:
        with storage.transaction(write=True) as db:
            row = db.get_one(Claim, claim)
            row.start, row.end = NINE + hours * HOUR, NINE + (hours + 1) * HOUR

    return move


@pytest.mark.parametrize(("hours", "length"), [(0, 1), (-0.5, 1), (0.5, 1), (0.25, 0.5), (-1, 3)])
def test_a_desk_is_not_claimed_twice(storage: Storage, hours: float, length: float) -> None:
    claim(storage, 0)
    with pytest.raises(DeskTaken):
        claim(storage, hours, length)


@pytest.mark.parametrize(("hours", "desk", "live"), [(1, "a", True), (-1, "a", True), (0, "b", True), (0, "a", False)])
def test_neighbours_other_desks_and_the_dead_do_not_overlap(
    storage: Storage, hours: float, desk: str, live: bool
) -> None:
    claim(storage, 0)
    assert claim(storage, hours, desk=desk, live=live)


def test_a_claim_is_not_moved_onto_another(storage: Storage) -> None:
    claim(storage, 0)
    second = claim(storage, 3)
    with pytest.raises(DeskTaken):
        moved(second, 0.5)(storage)


def test_a_claim_may_move_over_its_own_old_time(storage: Storage) -> None:
    moved(claim(storage, 0), 0.5)(storage)


def test_a_dead_claim_is_not_revived_onto_another(storage: Storage) -> None:
    claim(storage, 0)
    claim(storage, 0, live=False)
    with pytest.raises(DeskTaken):
        raw(storage, "UPDATE claims SET live = true")


def test_plain_sql_meets_the_same_refusal(storage: Storage) -> None:
    claim(storage, 0)
    with pytest.raises(DeskTaken):
        raw(storage, 'INSERT INTO claims (desk_id, start, "end", live) SELECT desk_id, start, "end", true FROM claims')


def test_a_range_does_not_end_before_it_starts(storage: Storage) -> None:
    with pytest.raises(IntegrityError) as caught:
        claim(storage, 1, -1)
    assert not is_overlap(caught.value)


def test_each_rule_has_its_own_refusal(storage: Storage) -> None:
    trip = {"person": 1, "start": NINE, "end": NINE + HOUR}
    with pytest.raises(PersonElsewhere), storage.transaction(write=True) as db:
        db.add_all([Trip(**trip), Trip(**trip)])


def test_inside_the_transaction_the_overlap_can_be_recognised(storage: Storage) -> None:
    claim(storage, 0)
    with storage.transaction(write=True) as db:
        db.add(Claim(desk_id="a", start=NINE, end=NINE + HOUR))
        with pytest.raises(IntegrityError) as caught:
            db.flush()
        db.rollback()
    assert is_overlap(caught.value)
    assert not is_deadlock(caught.value)


def test_an_open_end_is_refused_when_the_rule_is_made() -> None:
    class Open(DeclarativeBase):
        metadata = metadata()

    class Stay(Open):
        __tablename__ = "stays"
        id: Mapped[int] = mapped_column(primary_key=True)
        desk_id: Mapped[str]
        start: Mapped[datetime] = mapped_column(UtcTime)
        end: Mapped[datetime | None] = mapped_column(UtcTime)
        live: Mapped[bool]

    with pytest.raises(ValueError, match="open end"):
        no_overlap(Stay.__table__)


def test_of_sixteen_at_once_one_gets_the_desk(storage: Storage) -> None:
    """The constraint alone: whoever loses is told so, by refusal or by a lost race, and nobody else gets it."""
    for hour in range(0, 20, 2):
        raised = at_once(16, lambda number, hour=hour: claim(storage, hour + number / 32))  # type: ignore[misc]
        assert len(raised) == 15
        assert all(isinstance(error, Conflict) for error in raised)


def test_with_the_desk_locked_first_nobody_deadlocks(storage: Storage) -> None:
    raw(storage, "INSERT INTO desks (id, version) VALUES ('a', 0)")

    def careful(number: int, hour: int) -> None:
        with storage.transaction(write=True) as db:
            db.execute(text("UPDATE desks SET version = version + 1 WHERE id = 'a'"))
            start = NINE + (hour + number / 32) * HOUR
            db.add(Claim(desk_id="a", start=start, end=start + HOUR))

    for hour in range(0, 20, 2):
        raised = at_once(16, lambda number, hour=hour: careful(number, hour))  # type: ignore[misc]
        assert [type(error) for error in raised] == [DeskTaken] * 15


def test_a_deadlock_becomes_a_conflict(storage: Storage) -> None:
    if storage.dialect == "sqlite":
        return  # There is one writer at a time, so none can wait for another in a circle.
    raw(storage, "INSERT INTO desks (id, version) VALUES ('a', 0), ('b', 0)")
    gate = threading.Barrier(2)

    def cross(number: int) -> None:
        with storage.transaction(write=True) as db:
            for desk in ("ab", "ba")[number]:
                db.execute(text("UPDATE desks SET version = version + 1 WHERE id = :desk"), {"desk": desk})
                if desk == "ab"[number]:
                    gate.wait()

    assert [type(error) for error in at_once(2, cross)] == [Conflict]


# --- Schema -------------------------------------------------------------------------------------------------------

FIRST = """
import sqlalchemy as sa
from alembic import op
from federation.storage import UtcTime

revision, down_revision = "0001", None


def upgrade():
    op.create_table(
        "desks",
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desks"),
    )
    op.create_table(
        "trips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trips"),
        sa.CheckConstraint('start < "end"', name="ck_trips_range"),
    )


def downgrade():
    op.drop_table("trips")
    op.drop_table("desks")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op
from federation.storage import Exclusion, UtcTime

revision, down_revision = "0002", "0001"
CLAIMS, TRIPS = Exclusion("claims"), Exclusion("trips", key="person", where=None)


def upgrade():
    with op.batch_alter_table("desks") as desks:
        desks.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("desks") as desks:
        desks.alter_column("version", server_default=None)
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.String(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_claims"),
        sa.CheckConstraint('start < "end"', name="ck_claims_range"),
    )
    op.add_column("claims", sa.Column("seen_at", UtcTime(), nullable=True))
    op.create_index("ix_claims_desk_id_end", "claims", ["desk_id", "end"])
    for rule in (CLAIMS, TRIPS):
        for statement in rule.create(op.get_bind().dialect.name):
            op.execute(statement)


def downgrade():
    for statement in TRIPS.drop(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("claims")
    with op.batch_alter_table("desks") as desks:
        desks.drop_column("version")
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "rooms" / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "0001_desks.py").write_text(FIRST)
    (folder / "versions" / "0002_claims.py").write_text(SECOND)
    return folder


@pytest.fixture
def bare(storage: Storage, tmp_path: Path) -> Iterator[Storage]:
    """A database of the same kind with nothing in it."""
    name = new_database() if storage.dialect == "postgresql" else ""
    opened = Storage(url_of(name) if name else f"sqlite:///{tmp_path / 'bare.db'}", Room.metadata)
    yield opened
    opened.close()
    if name:
        drop_database(name)


def test_a_migrated_database_equals_one_made_from_the_models(storage: Storage, bare: Storage, scripts: Path) -> None:
    bare.migrate(scripts)
    assert bare.dump() == storage.dump()


def test_down_and_up_again_is_the_same(bare: Storage, scripts: Path) -> None:
    empty = bare.dump()
    bare.migrate(scripts, "0001")
    first = bare.dump()
    bare.migrate(scripts)
    bare.downgrade(scripts, "0001")
    assert bare.dump() == first
    bare.downgrade(scripts, "base")
    assert bare.dump() == empty


def test_a_dump_sees_what_alembic_does_not(storage: Storage, bare: Storage, scripts: Path) -> None:
    bare.migrate(scripts)
    what = "CONSTRAINT ex_claims_desk_id" if bare.dialect == "postgresql" else "TRIGGER"
    raw(bare, "ALTER TABLE claims DROP " + what if "CON" in what else "DROP TRIGGER ex_claims_desk_id_update")
    assert bare.dump() != storage.dump()


def test_a_database_says_its_revision(bare: Storage, scripts: Path) -> None:
    assert bare.revision(scripts) is None
    bare.migrate(scripts)
    assert bare.revision(scripts) == "0002"


def test_a_migration_that_fails_leaves_the_database_as_it_was(bare: Storage, scripts: Path) -> None:
    bare.migrate(scripts, "0001")
    before = bare.dump()
    half_way = 'raise LookupError("half way")'
    (scripts / "versions" / "0002_claims.py").write_text(SECOND.replace("for rule in", f"{half_way}\n    for rule in"))
    with pytest.raises(LookupError):
        bare.migrate(scripts)
    assert (bare.dump(), bare.revision(scripts)) == (before, "0001")


def test_rows_survive_the_rebuilding_of_a_table(bare: Storage, scripts: Path) -> None:
    bare.migrate(scripts, "0001")
    raw(bare, "INSERT INTO desks (id) VALUES ('a')")
    bare.migrate(scripts)
    with bare.transaction() as db:
        assert db.scalars(select(Desk)).one().version == 0


def test_all_tables_can_be_dropped(bare: Storage) -> None:
    bare.create_all()
    bare.drop_all()
    assert bare.dump() == "\n"
