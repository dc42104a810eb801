"""Where could I work then? The registry knows; our own conditions say which of its answers are ours to book.

While the registry is away, the hosts of desks our people have seen are asked themselves, and the answer says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from federation.answer import problem_of
from federation.errors import BadInput, PeerRefused, PlaceUnknown, TachiyoriError
from federation.messages.booking import Availability, FreeRange, Reason
from federation.messages.search import FreeDesk, Host, NearMiss, SearchAnswer, SearchQuery
from federation.messages.space import accessible
from node.home import between, colleagues, conditions, places
from node.home.between import Legs
from node.home.commute import Commute
from node.home.places import Seen
from node.models.staff import Staff
from node.town import Town

Find = Callable[[SearchQuery], SearchAnswer]
"""Ask the registry; ``federation.remote_registry.RemoteRegistry.search`` is one."""

ASKED_DIRECTLY = 16
"""How many desks are asked for at their hosts while the registry is away."""
_AT_ONCE = 8
A = TypeVar("A")
NO_LEGS: Mapping[str, Legs] = {}


@dataclass(frozen=True)
class Result:
    """A desk that is free then, and why we do not let this person book it, if so."""

    desk: FreeDesk
    reasons: tuple[Reason, ...]
    line: str = ""
    """A line of the person's own commute that stops at the site: nobody has to change (乗換なし)."""
    legs: Legs | None = None
    """The ways from the last meeting and to the next one."""
    colleagues: int = 0
    """How many others of the person's own town will be in the building."""


@dataclass(frozen=True)
class Results:
    """What was found: nearest first, bookable or not. ``direct`` says that hosts answered and not the registry."""

    results: tuple[Result, ...]
    label: str
    total: int
    as_of: datetime
    cursor: str = ""
    direct: bool = False
    silent: tuple[str, ...] = ()
    """Names of hosts that did not answer either."""
    by_name: bool = False
    """Whether ``label`` is no place but a part of the names of what was found."""
    near_misses: tuple[NearMiss, ...] = ()
    """Where nothing was found: what would be without one of the conditions."""
    at_least: bool = False
    """Whether there may be more than ``total``: nobody counted on."""


@dataclass(frozen=True)
class _Seeker:
    """Who searches, of which town, and when."""

    town: Town
    staff: Staff
    now: datetime
    commute: Commute | None


def search(
    town: Town,
    find: Find,
    staff: Staff,
    query: SearchQuery,
    *,
    now: datetime,
    commute: Commute | None = None,
    then: SearchQuery | None = None,
) -> Results:
    """Find free desks and judge them for one person. Raises ``PlaceUnknown`` or ``BadInput`` for a wish nobody can read.

    ``commute`` is the person's, to say which sites it reaches without a change; ``then`` asks the same around the place of the
    next meeting: what lies between the two comes first.
    """
    seeker = _Seeker(town, staff, now, commute)
    legs = NO_LEGS
    try:
        answer = answered(find, query, "near")
        if then is not None:
            answer, legs = between.merged(answer, answered(find, then, "then"))
    except (BadInput, PlaceUnknown, PeerRefused):
        raise
    except TachiyoriError:
        return _directly(seeker, query)
    _remember(town, answer.desks, now)
    return Results(
        _judged(seeker, query, answer.desks, legs),
        answer.place.label,
        answer.total,
        answer.as_of,
        answer.cursor,
        by_name=answer.place.kind == "name",
        near_misses=answer.near_misses,
        at_least=answer.at_least is True,
    )


def answered(ask: Callable[[SearchQuery], A], query: SearchQuery, field: str) -> A:
    """Ask the registry; what it refuses is said of the ``field`` into which the place was typed."""
    try:
        return ask(query)
    except PeerRefused as refusal:
        raise refused(refusal, query, field) from None


def refused(refusal: PeerRefused, query: SearchQuery, field: str = "near") -> TachiyoriError:
    """Return what a refusal of the registry means to whoever typed the place into ``field``."""
    problem = problem_of(refusal)
    if problem is not None and problem.code == PlaceUnknown.code:
        return PlaceUnknown("the registry knows no such place", field=field, facts={"place": query.station or ""})
    return refusal


def _remember(town: Town, desks: Sequence[FreeDesk], now: datetime) -> None:
    with town.storage.transaction() as db:
        news = places.unseen(db, desks, now=now)
    if news:
        with town.storage.transaction(write=True) as db:
            places.remember(db, news, now=now)


def _judged(
    seeker: _Seeker, query: SearchQuery, desks: Iterable[FreeDesk], legs: Mapping[str, Legs] = NO_LEGS
) -> tuple[Result, ...]:
    town, commute = seeker.town, seeker.commute
    with town.storage.transaction() as db:
        judge = conditions.judge_for(db, seeker.staff, town.config.code, now=seeker.now)
        others = colleagues.at_sites(db, query.start, query.end, besides=seeker.staff.id)
    return tuple(
        Result(
            desk,
            judge.reasons(desk.site, desk.desk, *_time(desk, query), price_yen=desk.price_yen),
            commute.line_to(desk.site) if commute else "",
            legs.get(desk.desk.url),
            others.get(desk.site.id, 0),
        )
        for desk in desks
    )


def _time(desk: FreeDesk, query: SearchQuery) -> tuple[datetime, datetime]:
    """Return the time that would be booked."""
    start = query.start if desk.fits_from is None else desk.fits_from
    return start, start + query.length


def _directly(seeker: _Seeker, query: SearchQuery) -> Results:
    """Ask the hosts of the desks seen last; those that answer, answer for themselves and as of now."""
    town = seeker.town
    with town.storage.transaction() as db:
        known = [seen for seen in places.recent(db, ASKED_DIRECTLY * 4) if _fits(seen, query)][:ASKED_DIRECTLY]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = list(threads.map(lambda seen: _availability(town, seen, query), known))
    pairs = list(zip(known, answers, strict=True))
    free = [_free_desk(seen, answer, query) for seen, answer in pairs if answer is not None and _is_free(answer, query)]
    silent = tuple(sorted({seen.host_name for seen, answer in pairs if answer is None}))
    return Results(_judged(seeker, query, free), "", len(free), seeker.now, direct=True, silent=silent)


def _fits(seen: Seen, query: SearchQuery) -> bool:
    """Say whether what we know of a desk meets what can be checked without the registry."""
    if query.privacy and seen.desk.privacy not in query.privacy:
        return False
    if not set(query.features) <= set(seen.desk.meets()) or (query.security and not _assured(seen, query)):
        return False
    if not set(query.accessibility) <= set(accessible(seen.site.access, seen.desk.room.access)):
        return False
    # Who sits together is not asked of single desks.
    if query.adjacent is not None or (query.max_price_yen is not None and seen.price_yen > query.max_price_yen):
        return False
    if query.municipality and seen.site.municipality_code != query.municipality:
        return False
    stations = {station.name for station in seen.site.stations}
    return not query.station or query.station.removesuffix("駅") in stations


def _assured(seen: Seen, query: SearchQuery) -> bool:
    sheet = seen.desk.security
    day = query.start.astimezone(ZoneInfo(seen.site.zone)).date()
    return sheet is not None and sheet.counts_on(day) and set(query.security) <= set(sheet.assures())


def _availability(town: Town, seen: Seen, query: SearchQuery) -> Availability | None:
    try:
        return town.hosts(seen.host).availability(seen.desk.id, query.start, query.end)
    except TachiyoriError:
        return None


def _is_free(answer: Availability, query: SearchQuery) -> bool:
    return _begins(answer, query) is not None


def _begins(answer: Availability, query: SearchQuery) -> datetime | None:
    """Return when the desk is first free for as long as wished, within the asked time."""
    begins = (max(free.start, query.start) for free in answer.free if _long_enough(free, query))
    return min(begins, default=None)


def _long_enough(free: FreeRange, query: SearchQuery) -> bool:
    return min(free.end, query.end) - max(free.start, query.start) >= query.length


def _free_desk(seen: Seen, answer: Availability, query: SearchQuery) -> FreeDesk:
    return FreeDesk(
        host=Host(entity_id=seen.host, code=seen.site.municipality_code, name=seen.host_name),
        site=seen.site,
        desk=seen.desk,
        free_from=min((free.start for free in answer.free), default=query.start),
        free_until=max((free.end for free in answer.free), default=query.end),
        price_yen=seen.price_yen,
        as_of=answer.as_of,
        fits_from=None if query.minutes is None else _begins(answer, query),
    )
