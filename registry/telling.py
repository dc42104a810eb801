"""A search's answer as text: what was read of a listing is handed on as it was written when it was read.

Listings are checked and written once, when they are harvested. Reading them into messages and writing them again for
each answer was two thirds of a search's time.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.orm import Session

from federation.messages.base import written
from federation.prepared import Prepared, moment
from federation.storage import UtcTime
from registry.reach import Asked
from registry.seats import Hit

STALE_AFTER = timedelta(minutes=15)
_GIVEN = {
    "sqlite": """(SELECT json_extract(value, '$[0]') AS member_id, json_extract(value, '$[1]') AS id, value AS given
        FROM json_each(:keys)) k""",
    "postgresql": """(SELECT CAST(value ->> 0 AS integer) AS member_id, value ->> 1 AS id, value AS given
        FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS each(value)) k""",
}
_MOMENT = {
    "sqlite": "json_extract(k.given, '$[2]')",
    "postgresql": "CAST(k.given ->> 2 AS timestamptz)",
}
"""From when on a desk is told to be free: the range that holds it is the last that has begun."""
_SITES = Prepared(**{
    dialect: f"""
        SELECT s.member_id, s.id, s.told, m.entity_id, m.code, m.name, m.name_en
        FROM {given} LEFT JOIN site s ON s.member_id = k.member_id AND s.id = k.id LEFT JOIN members m ON m.id = s.member_id
    """  # noqa: S608 - put together of this module's own words alone.
    for dialect, given in _GIVEN.items()
})  # fmt: skip
"""Joined from the left, though none is missing: SQLite would begin with all members."""
_HELD = """(
    SELECT g.{which} FROM free_range g WHERE g.member_id = d.member_id AND g.desk_id = d.id AND g.start <= {moment}
    ORDER BY g.start DESC LIMIT 1)"""
_DESKS = Prepared(**{
    dialect: f"""
        SELECT d.member_id, d.id, d.told,
            CASE WHEN r.complete_at > f.as_of AND NOT f.doubtful THEN r.complete_at ELSE f.as_of END AS as_of,
            {_HELD.format(which="start", moment=_MOMENT[dialect])} AS start,
            {_HELD.format(which='"end"', moment=_MOMENT[dialect])} AS "end"
        FROM {given} JOIN desk d ON d.member_id = k.member_id AND d.id = k.id
            JOIN freedom f ON f.member_id = d.member_id AND f.desk_id = d.id
            LEFT JOIN feed_reading r ON r.member_id = d.member_id AND r.feed = 'offers'
    """  # noqa: S608 - the same.
    for dialect, given in _GIVEN.items()
})  # fmt: skip
"""A feed read to its end vouches for all it said, unless the newest word about the desk was unreadable."""


class _Seat(NamedTuple):
    """A desk as it is read: its listing, what vouches for it, and the free range that holds the wished time."""

    told: str
    as_of: datetime
    start: datetime
    end: datetime


def told(db: Session, asked: Asked, page: Sequence[Hit]) -> str:
    """Return the page's desks as the members of a JSON list; two statements."""
    dialect = db.get_bind().dialect
    places = {(hit.reach.member_id, hit.reach.site_id) for hit in page}
    seats = {
        (hit.reach.member_id, desk_id, _kept(hit.fits_from, dialect))
        for hit in page
        for desk_id in (hit.desk_id, *hit.others)
    }
    around = {row[:2]: _around(*row[2:]) for row in _SITES.rows(db, _keys(places))}
    desks = {row[:2]: _Seat(row[2], *map(moment, row[3:])) for row in _DESKS.rows(db, _keys(seats))}
    return ",".join(_desk(asked, hit, around, desks) for hit in page)


def _kept(begin: datetime, dialect: Dialect) -> object:
    """Return a moment as JSON that the database can compare with its own."""
    return written(begin) if dialect.name == "postgresql" else UtcTime().process_bind_param(begin, dialect)


def _keys(keys: Iterable[tuple[object, ...]]) -> dict[str, str]:
    return {"keys": json.dumps(list(keys))}


def _around(listing: str, entity_id: str, code: str, name: str, name_en: str) -> str:
    names = {"entity_id": entity_id, "code": code, "name": name}
    host = names | ({"name_en": name_en} if name_en else {})
    return f'"host":{_json(host)},"site":{listing}'


def _desk(
    asked: Asked,
    hit: Hit,
    around: Mapping[tuple[int, str], str],
    desks: Mapping[tuple[int, str], _Seat],
) -> str:
    member_id, reach = hit.reach.member_id, hit.reach
    desk = desks[member_id, hit.desk_id]
    stale = "true" if asked.now - desk.as_of > STALE_AFTER else "false"
    told = (
        f'{around[member_id, reach.site_id]},"desk":{desk.told},"free_from":"{written(desk.start)}",'
        f'"free_until":"{written(desk.end)}","as_of":"{written(desk.as_of)}","price_yen":{reach.price_yen},"stale":{stale}'
    )
    if asked.spot is not None:
        told += f',"distance_km":{round(reach.metres / 1000, 1)}'
    more = dict(_asked_for(asked, hit, desks))
    return f"{{{told},{_json(more)[1:]}" if more else f"{{{told}}}"


def _asked_for(asked: Asked, hit: Hit, desks: Mapping[tuple[int, str], _Seat]) -> Iterator[tuple[str, object]]:
    """Yield what is told only where it was asked for."""
    if asked.query.minutes is not None:
        yield "fits_from", written(hit.fits_from)
    if hit.others:
        names = {each: json.loads(desks[hit.reach.member_id, each].told)["name"] for each in hit.others}
        yield "together", [{"id": each, "name": name} for each, name in names.items()]
    if hit.reach.line:
        yield "line", hit.reach.line


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answer(asked: Asked, desks: str, facts: Mapping[str, object]) -> str:
    """Return a whole answer: the desks as ``told`` has them, and what is said of all of them."""
    place = _json(asked.place.wire())
    listed = f'"desks":[{desks}],' if desks else ""
    rest = _json({name: value for name, value in facts.items() if value or value == 0} | {"as_of": written(asked.now)})
    return f'{{"place":{place},{listed}{rest[1:]}'
