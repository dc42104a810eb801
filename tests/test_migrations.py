"""Migrations equal models: both ways of making a database leave the same schema, up, and down and up again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.storage import Storage
from node.models import tables as of_node
from registry.models import tables as of_registry
from tests.conftest import BOTH
from tests.databases import drop_database, new_database, url_of

APPLICATIONS = {"node": of_node, "registry": of_registry}


@pytest.fixture(params=APPLICATIONS)
def application(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def migrations(application: str) -> Path:
    scripts: Path = APPLICATIONS[application].MIGRATIONS
    return scripts


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, application: str, tmp_path: Path) -> Iterator[Storage]:
    name = new_database() if request.param == "postgresql" else ""
    url = url_of(name) if name else f"sqlite:///{tmp_path}/empty.db"
    storage = Storage(url, *APPLICATIONS[application].METADATAS)
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


def test_migrations_make_what_the_models_say(empty: Storage, migrations: Path, as_modelled: str) -> None:
    empty.migrate(migrations)
    assert empty.dump() == as_modelled


def test_down_and_up_again_is_the_same(empty: Storage, migrations: Path, as_modelled: str) -> None:
    empty.migrate(migrations)
    empty.downgrade(migrations, "base")
    assert empty.revision(migrations) is None
    empty.migrate(migrations)
    assert empty.dump() == as_modelled


def test_migrating_twice_changes_nothing(empty: Storage, migrations: Path) -> None:
    empty.migrate(migrations)
    before = empty.dump()
    empty.migrate(migrations)
    assert empty.dump() == before
