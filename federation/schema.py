"""The shape of a database: moved by migrations, and written out so that two shapes can be compared.

Alembic's own comparison sees neither CHECK nor EXCLUDE nor triggers, so "migrations equal models" is decided on the
text made here.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

_VERSIONS = "alembic_version"
_ONE_AT_A_TIME = 0x7AC41904
"""The key of the advisory lock under which PostgreSQL is migrated; any number that nobody else uses."""


def upgrade(connection: Connection, scripts: Path, revision: str) -> None:
    """Run the revisions of ``scripts``/versions upwards to ``revision`` in the connection's transaction."""
    directory = ScriptDirectory(str(scripts))
    _run(connection, scripts, directory, lambda here, _context: directory._upgrade_revs(revision, here))


def downgrade(connection: Connection, scripts: Path, revision: str) -> None:
    """Run them downwards to ``revision`` (``base`` for none)."""
    directory = ScriptDirectory(str(scripts))
    _run(connection, scripts, directory, lambda here, _context: directory._downgrade_revs(revision, here))


def revision(connection: Connection, scripts: Path) -> str | None:
    """The revision the database stands at, or None."""
    context = MigrationContext.configure(connection, opts={"version_table": version_table(scripts)})
    return context.get_current_revision()


def head(scripts: Path) -> str | None:
    """The newest of the revisions in ``scripts``/versions."""
    return ScriptDirectory(str(scripts)).get_current_head()


def version_table(scripts: Path) -> str:
    """Where the app's revision is kept: one table per app, so that two apps may share a database."""
    return f"{_VERSIONS}_{scripts.resolve().parent.name}"


def _run(connection: Connection, scripts: Path, directory: ScriptDirectory, steps: Callable[[Any, Any], Any]) -> None:
    """Alembic without its command line and env.py: the connection and its transaction are the caller's."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
    with EnvironmentContext(Config(), directory, fn=steps) as environment:
        environment.configure(connection=connection, version_table=version_table(scripts))
        environment.run_migrations()


def take_time(connection: Connection) -> None:
    """Let one statement take as long as it needs: an index on a full table is not a hanging request."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def check(connection: Connection) -> None:
    """Refuse to commit rows that refer to nothing; SQLite alone does not look by itself during a migration."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"rows that refer to nothing: {broken[:5]}")


def dump(connection: Connection) -> str:
    """The schema, a line per part, sorted; Alembic's own tables are left out."""
    lines = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    return "\n".join(sorted(lines)) + "\n"


# --- SQLite keeps the text of the statements, which tells how a table was come by as well as what it is. ---------


def _sqlite(connection: Connection) -> Iterator[str]:
    rows = connection.execute(
        text(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
    )
    for kind, name, table, sql in rows:
        if table.startswith(_VERSIONS):
            continue
        plain = _plain(sql)
        if kind != "table":
            yield f"{table}: {kind} {name}: {plain}"
            continue
        head, body, tail = _opened(plain)
        yield f"{table}: table {head} {tail}".rstrip()
        yield from (f"{table}: {part}" for part in _parts(body))


def _plain(sql: str) -> str:
    """``sql`` without the marks of how it was written: needless quotes, line ends, blanks at brackets."""
    one_line = re.sub(r'"(\w+)"', r"\1", re.sub(r"\s+", " ", sql))
    return re.sub(r"\s*([(),])\s*", r"\1", one_line).strip()


def _opened(sql: str) -> tuple[str, str, str]:
    """The text before the outermost brackets, within, and after."""
    first, last = sql.index("("), sql.rindex(")")
    return sql[:first], sql[first + 1 : last], sql[last + 1 :]


def _parts(body: str) -> Iterator[str]:
    """The columns and constraints between the commas that stand in no bracket."""
    depth, part = 0, ""
    for letter in body:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()


# --- PostgreSQL says what there is. ------------------------------------------------------------------------------

_COLUMNS = """
SELECT c.relname, 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || CASE a.attidentity::text WHEN '' THEN '' ELSE ' identity ' || a.attidentity::text END
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
    AND NOT a.attisdropped
"""
_CONSTRAINTS = """
SELECT c.relname, 'constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = current_schema()::regnamespace
"""
_INDEXES = """
SELECT tablename::name, 'index ' || indexdef FROM pg_indexes WHERE schemaname = current_schema()
"""
_TRIGGERS = """
SELECT c.relname, 'trigger ' || pg_get_triggerdef(t.oid) || ' as ' || p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""
_VIEWS = "SELECT viewname::name, 'view ' || definition FROM pg_views WHERE schemaname = current_schema()"


def _postgresql(connection: Connection) -> Iterator[str]:
    for question in (_COLUMNS, _CONSTRAINTS, _INDEXES, _TRIGGERS, _VIEWS):
        for table, line in connection.exec_driver_sql(question):
            if not table.startswith(_VERSIONS):
                yield f"{table}: {_plain(line)}"
