"""Constraints of a superior (OpenID Federation 1.1, 6.2), by themselves; chains under them stand in ``test_chain``."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.constraints import Constraints
from federation.errors import TrustBroken


def naming(**names: Any) -> Constraints:
    return Constraints.read({"naming_constraints": names})


def passes(constraints: Constraints, *entity_ids: str) -> bool:
    try:
        constraints.check_names(entity_ids)
    except TrustBroken:
        return False
    return True


@pytest.mark.parametrize(("name", "entity_id", "matches"), [
    (".lg.jp", "https://komae.lg.jp", True), (".lg.jp", "https://node.city.komae.lg.jp", True),
    (".lg.jp", "https://lg.jp", False), ("lg.jp", "https://lg.jp", True), ("lg.jp", "https://komae.lg.jp", False),
    (".lg.jp", "https://evil-lg.jp", False), (".LG.jp", "https://komae.lg.jp:8443", True),
    (".lg.jp", "https://komae.lg.jp.evil.example", False),
])  # fmt: skip
def test_a_name_with_a_dot_means_what_lies_below_it(name: str, entity_id: str, matches: bool) -> None:
    assert passes(naming(permitted=[name]), entity_id) is matches
    assert passes(naming(excluded=[name]), entity_id) is not matches


def test_exclusion_prevails_and_everybody_below_is_judged() -> None:
    both = naming(permitted=[".lg.jp"], excluded=["closed.lg.jp"])
    assert passes(both, "https://komae.lg.jp", "https://open.lg.jp")
    assert not passes(both, "https://komae.lg.jp", "https://closed.lg.jp")
    assert not passes(naming(permitted=[]), "https://komae.lg.jp")


def test_a_bare_address_has_no_name_to_judge() -> None:
    assert not passes(naming(excluded=[".example"]), "https://192.0.2.1")
    assert passes(Constraints(), "https://192.0.2.1")


@pytest.mark.parametrize("claim", [
    [], "x", 0, {"max_path_length": -1}, {"max_path_length": "0"}, {"max_path_length": True}, {"max_path_length": 0.0},
    {"naming_constraints": []}, {"naming_constraints": None}, {"naming_constraints": {"permitted": None}},
    {"naming_constraints": {"permitted": ".lg.jp"}}, {"naming_constraints": {"excluded": [1]}},
    {"naming_constraints": {"excluded": [""]}}, {"naming_constraints": {"excluded": ["https://a.example"]}},
    {"naming_constraints": {"excluded": ["*.example"]}},
    {"allowed_entity_types": "openid_provider"}, {"allowed_entity_types": [None]},
])  # fmt: skip
def test_constraints_of_no_shape_are_refused(claim: Any) -> None:
    with pytest.raises(TrustBroken):
        Constraints.read(claim)


def test_constraints_of_unknown_names_are_left_out() -> None:
    assert Constraints.read({"max_path_length": 1, "moon_phase": "full"}) == Constraints(max_path_length=1)


def test_entity_types_are_removed_and_federation_entity_never() -> None:
    metadata: Any = {"federation_entity": {}, "openid_provider": {}, "desk_registry": {}}
    assert Constraints().allowed(metadata) == metadata
    assert set(Constraints.read({"allowed_entity_types": ["openid_provider"]}).allowed(metadata)) == {
        "federation_entity",
        "openid_provider",
    }
    assert set(Constraints.read({"allowed_entity_types": []}).allowed(metadata)) == {"federation_entity"}


NAMES = st.sampled_from([".a", "a", "b.a", ".b.a", "c.b.a"])


@given(st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=3), st.sampled_from(["a", "b.a", "c.b.a", "d"]))
def test_adding_an_exclusion_never_lets_more_in(first: list[str], second: list[str], host: str) -> None:
    if passes(naming(excluded=first + second), f"https://{host}"):
        assert passes(naming(excluded=first), f"https://{host}")
