"""The one door to engines and sessions: SQLite and PostgreSQL behave alike behind it.

A transaction's edge is a ``with`` in the caller. Reading ones see one snapshot and cannot write; writing ones hold
SQLite's write lock from their first statement. The columns' types and the no-overlap rule are offered here too, so
that models import one module.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Executable, MetaData, Row, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from federation import schema
from federation.columns import Base, Json, UtcTime, insert, metadata
from federation.errors import BadInput, Conflict, TachiyoriError, Unavailable
from federation.exclusion import Exclusion, no_overlap, refusals
from federation.setbacks import is_deadlock, is_overlap, is_unfit, is_unreachable, refused_by
from federation.turns import Turns

__all__ = [
    "Base",
    "Exclusion",
    "Json",
    "Storage",
    "UtcTime",
    "insert",
    "is_deadlock",
    "is_overlap",
    "metadata",
    "no_overlap",
]

_PATIENCE = 10
"""Seconds a transaction waits for a lock, or for a connection of the pool, before it gives way."""

_FRESH = 1.0
"""Seconds for which a connection that was just given back is believed to be alive."""

_ON_POSTGRESQL = f"-c timezone=UTC -c lock_timeout={_PATIENCE}s -c statement_timeout=60s"


class Storage:
    """One database: its pool, its transactions and its schema."""

    def __init__(self, url: str, *metadatas: MetaData, pool_size: int = 8, durable: bool = True) -> None:
        """Open ``url``: ``sqlite:////path/file.db`` or ``postgresql+psycopg://…``; nothing is connected yet.

        ``metadatas`` are what ``create_all`` makes, referred-to ones first. ``durable=False`` lets the last moments
        be lost with the machine (not with the process), for what is worthless after a minute.
        """
        self.metadatas = metadatas
        self.before_commit: list[Callable[[Session], None]] = []
        self.after_commit: list[Callable[[], None]] = []
        self._refusals = refusals(metadatas)
        self._engine = _engine(url, pool_size, durable)
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if self._engine.dialect.name == "sqlite" else "postgresql"
        )
        self._reading, self._writing, self._alone = _three_ways(self._engine)
        self._mine = threading.local()
        # SQLite's own waiting is a sleep of growing length that lets late comers overtake; writers of one process
        # queue here instead. Other processes are met by busy_timeout.
        self._queue = Turns()

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[Session]:
        """A session in one transaction: committed when the block ends, rolled back when it raises.

        ``write=False`` reads one snapshot and refuses to write. A second transaction inside the first is a
        RuntimeError: it would see another state, and on SQLite wait for itself. An overlap becomes the rule's
        refusal, a value that no column holds BadInput, a lost race Conflict, a database that does not answer Unavailable.
        """
        if getattr(self._mine, "open", False):
            raise RuntimeError("a transaction is already open in this thread")
        self._mine.open = True
        try:
            with self._translated(), self._turn(write):
                yield from self._session(write)
        finally:
            self._mine.open = False
        if write:
            for act in self.after_commit:
                act()

    def alone(self, statement: Executable, values: Mapping[str, object]) -> Row[Any] | None:
        """Write by one statement that is a transaction of its own, and return its first row.

        Nothing is sent before it or after it. Refusals are told as those of ``transaction``.
        """
        with self._translated(), self._turn(write=True), self._alone.connect() as connection:
            return connection.execute(statement, values).first()

    def _session(self, write: bool) -> Iterator[Session]:
        bind = self._writing if write else self._reading
        with Session(bind, expire_on_commit=False, info={"write": write}) as db:
            yield db
            if write:
                db.flush()
                for act in self.before_commit:
                    act(db)
                db.commit()

    @contextmanager
    def _turn(self, write: bool) -> Iterator[None]:
        """Wait in the line of this process's SQLite writers, or pass at once."""
        if not write or self.dialect != "sqlite":
            yield
            return
        if not self._queue.acquire(timeout=_PATIENCE):
            raise Conflict("the line of writers did not move")
        try:
            yield
        finally:
            self._queue.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Say what the database's refusals mean; what is simply wrong stays SQLAlchemy's own error."""
        try:
            yield
        except PoolTimeout as error:
            raise Unavailable("no connection came free", retry_after=_PATIENCE) from error
        except DBAPIError as error:
            if (meaning := self._meaning(error)) is None:
                raise
            raise meaning from error

    def _meaning(self, error: DBAPIError) -> TachiyoriError | None:
        if (rule := refused_by(error)) is not None:
            return self._refusals.get(rule, Conflict)(rule)
        if is_unfit(error):
            return BadInput("a value that no column holds")
        if is_deadlock(error):
            return Conflict("lost a race for a lock")
        if is_unreachable(error):
            return Unavailable("the database does not answer", retry_after=_PATIENCE)
        return None

    def create_all(self) -> None:
        """Make every table of the metadatas that is not there yet."""
        with self._writing.begin() as connection:
            for each in self.metadatas:
                each.create_all(connection)

    def drop_all(self) -> None:
        """Drop every table of the metadatas."""
        with self._migration() as connection:
            for each in reversed(self.metadatas):
                each.drop_all(connection)

    def migrate(self, scripts: Path, revision: str = "head") -> None:
        """Bring the schema up to ``revision`` by the Alembic revisions in ``scripts``/versions, all or nothing."""
        with self._migration() as connection:
            schema.upgrade(connection, scripts, revision)

    def downgrade(self, scripts: Path, revision: str) -> None:
        """Take the schema back to ``revision``; ``base`` is before the first."""
        with self._migration() as connection:
            schema.downgrade(connection, scripts, revision)

    def revision(self, scripts: Path) -> str | None:
        """Where the schema stands among the revisions of ``scripts``; None before the first."""
        with self._reading.connect() as connection:
            return schema.revision(connection, scripts)

    def dump(self) -> str:
        """The schema as text, equal for equal schemas however each was come by."""
        with self._reading.connect() as connection:
            return schema.dump(connection)

    def close(self) -> None:
        """Close the pool's connections."""
        self._engine.dispose()

    @contextmanager
    def _migration(self) -> Iterator[Connection]:
        """A writing connection for changes of the schema.

        SQLite rebuilds a table by dropping it, which would delete the rows that refer to it: foreign keys are
        off meanwhile, and checked before the commit.
        """
        with self._writing.connect() as connection:
            if self.dialect == "sqlite":
                _pragma(connection, "foreign_keys", "OFF")
            try:
                with connection.begin():
                    schema.take_time(connection)
                    yield connection
                    schema.check(connection)
            finally:
                if self.dialect == "sqlite":
                    _pragma(connection, "foreign_keys", "ON")


def _pragma(connection: Connection, name: str, value: str) -> None:
    """Set ``name`` outside of a transaction, where SQLite heeds it."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _json(value: object) -> str:
    """JSON as it is stored: a Japanese letter stays one letter."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _engine(url: str, pool_size: int, durable: bool) -> Engine:
    """An engine whose connections all have our settings."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, pool_size, durable)
    options = _ON_POSTGRESQL if durable else f"{_ON_POSTGRESQL} -c synchronous_commit=off"
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        pool_timeout=_PATIENCE,
        json_serializer=_json,
        connect_args={"options": options, "connect_timeout": _PATIENCE},
    )
    _ping_idle(engine)
    return engine


def _ping_idle(engine: Engine) -> None:
    """Ask a connection that has lain in the pool for a while whether it is still one, before it is used.

    Asking each time would cost every transaction a round trip. One that died within that while is met as an error, which
    is told as Unavailable.
    """

    @event.listens_for(engine, "checkin")
    def lay_down(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["laid down"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def take_up(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        since = record.info.get("laid down")
        if since is None or time.monotonic() - since < _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the connection was lost while it lay") from error


def _sqlite(url: str, pool_size: int, durable: bool) -> Engine:
    if make_url(url).database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file: a database in memory is another one for every connection")
    engine = create_engine(url, pool_size=pool_size, pool_timeout=_PATIENCE, json_serializer=_json)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes late and never before DDL; ours is sent by the begin event below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL may lose the last commits with the machine; a booking that was confirmed must not be forgotten.
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _three_ways(engine: Engine) -> tuple[Engine, Engine, Engine]:
    """The engine as readers see it, as writers do, and as who writes by one statement alone; all draw from one pool."""
    if engine.dialect.name == "postgresql":
        reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return reading, engine, engine.execution_options(isolation_level="AUTOCOMMIT")
    reading = engine.execution_options(begin=("PRAGMA query_only=ON", "BEGIN DEFERRED"))
    writing = engine.execution_options(begin=("PRAGMA query_only=OFF", "BEGIN IMMEDIATE"))
    alone = engine.execution_options(begin=("PRAGMA query_only=OFF",))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options: dict[str, Any] = dict(connection.get_execution_options())
        for statement in options["begin"]:
            connection.exec_driver_sql(statement)

    return reading, writing, alone
