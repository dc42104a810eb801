"""One siege for the whole corpus."""

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.corpus.target", "tests.corpus.doors")

from tests.corpus.bait import Bait  # noqa: E402 - see below.
from tests.corpus.hostile import Captive, captive  # noqa: E402 - see below.
from tests.corpus.siege import Siege, laid  # noqa: E402 - what is imported before it is known shows no values.


@pytest.fixture(scope="session")
def siege() -> Iterator[Siege]:
    """A registry and a host that run, on the embedded database, and those who come to their doors."""
    with laid("sqlite") as made:
        yield made


@pytest.fixture(scope="session")
def prisoner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captive]:
    """A node whose registry is hostile."""
    with Bait() as bait, captive(tmp_path_factory.mktemp("captive"), bait) as made:
        yield made
