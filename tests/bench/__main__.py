"""``make bench``: print the figures and write them to ``bench.json``."""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from tests.bench import (
    arrivals,
    booking,
    freshness,
    harvesting,
    importing,
    judging,
    page,
    publishing,
    search,
    trust,
    verification,
)
from tests.bench.arrivals import Arrivals
from tests.bench.freshness import Wait
from tests.bench.harvesting import Memory
from tests.bench.load import WRK
from tests.bench.measure import Figure, Skipped
from tests.bench.servers import Ground, ground, why_no_postgresql

Grounds = Callable[[], AbstractContextManager[Ground]]
IN_PROCESS: dict[str, Callable[[], list[Figure]]] = {
    "verification": verification.figures,
    "trust": trust.figures,
    "importing": importing.figures,
}
ON_DATABASES: dict[str, Callable[[Ground], Iterator[Figure | Memory | Arrivals]]] = {
    "publishing": publishing.figures,
    "booking": booking.figures,
    "arrivals": arrivals.figures,
    "harvesting": harvesting.figures,
    "judging": judging.figures,
}
ON_SEVERAL: dict[str, Callable[[Grounds], Iterator[Figure | Wait]]] = {
    "search": search.figures,
    "page": page.figures,
    "freshness": freshness.figures,
}
"""Measurements that make as many databases as they need."""
ON_POSTGRESQL = frozenset({"harvesting"})
"""Measurements of what only a national registry does."""
OVER_HTTP = frozenset({"booking", "search", "page"})
"""Measurements whose load comes from ``wrk``."""


def main(*chosen: str) -> int:
    """Run every measurement, or those whose names are given; each prints its line as it is done."""
    found: list[Figure | Memory | Skipped | Wait | Arrivals] = []
    for figure in _figures(chosen or (*IN_PROCESS, *ON_DATABASES, *ON_SEVERAL)):
        print(figure.line(), flush=True)
        found.append(figure)
    written = {
        "load_average": os.getloadavg()[1],
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "figures": [each.row() for each in found],
    }
    Path("bench.json").write_text(json.dumps(written, indent=2) + "\n")
    return 0


def _figures(chosen: tuple[str, ...]) -> Iterator[Figure | Memory | Skipped | Wait | Arrivals]:
    yield from (figure for name, measured in IN_PROCESS.items() if name in chosen for figure in measured())
    missing = why_no_postgresql()
    for name in (name for name in (*ON_DATABASES, *ON_SEVERAL) if name in chosen):
        if name in OVER_HTTP and WRK is None:
            yield Skipped(name, "wrk is not installed")
            continue
        for kind in ("sqlite", "postgresql"):
            if kind == "postgresql" and missing:
                yield Skipped(f"{name} (postgresql)", missing)
                continue
            if name in ON_SEVERAL:
                yield from ON_SEVERAL[name](partial(ground, kind))
                continue
            if kind == "sqlite" and name in ON_POSTGRESQL:
                continue
            with ground(kind) as empty:
                yield from ON_DATABASES[name](empty)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
