"""Desks at given sites that are free for the whole of a wish, or for a gap in it, and are as wished."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from federation.messages.search import SearchQuery
from federation.prepared import Prepared, moment
from registry.agreed import UNJUDGED, Agreed
from registry.facets import accessible, assured, bits, viewpoints
from registry.reach import CIVIL, Asked, Reach, pattern
from registry.together import groups

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
_LAST = """(
    SELECT g.{which} FROM free_range g WHERE g.member_id = d.member_id AND g.desk_id = d.id AND g.start <= :start
    ORDER BY g.start DESC LIMIT 1)"""
"""Ranges of a desk never overlap, so only the last that has begun can hold a time: one look-up a desk by its key."""
_WHOLE = "SELECT d.member_id, d.site_id, d.id, {more}, NULL, NULL FROM {near} {wished} AND {last_end} >= :end"
_GAPS = """
    SELECT d.member_id, d.site_id, d.id, {more}, f.start, f."end"
    FROM {near} JOIN free_range f ON f.member_id = d.member_id AND f.desk_id = d.id
        AND f.start >= coalesce({last_start}, :start) AND f.start < :end AND f."end" > :start {wished}"""
_MORE, _LESS = "d.room_id, d.beside, d.accessible, d.inaccessible", "'', '', 0, 0"
"""What only the row itself says, read where it was asked for."""
_NAMED = """
    AND (d.names LIKE :words ESCAPE '/' OR EXISTS (
        SELECT 1 FROM site s WHERE s.member_id = d.member_id AND s.id = d.site_id AND s.names LIKE :words ESCAPE '/'))"""
_AS_WISHED = """
    WHERE (:privacies = '' OR :privacies LIKE '% ' || d.privacy || ' %')
        AND d.features & :features = :features
        AND (:assured = 0 OR d.assured & :assured = :assured AND d.assured_until >= :day)"""


class _Row(NamedTuple):
    """A free desk as it is read; the range is that of a gap."""

    member_id: int
    site_id: str
    id: str
    room_id: str
    beside: str
    accessible: int
    inaccessible: int
    start: Any
    end: Any


class Hit(NamedTuple):
    """A free desk at a site in reach, and from when on it is free as wished."""

    reach: Reach
    desk_id: str
    fits_from: datetime
    others: tuple[str, ...] = ()
    """The rest of the group that sits together."""

    @property
    def key(self) -> tuple[int, float, int, str, str]:
        """Where it stands in the answer's order."""
        return *self.reach.order, self.desk_id


def free_at(db: Session, asked: Asked, near: Sequence[Reach]) -> list[Hit]:
    """Return the desks at these sites that are free and as wished, one hit a desk or, where asked for, a group; in order."""
    query = asked.query
    start = query.start if query.minutes is None else max(query.start, _next_quarter(asked.now))
    if start + query.length > query.end or not near:
        return []
    more = bool(query.accessibility or query.adjacent or any(one.offers for one in near))
    statement = _statement(db.get_bind().dialect.name, query.minutes is not None, bool(asked.words), more)
    rows = statement.rows(db, {
        "sites": json.dumps([(reach.member_id, reach.site_id) for reach in near]),
        "start": start,
        "end": query.end,
        **_wishes(asked),
    })  # fmt: skip
    at_site: dict[tuple[int, str], list[_Row]] = defaultdict(list)
    for values in rows:
        row = _Row._make(values)
        at_site[row.member_id, row.site_id].append(row)
    wanted = viewpoints(query.accessibility)
    hits: list[Hit] = []
    for reach in near:
        if found := at_site.get((reach.member_id, reach.site_id)):
            if wanted:
                found = [row for row in found if accessible(wanted, reach.accessible, row.accessible, row.inaccessible)]
            hits += _at_one_site(asked, start, found, reach)
    return hits


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
    return wishes | ({"words": pattern(words)} if words else {})


@cache
def _statement(dialect: str, gaps: bool, named: bool, more: bool) -> Prepared:
    parts = {
        "near": _AT_SITES[dialect],
        "wished": _AS_WISHED + (_NAMED if named else ""),
        "more": _MORE if more else _LESS,
        "last_start": _LAST.format(which="start"),
        "last_end": _LAST.format(which='"end"'),
    }
    return Prepared((_GAPS if gaps else _WHOLE).format(**parts))


def _at_one_site(asked: Asked, start: datetime, rows: list[_Row], reach: Reach) -> Iterable[Hit]:
    query = asked.query
    if query.minutes is None and query.adjacent is None and reach.offers is None:
        return [Hit(reach, desk_id, start) for desk_id in sorted([row.id for row in rows])]
    within = Agreed(reach.offers, ZoneInfo(reach.zone or CIVIL.key), asked.now, query.work_kind)
    rooms = {row.id: row.room_id for row in rows}
    gaps = [gap for row in rows for gap in within.gaps(row.id, row.room_id, *_within(query, start, row), query.length)]
    found: list[tuple[tuple[str, ...], datetime]]
    if query.adjacent is None:
        first: dict[str, datetime] = {}
        for gap in sorted(gaps, key=lambda gap: gap.start, reverse=True):
            if gap.end - gap.start >= query.length:
                first[gap.desk_id] = gap.start
        found = [((desk_id,), begins) for desk_id, begins in sorted(first.items())]
    else:
        parts = groups(gaps, {row.id: row.beside.split() for row in rows}, query.adjacent, query.length)
        found = sorted((tuple(sorted(group.desk_ids)), group.start) for group in parts)
    priced = ((ids, at, within.price([rooms[id_] for id_ in ids], at, at + query.length)) for ids, at in found)
    return [
        Hit(reach if yen == UNJUDGED else reach._replace(price_yen=yen), ids[0], at, ids[1:])
        for ids, at, yen in priced
        if yen is not None
    ]


def _within(query: SearchQuery, start: datetime, row: _Row) -> tuple[datetime, datetime]:
    """Return which part of the asked time a desk is free."""
    return (
        (start, query.end)
        if query.minutes is None
        else (max(moment(row.start), start), min(moment(row.end), query.end))
    )
