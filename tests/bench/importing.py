"""Lists of 10,000 facilities and 2,000 desks are read, compared, kept, chosen and taken over, beside csv and INSERT of the
same rows.

Ours: encoding, repairs, the check of each site by the wire's own model, each row kept before and marked after, in pieces
that survive a killed process; each new desk also tells the feeds what it is and when it is free for eight weeks. Both end
with as many durable rows on the embedded database.
"""

import csv
import io
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from federation import clock, feed
from federation.storage import Storage
from node.config import Config
from node.host import listings, sites
from node.host.sheets import carrying, keeping
from node.models.sites import Site
from node.models.tables import METADATAS
from tests.bench.measure import Figure

ROUNDS = 3
_SITES = 20
_FACILITIES = "全国地方公共団体コード,ID,名称,名称_カナ,POIコード,所在地_連結表記,緯度,経度,電話番号,利用可能曜日,開始時間,終了時間,説明"
_DESKS = "施設,部屋,座席,部屋の種別,設備,掲載"


def figures() -> list[Figure]:
    """Take the same files over both ways in turns; rows a second, and the ratio of each round."""
    return [_figure("facilities", 10_000, _facilities), _figure("desks", 2_000, _desks)]


def _figure(kind: str, rows: int, written: Callable[[int], bytes]) -> Figure:
    content, now = written(rows), clock.now()
    pairs = [(_ours(kind, content, rows, now), _bare(content)) for _ in range(ROUNDS)]
    ratios = sorted(bare / ours for ours, bare in pairs)
    ours, bare = (rows / statistics.median(side) for side in zip(*pairs, strict=True))
    spread = (round(ratios[0], 3), round(ratios[-1], 3))
    ratio = round(statistics.median(ratios), 3)
    return Figure(f"take {rows:,} {kind} over (sqlite)", 1, round(ours, 1), round(bare, 1), ratio, spread, ROUNDS)


def _facilities(count: int) -> bytes:
    rows = (
        f"132195,F{number:05},公民館{number},コウミンカン{number},1307,東京都狛江市和泉本町{number}-1,"
        f"35.6{number:05},139.5{number:05},03-3430-1111,月火水木金,8:30,17:15,{'集会室があります。' * 3}"
        for number in range(count)
    )
    return "\r\n".join([_FACILITIES, *rows]).encode("cp932")


def _desks(count: int) -> bytes:
    rows = (f"公民館{number % _SITES},会議室,座席{number},大部屋,電源・Wi-Fi,掲載" for number in range(count))
    return "\r\n".join([_DESKS, *rows]).encode("cp932")


def _ours(kind: str, content: bytes, rows: int, now: datetime) -> float:
    """Return the seconds from the file to the last row."""
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(f"sqlite:///{folder}/node.db", *METADATAS)
        storage.create_all()
        config = Config("https://node.example", "132195", "狛江市", "https://registry.example", Path(folder), "")
        feed.Feeds(listings.renderers(config, lambda: now)).attach(storage)
        if kind == "desks":
            _publish(storage, config, now)
        begin = time.perf_counter()
        done = _take_over(storage, config, kind, content, now)
        seconds = time.perf_counter() - begin
        storage.close()
    if done != rows:
        raise RuntimeError(f"{done} of {rows} rows were taken over")
    return seconds


def _publish(storage: Storage, config: Config, now: datetime) -> None:
    """Have the buildings and rooms stand in the feeds that the desks will come into."""
    rooms = "\r\n".join(
        ["施設,部屋,部屋の種別,掲載", *(f"公民館{number},会議室,大部屋,掲載" for number in range(_SITES))]
    )
    _take_over(storage, config, "facilities", _facilities(_SITES), now)
    _take_over(storage, config, "rooms", rooms.encode("cp932"), now)
    with storage.transaction(write=True) as db:
        for site in db.scalars(select(Site)):
            sites.publish(db, site)


def _take_over(storage: Storage, config: Config, kind: str, content: bytes, now: datetime) -> int:
    id_ = carrying.receive(storage, config, kind, "list.csv", content, by="staff:1", now=now)
    with storage.transaction(write=True) as db:
        kept = keeping.get(db, id_, now)
        keeping.choose_all(db, kept, keeping.Sieve(), chosen=True)
        carrying.begin(db, kept, {}, by="staff:1", now=now)
    carrying.carry_on(storage, config, id_, now=now)
    with storage.transaction() as db:
        return keeping.counts(db, keeping.get(db, id_, now))["done"]


def _bare(content: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(f"{folder}/bare.db")
        connection.execute("PRAGMA journal_mode=WAL")
        begin = time.perf_counter()
        heading, *rows = csv.reader(io.StringIO(content.decode("cp932"), newline=""))
        columns, marks = ", ".join(f"c{n} TEXT" for n in range(len(heading))), ", ".join("?" * (len(heading) + 1))
        connection.execute(f"CREATE TABLE place (id TEXT PRIMARY KEY, {columns})")
        with connection:
            connection.executemany(
                f"INSERT INTO place VALUES ({marks})", [[str(number), *row] for number, row in enumerate(rows)]
            )
        seconds = time.perf_counter() - begin
        connection.close()
    return seconds
