"""Which desks stand side by side, wherever they stand and however large the plan is drawn."""

from hypothesis import given
from hypothesis import strategies as st

from node.host.adjacency import Spot, adjacent

SPOTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.tuples(st.integers(1, 16), st.integers(1, 10)).map(lambda cell: (float(cell[0]), float(cell[1]))),
    max_size=12,
)


@given(SPOTS)
def test_who_sits_beside_me_sits_beside_by_me_too(spots: dict[str, Spot]) -> None:
    beside = adjacent(spots)
    assert set(beside) == set(spots)
    for one, others in beside.items():
        assert one not in others
        assert all(one in beside[other] for other in others)


@given(SPOTS, st.sampled_from([0.125, 0.5, 4.0, 1024.0]))
def test_a_larger_plan_has_the_same_neighbours(spots: dict[str, Spot], scale: float) -> None:
    assert adjacent({name: (x * scale, y * scale) for name, (x, y) in spots.items()}) == adjacent(spots)


def test_neighbours_of_a_row_are_those_left_and_right() -> None:
    row = {"a": (1.0, 1.0), "b": (3.0, 1.0), "c": (5.0, 1.0), "far": (12.0, 8.0)}
    assert adjacent(row) == {"a": {"b"}, "b": {"a", "c"}, "c": {"b"}, "far": frozenset()}


def test_a_corner_is_not_beside() -> None:
    square = {"a": (1.0, 1.0), "b": (2.0, 1.0), "c": (1.0, 2.0), "d": (2.0, 2.0)}
    assert adjacent(square)["a"] == {"b", "c"}


def test_a_desk_alone_has_no_neighbour() -> None:
    assert adjacent({"a": (1.0, 1.0)}) == {"a": frozenset()}
