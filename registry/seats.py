"""Desks at given sites that are free for the whole of a wish, or for a gap in it, and are as wished."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TextualSelect

from federation.messages.search import SearchQuery
from federation.storage import UtcTime
from registry.facets import accessible, assured, bits, viewpoints
from registry.reach import CIVIL, Asked, Reach
from registry.together import Gap, groups

_QUARTER = timedelta(minutes=15)
_AT_SITES = {
    "sqlite": """
        json_each(:sites) AS near
        JOIN desk d ON d.member_id = json_extract(near.value, '$[0]') AND d.site_id = json_extract(near.value, '$[1]')""",
    "postgresql": """
        jsonb_array_elements(CAST(:sites AS jsonb)) AS near(value)
        JOIN desk d ON d.member_id = CAST(near.value ->> 0 AS integer) AND d.site_id = near.value ->> 1""",
}
"""One statement however many sites there are, so that each driver prepares it once."""
_LAST = "SELECT {last} FROM free_range g WHERE g.member_id = d.member_id AND g.desk_id = d.id AND g.start <= :start"
_WHOLE = {
    "sqlite": f"""
        JOIN free_range f ON f.member_id = d.member_id AND f.desk_id = d.id
            AND f.start = ({_LAST.format(last="max(g.start)")}) AND f."end" >= :end""",
    "postgresql": f"""
        JOIN LATERAL ({_LAST.format(last='g.start, g."end"')} ORDER BY g.start DESC LIMIT 1) f ON f."end" >= :end""",
}
"""Ranges of a desk never overlap, so only the last that has begun can hold a time: one look-up a desk by its key."""
_GAPS = f"""
    JOIN free_range f ON f.member_id = d.member_id AND f.desk_id = d.id
        AND f.start >= coalesce(({_LAST.format(last="max(g.start)")}), :start) AND f.start < :end AND f."end" > :start"""
_NAMED = """
    AND (d.names LIKE :words ESCAPE '/' OR EXISTS (
        SELECT 1 FROM site s WHERE s.member_id = d.member_id AND s.id = d.site_id AND s.names LIKE :words ESCAPE '/'))"""
_AS_WISHED = """
    WHERE (:privacies = '' OR :privacies LIKE '% ' || d.privacy || ' %')
        AND d.features & :features = :features
        AND (:assured = 0 OR d.assured & :assured = :assured AND d.assured_until >= :day)"""


@dataclass(frozen=True)
class Hit:
    """A free desk at a site in reach: the published range that holds the wish, and from when on the desk is free in it."""

    reach: Reach
    desk_id: str
    free_from: datetime
    free_until: datetime
    fits_from: datetime
    others: tuple[str, ...] = ()
    """The rest of the group that sits together."""

    @property
    def key(self) -> tuple[int, int, int, str, str]:
        """Where it stands in the answer's order."""
        return *self.reach.order, self.desk_id


def free_at(db: Session, asked: Asked, near: Sequence[Reach]) -> list[Hit]:
    """Return the desks at these sites that are free and as wished, one hit a desk or, where asked for, a group; in order."""
    query = asked.query
    start = query.start if query.minutes is None else max(query.start, _next_quarter(asked.now))
    if start + query.length > query.end or not near:
        return []
    rows = db.execute(_statement(db.get_bind().dialect.name, query.minutes is not None, bool(asked.words)), {
        "sites": json.dumps([(reach.member_id, reach.site_id) for reach in near]),
        "start": start,
        "end": query.end,
        **_wishes(asked),
    })  # fmt: skip
    by_place = {(reach.member_id, reach.site_id): reach for reach in near}
    wanted = viewpoints(query.accessibility)
    fitting = (
        row
        for row in rows
        if accessible(wanted, by_place[row.member_id, row.site_id].accessible, row.accessible, row.inaccessible)
    )
    return sorted(_hits(query, start, fitting, by_place), key=lambda hit: hit.key)


def _next_quarter(now: datetime) -> datetime:
    """Return the next full quarter of an hour: nobody books a time that has begun."""
    return now + (datetime.min.replace(tzinfo=now.tzinfo) - now) % _QUARTER


def _wishes(asked: Asked) -> dict[str, object]:
    query, words = asked.query, asked.words
    wishes = {
        "privacies": f" {' '.join(query.privacy)} " if query.privacy else "",
        "features": bits(query.features),
        "assured": assured(query.security),
        "day": query.start.astimezone(CIVIL).date().isoformat(),
    }
    return wishes | ({"words": f"%{_literal(words)}%"} if words else {})


def _literal(words: str) -> str:
    return words.replace("/", "//").replace("%", "/%").replace("_", "/_")


@cache
def _statement(dialect: str, gaps: bool, named: bool) -> TextualSelect:
    written = f"""
        SELECT d.member_id, d.site_id, d.id, d.beside, d.accessible, d.inaccessible, f.start, f."end"
        FROM {_AT_SITES[dialect]} {_GAPS if gaps else _WHOLE[dialect]} {_AS_WISHED} {_NAMED if named else ""}
    """  # noqa: S608 - put together of this module's own words alone.
    moments = (bindparam("start", type_=UtcTime()), bindparam("end", type_=UtcTime()))
    return text(written).bindparams(*moments).columns(start=UtcTime(), end=UtcTime())


def _hits(
    query: SearchQuery, start: datetime, rows: Iterable[Row[Any]], by_place: dict[tuple[int, str], Reach]
) -> Iterator[Hit]:
    at_site: dict[tuple[int, str], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if min(row.end, query.end) - max(row.start, start) >= query.length:
            at_site[row.member_id, row.site_id].append(row)
    for key, found in at_site.items():
        found.sort(key=lambda row: (row.id, row.start))
        yield from (
            _groups(query, start, found, by_place[key]) if query.adjacent else _singles(start, found, by_place[key])
        )


def _singles(start: datetime, rows: list[Row[Any]], reach: Reach) -> Iterator[Hit]:
    """Take the first gap of each desk."""
    last = ""
    for row in rows:
        if row.id != last:
            yield Hit(reach, row.id, row.start, row.end, max(row.start, start))
        last = row.id


def _groups(query: SearchQuery, start: datetime, rows: list[Row[Any]], reach: Reach) -> Iterator[Hit]:
    gaps = [Gap(row.id, max(row.start, start), min(row.end, query.end)) for row in rows]
    beside = {row.id: row.beside.split() for row in rows}
    for group in groups(gaps, beside, query.adjacent or 0, query.length):
        first, *others = sorted(group.desk_ids)
        held = next(row for row in rows if row.id == first and row.start <= group.start < row.end)
        yield Hit(reach, first, held.start, held.end, group.start, tuple(others))
