"""Which desks of a room stand side by side, reckoned from where they stand on its plan."""

from collections.abc import Mapping
from itertools import combinations
from math import dist

Spot = tuple[float, float]
"""Where something stands, in any unit that is the same in both directions."""

_NEAR = 1.2
"""How much further than the nearest two of the room a pair may stand: less than the diagonal of a square, 1.41."""


def adjacent(spots: Mapping[str, Spot]) -> Mapping[str, frozenset[str]]:
    """Return for each desk the desks beside it; the measure is the distance of the two nearest in the room.

    Two on one spot are beside each other, and say nothing of how far apart desks stand.
    """
    apart = {(one, other): dist(spots[one], spots[other]) for one, other in combinations(sorted(spots), 2)}
    nearest = min((distance for distance in apart.values() if distance > 0), default=0.0)
    beside: dict[str, set[str]] = {one: set() for one in spots}
    for (one, other), distance in apart.items():
        if distance <= nearest * _NEAR:
            beside[one].add(other)
            beside[other].add(one)
    return {one: frozenset(others) for one, others in beside.items()}
