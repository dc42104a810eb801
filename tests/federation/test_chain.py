"""Trust chains of any allowed length (OpenID Federation 1.1, 3.2, 6 and 10.2): those that hold, and those that do not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.chain import MAX_SIZE, Anchor, Chain, verify_chain
from federation.errors import TrustBroken
from federation.keys import KeyPair, make, ring_of
from tests.corpus.cases import case
from tests.federation.forgery import compact
from tests.federation.world import NOW

TOP, MIDDLE, LEAF = "https://anchor.example", "https://middle.example", "https://leaf.example"
RP = "openid_relying_party"


@dataclass
class Ladder:
    """An anchor, a middle and a leaf with their keys; ``claims`` changes what each of the four statements says.

    The statements are called ``leaf``, ``about leaf``, ``about middle`` and ``anchor``; ``...`` leaves a claim out.
    """

    keys: Mapping[str, KeyPair] = field(default_factory=lambda: {who: make() for who in (TOP, MIDDLE, LEAF)})
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: dict[str, dict[str, Any]] = field(default_factory=dict)
    signers: dict[str, KeyPair] = field(default_factory=dict)
    now: datetime = NOW

    @property
    def anchor(self) -> Anchor:
        return Anchor(TOP, ring_of(self.keys[TOP]).public())

    def statement(self, name: str, issuer: str, subject: str, **claims: Any) -> str:
        issued = int(self.now.timestamp())
        key = self.signers.get(name, self.keys[issuer])
        said = {"iss": issuer, "sub": subject, "iat": issued, "exp": issued + 3600, **claims}
        said = {"jwks": ring_of(self.keys[subject]).jwks(), **said, **self.claims.get(name, {})}
        head = {"alg": "ES256", "kid": key.kid, "typ": "entity-statement+jwt", **self.headers.get(name, {})}
        return compact(
            {claim: value for claim, value in head.items() if value is not ...},
            {claim: value for claim, value in said.items() if value is not ...},
            pair=key,
        )

    def statements(self) -> list[str]:
        metadata = {RP: {"redirect_uris": [f"{LEAF}/callback"], "contacts": ["leaf"]}}
        return [
            self.statement("leaf", LEAF, LEAF, metadata=metadata, authority_hints=[MIDDLE]),
            self.statement("about leaf", MIDDLE, LEAF),
            self.statement("about middle", TOP, MIDDLE),
            self.statement("anchor", TOP, TOP),
        ]

    def verify(self, statements: list[str] | None = None) -> Chain:
        return verify_chain(self.statements() if statements is None else statements, self.anchor, now=NOW)


@pytest.fixture
def ladder() -> Ladder:
    return Ladder()


def test_a_chain_over_an_intermediate_holds_with_the_anchors_own_word_and_without(ladder: Ladder) -> None:
    statements = ladder.statements()
    for chain in (ladder.verify(statements), ladder.verify(statements[:-1])):
        assert (chain.subject, [each.issuer for each in chain.superiors]) == (LEAF, [MIDDLE, TOP])
        assert chain.metadata[RP]["contacts"] == ["leaf"]


@pytest.mark.parametrize("name", ["leaf", "about leaf", "about middle", "anchor"])
def test_a_chain_ends_with_its_first_statement_to_end(ladder: Ladder, name: str) -> None:
    ends = int(NOW.timestamp()) + 60
    ladder.claims[name] = {"exp": ends}
    assert ladder.verify().expires.timestamp() == ends
    ladder.claims[name] = {"iat": ends - 3600, "exp": int(NOW.timestamp()) - 11}
    with pytest.raises(TrustBroken):
        ladder.verify()


# --- One statement (3.2) ---------------------------------------------------------------------------------------------------

Change = tuple[str, str, Any]
EVERY = ("leaf", "about leaf", "about middle", "anchor")
WRONG_CLAIMS: list[Change] = [
    *((name, claim, ...) for name in EVERY for claim in ("iss", "sub", "iat", "exp", "jwks")),
    *((name, claim, bad) for name in EVERY for claim, bad in (
        ("iat", int(NOW.timestamp()) + 60), ("iat", True), ("exp", "1"), ("exp", 1e9), ("jwks", {"keys": []}),
        ("jwks", []), ("metadata", {RP: {"contacts": None}}), ("metadata", {RP: None}), ("aud", TOP), ("trust_anchor", TOP),
        ("crit", []), ("crit", ["urn:x"]), ("crit", ["metadata"]), ("crit", ["status"]), ("crit", "status"),
    )),
    *((name, claim, bad) for name in ("leaf", "anchor") for claim, bad in (
        ("metadata_policy", {}), ("metadata_policy_crit", ["value"]), ("constraints", {}), ("source_endpoint", TOP),
    )),
    *((name, claim, bad) for name in ("about leaf", "about middle") for claim, bad in (
        ("authority_hints", [TOP]), ("trust_anchor_hints", [TOP]), ("trust_marks", []), ("trust_mark_issuers", {}),
        ("trust_mark_owners", {}), ("metadata_policy_crit", []), ("metadata_policy_crit", ["regexp"]),
        ("metadata_policy", []), ("constraints", []), ("metadata_policy", {RP: {"x": {"essential": "yes"}}}),
    )),
    ("leaf", "iss", MIDDLE), ("leaf", "authority_hints", []), ("leaf", "authority_hints", [TOP]), ("leaf", "authority_hints", ...),
    ("leaf", "authority_hints", [f"{MIDDLE}/"]), ("leaf", "authority_hints", [MIDDLE] * 4),
    ("leaf", "authority_hints", MIDDLE), ("leaf", "authority_hints", [MIDDLE, "https://a.example/x"]),
    ("leaf", "trust_anchor_hints", []), ("leaf", "trust_marks", [{}] * 11),
]  # fmt: skip


@pytest.mark.parametrize(("name", "claim", "value"), WRONG_CLAIMS)
def test_a_statement_that_says_something_wrong_is_refused(ladder: Ladder, name: str, claim: str, value: Any) -> None:
    ladder.claims[name] = {claim: value}
    with pytest.raises(TrustBroken):
        ladder.verify()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": ...}, {"kid": ...}, {"kid": ""}, {"kid": "x"}, {"alg": "none"}]
    + [{member: ["a.b.c"]} for member in ("trust_chain", "peer_trust_chain")]
    + [{"crit": ["trust_chain"], "trust_chain": []}],
)
def test_a_statement_under_a_wrong_header_is_refused(ladder: Ladder, name: str, header: dict[str, Any]) -> None:
    ladder.headers[name] = header
    with pytest.raises(TrustBroken):
        ladder.verify()


def test_a_claim_that_is_understood_may_be_critical(ladder: Ladder) -> None:
    status = {"status_list": {"idx": 0, "uri": f"{TOP}/status"}}
    ladder.claims["about middle"] = {"crit": ["status"], "status": status}
    assert ladder.verify().superiors[1].status_index == 0


# --- The chain (10.2) --------------------------------------------------------------------------------------------------------

Signer = Callable[[Ladder], KeyPair]
WRONG_SIGNERS: list[tuple[str, Signer]] = [
    *((name, lambda _: make()) for name in EVERY),
    ("about leaf", lambda ladder: ladder.keys[LEAF]),
    ("about middle", lambda ladder: ladder.keys[MIDDLE]),
    ("leaf", lambda ladder: ladder.keys[MIDDLE]),
    ("anchor", lambda ladder: KeyPair(ladder.keys[TOP].kid, make().private)),
]


@pytest.mark.parametrize(("name", "signer"), WRONG_SIGNERS)
def test_each_link_verifies_under_the_keys_above_it(ladder: Ladder, name: str, signer: Signer) -> None:
    ladder.signers[name] = signer(ladder)
    with pytest.raises(TrustBroken):
        ladder.verify()


def test_a_leaf_must_sign_with_the_key_that_is_attested_and_publish_it(ladder: Ladder) -> None:
    other = make()
    ladder.claims["leaf"] = {"jwks": ring_of(other).jwks()}
    with pytest.raises(TrustBroken, match="no longer publishes"):
        ladder.verify()
    ladder.signers["leaf"] = other
    with pytest.raises(TrustBroken):
        ladder.verify()


def test_under_one_kid_stands_one_key(ladder: Ladder) -> None:
    false = {**make().public_jwk(), "kid": ladder.keys[LEAF].kid}
    ladder.claims["leaf"] = {"jwks": {"keys": [false]}}
    with pytest.raises(TrustBroken):
        ladder.verify()


def test_a_key_the_anchor_no_longer_publishes_has_no_say(ladder: Ladder) -> None:
    ladder.claims["anchor"] = {"jwks": ring_of(make()).jwks()}
    with pytest.raises(TrustBroken):
        ladder.verify()


def orders() -> list[tuple[str, Callable[[list[str]], list[str]]]]:
    return [
        ("nothing", lambda s: []),
        ("the leaf alone", lambda s: s[:1]),
        ("the anchor alone", lambda s: s[3:]),
        ("leaf and anchor", lambda s: [s[0], s[3]]),
        ("without the leaf", lambda s: s[1:]),
        ("a gap at the leaf", lambda s: [s[0], s[2], s[3]]),
        ("a gap at the anchor", lambda s: [s[0], s[1], s[3]]),
        ("up to an intermediate", lambda s: s[:2]),
        ("turned round", lambda s: s[::-1]),
        ("two exchanged", lambda s: [s[0], s[2], s[1], s[3]]),
        ("a statement twice", lambda s: [s[0], s[1], s[1], s[2]]),
        ("the leaf twice", lambda s: [s[0], s[0], s[1], s[2]]),
        ("the anchor twice", lambda s: [*s[:3], s[3], s[3]]),
        ("another anchor at the end", lambda s: [*s[:3], Ladder().statements()[3]]),
        ("five statements", lambda s: [*s, s[3]]),
        ("no text", lambda s: [*s[:3], ""]),
        ("not a token", lambda s: [s[0], "a.b.c", *s[2:]]),
    ]


@case("F05")
@pytest.mark.parametrize(("name", "order"), orders())
def test_a_chain_in_another_order_is_refused(
    ladder: Ladder, name: str, order: Callable[[list[str]], list[str]]
) -> None:
    with pytest.raises(TrustBroken):
        ladder.verify(order(ladder.statements()))


@case("F05")
def test_another_anchor_with_the_same_keys_is_another(ladder: Ladder) -> None:
    with pytest.raises(TrustBroken):
        verify_chain(ladder.statements(), Anchor(MIDDLE, ladder.anchor.keys), now=NOW)


def test_a_chain_that_comes_back_to_where_it_was_is_refused(ladder: Ladder) -> None:
    leaf = ladder.statement("leaf", LEAF, LEAF, authority_hints=[LEAF])
    loop = [
        leaf,
        ladder.statement("x", MIDDLE, LEAF),
        ladder.statement("y", LEAF, MIDDLE),
        ladder.statement("z", TOP, LEAF),
    ]
    with pytest.raises(TrustBroken):
        ladder.verify(loop)
    with pytest.raises(TrustBroken):
        ladder.verify(
            [ladder.statements()[0], ladder.statement("x", MIDDLE, LEAF), ladder.statement("y", MIDDLE, MIDDLE)]
        )


def test_a_chain_of_too_many_characters_is_refused_unread(ladder: Ladder) -> None:
    with pytest.raises(TrustBroken, match="characters"):
        ladder.verify(["x" * MAX_SIZE, "x"])


# --- What is resolved (6.1.4, 6.2) -------------------------------------------------------------------------------------------


def test_the_nearest_superiors_words_prevail_and_nobody_elses(ladder: Ladder) -> None:
    ladder.claims["about leaf"] = {"metadata": {RP: {"contacts": ["superior"], "more": 1}, "openid_provider": {"x": 1}}}
    ladder.claims["about middle"] = {"metadata": {RP: {"contacts": ["anchor"]}}}
    assert ladder.verify().metadata == {
        RP: {"redirect_uris": [f"{LEAF}/callback"], "contacts": ["superior"], "more": 1}
    }


def test_policies_merge_from_the_anchor_down_and_apply_last(ladder: Ladder) -> None:
    ladder.claims["about middle"] = {"metadata_policy": {RP: {"contacts": {"add": ["anchor"]}}}}
    ladder.claims["about leaf"] = {
        "metadata": {RP: {"contacts": ["given"]}},
        "metadata_policy": {RP: {"contacts": {"add": ["middle"]}, "redirect_uris": {"essential": True}}},
    }
    assert ladder.verify().metadata[RP]["contacts"] == ["given", "anchor", "middle"]


@pytest.mark.parametrize("subordinate", [{"value": ["b"]}, {"one_of": ["a"]}, {"superset_of": ["b"]}])
def test_a_subordinates_policy_never_loosens_its_superiors(ladder: Ladder, subordinate: dict[str, Any]) -> None:
    ladder.claims["about middle"] = {"metadata_policy": {RP: {"contacts": {"value": ["a"]}}}}
    ladder.claims["about leaf"] = {"metadata_policy": {RP: {"contacts": subordinate}}}
    with pytest.raises(TrustBroken):
        ladder.verify()


@pytest.mark.parametrize(("name", "length", "holds"), [
    ("about leaf", 0, True), ("about middle", 0, False), ("about middle", 1, True),
])  # fmt: skip
def test_a_path_is_as_long_as_who_stands_above_allows(ladder: Ladder, name: str, length: int, holds: bool) -> None:
    ladder.claims[name] = {"constraints": {"max_path_length": length}}
    if holds:
        ladder.verify()
        return
    with pytest.raises(TrustBroken, match="intermediates"):
        ladder.verify()


@pytest.mark.parametrize(("name", "excluded", "holds"), [
    ("about middle", "middle.example", False), ("about middle", "leaf.example", False),
    ("about leaf", "leaf.example", False), ("about leaf", "middle.example", True),
])  # fmt: skip
def test_names_are_judged_for_everybody_below(ladder: Ladder, name: str, excluded: str, holds: bool) -> None:
    ladder.claims[name] = {"constraints": {"naming_constraints": {"excluded": [excluded]}}}
    if holds:
        ladder.verify()
        return
    with pytest.raises(TrustBroken, match="excluded"):
        ladder.verify()


def test_types_are_removed_before_a_policy_could_demand_something_of_them(ladder: Ladder) -> None:
    ladder.claims["about middle"] = {
        "constraints": {"allowed_entity_types": ["openid_provider"]},
        "metadata_policy": {RP: {"y": {"essential": True}}},
    }
    ladder.claims["about leaf"] = {"constraints": {"allowed_entity_types": [RP]}}
    assert ladder.verify().metadata == {}


# --- Whatever is signed ------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
CLAIM = st.sampled_from(
    ["iss", "sub", "iat", "exp", "jwks", "metadata", "crit", "status", "authority_hints", "trust_anchor_hints"]
) | st.sampled_from(
    ["trust_marks", "trust_mark_owners", "constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint"]
)
SHARED = Ladder()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(EVERY), st.dictionaries(CLAIM, JSON, min_size=1, max_size=3))
def test_whatever_a_statement_says_the_chain_holds_or_is_refused(name: str, changes: dict[str, Any]) -> None:
    ladder = Ladder(SHARED.keys, {name: changes})
    try:
        chain = ladder.verify()
    except TrustBroken:
        return
    assert (chain.subject, chain.expires > NOW - timedelta(seconds=11)) == (LEAF, True)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20) | st.sampled_from(SHARED.statements()), max_size=5))
def test_whatever_stands_in_a_chain_it_holds_or_is_refused(statements: list[str]) -> None:
    try:
        assert SHARED.verify(statements).subject == LEAF
    except TrustBroken:
        return
