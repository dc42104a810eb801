"""Groups of desks that sit together and are free at the same time."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Gap:
    """A stretch [start, end) within the wished time, in UTC, in which a desk is free."""

    desk_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Group:
    """Desks that hang together by their neighbours, by id, and from when on all of them are free."""

    desk_ids: tuple[str, ...]
    start: datetime


def groups(gaps: Iterable[Gap], beside: Mapping[str, Iterable[str]], size: int, length: timedelta) -> list[Group]:
    """Return groups of ``size`` desks that are all free for ``length``, the earliest first; no desk is in two of them.

    Two desks are neighbours when one of them says so. Where any ``size`` desks hang together, at least one group is found;
    more of them are taken as they come, not the most that could be.
    """
    kept, near = [gap for gap in gaps if gap.end - gap.start >= length], _both_ways(beside)
    left, found = {gap.desk_id for gap in kept}, []
    for start in sorted({gap.start for gap in kept}):
        free = {gap.desk_id for gap in kept if gap.start <= start and start + length <= gap.end}
        for desk_ids in _parts(free & left, near, size):
            found.append(Group(desk_ids, start))
            left -= set(desk_ids)
    return found


def _both_ways(beside: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {desk_id: set() for desk_id in beside}
    for desk_id, others in beside.items():
        for other in others:
            if other in near and other != desk_id:
                near[desk_id].add(other)
                near[other].add(desk_id)
    return near


def _parts(free: Set[str], near: Mapping[str, Set[str]], size: int) -> Iterator[tuple[str, ...]]:
    """Cut connected desks into groups, each begun at the smallest id that is left and grown outwards."""
    left = set(free)
    for first in sorted(free):
        if first not in left:
            continue
        part = _grown(first, left, near, size)
        if len(part) == size:
            left -= set(part)
            yield tuple(part)


def _grown(first: str, left: Set[str], near: Mapping[str, Set[str]], size: int) -> list[str]:
    part, ahead = [first], deque([first])
    while ahead and len(part) < size:
        for other in sorted(near[ahead.popleft()] & left):
            if other not in part and len(part) < size:
                part.append(other)
                ahead.append(other)
    return part
