"""J20: whatever arrives, the answer is a refusal and never another exception; and what is accepted, joserfc accepts."""

import contextlib
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.errors import TokenRefused
from federation.jwk import parse_jwks
from federation.tokens import peek, verify_dpop_proof
from tests.federation.forgery import HOST, KINDS, NOW, PAIR, claims, compact, header, peer_accepts, verify

NAMES = sorted(KINDS)
RARE = st.sampled_from(["\0", "\ud800", "٣", "\u202e", "=", "+", ".", "\n", "1e400", "NaN", "ſ"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | RARE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
HEADER_NAMES = st.sampled_from(["alg", "kid", "typ", "jwk", "crit", "b64", "jku", "x5c", "zip"])
CLAIM_NAMES = st.sampled_from(sorted({claim for name in NAMES for claim in claims(name)} | {"nbf", "azp", "act"}))
MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def try_everything(token: Any) -> None:
    for name in NAMES:
        with contextlib.suppress(TokenRefused):
            verify(name, token)
    with contextlib.suppress(TokenRefused):
        verify_dpop_proof(token, method="POST", url=HOST, now=NOW, access_token="a")
    with contextlib.suppress(TokenRefused):
        peek(token)


@MANY
@given(st.text() | st.binary() | JSON)
def test_any_text_is_refused(token: Any) -> None:
    try_everything(token)


@MANY
@given(st.lists(st.from_regex(r"[A-Za-z0-9_-]{0,40}", fullmatch=True), min_size=2, max_size=4).map(".".join))
def test_any_three_parts_are_refused(token: str) -> None:
    try_everything(token)


@MANY
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_in_signed_parts_are_refused(head: bytes, payload: bytes) -> None:
    try_everything(compact(head, payload))


@MANY
@given(JSON, JSON)
def test_any_json_in_signed_parts_is_refused(head: Any, payload: Any) -> None:
    try_everything(compact(head, payload))


@MANY
@given(st.sampled_from(NAMES), st.dictionaries(HEADER_NAMES, JSON, min_size=1, max_size=2))
def test_a_good_token_under_a_changed_header_is_refused_or_joserfc_takes_it_too(
    name: str, changes: dict[str, Any]
) -> None:
    accept_only_with_joserfc(name, compact(header(KINDS[name], **changes), claims(name)))


@MANY
@given(st.sampled_from(NAMES), st.dictionaries(CLAIM_NAMES, JSON, min_size=1, max_size=2))
def test_a_good_token_with_changed_claims_is_refused_or_joserfc_takes_it_too(
    name: str, changes: dict[str, Any]
) -> None:
    accept_only_with_joserfc(name, compact(header(KINDS[name]), claims(name, **changes)))


@MANY
@given(st.sampled_from(NAMES), st.data())
def test_a_good_token_with_one_letter_changed_is_refused(name: str, data: st.DataObject) -> None:
    token = compact(header(KINDS[name]), claims(name))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(max_codepoint=0x2FF).filter(lambda other: other != token[place]))
    accept_only_with_joserfc(name, token[:place] + letter + token[place + 1 :], never=True)


@MANY
@given(JSON)
def test_any_json_as_a_key_set_is_refused(jwks: Any) -> None:
    with contextlib.suppress(TokenRefused):
        parse_jwks(jwks)


@MANY
@given(
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "kid", "use", "alg", "key_ops", "d"]), JSON, min_size=1)
)
def test_any_change_of_a_key_is_refused_or_gives_the_same_key(changes: dict[str, Any]) -> None:
    with contextlib.suppress(TokenRefused):
        keys = parse_jwks({"keys": [{**PAIR.public_jwk(), **changes}]})
        assert [key.thumbprint for key in keys.values()] == [PAIR.kid]


def accept_only_with_joserfc(name: str, token: str, *, never: bool = False) -> None:
    try:
        verify(name, token)
    except TokenRefused:
        return
    assert not never
    assert peer_accepts(name, token)
