"""The fixtures every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from federation.storage import Base, Storage
from tests.databases import Databases

BOTH = [
    pytest.param("sqlite", marks=pytest.mark.sqlite),
    pytest.param("postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The databases of this worker, dropped when it ends."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.drop()


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    """The tables of ``storage``; a package or a file with tables of its own overrides this."""
    return (Base.metadata,)


@pytest.fixture(params=BOTH)
def storage_url(
    request: pytest.FixtureRequest, databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path
) -> str:
    """The URL of a database with the tables of ``metadatas`` and no rows; a test runs once on each kind."""
    if request.param == "sqlite":
        return databases.sqlite(metadatas, tmp_path)
    return databases.postgresql(metadatas)


@pytest.fixture
def storage(storage_url: str, metadatas: tuple[MetaData, ...]) -> Iterator[Storage]:
    """An open storage on such a database."""
    opened = Storage(storage_url, *metadatas, pool_size=16)
    yield opened
    opened.close()
