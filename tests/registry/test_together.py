"""Groups of desks: connected, free at one time, and none where none can be."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from registry.together import Gap, groups

START = datetime(2026, 11, 25, tzinfo=UTC)
HOUR = timedelta(hours=1)
DESKS = "abcdef"

Edges = set[tuple[str, str]]

gaps = st.lists(
    st.builds(
        lambda desk, begins, hours: Gap(desk, START + begins * HOUR, START + (begins + hours) * HOUR),
        st.sampled_from(DESKS), st.integers(0, 5), st.integers(1, 4),
    ),
    max_size=10, unique_by=lambda gap: gap.desk_id,
)  # fmt: skip
edges = st.sets(st.tuples(st.sampled_from(DESKS), st.sampled_from(DESKS)), max_size=8)


def hang_together(desks: tuple[str, ...], edges: Edges) -> bool:
    reached = {desks[0]}
    for _ in desks:
        reached |= {b for a, b in edges | {(b, a) for a, b in edges} if a in reached and b in desks}
    return reached == set(desks)


def free_together(desks: tuple[str, ...], free: list[Gap], length: timedelta) -> bool:
    mine = [gap for gap in free if gap.desk_id in desks]
    return len(mine) == len(desks) and min(g.end for g in mine) - max(g.start for g in mine) >= length


@given(gaps, edges, st.integers(2, 4), st.integers(1, 3))
def test_groups_are_as_a_plain_search_of_all_combinations_has_them(
    free: list[Gap], edges: Edges, size: int, hours: int
) -> None:
    beside = {gap.desk_id: [b for a, b in edges if a == gap.desk_id] for gap in free}
    found, length = groups(free, beside, size, hours * HOUR), hours * HOUR
    for group in found:
        assert len(group.desk_ids) == size
        assert hang_together(group.desk_ids, edges)
        assert all(
            gap.start <= group.start and group.start + length <= gap.end
            for gap in free
            if gap.desk_id in group.desk_ids
        )
    used = [desk for group in found for desk in group.desk_ids]
    assert len(used) == len(set(used))
    possible = any(
        hang_together(chosen, edges) and free_together(chosen, free, length)
        for chosen in combinations(sorted({gap.desk_id for gap in free}), size)
    )
    assert bool(found) is possible
