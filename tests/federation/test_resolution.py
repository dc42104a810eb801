"""Resolve responses (OpenID Federation 1.1, 8.3): what they say, and that their reader believes no more than their chain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from federation import entity
from federation.chain import Anchor
from federation.claims import as_seconds
from federation.errors import TrustBroken
from federation.keys import KeyPair, make, ring_of
from federation.marks import MarkRules
from federation.resolution import Resolved, path, resolve, respond, verify_response
from federation.tokens import RESOLVE_RESPONSE, peek
from tests.corpus.cases import case
from tests.federation.forgery import compact
from tests.federation.world import HOME, HOST, NOW, REGISTRY, Registry, Town

KIND = REGISTRY + entity.MUNICIPALITY_MARK
IN_AN_HOUR = NOW + timedelta(hours=1)


class Resolver:
    """Somebody who resolves home's chain, with a mark in it, and signs whatever it is told to."""

    def __init__(self) -> None:
        self.registry, self.town, self.key = Registry(), Town(HOME), make()
        rules = MarkRules({KIND: frozenset([REGISTRY])})
        self.anchor = replace(self.registry.anchor, mark_rules=rules)
        self.statements = self.chain()

    def mark(self, **more: Any) -> dict[str, str]:
        made: dict[str, Any] = {"issuer": REGISTRY, "federation": ring_of(self.registry.online), "subject": HOME}
        return entity.trust_mark(**{**made, "code": self.town.code, "now": NOW, **more})

    def chain(self, *marks: dict[str, str]) -> tuple[str, ...]:
        own = self.town.configuration(trust_marks=marks or [self.mark(life=timedelta(hours=1))])
        return path(own, self.registry.about(self.town), self.registry.own_configuration(), self.anchor)

    def claims(self, **changes: Any) -> dict[str, Any]:
        resolved = resolve(self.statements, self.anchor, now=NOW)
        said = {"iss": HOST, "sub": HOME, "exp": resolved.expires, "metadata": resolved.metadata}
        marks = [{"trust_mark_type": kind, "trust_mark": token} for kind, token in resolved.marks]
        said = {**said, "trust_chain": list(self.statements), "trust_marks": marks, **changes}
        return {name: value for name, value in said.items() if value is not ...}

    def read(self, key: KeyPair | None = None, types: tuple[str, ...] = (), **changes: Any) -> Resolved:
        said = {"iat": int(NOW.timestamp())} | self.claims(**changes)
        said = {name: as_seconds(value) for name, value in said.items()}
        signer = key or self.key
        token = compact({"alg": "ES256", "kid": signer.kid, "typ": "resolve-response+jwt"}, said, pair=signer)
        return self.verify(token, types=types)

    def verify(self, token: str, **more: Any) -> Resolved:
        asked: dict[str, Any] = {"resolver": HOST, "keys": ring_of(self.key).public(), "subject": HOME}
        return verify_response(token, **{**asked, "anchor": self.anchor, "now": NOW, **more})


@pytest.fixture
def resolver() -> Resolver:
    return Resolver()


def test_a_response_says_what_its_chain_comes_to_and_no_longer_than_that(resolver: Resolver) -> None:
    resolved = resolve(resolver.statements, resolver.anchor, types=["desk_exchange"], now=NOW)
    token = respond(resolved, resolver.statements, resolver=HOST, signer=ring_of(resolver.key), now=NOW)
    read = resolver.verify(token, types=["desk_exchange"])
    assert (set(read.metadata), read.expires) == ({"desk_exchange"}, IN_AN_HOUR)
    assert [kind for kind, _ in read.marks] == [KIND]
    assert len(peek(token).claims["trust_chain"]) == 3


def test_only_marks_that_hold_are_passed_on(resolver: Resolver) -> None:
    foreign = {"trust_mark_type": "https://other.example/m", "trust_mark": resolver.mark()["trust_mark"]}
    statements = resolver.chain(resolver.mark(subject=HOST), foreign)
    resolved = resolve(statements, resolver.anchor, now=NOW)
    assert (resolved.marks, resolved.expires) == ((), NOW + entity.LIFE)
    token = respond(resolved, statements, resolver=HOST, signer=ring_of(resolver.key), now=NOW)
    assert "trust_marks" not in peek(token).claims


def test_a_chain_in_its_last_moments_is_resolved_no_more(resolver: Resolver) -> None:
    late = NOW + entity.LIFE
    resolved = resolve(resolver.statements, resolver.anchor, now=late)
    with pytest.raises(TrustBroken, match="ended"):
        respond(resolved, resolver.statements, resolver=HOST, signer=ring_of(resolver.key), now=late)


def test_a_configuration_under_a_key_that_counts_no_more_is_left_out(resolver: Resolver) -> None:
    former = Registry().own_configuration()
    assert len(path("a", "b", former, resolver.anchor)) == 2


WRONG: list[tuple[str, Callable[[Resolver], dict[str, Any]]]] = [
    ("another signer", lambda r: {"key": make()}),
    ("another resolver", lambda r: {"iss": REGISTRY}),
    ("another subject", lambda r: {"sub": HOST}),
    ("an audience", lambda r: {"aud": REGISTRY}),
    ("outlives its chain", lambda r: {"exp": IN_AN_HOUR + timedelta(seconds=1)}),
    ("no chain", lambda r: {"trust_chain": ...}),
    ("half a chain", lambda r: {"trust_chain": list(r.statements[:1])}),
    ("a chain turned round", lambda r: {"trust_chain": list(reversed(r.statements))}),
    ("the chain of another anchor", lambda r: {"trust_chain": list(Resolver().statements)}),
    ("no metadata", lambda r: {"metadata": ...}),
    ("less metadata", lambda r: {"metadata": {"desk_exchange": r.claims()["metadata"]["desk_exchange"]}}),
    ("more metadata", lambda r: {"metadata": {**r.claims()["metadata"], "desk_registry": {}}}),
    ("the member's own name", lambda r: {"metadata": r.town.metadata()}),
    ("a mark of another", lambda r: {"trust_marks": [r.mark(subject=HOST)]}),
    ("a mark it does not carry", lambda r: {"trust_marks": [r.mark(life=timedelta(hours=2))]}),
    ("a mark of no shape", lambda r: {"trust_marks": [{"trust_mark_type": KIND}]}),
]


@case("F14")
@pytest.mark.parametrize(("wrong", "changes"), WRONG)
def test_a_response_that_says_more_than_its_chain_is_refused(
    resolver: Resolver, wrong: str, changes: Callable[[Resolver], dict[str, Any]]
) -> None:
    assert resolver.read().chain.subject == HOME
    with pytest.raises(TrustBroken):
        resolver.read(**changes(resolver))


@case("F14")
def test_the_chain_of_another_town_under_this_ones_name_is_refused(resolver: Resolver) -> None:
    other = Resolver()
    other.registry, other.town, other.anchor = resolver.registry, Town(HOST, code="131016"), resolver.anchor
    chain = other.chain(resolver.mark())
    with pytest.raises(TrustBroken, match="somebody else"):
        resolver.read(trust_chain=list(chain), metadata=resolve(chain, resolver.anchor, now=NOW).metadata)


@case("F14")
def test_a_response_of_another_typ_or_type_is_refused(resolver: Resolver) -> None:
    for token in (resolver.statements[0], "", "a.b.c"):
        with pytest.raises(TrustBroken):
            resolver.verify(token)
    with pytest.raises(TrustBroken):
        resolver.read(types=("desk_exchange",))


def test_a_resolver_has_no_say_about_the_anchor(resolver: Resolver) -> None:
    token = RESOLVE_RESPONSE.sign(resolver.key, resolver.claims(), now=NOW)
    with pytest.raises(TrustBroken):
        resolver.verify(token, anchor=Anchor(REGISTRY, Registry().anchor.keys))
