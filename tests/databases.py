"""A database for each test, on both kinds: made once per run and worker, and emptied between tests."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import MetaData, make_url

from federation.storage import Storage
from tests.census import everything_must_run

SERVER = os.environ.get("TACHIYORI_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")

Metadatas = tuple[MetaData, ...]


class Databases:
    """What one worker has made so far: a SQLite file to copy and a PostgreSQL database, per set of tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[Metadatas, Path] = {}
        self._names: dict[Metadatas, str] = {}

    def sqlite(self, metadatas: Metadatas, folder: Path) -> str:
        """The URL of a new file in ``folder`` with these tables."""
        if metadatas not in self._files:
            made = self.folder / f"{len(self._files)}.db"
            _create(f"sqlite:///{made}", metadatas)
            self._files[metadatas] = made
        shutil.copy(self._files[metadatas], folder / "test.db")
        return f"sqlite:///{folder / 'test.db'}"

    def postgresql(self, metadatas: Metadatas) -> str:
        """The URL of a database with these tables and no rows."""
        if metadatas in self._names:
            _empty(self._names[metadatas], metadatas)
        else:
            self._names[metadatas] = new_database()
            _create(url_of(self._names[metadatas]), metadatas)
        return url_of(self._names[metadatas])

    def drop(self) -> None:
        """Leave nothing on the server."""
        for name in self._names.values():
            drop_database(name)


def url_of(name: str) -> str:
    """The URL of the database ``name`` on the server."""
    return make_url(SERVER).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    plain = make_url(SERVER).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, connect_timeout=5) as connection:
        yield connection


def new_database() -> str:
    """Make an empty database and return its name; skip the test when no server answers, unless all must run."""
    name = f"tachiyori_test_{uuid.uuid4().hex}"
    try:
        with _server() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
    except psycopg.OperationalError as error:
        if everything_must_run():
            raise
        pytest.skip(f"no PostgreSQL server answers: {error}")
    return name


def drop_database(name: str) -> None:
    """Drop it, whoever is still connected."""
    with _server() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def _create(url: str, metadatas: Metadatas) -> None:
    storage = Storage(url, *metadatas)
    storage.create_all()
    storage.close()


def _empty(name: str, metadatas: Metadatas) -> None:
    """Delete all rows. Quicker than TRUNCATE for few rows; the role lets neither triggers nor keys object."""
    tables = [table.name for each in metadatas for table in each.sorted_tables]
    statements = "".join(f'DELETE FROM "{table}";' for table in tables)
    with psycopg.connect(url_of(name), autocommit=True) as connection:
        connection.execute(f"SET session_replication_role = replica; {statements}".encode())
