"""Free desks at a time and place that the asking town may see, nearest first.

The number of statements does not grow with what there is: a few sites outwards and the free desks among them (one each, up
to three rounds), and the facts of the page (one for its sites, one for its desks). Where nothing is found, one walk more
for each filter, and one for what agreements bound.
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from federation.errors import BadInput, PlaceUnknown
from federation.messages.search import FoundPlace, NearMiss, SearchQuery
from registry import misses, telling
from registry.places import locate
from registry.reach import Asked, Asker, fitting, in_reach, outwards
from registry.seats import Hit, free_at

__all__ = ["Answer", "Asker", "find"]

Key = tuple[int, float, int, str, str]


@dataclass(frozen=True)
class Answer:
    """``SearchAnswer`` as text, the place as it was understood, whether nothing was found, and what stood in the way."""

    text: str
    place: FoundPlace
    in_vain: bool
    near_misses: tuple[NearMiss, ...]


@dataclass(frozen=True)
class _Walk:
    """What was found outwards, whether all the way was gone, and whether the asker may see any site on it."""

    hits: list[Hit]
    whole: bool
    sites_seen: bool


def find(db: Session, asker: Asker, query: SearchQuery, now: datetime) -> Answer:
    """Answer a search of ``asker`` as of ``now``; raises ``BadInput`` or ``PlaceUnknown``."""
    after = _read_cursor(query.cursor)
    asked = Asked(asker, query, locate(db, query), now)
    walk, place = _walked(db, asked, after), asked.place
    if place.kind == "name" and not walk.sites_seen and not in_reach(db, replace(asked, loosely=True)):
        raise PlaceUnknown("no station, and no name the asker may see", field="station", facts={"place": place.label})
    beyond = walk.hits if after is None else [hit for hit in walk.hits if hit.key > after]
    page, more = beyond[: query.limit], len(beyond) > query.limit
    counted = len(walk.hits)
    near = () if counted or after else tuple(_near(db, asked))
    facts = {
        "total": counted,
        "at_least": None if walk.whole else True,
        "cursor": _cursor(page[-1].key) if more else "",
        "near_misses": [miss.wire() for miss in near],
    }
    desks = telling.told(db, asked, page) if page else ""
    return Answer(telling.answer(asked, desks, facts), place, in_vain=not counted and after is None, near_misses=near)


def _near(db: Session, asked: Asked) -> Iterator[NearMiss]:
    yield from misses.near(asked.query, lambda wish: _number(db, replace(asked, query=wish)))
    if found := _number(db, replace(asked, loosely=True)):
        yield NearMiss(filter=misses.AGREEMENT, count=found)


def _number(db: Session, asked: Asked) -> int:
    """Return how many desks would be found by a wish, at least."""
    return len(_walked(db, asked, None).hits)


def _walked(db: Session, asked: Asked, after: Key | None) -> _Walk:
    """Find free desks outwards, until there are more than fill the page beyond the cursor: counting on would cost more."""
    found: list[Hit] = []
    seen = False
    for reaches in outwards(db, asked):
        seen = seen or bool(reaches)
        found += free_at(db, asked, fitting(reaches, asked.query))
        beyond = sum(1 for hit in found if hit.key > after) if after else len(found)
        if beyond > asked.query.limit:
            return _Walk(found, whole=False, sites_seen=seen)
    return _Walk(found, whole=True, sites_seen=seen)


# --- Reading on -----------------------------------------------------------------------------------------------


def _cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _read_cursor(text: str) -> Key | None:
    if not text:
        return None
    try:
        part, chord, member_id, site_id, desk_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise BadInput("the cursor is not one of ours", field="cursor") from None
    numbers = type(part) is type(member_id) is int and type(chord) is float
    if not (numbers and type(site_id) is type(desk_id) is str):
        raise BadInput("the cursor is not one of ours", field="cursor")
    return part, chord, member_id, site_id, desk_id
