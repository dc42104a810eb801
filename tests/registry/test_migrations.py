"""Migrations equal models: both ways of making a database leave the same schema, up, and down and up again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.storage import Storage
from registry.models.tables import METADATAS, MIGRATIONS
from tests.conftest import BOTH
from tests.databases import drop_database, new_database, url_of


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    name = new_database() if request.param == "postgresql" else ""
    storage = Storage(url_of(name) if name else f"sqlite:///{tmp_path}/empty.db", *METADATAS)
    yield storage
    storage.close()
    if name:
        drop_database(name)


@pytest.fixture
def as_modelled(empty: Storage) -> str:
    """The schema as the models make it."""
    empty.create_all()
    dump = empty.dump()
    empty.drop_all()
    return dump


def test_migrations_make_what_the_models_say(empty: Storage, as_modelled: str) -> None:
    empty.migrate(MIGRATIONS)
    assert empty.dump() == as_modelled


def test_down_and_up_again_is_the_same(empty: Storage, as_modelled: str) -> None:
    empty.migrate(MIGRATIONS)
    empty.downgrade(MIGRATIONS, "base")
    assert empty.revision(MIGRATIONS) is None
    empty.migrate(MIGRATIONS)
    assert empty.dump() == as_modelled


def test_migrating_twice_changes_nothing(empty: Storage) -> None:
    empty.migrate(MIGRATIONS)
    before = empty.dump()
    empty.migrate(MIGRATIONS)
    assert empty.dump() == before
