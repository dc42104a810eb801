"""Questions that every request asks, handed to the database's own driver as they are written.

SQLAlchemy's way of a statement costs its caller several times what the driver's own does, most of it in code that pushes other code
out of the processor's caches. It is worth that nearly everywhere; not for a handful of questions that each search and each
request of a peer asks. They read, in the transaction of the session they are given.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from federation.columns import UtcTime, from_microseconds

Rows = list[tuple[Any, ...]]
_NAME = re.compile(r"(?<![:\w]):([a-z_]+)")
_UTC = UtcTime()


class Prepared:
    """One SELECT by hand; ``:names`` are its parameters, times are given as aware datetimes."""

    def __init__(self, text: str | None = None, *, sqlite: str = "", postgresql: str = "") -> None:
        """Take one text for both databases, or one for each."""
        self._texts = {"sqlite": text or sqlite, "postgresql": _NAME.sub(r"%(\1)s", _literal(text or postgresql))}

    def rows(self, db: Session, values: Mapping[str, object]) -> Rows:
        """Return all rows as the driver gives them: times on SQLite are the numbers it keeps, see ``moment``.

        Raises SQLAlchemy's ``DBAPIError`` as any statement does.
        """
        connection = db.connection()
        text = self._texts[connection.dialect.name]
        given = {name: _UTC.process_bind_param(value, connection.dialect) if isinstance(value, datetime) else value
                 for name, value in values.items()}  # fmt: skip
        if connection.dispatch.before_cursor_execute:
            # Somebody watches what is asked, who hears of nothing but SQLAlchemy's own way.
            return [tuple(row) for row in connection.exec_driver_sql(text, given)]
        driver = connection.dialect.loaded_dbapi
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, given)
            return list(cursor.fetchall())
        except driver.Error as error:
            raise DBAPIError.instance(text, None, error, driver.Error, hide_parameters=True) from error
        finally:
            cursor.close()


def _literal(text: str) -> str:
    """Double what psycopg would take for the beginning of a parameter."""
    return text.replace("%", "%%")


def moment(value: int | datetime) -> datetime:
    """Return a time of a row as an aware datetime in UTC."""
    return from_microseconds(value) if isinstance(value, int) else value.astimezone(UTC)
