"""A registry reads the listings of two hundred nodes over HTTP, 100,000 desks in all, beside a bare insert of the same rows.

Ours: each page fetched, each item read and checked, kept, and noted for the catalogue, in one transaction a page. Bare: the
rows as they came to be, by the driver's ``executemany`` into a table with the same indexes, a commit a page.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from federation import clock
from registry import reading
from registry.app import open_bureau
from registry.bureau import Bureau
from registry.config import Config
from registry.harvest import Source
from registry.jobs import first_words
from tests.bench import market, nation, nodes
from tests.bench.measure import Figure
from tests.bench.servers import Ground
from tests.federation.world import Town

NODES, DESKS = 200, 100_000
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True)
class Memory:
    """How much more memory this process held at the end of a measurement than when a tenth was done, in MiB."""

    name: str
    grown_mib: float

    def line(self) -> str:
        """One line for a person."""
        return f"{self.name:<52} {self.grown_mib:+.1f} MiB"

    def row(self) -> dict[str, object]:
        """The same for ``bench.json``."""
        return asdict(self)


@dataclass
class Node(Town):
    """A member that says where its listings are."""

    def metadata(self) -> dict[str, dict[str, Any]]:
        """What it says of itself."""
        said = super().metadata()
        said["desk_exchange"] |= {"listings_feed": self.entity_id + nodes.FEED}
        return said


def figures(ground: Ground, count: int = NODES, desks: int = DESKS) -> Iterator[Figure | Memory]:
    """Admit the nodes, then read one after the other; each reading is followed by the bare insert of what it brought."""
    with publishing(count, desks // count) as ports:
        own = "http://localhost:1"
        allowed = frozenset(f"http://localhost:{port}" for port in ports)
        bureau = open_bureau(Config(own, "連携基盤", ground.folder, ground.url, peer_origins_allowed=allowed))
        bureau.storage.create_all()
        first_words(bureau)
        try:
            yield from _compared(bureau, ground, ports, desks // count)
        finally:
            bureau.storage.close()
            bureau.proofs.close()


def _compared(bureau: Bureau, ground: Ground, ports: list[int], desks: int) -> Iterator[Figure | Memory]:
    sources = [_admit(bureau, number, port) for number, port in enumerate(ports, start=1)]
    rates: list[tuple[float, float]] = []
    held: list[float] = []
    with psycopg.connect(ground.url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE bare_desk (LIKE desk INCLUDING ALL)")
        connection.commit()
        for source in sources:
            begun = time.perf_counter()
            reading.read(bureau, reading.Due(source, "listings", fresh=True))
            ours = time.perf_counter() - begun
            rows = connection.execute("SELECT * FROM desk WHERE member_id = %s", [source.member_id]).fetchall()
            assert len(rows) == desks, f"{len(rows)} of {desks} desks of {source.entity_id}"
            rates.append((desks / ours, desks / _inserted(connection, rows)))
            held.append(_memory())
    ratios = sorted(ours / bare for ours, bare in rates)
    name = f"harvest {desks * len(ports):,} desks of {len(ports)} nodes ({ground.name})"
    middle = [round(statistics.median(side), 3) for side in zip(*rates, strict=True)]
    ratio, spread = round(statistics.median(ratios), 3), (round(ratios[0], 3), round(ratios[-1], 3))
    yield Figure(name, 1, middle[0], middle[1], ratio, spread, len(rates))
    yield Memory("memory from a tenth of them to the last", held[-1] - held[len(held) // 10])


def _admit(bureau: Bureau, number: int, port: int) -> Source:
    now = clock.now()
    town = Node(f"http://localhost:{port}", code=nation.code_of(number), name=f"第{number}市")
    market.admit(bureau, town, now)
    with bureau.storage.transaction() as db:
        return Source(bureau.members.row(db, town.entity_id).id, town.entity_id, town.code, now)


def _inserted(connection: psycopg.Connection[Any], rows: list[tuple[Any, ...]]) -> float:
    """Insert the rows a page at a time, and return how long it took, in seconds."""
    marks = sql.SQL(", ").join(sql.Placeholder() * len(rows[0]))
    statement = sql.SQL("INSERT INTO bare_desk VALUES ({})").format(marks)
    values = [[Jsonb(value) if isinstance(value, dict) else value for value in row] for row in rows]
    begun = time.perf_counter()
    for start in range(0, len(values), nodes.PAGE):
        connection.cursor().executemany(statement, values[start : start + nodes.PAGE])
        connection.commit()
    return time.perf_counter() - begun


def _memory() -> float:
    return int(_STATM.read_text().split()[1]) * 4096 / 2**20


@contextmanager
def publishing(count: int, desks: int) -> Iterator[list[int]]:
    """Run so many nodes with so many desks each while the block runs; yields their ports."""
    command = [sys.executable, "-m", "tests.bench.nodes", str(count), str(desks)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
