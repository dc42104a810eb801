"""What a column may be: UTC times that are exact on both databases, JSON, and the names of constraints."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Column, Dialect, MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import TypeCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def metadata() -> MetaData:
    """A new MetaData whose constraints are all named by one convention, so that migrations can name them too."""
    return MetaData(naming_convention=_NAMES)


def from_microseconds(number: int) -> datetime:
    """Return the moment that SQLite keeps as a number: so many microseconds after 1970 began."""
    return _EPOCH + number * _MICROSECOND


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, given and returned in UTC.

    timestamptz on PostgreSQL. On SQLite an INTEGER of microseconds since 1970 with a CHECK on its type, because a
    text there compares greater than every number and would slip past a range comparison. A naive datetime is a
    ValueError.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """From an aware datetime to what the database keeps."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC) if dialect.name == "postgresql" else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From what the database keeps to an aware datetime in UTC."""
        if value is None:
            return None
        kept: datetime = value if dialect.name == "postgresql" else from_microseconds(value)
        return kept.astimezone(UTC)


@compiles(UtcTime, "sqlite")
def _integer_microseconds(kind: UtcTime, compiler: TypeCompiler, **kw: Any) -> str:
    """The CHECK stands in the column's own definition, so that a migration's add_column brings it along."""
    column = kw.get("type_expression")
    if not isinstance(column, Column):
        return "INTEGER"
    name = compiler.dialect.identifier_preparer.format_column(column)
    allowed = "('integer', 'null')" if column.nullable else "('integer')"
    return f"INTEGER CHECK (typeof({name}) IN {allowed})"


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Plain JSON data: JSONB on PostgreSQL, text on SQLite. Key order and number spelling are not kept: what is signed
is stored as text."""


class Base(DeclarativeBase):
    """The root of federation's own tables, which both apps carry and each migrates."""

    metadata = metadata()
    type_annotation_map = {datetime: UtcTime, dict[str, Any]: Json, Mapping[str, Any]: Json}  # noqa: RUF012 - SQLAlchemy's own spelling.


def insert(db: Session, table: type[DeclarativeBase]) -> postgresql.Insert:
    """An INSERT into ``table`` that can say ``on_conflict_…``, in the dialect of the session's database.

    SQLite's takes the same arguments as PostgreSQL's, whose type is given here for both.
    """
    if db.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return cast(postgresql.Insert, sqlite.insert(table))
