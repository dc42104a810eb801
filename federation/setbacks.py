"""What a database's error means: refused by a rule or as a value, lost against others, or not there at all."""

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, OperationalError

_DEADLOCKS = frozenset({"40P01", "40001", "55P03"})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_OUT_OF_ORDER = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL})
_NOT_THERE = ("08", "53", "57P")
"""PostgreSQL's classes of errors: connection lost, out of resources, shutting down or starting up."""


def refused_by(error: BaseException) -> str | None:
    """The name of the no-overlap rule that refused the statement, or None if something else went wrong."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlstate", None) == "23P01":
        return str(cause.diag.constraint_name)  # type: ignore[union-attr]  # psycopg's, by its SQLSTATE.
    if isinstance(cause, sqlite3.IntegrityError) and str(cause).startswith("ex_"):
        return str(cause)
    return None


def is_overlap(error: BaseException) -> bool:
    """Whether the database refused a row because it overlaps another (PostgreSQL 23P01, or our SQLite trigger)."""
    return refused_by(error) is not None


def is_unfit(error: DBAPIError) -> bool:
    """Whether a value is none that any column holds, such as a text with NUL in it; only PostgreSQL minds."""
    return isinstance(error, DataError)


def is_deadlock(error: BaseException) -> bool:
    """Whether the transaction lost against others: deadlock, serialization, or a lock that did not come in time."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BUSY
    return getattr(cause, "sqlstate", None) in _DEADLOCKS


def is_unreachable(error: DBAPIError) -> bool:
    """Whether the database does not answer, or has no room left: nothing the caller did, and it may pass."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _OUT_OF_ORDER
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError) or error.connection_invalidated
    return str(state).startswith(_NOT_THERE)
