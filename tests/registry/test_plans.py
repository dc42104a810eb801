"""How the databases go about a search, at two sizes: everything by an index, nothing of the desks and ranges from end to end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from federation import clock
from federation.messages.search import SearchQuery
from federation.storage import Storage
from registry import search
from registry.config import Config
from registry.models.tables import METADATAS
from registry.search import Asker
from tests.bench import market, nation
from tests.bench.search import settle

ASKER = Asker(999_999, nation.ASKER_CODE)
Sent = list[tuple[str, Any]]


def wish(**changed: object) -> SearchQuery:
    start, end = market.wished_time(clock.now())
    lat, lon = (round(degrees, 3) for degrees in nation.CENTRE)
    return SearchQuery.model_validate({"start": start, "end": end, "lat": lat, "lon": lon, "limit": 20, **changed})


def sent(storage: Storage, act: Callable[[], object]) -> Sent:
    told: Sent = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        told.append((statement, parameters))

    event.listen(storage._engine, "before_cursor_execute", note)
    act()
    event.remove(storage._engine, "before_cursor_execute", note)
    return [one for one in told if "SELECT" in one[0]]


def plans(storage: Storage, query: SearchQuery) -> str:
    """Every statement's plan, as the driver sends it."""

    def find() -> None:
        with storage.transaction() as db:
            assert '"total":0' not in search.find(db, ASKER, query, clock.now()).text

    explain = "EXPLAIN QUERY PLAN" if storage.dialect == "sqlite" else "EXPLAIN"
    told = sent(storage, find)
    with storage.transaction() as db:
        rows = [db.connection().exec_driver_sql(f"{explain} {text}", given).all() for text, given in told]
    return "\n".join(str(row[-1]) for plan in rows for row in plan)


@pytest.mark.parametrize("desks", [1_000, 8_000])
def test_no_search_reads_desks_or_ranges_from_end_to_end(desks: int, storage_url: str, tmp_path: Path) -> None:
    market.lay(Config("http://localhost:1", "連携基盤", tmp_path, storage_url), desks, clock.now())
    storage = Storage(storage_url, *METADATAS)
    settle(storage)
    found = "\n".join(
        plans(storage, query) for query in (wish(privacy=("private",)), wish(minutes=60), wish(lines=("線",)))
    )
    storage.close()
    # A table of a few pages is read whole with good reason on PostgreSQL; the ranges never are.
    whole = [*(f"SCAN {name}" for name in ("d", "f", "g", "h", "s")), "Seq Scan on free_range"]
    assert [line for line in found.splitlines() if line.strip(" ->").startswith(tuple(whole))] == []
    assert "ix_desk_site" in found
