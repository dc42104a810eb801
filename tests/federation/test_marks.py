"""Trust marks step by step (OpenID Federation 1.1, 7.3), and delegation by the owner of a type (7.2.2)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import entity
from federation.errors import TrustBroken
from federation.keys import KeyPair, make, ring_of
from federation.marks import MarkLapsed, MarkRules, Owner, read_rules, verify_mark
from federation.tokens import TRUST_MARK_DELEGATION
from tests.federation.forgery import compact
from tests.federation.world import HOME, HOST, NOW, REGISTRY

KIND = "https://owner.example/marks/fair"
OWNER = "https://owner.example"
KEYS = {who: make() for who in (REGISTRY, HOST, OWNER)}
TRUSTED = {REGISTRY: ring_of(KEYS[REGISTRY]).public(), HOST: ring_of(KEYS[HOST]).public()}
ISSUED = int(NOW.timestamp())
OWNERS = {KIND: Owner(OWNER, ring_of(KEYS[OWNER]).public())}


def mark(key: KeyPair = KEYS[REGISTRY], header: dict[str, Any] | None = None, **claims: Any) -> str:
    said = {"iss": REGISTRY, "sub": HOME, "trust_mark_type": KIND, "iat": ISSUED, "exp": ISSUED + 3600, **claims}
    return compact(
        {"alg": "ES256", "kid": key.kid, "typ": "trust-mark+jwt", **(header or {})},
        {name: value for name, value in said.items() if value is not ...},
        pair=key,
    )


def verified(token: str, rules: MarkRules | None = None, **more: Any) -> Any:
    rules = rules or MarkRules({KIND: frozenset([REGISTRY])})
    return verify_mark(
        **{"kind": KIND, "token": token, "bearer": HOME, "rules": rules, "issuers": TRUSTED, "now": NOW, **more}
    )


def delegation(key: KeyPair = KEYS[OWNER], **claims: Any) -> str:
    said = {"iss": OWNER, "sub": REGISTRY, "trust_mark_type": KIND, **claims}
    return TRUST_MARK_DELEGATION.sign(key, said, now=NOW)


def test_a_mark_that_holds_is_read() -> None:
    assert verified(mark(municipality_code="131130"))["municipality_code"] == "131130"


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("1 typ", {"header": {"typ": "JWT"}}),
    ("1 typ of a delegation", {"header": {"typ": "trust-mark-delegation+jwt"}}),
    ("2 alg", {"header": {"alg": "none"}}),
    ("3 of another bearer", {"sub": HOST}),
    ("3 of nobody", {"sub": ...}),
    ("4 from the future", {"iat": ISSUED + 60}),
    ("4 never issued", {"iat": ...}),
    ("5 over", {"iat": ISSUED - 3600, "exp": ISSUED - 11}),
    ("6 another key under the kid", {"key": KeyPair(KEYS[REGISTRY].kid, make().private)}),
    ("6 no kid", {"header": {"kid": ""}}),
    ("6 another issuer's key", {"key": KEYS[HOST]}),
    ("7 an issuer without a chain", {"iss": "https://stranger.example"}),
    ("7 an issuer that is no text", {"iss": [REGISTRY]}),
    ("8 an issuer not listed for the type", {"iss": HOST, "key": KEYS[HOST]}),
    ("9 another type inside", {"trust_mark_type": "https://owner.example/marks/foul"}),
    ("9 a delegation nobody could give", {"delegation": "a.b.c"}),
]


@pytest.mark.parametrize(("step", "changes"), WRONG)
def test_a_mark_is_refused_at_each_step(step: str, changes: dict[str, Any]) -> None:
    with pytest.raises(TrustBroken):
        verified(mark(**changes))


def test_only_time_and_a_former_key_let_a_mark_lapse() -> None:
    for lapsed in (mark(iat=ISSUED - 3600, exp=ISSUED - 11), mark(key=make())):
        with pytest.raises(MarkLapsed):
            verified(lapsed)


def test_a_type_without_issuers_is_nobodys_and_with_an_empty_list_anybodys() -> None:
    foreign = mark(iss=HOST, key=KEYS[HOST])
    with pytest.raises(TrustBroken, match="may not issue"):
        verified(foreign, MarkRules())
    assert verified(foreign, read_rules({KIND: []}, None)).issuer == HOST


def test_we_never_publish_a_list_that_lets_anybody_issue() -> None:
    with pytest.raises(ValueError, match="anybody"):
        entity.entity_configuration(
            entity_id=REGISTRY, federation=ring_of(KEYS[REGISTRY]), metadata={}, mark_issuers={KIND: []}, now=NOW
        )


def test_the_owner_of_a_type_delegates_it() -> None:
    rules = MarkRules({KIND: frozenset([REGISTRY])}, OWNERS)
    assert verified(mark(delegation=delegation()), rules).issuer == REGISTRY


@pytest.mark.parametrize("token", [
    ..., "", "a.b.c", delegation(sub=HOST), delegation(iss=REGISTRY), delegation(trust_mark_type=KIND + "2"),
    delegation(make()), delegation(KEYS[REGISTRY]), delegation(exp=NOW + timedelta(hours=1), iat=NOW + timedelta(minutes=1)),
    delegation(iat=NOW - timedelta(hours=1), exp=NOW - timedelta(seconds=11)), mark(),
])  # fmt: skip
def test_a_delegation_that_does_not_hold_is_refused(token: Any) -> None:
    with pytest.raises(TrustBroken):
        verified(mark(delegation=token), MarkRules({KIND: frozenset([REGISTRY])}, OWNERS))


@pytest.mark.parametrize(("issuers", "owners"), [
    ([], None), ({KIND: REGISTRY}, None), ({KIND: [REGISTRY + "/"]}, None), ({KIND: [1]}, None), ({KIND: None}, None),
    ({KIND: [REGISTRY] * 101}, None), ({str(n): [REGISTRY] for n in range(51)}, None),
    (None, []), (None, {KIND: OWNER}), (None, {KIND: {"sub": OWNER}}), (None, {KIND: {"sub": "x", "jwks": {"keys": []}}}),
    (None, {KIND: {"sub": OWNER, "jwks": {"keys": []}}}),
])  # fmt: skip
def test_rules_of_no_shape_are_refused(issuers: Any, owners: Any) -> None:
    with pytest.raises(TrustBroken):
        read_rules(issuers, owners)


@given(
    st.dictionaries(
        st.sampled_from(["iss", "sub", "iat", "exp", "trust_mark_type", "delegation"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=3)),
        min_size=1,
    )
)
def test_whatever_a_mark_says_it_holds_or_is_refused(changes: dict[str, Any]) -> None:
    try:
        assert verified(mark(**changes)).subject == HOME
    except TrustBroken:
        return
