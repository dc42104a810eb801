"""Tokens that were verified before: what is remembered of them, and what ends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from federation.errors import TokenExpired, TokenRefused
from federation.jwk import from_base64url, to_base64url
from federation.keys import KeyPair, KeyRing, RingKey, make
from federation.tokens import NODE_TOKEN
from federation.web.verified import VerifiedTokens
from tests.federation.world import HOME, HOST, NOW

START = datetime.min.replace(tzinfo=UTC)


class Ring:
    """A ring whose keys can be taken out of publication."""

    def __init__(self) -> None:
        self.old, self.new = make(), make()
        self.keys = [RingKey(pair.public, pair, START, START) for pair in (self.old, self.new)]

    def ring(self) -> KeyRing:
        return KeyRing(lambda: tuple(self.keys), clock=lambda: NOW)

    def retire(self, pair: KeyPair) -> None:
        self.keys = [replace(key, until=NOW) if key.public.kid == pair.kid else key for key in self.keys]


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def tokens(ring: Ring) -> VerifiedTokens:
    return VerifiedTokens(HOST, ring.ring(), most=2)


def signed(key: KeyPair, **changed: Any) -> str:
    claims = {"iss": HOST, "aud": HOST, "sub": HOME, "client_id": HOME, "scope": "manage", "cnf": {"jkt": key.kid}}
    return NODE_TOKEN.sign(key, {**claims, **changed}, now=NOW)


def test_a_token_is_remembered_with_its_claims(tokens: VerifiedTokens, ring: Ring) -> None:
    token = signed(ring.old)
    assert tokens.find(token, NOW) is None
    claims = tokens.verify(token, NOW)
    assert tokens.find(token, NOW) is claims


def test_a_remembered_token_expires_to_the_second(tokens: VerifiedTokens, ring: Ring) -> None:
    token = signed(ring.old)
    tokens.verify(token, NOW)
    assert tokens.find(token, NOW + timedelta(minutes=10, seconds=9)) is not None
    with pytest.raises(TokenExpired):
        tokens.find(token, NOW + timedelta(minutes=10, seconds=10))


def test_a_key_that_is_withdrawn_takes_its_remembered_tokens_along(tokens: VerifiedTokens, ring: Ring) -> None:
    token, other = signed(ring.old), signed(ring.new)
    for each in (token, other):
        tokens.verify(each, NOW)
    ring.retire(ring.old)
    assert tokens.find(token, NOW) is None
    assert tokens.find(other, NOW) is not None


def test_a_token_that_does_not_verify_is_not_remembered(tokens: VerifiedTokens, ring: Ring) -> None:
    for false in (signed(make()), signed(ring.old, iss=HOME, aud=HOME)):
        with pytest.raises(TokenRefused):
            tokens.verify(false, NOW)
        assert tokens.find(false, NOW) is None


def test_another_text_is_another_token(tokens: VerifiedTokens, ring: Ring) -> None:
    """The same claims under a signature with one bit turned share nothing with the token that was verified."""
    token = signed(ring.old)
    tokens.verify(token, NOW)
    signed_part, _, signature = token.rpartition(".")
    raw = bytearray(from_base64url(signature))
    raw[5] ^= 1
    forged = f"{signed_part}.{to_base64url(bytes(raw))}"
    assert tokens.find(forged, NOW) is None
    with pytest.raises(TokenRefused):
        tokens.verify(forged, NOW)


def test_the_token_unused_longest_is_forgotten_first(tokens: VerifiedTokens, ring: Ring) -> None:
    first, second, third = (signed(ring.old) for _ in range(3))
    tokens.verify(first, NOW)
    tokens.verify(second, NOW)
    tokens.find(first, NOW)
    tokens.verify(third, NOW)
    assert [tokens.find(each, NOW) is not None for each in (first, second, third)] == [True, False, True]
