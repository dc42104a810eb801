"""Desks for several people of one booking at once: side by side where the plan allows it, at least in one room."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations

from node.host.rasters import beside
from node.models.sites import Desk

_SEEDS = 24
"""So many desks are tried for the first person: a room's worth. Whom none of them serves, a further one hardly does."""

Beside = Callable[[Desk], frozenset[str]]
"""Returns the ids of the desks that stand next to one."""


def neighbours(desks: Iterable[Desk]) -> Beside:
    """Return what says who stands beside whom among these desks; a room is reckoned when it is first asked for."""
    rooms: dict[str, list[Desk]] = {}
    for desk in desks:
        rooms.setdefault(desk.room_id, []).append(desk)
    known: dict[str, frozenset[str]] = {}

    def near(desk: Desk) -> frozenset[str]:
        if desk.id not in known:
            known[desk.id] = beside(desk, rooms.get(desk.room_id, ()))
        return known[desk.id]

    return near


def chosen(wanted: Sequence[Sequence[Desk]], staying: Sequence[Desk], near: Beside) -> Iterator[tuple[Desk, ...]]:
    """Yield for people with the desks that would do for each, best first, one desk each: the closest together first.

    ``staying`` are the desks of colleagues who keep theirs. Nothing where somebody finds none.
    """
    if not wanted:
        return
    found: dict[tuple[str, ...], tuple[Desk, ...]] = {}
    for seed in wanted[0][:_SEEDS]:
        team = _around(seed, wanted[1:], staying, near)
        if team is not None:
            found.setdefault(tuple(desk.id for desk in team), team)
    yield from sorted(found.values(), key=lambda team: _spread((*team, *staying), near))


def _around(
    seed: Desk, others: Sequence[Sequence[Desk]], staying: Collection[Desk], near: Beside
) -> tuple[Desk, ...] | None:
    """Let everybody after the first take the desk that is nearest to those who have one."""
    team = [seed]
    for desks in others:
        left = [desk for desk in desks if desk not in team]
        if not left:
            return None
        company = (*team, *staying)
        team.append(min(left, key=lambda desk: _apart(desk, company, near)))
    return tuple(team)


def _apart(desk: Desk, company: Collection[Desk], near: Beside) -> tuple[bool, bool, bool]:
    """Sort what stands beside somebody first, then their room, then their site; a tie keeps the order it came in."""
    ids = {one.id for one in company}
    return (
        not near(desk) & ids,
        desk.room_id not in {one.room_id for one in company},
        desk.room.site_id not in {one.room.site_id for one in company},
    )


def _spread(company: Sequence[Desk], near: Beside) -> tuple[int, int, int]:
    """Say how far apart they sit: over how many sites and rooms, and how many pairs side by side."""
    pairs = sum(other.id in near(one) for one, other in combinations(company, 2))
    return len({one.room.site_id for one in company}), len({one.room_id for one in company}), -pairs
