"""A list of 10,000 facilities is read, compared, kept, chosen and taken over, beside csv and INSERT of the same rows.

Ours: encoding, repairs, the check of each site by the wire's own model, each row kept before and marked after, in pieces
that survive a killed process. Both end with 10,000 durable rows on the embedded database.
"""

import csv
import io
import sqlite3
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from federation import clock, feed
from federation.storage import Storage
from node.config import Config
from node.host import listings
from node.host.sheets import carrying, keeping
from node.models.tables import METADATAS
from tests.bench.measure import Figure

ROWS = 10_000
ROUNDS = 3
_HEADING = "全国地方公共団体コード,ID,名称,名称_カナ,POIコード,所在地_連結表記,緯度,経度,電話番号,利用可能曜日,開始時間,終了時間,説明"


def figures() -> list[Figure]:
    """Take the same file over both ways in turns; rows a second, and the ratio of each round."""
    content, now = _content(), clock.now()
    pairs = [(_ours(content, now), _bare(content)) for _ in range(ROUNDS)]
    ratios = sorted(bare / ours for ours, bare in pairs)
    ours, bare = (ROWS / statistics.median(side) for side in zip(*pairs, strict=True))
    name = f"take {ROWS:,} facilities over (sqlite)"
    spread = (round(ratios[0], 3), round(ratios[-1], 3))
    return [Figure(name, 1, round(ours, 1), round(bare, 1), round(statistics.median(ratios), 3), spread, ROUNDS)]


def _content() -> bytes:
    rows = (
        f"132195,F{number:05},公民館{number},コウミンカン{number},1307,東京都狛江市和泉本町{number}-1,"
        f"35.6{number:05},139.5{number:05},03-3430-1111,月火水木金,8:30,17:15,{'集会室があります。' * 3}"
        for number in range(ROWS)
    )
    return "\r\n".join([_HEADING, *rows]).encode("cp932")


def _ours(content: bytes, now: datetime) -> float:
    """Return the seconds from the file to the last row."""
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(f"sqlite:///{folder}/node.db", *METADATAS)
        storage.create_all()
        config = Config("https://node.example", "132195", "狛江市", "https://registry.example", Path(folder), "")
        feed.Feeds(listings.renderers(config, lambda: now)).attach(storage)
        begin = time.perf_counter()
        id_ = carrying.receive(storage, config, "facilities", "list.csv", content, by="staff:1", now=now)
        with storage.transaction(write=True) as db:
            kept = keeping.get(db, id_, now)
            keeping.choose_all(db, kept, keeping.Sieve(), chosen=True)
            carrying.begin(db, kept, {}, by="staff:1", now=now)
        carrying.carry_on(storage, config, id_, now=now)
        seconds = time.perf_counter() - begin
        with storage.transaction() as db:
            done = keeping.counts(db, keeping.get(db, id_, now))["done"]
        storage.close()
    if done != ROWS:
        raise RuntimeError(f"{done} of {ROWS} rows were taken over")
    return seconds


def _bare(content: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(f"{folder}/bare.db")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE site (id TEXT PRIMARY KEY, " + ", ".join(f"c{n} TEXT" for n in range(12)) + ")"
        )
        begin = time.perf_counter()
        rows = list(csv.reader(io.StringIO(content.decode("cp932"), newline="")))[1:]
        marks = ", ".join("?" * 13)
        with connection:
            connection.executemany(f"INSERT INTO site VALUES ({marks})", [[row[1], row[0], *row[2:]] for row in rows])
        seconds = time.perf_counter() - begin
        connection.close()
    return seconds
