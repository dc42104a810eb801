"""One search as its page has it: the registry asked, what it answered judged, and what stood in the way of an empty answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from federation.errors import BadInput, PeerRefused
from federation.remote_registry import RemoteRegistry
from node.home import commute, search, wishes
from node.home.commute import Commute
from node.home.search import Result, Results
from node.models.favourites import Favourite
from node.models.staff import Staff
from node.views import dropping, town, wished
from node.views.dropping import Way
from node.views.wished import Wished

HTMX = json.dumps(
    {
        "allowEval": False,
        "historyCacheSize": 0,
        "includeIndicatorStyles": False,
        "refreshOnHistoryMiss": True,
        "selfRequestsOnly": True,
        "responseHandling": [
            {"code": "[23]..", "swap": True},
            {"code": "400", "swap": True},
            {"code": "...", "swap": False, "error": True},
        ],
    }
)
"""How htmx behaves on the page: nothing is evaluated, styled or kept by it, and a wish that cannot be read is answered in place."""
_PLACES = {None, "near", "station", "municipality", "lat", "lon"}
"""Fields of the question that the page has as 利用場所."""


@dataclass(frozen=True)
class Found:
    """What a search found; without results either ``errors`` by field, or the ``ways`` out."""

    results: Results | None = None
    errors: dict[str, str] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()

    @property
    def beyond_agreements(self) -> int:
        """How many desks are free then, and not to be had at that time by any agreement of ours; where nothing is found."""
        misses = self.results.near_misses if self.results else ()
        return next((miss.count for miss in misses if miss.filter == "agreement"), 0)


def registry() -> RemoteRegistry:
    """Return the registry, as this town asks it."""
    return RemoteRegistry(town().peer, town().config.registry)


def commute_of(person: Staff) -> Commute:
    """Return the person's commute; which lines stop at a station of theirs is asked once, and kept."""
    now = town().clock()
    asked = {name: commute.ask(registry().search, name, now=now) for name in commute.unknown(person)}
    found = {name: lines for name, lines in asked.items() if lines is not None}
    if not found:
        return commute.of(person)
    with town().storage.transaction(write=True) as db:
        return commute.remember(db, person.id, found)


def find(line: Wished, person: Staff, cursor: str = "", *, most: int = wished.A_PAGE) -> Found:
    """Search for what a line asks, as this person; ``most`` desks are told at once."""
    if line.errors:
        return Found(errors=dict(line.errors))
    now, own = town().clock(), commute_of(person)
    try:
        size = {"limit": most}
        query = wished.query(line, town().storage, cursor, own.all_lines).model_copy(update=size)
        then = (
            wished.query(replace(line, near=line.then), town().storage).model_copy(update=size) if line.then else None
        )
        results = search.search(town(), registry().search, person, query, now=now, commute=own, then=then)
    except (BadInput, PeerRefused) as error:
        return Found(errors={field_of(error.field): wished.what(error)})
    return Found(results, ways=dropping.ways(line, results.near_misses))


def field_of(name: str | None) -> str:
    """Return the page's field for a field of the question."""
    return "then" if name == "then" else "near" if name in _PLACES else "day"


def from_now(line: Wished, now: datetime) -> tuple[tuple[int, str], ...]:
    """Return the same search from now on, for each number of minutes that is offered: the minutes, and the address."""
    return tuple((minutes, line.at(wishes.from_now(now, minutes)).href) for minutes in wished.NOW_FOR)


def by_room(results: Sequence[Result]) -> list[list[Result]]:
    """Gather the desks of one room that differ in nothing but their names and free hours, each room where its first desk stands.

    Whoever reads on a small phone chooses a room first, and a desk in it if at all.
    """
    rooms: dict[object, list[Result]] = {}
    for result in results:
        desk, where = result.desk.desk, result.desk.host.entity_id
        alone = desk.id if desk.kind != "desk" or result.desk.together else ""
        like = (
            where,
            desk.room_id,
            alone,
            desk.features,
            desk.slots,
            desk.privacy,
            result.desk.price_yen,
            result.reasons,
        )
        rooms.setdefault(like, []).append(result)
    return [sorted(room, key=lambda result: result.desk.desk.name) for room in rooms.values()]


def beside(desk: str, desk_id: str) -> str:
    """Return the address of another desk of the same host."""
    return f"{desk.rpartition('/')[0]}/{desk_id}"


def known_places(person: Staff, marked: Sequence[Favourite]) -> list[str]:
    """Return what 利用場所 offers to choose from: the person's own stations, and the sites they have marked."""
    names = (person.home_station, person.work_station, *(favourite.site_name for favourite in marked))
    return [name for name in dict.fromkeys(names) if name]
