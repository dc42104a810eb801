"""A directory on either database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData

from node.models.tables import METADATAS

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
PASSWORD = "tachiyori-desu-yo"


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS
