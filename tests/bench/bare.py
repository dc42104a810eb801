"""The bare references: what the same server and the same database can do when nobody is authenticated and no rule judged.

Plain WSGI, the database's own driver and SQL by hand. Nobody should run these; they are what ours is compared with.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import psycopg

from registry.places import Spot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DATABASE = "BENCH_DATABASE"
"""The environment variable that names the database, as an SQLAlchemy URL."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINE = threading.local()
_WRITERS = threading.Lock()

_SITES = """
SELECT s.member_id, s.id, s.lat, s.lon, {text} AS data, m.entity_id, m.code, m.name, min(o.price_yen)
FROM site s JOIN members m ON m.id = s.member_id JOIN offer o ON o.member_id = s.member_id
WHERE m.status = 'valid' AND NOT m.gone AND o.everyone AND o.every_site
  AND s.lat BETWEEN {p} AND {p} AND s.lon BETWEEN {p} AND {p}
GROUP BY s.member_id, s.id, s.lat, s.lon, {group} m.entity_id, m.code, m.name
"""
_LAST = """
f.start = (SELECT max(g.start) FROM free_range g
           WHERE g.member_id = d.member_id AND g.desk_id = d.id AND g.start <= {p})
"""
"""Ranges of a desk never overlap, so only the last that has begun can hold a time. SQLite finds that one by its key in
two thirds of the time; PostgreSQL reads all of them three times as fast."""
_DESKS = """
SELECT d.member_id, d.site_id, d.id, f.start, f."end"
FROM desk d JOIN free_range f ON f.member_id = d.member_id AND f.desk_id = d.id
WHERE {begun} AND f."end" >= {p}
"""
_TOLD = """
SELECT d.member_id, d.id, {text}, a.as_of
FROM desk d JOIN freedom a ON a.member_id = d.member_id AND a.desk_id = d.id
WHERE d.id IN ({many})
"""


def search() -> "WSGIApplication":
    """Return an application that answers a search: desks free then, nearest first, the first 50 and how many there are."""
    return _application(_search, "200 OK")


def booking() -> "WSGIApplication":
    """Return an application that locks a desk and lays a claim on it: an update, an insert behind the constraint, a commit."""
    return _application(_book, "201 Created")


def _application(answer: "Callable[[WSGIEnvironment], str]", status: str) -> "WSGIApplication":
    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = answer(environ).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return application


# --- Search ---------------------------------------------------------------------------------------------------


def _search(environ: "WSGIEnvironment") -> str:
    asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    spot, radius = Spot(float(asked["lat"]), float(asked["lon"])), float(asked["radius_km"])
    south, north, west, east = spot.box(radius)
    sites = {}
    for member_id, id_, lat, lon, *facts in _rows(_SITES, "s.data", (south, north, west, east)):
        if (km := spot.km_to(lat, lon)) <= radius:
            sites[member_id, id_] = (round(km * 1000), *facts)
    times = _moment(asked["start"]), _moment(asked["end"])
    free = [row for row in _rows(_DESKS, "", times) if (row[0], row[1]) in sites]
    free.sort(key=lambda row: (sites[row[0], row[1]][0], row[0], row[1], row[2]))
    page = free[:50]
    told = {(row[0], row[1]): row for row in _rows(_TOLD, "d.data", tuple(row[2] for row in page))}
    desks = ",".join(_told(row, sites[row[0], row[1]], told[row[0], row[2]]) for row in page)
    return f'{{"desks":[{desks}],"total":{len(free)}}}'


def _told(row: tuple[Any, ...], site: tuple[Any, ...], desk: tuple[Any, ...]) -> str:
    metres, site_data, entity_id, code, name, price = site
    host = json.dumps({"entity_id": entity_id, "code": code, "name": name}, ensure_ascii=False)
    free = f'"free_from":"{_written(row[3])}","free_until":"{_written(row[4])}","as_of":"{_written(desk[3])}"'
    facts = f'"price_yen":{price},"distance_km":{metres / 1000:.1f}'
    return f'{{"host":{host},"site":{site_data},"desk":{desk[2]},{free},{facts}}}'


def _rows(statement: str, data: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    """Run a statement; PostgreSQL hands its JSON out as text and needs no parsing either."""
    if _is_sqlite():
        written = statement.format(begun=_LAST, p="?", text=data, group="", many=",".join("?" * len(values)))
        return _sqlite().execute(written.replace("{p}", "?"), values).fetchall()
    many = ",".join(["%s"] * len(values))
    written = statement.format(begun="f.start <= %s", p="%s", text=f"{data}::text", group=f"{data},", many=many)
    return _postgresql().execute(written.encode(), values).fetchall()


# --- Booking --------------------------------------------------------------------------------------------------


def _book(environ: "WSGIEnvironment") -> str:
    body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    (place,) = body["places"]
    values = (place["desk"], _moment(place["start"]), _moment(place["end"]))
    with _writing() as execute:
        execute("UPDATE desk SET lock_version = lock_version + 1 WHERE id = {p}", values[:1])
        execute('INSERT INTO claim (desk_id, start, "end", live) VALUES ({p}, {p}, {p}, true)', values)
    return json.dumps({"state": "confirmed", "places": [place]})


@contextmanager
def _writing() -> Iterator[Callable[[str, tuple[object, ...]], object]]:
    """One transaction; SQLite's writers of one process wait for each other in a line, which is its quickest way."""
    if not _is_sqlite():
        with (connection := _postgresql()).transaction():
            yield lambda statement, values: connection.execute(statement.format(p="%s").encode(), values)
        return
    with _WRITERS:
        database = _sqlite()
        database.execute("BEGIN IMMEDIATE")
        yield lambda statement, values: database.execute(statement.format(p="?"), values)
        database.execute("COMMIT")


# --- Publishing -----------------------------------------------------------------------------------------------


def publish(desk: str, note: str, data: str) -> None:
    """Change a desk's note and let it stand last in the listings, its JSON given."""
    with _writing() as execute:
        execute("UPDATE desk SET note = {p} WHERE id = {p}", (note, desk))
        execute("UPDATE published_feeds SET number = number + 1 WHERE feed = 'listings'", ())
        execute(
            "UPDATE feed_entries SET data = {p}, number = (SELECT number FROM published_feeds WHERE feed = 'listings') "
            "WHERE feed = 'listings' AND kind = 'desk' AND id = {p}",
            (data, desk),
        )


def page(most: int) -> str:
    """Return the first items of the listings as text."""
    statement = "SELECT kind, id, number, {text} FROM feed_entries WHERE feed = 'listings' ORDER BY number LIMIT {p}"
    if _is_sqlite():
        rows = _sqlite().execute(statement.format(text="data", p="?"), (most,)).fetchall()
    else:
        rows = _postgresql().execute(statement.format(text="data::text", p="%s").encode(), (most,)).fetchall()
    return ",".join(f'{{"kind":"{row[0]}","id":"{row[1]}","modified":{row[2]},"data":{row[3]}}}' for row in rows)


# --- The database ---------------------------------------------------------------------------------------------


def _is_sqlite() -> bool:
    return os.environ[DATABASE].startswith("sqlite")


def _sqlite() -> sqlite3.Connection:
    if not hasattr(_MINE, "sqlite"):
        _MINE.sqlite = sqlite3.connect(os.environ[DATABASE].removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            _MINE.sqlite.execute(f"PRAGMA {pragma}")
    database: sqlite3.Connection = _MINE.sqlite
    return database


def _postgresql() -> psycopg.Connection:
    if not hasattr(_MINE, "postgresql"):
        _MINE.postgresql = psycopg.connect(os.environ[DATABASE], autocommit=True)
    connection: psycopg.Connection = _MINE.postgresql
    return connection


def _moment(text: str) -> object:
    moment = datetime.fromisoformat(text)
    return (moment - _EPOCH) // timedelta(microseconds=1) if _is_sqlite() else moment


def _written(moment: Any) -> str:
    when: datetime = _EPOCH + timedelta(microseconds=moment) if _is_sqlite() else moment
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def environ(url: str) -> Mapping[str, str]:
    """Return what the servers of this module need in their environment."""
    return {DATABASE: url}
