"""Metadata policies: each operator, each pair of them, each merge, the order, and what holds of all of them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import policy
from federation.errors import TrustBroken

KIND = "openid_relying_party"
ABSENT = ...
A, B, C = "a", "b", "c"


def read(operators: Mapping[str, Any], name: str = "x", critical: Any = None) -> policy.Policy:
    return policy.read({KIND: {name: operators}}, critical)


def applied(operators: Mapping[str, Any], value: Any, name: str = "x") -> Any:
    metadata = {KIND: {} if value is ABSENT else {name: value}}
    return policy.apply(read(operators, name), metadata)[KIND].get(name, ABSENT)


def merged(superior: Mapping[str, Any], subordinate: Mapping[str, Any], name: str = "x") -> Any:
    return policy.merge(read(superior, name), read(subordinate, name))[KIND][name]


# --- Each operator by itself (6.1.3.1) -----------------------------------------------------------------------------------

APPLIED = [
    ({"value": "a"}, ABSENT, "a"),
    ({"value": "a"}, "b", "a"),
    ({"value": None}, "b", ABSENT),
    ({"value": None}, ABSENT, ABSENT),
    ({"value": {"a": [1]}}, {"a": [2]}, {"a": [1]}),
    ({"add": [A]}, ABSENT, [A]),
    ({"add": [A, B]}, [B, C], [B, C, A]),
    ({"add": [{"p": 1, "q": 2}]}, [{"q": 2, "p": 1}], [{"p": 1, "q": 2}]),
    ({"default": "a"}, ABSENT, "a"),
    ({"default": "a"}, "b", "b"),
    ({"default": False}, ABSENT, False),
    ({"one_of": [A, B]}, "b", "b"),
    ({"one_of": [A]}, ABSENT, ABSENT),
    ({"one_of": [{"p": 1, "q": 2}]}, {"q": 2, "p": 1}, {"q": 2, "p": 1}),
    ({"subset_of": [A, B]}, [B, C], [B]),
    ({"subset_of": [A]}, [C], []),
    ({"subset_of": [A]}, ABSENT, ABSENT),
    ({"superset_of": [A]}, [A, B], [A, B]),
    ({"superset_of": [A]}, ABSENT, ABSENT),
    ({"essential": True}, [], []),
    ({"essential": False}, ABSENT, ABSENT),
    ({"subset_of": [A], "essential": True}, [C], []),
    ({"regexp": "^https:"}, "http:", "http:"),
]


@pytest.mark.parametrize(("operators", "value", "result"), APPLIED)
def test_an_operator_makes_of_a_parameter_what_the_standard_says(operators: Any, value: Any, result: Any) -> None:
    assert applied(operators, value) == result


@pytest.mark.parametrize(("operators", "value"), [
    ({"one_of": [A, B]}, "c"), ({"one_of": [1]}, True), ({"one_of": [A]}, [A]),
    ({"superset_of": [A, B]}, [A]), ({"superset_of": [A]}, "a"),
    ({"subset_of": [A]}, "a"), ({"add": [A]}, "a"),
    ({"essential": True}, ABSENT), ({"one_of": [A], "essential": True}, ABSENT), ({"subset_of": [A], "essential": True}, ABSENT),
])  # fmt: skip
def test_metadata_that_does_not_comply_is_refused(operators: Any, value: Any) -> None:
    with pytest.raises(TrustBroken, match=r"openid_relying_party.*x"):
        applied(operators, value)


def test_operators_apply_in_their_order_and_not_in_that_of_the_page() -> None:
    everything = {
        "essential": True,
        "superset_of": [A],
        "subset_of": [A, B],
        "default": [A],
        "add": [A],
        "value": [A, B],
    }
    assert applied(everything, [C]) == [A, B]
    assert applied({"subset_of": [A], "default": [A, C]}, ABSENT) == [A]
    assert applied({"default": [B], "add": [A], "subset_of": [A, B]}, ABSENT) == [A]


def test_a_scope_is_a_set_in_meaning_and_a_text_on_the_wire() -> None:
    assert applied({"subset_of": ["openid", "email"]}, "email phone openid", "scope") == "email openid"
    assert applied({"value": "openid email", "superset_of": ["openid"]}, ABSENT, "scope") == "openid email"
    assert applied({"add": ["openid", "a b"]}, "email", "scope") == "email openid a b"
    with pytest.raises(TrustBroken):
        applied({"add": [1]}, "email", "scope")
    with pytest.raises(TrustBroken):
        applied({"superset_of": ["openid"]}, "email openid2", "scope")
    with pytest.raises(TrustBroken):
        applied({"subset_of": ["openid"]}, "openid", "client_name")


def test_what_an_entity_does_not_claim_to_be_no_policy_makes_it() -> None:
    assert policy.apply(read({"value": 1}), {"federation_entity": {}}) == {"federation_entity": {}}


# --- Each pair in one policy (6.1.3.1, the rules of combination) -----------------------------------------------------------

TOGETHER: list[tuple[dict[str, Any], bool]] = [
    ({"value": [A, B], "add": [A]}, True),
    ({"value": [A], "add": [B]}, False),
    ({"value": "a", "add": [A]}, False),
    ({"value": None, "add": [A]}, False),
    ({"value": "a", "default": "b"}, True),
    ({"value": None, "default": "b"}, False),
    ({"value": "a", "one_of": [A, B]}, True),
    ({"value": "c", "one_of": [A, B]}, False),
    ({"value": [A], "subset_of": [A, B]}, True),
    ({"value": [C], "subset_of": [A, B]}, False),
    ({"value": [A, B], "superset_of": [A]}, True),
    ({"value": [A], "superset_of": [A, B]}, False),
    ({"value": "a", "essential": True}, True),
    ({"value": None, "essential": True}, False),
    ({"value": None, "essential": False}, True),
    ({"add": [A], "default": [B]}, True),
    ({"add": [A], "one_of": [A]}, False),
    ({"add": [A], "subset_of": [A, B]}, True),
    ({"add": [C], "subset_of": [A, B]}, False),
    ({"add": [A], "superset_of": [B]}, True),
    ({"add": [A], "essential": True}, True),
    ({"default": "a", "one_of": [B]}, True),
    ({"default": [A], "subset_of": [B]}, True),
    ({"default": [A], "superset_of": [B]}, True),
    ({"default": "a", "essential": True}, True),
    ({"one_of": [A], "subset_of": [A]}, False),
    ({"one_of": [A], "superset_of": [A]}, False),
    ({"one_of": [A], "essential": True}, True),
    ({"subset_of": [A, B], "superset_of": [A]}, True),
    ({"subset_of": [A], "superset_of": [A, B]}, False),
    ({"subset_of": [A], "essential": True}, True),
    ({"superset_of": [A], "essential": True}, True),
]


@pytest.mark.parametrize(("operators", "may"), TOGETHER)
def test_two_operators_share_a_parameter_or_do_not(operators: dict[str, Any], may: bool) -> None:
    first, second = ({name: operand} for name, operand in operators.items())
    if may:
        assert read(operators)[KIND]["x"] == operators == merged(first, second) == merged(second, first)
        return
    for attempt in (lambda: read(operators), lambda: merged(first, second), lambda: merged(second, first)):
        with pytest.raises(TrustBroken):
            attempt()


@pytest.mark.parametrize("operators", [
    {"add": "a"}, {"add": [None]}, {"add": [True]}, {"add": [[A]]}, {"default": None}, {"one_of": []}, {"one_of": "a"},
    {"subset_of": "a"}, {"superset_of": {"a": 1}}, {"essential": 1}, {"essential": "true"}, {"essential": None},
])  # fmt: skip
def test_an_operand_its_operator_does_not_take_is_refused(operators: dict[str, Any]) -> None:
    with pytest.raises(TrustBroken):
        read(operators)


@pytest.mark.parametrize("claim", [[], "x", {"t": []}, {"t": {"x": []}}, {"t": {"x": None}}, {"t": None}, 7, False])
def test_a_policy_of_no_shape_is_refused(claim: Any) -> None:
    with pytest.raises(TrustBroken):
        policy.read(claim)


# --- Critical operators (6.1.3.2) ------------------------------------------------------------------------------------------


def test_an_unknown_operator_is_left_out_unless_it_is_critical() -> None:
    assert read({"regexp": "^https:", "essential": True})[KIND]["x"] == {"essential": True}
    wrong: list[Any] = [["regexp"], ["essential", "regexp"], [], "regexp", [1], {}]
    for critical in wrong:
        with pytest.raises(TrustBroken):
            read({"regexp": "^https:"}, critical=critical)


# --- Merged (6.1.3.1, 6.1.4.1) ---------------------------------------------------------------------------------------------

MERGED = [
    ({"value": [A]}, {"value": [A]}, {"value": [A]}),
    ({"add": [A]}, {"add": [B]}, {"add": [A, B]}),
    ({"default": "a"}, {"default": "a"}, {"default": "a"}),
    ({"one_of": [A, B]}, {"one_of": [B, C]}, {"one_of": [B]}),
    ({"subset_of": [A, B]}, {"subset_of": [B, C]}, {"subset_of": [B]}),
    ({"subset_of": [A]}, {"subset_of": [B]}, {"subset_of": []}),
    ({"superset_of": [A]}, {"superset_of": [B]}, {"superset_of": [A, B]}),
    ({"essential": False}, {"essential": True}, {"essential": True}),
    ({"essential": True}, {"essential": False}, {"essential": True}),
    ({"add": [A]}, {"essential": True}, {"add": [A], "essential": True}),
]


@pytest.mark.parametrize(("superior", "subordinate", "both"), MERGED)
def test_two_operands_of_one_operator_merge_by_its_rule(superior: Any, subordinate: Any, both: Any) -> None:
    assert merged(superior, subordinate) == both


@pytest.mark.parametrize(("superior", "subordinate"), [
    ({"value": "a"}, {"value": "b"}), ({"value": 1}, {"value": True}), ({"default": "a"}, {"default": "b"}),
    ({"one_of": [A]}, {"one_of": [B]}), ({"value": [A, B], "add": [A]}, {"add": [C]}),
    ({"subset_of": [A, B], "superset_of": [A]}, {"superset_of": [C]}), ({"subset_of": [A]}, {"subset_of": [B], "add": [B]}),
])  # fmt: skip
def test_policies_that_contradict_each_other_are_refused(superior: Any, subordinate: Any) -> None:
    with pytest.raises(TrustBroken):
        merged(superior, subordinate)


def test_what_only_one_of_two_policies_names_is_kept() -> None:
    superior = policy.read({"a": {"x": {"value": 1}}, "b": {"x": {"value": 1}}})
    subordinate = policy.read({"b": {"y": {"value": 2}}, "c": {"z": {"value": 3}}})
    assert policy.merge(superior, subordinate) == {
        "a": {"x": {"value": 1}},
        "b": {"x": {"value": 1}, "y": {"value": 2}},
        "c": {"z": {"value": 3}},
    }


# --- What holds of every policy --------------------------------------------------------------------------------------------

ITEMS = st.sampled_from([A, B, C, 1, {"p": 1}])
ARRAYS = st.lists(ITEMS, max_size=4, unique_by=json.dumps)
VALUES = ARRAYS | ITEMS
OPERATORS = st.fixed_dictionaries(
    {},
    optional={
        "value": VALUES | st.none(),
        "add": ARRAYS,
        "default": VALUES,
        "one_of": ARRAYS,
        "subset_of": ARRAYS,
        "superset_of": ARRAYS,
        "essential": st.booleans(),
    },
)
POLICIES = st.dictionaries(st.sampled_from(["t", "u"]), st.dictionaries(st.sampled_from(["x", "scope"]), OPERATORS))
METADATA = st.dictionaries(
    st.sampled_from(["t", "u"]), st.dictionaries(st.sampled_from(["x", "scope"]), VALUES | st.just("a b"))
)
REFUSED = "refused"


def outcome(act: Any, *arguments: Any) -> Any:
    """Return what an act makes, arrays as sets, or that it is refused; an argument that was refused stays so."""
    if REFUSED in arguments:
        return REFUSED
    try:
        return act(*arguments)
    except TrustBroken:
        return REFUSED


def sets(value: Any) -> Any:
    """Return a policy with arrays in one order."""
    if isinstance(value, dict):
        return {name: sets(inner) for name, inner in value.items()}
    return sorted(value, key=json.dumps) if isinstance(value, list) else value


@settings(deadline=None)
@given(POLICIES, POLICIES)
def test_merging_does_not_ask_who_is_superior(first: Any, second: Any) -> None:
    one, other = outcome(policy.read, first), outcome(policy.read, second)
    assert sets(outcome(policy.merge, one, other)) == sets(outcome(policy.merge, other, one))


@settings(deadline=None)
@given(POLICIES, POLICIES, POLICIES)
def test_merging_does_not_ask_where_one_begins(first: Any, second: Any, third: Any) -> None:
    one, two, three = (outcome(policy.read, each) for each in (first, second, third))
    downwards = outcome(policy.merge, outcome(policy.merge, one, two), three)
    upwards = outcome(policy.merge, one, outcome(policy.merge, two, three))
    assert sets(downwards) == sets(upwards)


@settings(deadline=None)
@given(POLICIES)
def test_a_policy_merged_with_itself_is_itself(claim: Any) -> None:
    read_once = outcome(policy.read, claim)
    assert sets(outcome(policy.merge, read_once, read_once)) == sets(read_once)


@settings(deadline=None)
@given(POLICIES, METADATA)
def test_applying_twice_equals_once(claim: Any, metadata: Any) -> None:
    known = outcome(policy.read, claim)
    once = outcome(policy.apply, known, metadata)
    assert outcome(policy.apply, known, once) == once


@settings(deadline=None)
@given(POLICIES, POLICIES, METADATA)
def test_metadata_under_both_policies_complies_with_each(first: Any, second: Any, metadata: Any) -> None:
    both = outcome(policy.merge, outcome(policy.read, first), outcome(policy.read, second))
    resolved = outcome(policy.apply, both, metadata)
    for each in (first, second):
        checks = {
            kind: {name: {op: v for op, v in operators.items() if op in CHECKS} for name, operators in names.items()}
            for kind, names in each.items()
        }
        assert outcome(policy.apply, outcome(policy.read, checks), resolved) == resolved


CHECKS = {"one_of", "superset_of", "essential", "subset_of"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
NAMED = st.sampled_from(["value", "add", "default", "one_of", "subset_of", "superset_of", "essential", "x"])


@settings(deadline=None)
@given(
    ANYTHING | st.dictionaries(st.just("t"), st.dictionaries(st.just("x"), st.dictionaries(NAMED, ANYTHING))),
    ANYTHING,
    st.fixed_dictionaries({"t": st.dictionaries(st.just("x"), ANYTHING)}),
)
def test_whatever_a_policy_says_it_is_applied_or_refused(claim: Any, critical: Any, metadata: Any) -> None:
    outcome(policy.apply, outcome(policy.read, claim, critical), metadata)
