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
from tests.bench.nation import ASKER_CODE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DATABASE = "BENCH_DATABASE"
"""The environment variable that names the database, as an SQLAlchemy URL."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINE = threading.local()
_WRITERS = threading.Lock()

_CHORD = "(x - {p}) * (x - {p}) + (y - {p}) * (y - {p}) + (z - {p}) * (z - {p})"
_SITES = f"""
WITH n AS (
    SELECT member_id, id, {_CHORD} AS chord FROM site WHERE lat BETWEEN {{p}} AND {{p}} AND lon BETWEEN {{p}} AND {{p}}
    ORDER BY chord, member_id, id LIMIT {{p}})
SELECT n.member_id, n.id, n.chord, s.lat, s.lon, s.told, m.entity_id, m.code, m.name, (
    SELECT min(o.price_yen) FROM offer o WHERE o.member_id = n.member_id AND o.starts_on <= {{p}} AND o.ends_on >= {{p}}
        AND (o.everyone OR EXISTS (
            SELECT 1 FROM offer_home h WHERE h.member_id = o.member_id AND h.offer_id = o.id AND h.code = {{p}}))
        AND (o.every_site OR EXISTS (
            SELECT 1 FROM offer_site t WHERE t.member_id = o.member_id AND t.offer_id = o.id AND t.site_id = n.id)))
FROM n JOIN site s ON s.member_id = n.member_id AND s.id = n.id JOIN members m ON m.id = n.member_id
WHERE m.status = 'valid' AND NOT m.gone
"""
_NEAR = {
    True: "(SELECT json_extract(value, '$[0]') AS m, json_extract(value, '$[1]') AS s FROM json_each({p})) n",
    False: "unnest({p}::integer[], {p}::text[]) AS n(m, s)",
}
_LAST = """
SELECT g.{which} FROM free_range g WHERE g.member_id = d.member_id AND g.desk_id = d.id AND g.start <= {{p}}
ORDER BY g.start DESC LIMIT 1
"""
_DESKS = f"""
SELECT d.member_id, d.site_id, d.id FROM {{near}} JOIN desk d ON d.member_id = n.m AND d.site_id = n.s
WHERE d.privacy IN ({{many}}) AND ({_LAST.format(which='"end"')}) >= {{p}}
"""
_TOLD = f"""
SELECT d.member_id, d.id, d.told, a.as_of, ({_LAST.format(which="start")}), ({_LAST.format(which='"end"')})
FROM {{near}} JOIN desk d ON d.member_id = n.m AND d.id = n.s
JOIN freedom a ON a.member_id = d.member_id AND a.desk_id = d.id
"""
_ROUNDS = ((4, 24), (1, 24), (1, 100_000))
"""A part of the radius, and how many sites are looked at in it: the first that yields enough is the answer."""


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
    asked = parse_qs(environ["QUERY_STRING"])
    spot, radius = Spot(float(asked["lat"][0]), float(asked["lon"][0])), float(asked["radius_km"][0])
    limit, day = int(asked["limit"][0]), asked["start"][0][:10]
    start, end = _moment(asked["start"][0]), _moment(asked["end"][0])
    x, y, z = spot.on_sphere
    for part, most in _ROUNDS:
        facts = (x, x, y, y, z, z, *spot.box(radius / part), most, day, day, ASKER_CODE)
        rows = [(spot.km_to(row[3], row[4]), row) for row in _rows(_SITES, facts) if row[9] is not None]
        sites = {row[:2]: (km, row) for km, row in rows if km <= radius / part}
        free = _rows(_DESKS, (*_keys(sites), *asked["privacy"], start, end), many=len(asked["privacy"]))
        if len(free) > limit:
            break
    free.sort(key=lambda row: (sites[row[:2]][1][2], *row))
    page = free[:limit]
    keys = _keys([(row[0], row[2]) for row in page])
    told = {row[:2]: row for row in _rows(_TOLD, (start, start, *keys))}
    desks = ",".join(_told(sites[row[:2]], told[row[0], row[2]]) for row in page)
    return f'{{"desks":[{desks}],"total":{len(free)}}}'


def _told(site: tuple[float, tuple[Any, ...]], desk: tuple[Any, ...]) -> str:
    km, (_member, _id, _chord, _lat, _lon, listing, entity_id, code, name, price) = site
    host = json.dumps({"entity_id": entity_id, "code": code, "name": name}, ensure_ascii=False)
    free = f'"free_from":"{_written(desk[4])}","free_until":"{_written(desk[5])}","as_of":"{_written(desk[3])}"'
    return f'{{"host":{host},"site":{listing},"desk":{desk[2]},{free},"price_yen":{price},"distance_km":{km:.1f}}}'


def _keys(keys: Iterable[tuple[Any, ...]]) -> tuple[object, ...]:
    """Return pairs as the database takes many of them in one parameter or two."""
    return (json.dumps(list(keys)),) if _is_sqlite() else ([key[0] for key in keys], [key[1] for key in keys])


def _rows(statement: str, values: tuple[object, ...], many: int = 0) -> list[tuple[Any, ...]]:
    mark = "?" if _is_sqlite() else "%s"
    near = _NEAR[_is_sqlite()].format(p=mark)
    written = statement.format(p=mark, near=near, many=",".join([mark] * many))
    if _is_sqlite():
        return _sqlite().execute(written, values).fetchall()
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
        try:
            yield lambda statement, values: database.execute(statement.format(p="?"), values)
        except BaseException:
            database.execute("ROLLBACK")
            raise
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
