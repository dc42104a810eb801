"""What tests of whole towns share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import MetaData

from node.models.tables import METADATAS
from tests.databases import Databases
from tests.node.pair import Pair, pair
from tests.thrift import thrifty


@pytest.fixture(scope="module", autouse=True)
def genuine() -> Iterator[dict[str, PasswordHasher]]:
    """The hashers as they are outside these tests."""
    with thrifty() as hashers:
        yield hashers


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    """Every table of a node."""
    return METADATAS


@pytest.fixture
def towns(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> Iterator[Pair]:
    """Two towns that know each other; what each kind of database does is tested elsewhere, so one kind is enough."""
    urls = []
    for name in ("home", "host"):
        (tmp_path / name).mkdir()
        urls.append(databases.sqlite(metadatas, tmp_path / name))
    made = pair(tmp_path, *urls)
    yield made
    for town in (made.home, made.host):
        town.storage.close()
        town.proofs.close()
