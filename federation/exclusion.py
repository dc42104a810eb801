"""No two live rows of one key overlap in time: the rule the database itself holds behind the careful writer.

PostgreSQL holds it with ``EXCLUDE USING gist``; SQLite, which has no such thing, with two triggers. Ranges are
half-open, [start, end). It is a backstop: alone it lets contenders deadlock, so a writer takes its locks first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import CheckConstraint, Connection, MetaData, Table, event

from federation.errors import Conflict, DeskTaken

_INFO = "no_overlap"


@dataclass(frozen=True)
class Exclusion:
    """One such rule: in ``table``, live rows of the same ``key`` do not overlap in [start, end)."""

    table: str
    key: str = "desk_id"
    start: str = "start"
    end: str = "end"
    where: str | None = "live"

    @property
    def name(self) -> str:
        """The constraint's name; also what SQLite's triggers say when they refuse."""
        return f"ex_{self.table}_{self.key}"

    def create(self, dialect: Literal["sqlite", "postgresql"] | str) -> list[str]:
        """The statements that make the rule on ``dialect``, for migrations as well as for ``create_all``."""
        if dialect == "postgresql":
            return ["CREATE EXTENSION IF NOT EXISTS btree_gist", self._constraint()]
        return [
            self._trigger("insert", "INSERT", ""),
            # A row may keep or shrink its own time: it is compared with the others only.
            self._trigger("update", self._change(), " AND other.rowid <> OLD.rowid"),
        ]

    def drop(self, dialect: Literal["sqlite", "postgresql"] | str) -> list[str]:
        """The statements that take the rule away again."""
        if dialect == "postgresql":
            return [f'ALTER TABLE "{self.table}" DROP CONSTRAINT {self.name}']
        return [f"DROP TRIGGER {self.name}_insert", f"DROP TRIGGER {self.name}_update"]

    def _constraint(self) -> str:
        live = f' WHERE ("{self.where}")' if self.where else ""
        return (
            f'ALTER TABLE "{self.table}" ADD CONSTRAINT {self.name} EXCLUDE USING gist '
            f'("{self.key}" WITH =, tstzrange("{self.start}", "{self.end}") WITH &&){live}'
        )

    def _change(self) -> str:
        columns = [self.key, self.start, self.end, *([self.where] if self.where else [])]
        return "UPDATE OF " + ", ".join(f'"{column}"' for column in columns)

    def _trigger(self, name: str, verb: str, others: str) -> str:
        live = f'WHEN NEW."{self.where}" ' if self.where else ""
        other_live = f' AND other."{self.where}"' if self.where else ""
        # The names are the models' own, and DDL takes no parameters.
        return (
            f'CREATE TRIGGER {self.name}_{name} BEFORE {verb} ON "{self.table}" {live}BEGIN '  # noqa: S608 - DDL of our own table names.
            f"SELECT RAISE(ABORT, '{self.name}') WHERE EXISTS (SELECT 1 FROM \"{self.table}\" AS other "
            f'WHERE other."{self.key}" = NEW."{self.key}"{other_live} AND other."{self.start}" < NEW."{self.end}" '
            f'AND other."{self.end}" > NEW."{self.start}"{others}); END'
        )


def no_overlap(
    table: object,
    *,
    key: str = "desk_id",
    start: str = "start",
    end: str = "end",
    where: str | None = "live",
    refusal: type[Conflict] = DeskTaken,
) -> None:
    """Attach the rule to ``table`` (a Table, or a mapped class's ``__table__``), made with it by ``create_all``.

    ``where`` names a boolean column, or None for every row; ``refusal`` is what ``Storage.transaction`` raises when
    the database refuses. Give the table an index on (key, end): the triggers search by it. A migration runs
    ``Exclusion(...).create(op.get_bind().dialect.name)`` itself, and names the CHECK ``ck_{table}_range``.
    """
    if not isinstance(table, Table):
        raise TypeError(f"not a table: {table!r}")
    if table.c[start].nullable or table.c[end].nullable:
        raise ValueError("an open end would be compared differently by the two databases")
    rule = Exclusion(table.name, key, start, end, where)
    table.info.setdefault(_INFO, {})[rule.name] = refusal
    # A range that ends before it starts overlaps nothing, and would slip past the triggers.
    table.append_constraint(CheckConstraint(table.c[start] < table.c[end], name="range"))

    def make(_table: object, connection: Connection, **_kw: object) -> None:
        for statement in rule.create(connection.dialect.name):
            connection.exec_driver_sql(statement)

    event.listen(table, "after_create", make)


def refusals(metadatas: Iterable[MetaData]) -> dict[str, type[Conflict]]:
    """Every rule attached in ``metadatas``: its name and the error it becomes."""
    return {
        name: refusal
        for each in metadatas
        for table in each.tables.values()
        for name, refusal in table.info.get(_INFO, {}).items()
    }
