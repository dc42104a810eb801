"""Every kind signs and verifies, joserfc agrees, and no kind passes for another (J12)."""

import itertools
from datetime import timedelta

import pytest

from federation import tokens
from federation.errors import TokenRefused
from tests.federation.forgery import (
    ACCEPTED,
    HOME,
    HOST,
    KINDS,
    NOW,
    PAIR,
    claims,
    compact,
    header,
    peer_accepts,
    verify,
)

SAME_TYP = (
    {"ID_TOKEN", "UPSTREAM_ID_TOKEN"},
    {"CLIENT_ASSERTION", "UPSTREAM_ASSERTION"},
    {"PERSON_TOKEN", "NODE_TOKEN"},
    {"USERINFO_TOKEN", "NODE_TOKEN"},
    {"USERINFO_TOKEN", "PERSON_TOKEN"},
)
"""Kinds that no typ tells apart, but issuer, audience or claims do."""
PAIRS = list(itertools.permutations(KINDS, 2))


def test_there_are_claims_to_try_for_every_kind() -> None:
    assert set(KINDS) == set(ACCEPTED)


@pytest.mark.parametrize("name", KINDS)
def test_a_token_of_each_kind_is_accepted_here_and_by_joserfc(name: str) -> None:
    token = KINDS[name].sign(PAIR, claims(name), now=NOW)

    assert dict(verify(name, token)) == claims(name)
    assert peer_accepts(name, token)


@pytest.mark.parametrize("name", KINDS)
def test_what_a_forger_signs_by_hand_with_the_right_key_is_the_same_token(name: str) -> None:
    assert verify(name, compact(header(KINDS[name]), claims(name))).kid == PAIR.kid


@pytest.mark.parametrize(("made_as", "shown_as"), PAIRS)
def test_no_genuine_token_passes_for_another_kind(made_as: str, shown_as: str) -> None:
    token = KINDS[made_as].sign(PAIR, claims(made_as), now=NOW)

    with pytest.raises(TokenRefused):
        verify(shown_as, token)


@pytest.mark.parametrize(("typ_of", "claims_of"), PAIRS)
def test_the_right_claims_under_another_typ_are_refused(typ_of: str, claims_of: str) -> None:
    if KINDS[typ_of].typ == KINDS[claims_of].typ:
        assert {typ_of, claims_of} in SAME_TYP
        return
    with pytest.raises(TokenRefused, match="typ"):
        verify(claims_of, compact(header(KINDS[typ_of]), claims(claims_of)))


@pytest.mark.parametrize("name", KINDS)
def test_a_proof_passes_for_no_token_and_no_token_for_a_proof(name: str) -> None:
    proof = tokens.sign_dpop_proof(PAIR, method="POST", url=HOST + "/token", now=NOW)
    token = KINDS[name].sign(PAIR, claims(name), now=NOW)

    with pytest.raises(TokenRefused):
        verify(name, proof)
    with pytest.raises(TokenRefused):
        tokens.verify_dpop_proof(token, method="POST", url=HOST + "/token", now=NOW)


@pytest.mark.parametrize(
    "typ", ["", ..., None, 1, ["at+jwt"], "at", "at+jwt ", "application/at+jwt;x=1", "text/at+jwt"]
)
def test_a_typ_that_is_missing_or_nearly_right_is_refused(typ: object) -> None:
    with pytest.raises(TokenRefused):
        verify("NODE_TOKEN", compact(header(tokens.NODE_TOKEN, typ=typ), claims("NODE_TOKEN")))


@pytest.mark.parametrize("typ", ["AT+JWT", "application/at+jwt", "Application/At+Jwt"])
def test_a_typ_is_a_media_type_in_any_case(typ: str) -> None:
    assert verify("NODE_TOKEN", compact(header(tokens.NODE_TOKEN, typ=typ), claims("NODE_TOKEN")))


def test_a_client_assertion_may_leave_out_its_typ_but_not_borrow_one() -> None:
    untyped = compact(header(tokens.CLIENT_ASSERTION, typ=...), claims("CLIENT_ASSERTION"))
    borrowed = compact(header(tokens.CLIENT_ASSERTION, typ="JWT"), claims("CLIENT_ASSERTION"))

    assert verify("CLIENT_ASSERTION", untyped).issuer == HOME
    with pytest.raises(TokenRefused):
        verify("CLIENT_ASSERTION", borrowed)


def test_signing_supplies_times_and_a_number_of_its_own() -> None:
    bare = {"iss": HOME, "sub": HOME, "aud": HOST}
    first, second = (verify("CLIENT_ASSERTION", tokens.CLIENT_ASSERTION.sign(PAIR, bare, now=NOW)) for _ in range(2))

    assert first.jti != second.jti
    assert (first.issued_at, first.expires) == (NOW, NOW + timedelta(minutes=1))


def test_times_may_be_given_as_datetimes_and_nbf_is_kept() -> None:
    given = claims("PASS", nbf=NOW + timedelta(days=9), exp=NOW + timedelta(days=10))
    token = tokens.PASS.sign(PAIR, given, now=NOW)

    assert verify("PASS", token, now=NOW + timedelta(days=9)).expires == NOW + timedelta(days=10)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("CLIENT_ASSERTION", {"aud": [HOST]}),
        ("CLIENT_ASSERTION", {"exp": int(NOW.timestamp()) + 61}),
        ("PASS", {"exp": ...}),
        ("NODE_TOKEN", {"scope": "\u2028"}),
        ("EVENT", {"sub": HOME}),
        ("AGREEMENT", {"text": "長" * 300_000}),
    ],
)
def test_what_would_be_refused_is_never_signed(name: str, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="would be refused"):
        KINDS[name].sign(PAIR, claims(name, **changes), now=NOW)


@pytest.mark.parametrize("missing", [{"issuer": HOME}, {"audience": HOST}])
def test_forgetting_the_issuer_or_the_audience_is_our_own_mistake(missing: dict[str, str]) -> None:
    token = tokens.CLIENT_ASSERTION.sign(PAIR, claims("CLIENT_ASSERTION"), now=NOW)

    with pytest.raises(TypeError, match="must be named"):
        tokens.CLIENT_ASSERTION.verify(token, {}, now=NOW, **missing)  # type: ignore[arg-type]


def test_an_audience_cannot_be_asked_of_a_kind_made_for_nobody() -> None:
    token = tokens.TRUST_MARK.sign(PAIR, claims("TRUST_MARK"), now=NOW)

    with pytest.raises(TypeError, match="not be named"):
        tokens.TRUST_MARK.verify(token, {}, now=NOW, issuer=HOME, audience=HOST)  # type: ignore[arg-type]


def test_a_peek_shows_header_and_claims_of_a_token_nobody_verified() -> None:
    seen = tokens.peek(compact(header(tokens.NODE_TOKEN), claims("NODE_TOKEN")))

    assert seen.header["kid"] == PAIR.kid
    assert seen.claims["iss"] == HOST


def test_claims_are_read_only_and_never_print_what_they_say() -> None:
    read = verify("NODE_TOKEN", tokens.NODE_TOKEN.sign(PAIR, claims("NODE_TOKEN"), now=NOW))

    assert read.scopes == {"search", "feed"}
    assert read.jkt == PAIR.kid
    assert HOME not in repr(read)
    with pytest.raises(TypeError):
        read["sub"] = HOST  # type: ignore[index]
