"""D01 to D09: DPoP proofs (RFC 9449, 4.3). What a token's binding is compared with, the views test."""

from datetime import timedelta
from typing import Any

import pytest

from federation.claims import LEEWAY
from federation.errors import TokenExpired, TokenRefused
from federation.tokens import Proof, sign_dpop_proof, verify_dpop_proof
from tests.federation.forgery import (
    HOST,
    IAT,
    NOW,
    PAIR,
    STRANGER,
    compact,
    digest,
    peer_signature_holds,
)

URL = HOST + "/api/bookings/1"
TOKEN = "header.claims.signature"
JWK = {name: PAIR.public_jwk()[name] for name in ("kty", "crv", "x", "y")}
GOOD = {"jti": "-BwC3ESc6acc2lTc", "htm": "POST", "htu": URL, "iat": IAT}


def proof(head: dict[str, Any] | None = None, **changes: object) -> str:
    members = {"alg": "ES256", "typ": "dpop+jwt", "jwk": JWK, **(head or {})}
    claims = {**GOOD, **changes}
    return compact(
        {name: value for name, value in members.items() if value is not ...},
        {name: value for name, value in claims.items() if value is not ...},
    )


def verify(token: str, **request: Any) -> Proof:
    return verify_dpop_proof(token, **{"method": "POST", "url": URL, "now": NOW, **request})


def test_our_own_proof_is_accepted_and_joserfc_finds_its_signature_good() -> None:
    token = sign_dpop_proof(PAIR, method="POST", url=URL, now=NOW, access_token=TOKEN, nonce="n1")
    read = verify(token, access_token=TOKEN, nonce="n1")

    assert (read.jkt, read.iat, read.nonce) == (PAIR.kid, NOW, "n1")
    assert peer_signature_holds(token, PAIR.public_jwk())


def test_two_proofs_for_one_request_have_different_numbers() -> None:
    first, second = (verify(sign_dpop_proof(PAIR, method="POST", url=URL, now=NOW)) for _ in range(2))
    assert first.jti != second.jti


def test_a_proof_is_remembered_until_it_would_be_too_old_anyway() -> None:
    read = verify(proof())

    assert read.expires == NOW + timedelta(seconds=60) + LEEWAY
    with pytest.raises(TokenExpired):
        verify(proof(), now=read.expires)


HEADERS = [
    ("D02 typ missing", {"typ": ...}),
    ("D02 typ JWT", {"typ": "JWT"}),
    ("D02 typ at+jwt", {"typ": "at+jwt"}),
    ("D02 alg none", {"alg": "none"}),
    ("D02 alg HS256", {"alg": "HS256"}),
    ("D02 alg RS256", {"alg": "RS256"}),
    ("D02 alg missing", {"alg": ...}),
    ("D02 jwk missing", {"jwk": ...}),
    ("D02 jwk null", {"jwk": None}),
    ("D02 jwk a text", {"jwk": "x"}),
    ("D02 jwk empty", {"jwk": {}}),
    ("D02 jwk private", {"jwk": {**JWK, "d": "AQAB"}}),
    ("D02 jwk symmetric", {"jwk": {"kty": "oct", "k": "AQAB"}}),
    ("D02 jwk RSA", {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}),
    ("D02 jwk off the curve", {"jwk": {**JWK, "y": JWK["x"]}}),
    ("D02 jwk of P-384", {"jwk": {**JWK, "crv": "P-384"}}),
    ("D02 jwk padded", {"jwk": {**JWK, "x": JWK["x"] + "="}}),
    ("D02 jwk short", {"jwk": {**JWK, "x": JWK["x"][:-1]}}),
    ("D02 jwk for encryption", {"jwk": {**JWK, "use": "enc"}}),
    ("D09 another's key", {"jwk": {name: STRANGER.public_jwk()[name] for name in JWK}}),
    ("a kid beside the key", {"kid": PAIR.kid}),
    ("crit", {"crit": ["b64"], "b64": False}),
    ("J11 jku", {"jku": "https://evil.example"}),
]
CLAIMS = [
    *((f"D02 {name} missing", {name: ...}) for name in GOOD),
    *((f"D02 {name} null", {name: None}) for name in GOOD),
    *((f"D02 {name} a list", {name: [GOOD[name]]}) for name in GOOD),
    ("D02 jti empty", {"jti": ""}),
    ("D02 jti of 10 kB", {"jti": "j" * 10_000}),
    ("D03 htm GET", {"htm": "GET"}),
    ("D03 htm in lower case", {"htm": "post"}),
    ("D03 other host", {"htu": "https://node.city.other.example/api/bookings/1"}),
    ("D03 other path", {"htu": URL + "2"}),
    ("D03 path in upper case", {"htu": HOST + "/API/bookings/1"}),
    ("D03 trailing slash", {"htu": URL + "/"}),
    ("D03 other scheme", {"htu": URL.replace("https", "http")}),
    ("D03 other port", {"htu": URL.replace("example", "example:8443")}),
    ("D03 userinfo", {"htu": URL.replace("//", "//user@")}),
    ("D03 relative", {"htu": "/api/bookings/1"}),
    ("D03 no host", {"htu": "https:///api/bookings/1"}),
    ("D03 impossible port", {"htu": "https://node.city.host.example:99999/api/bookings/1"}),
    ("D03 half an address", {"htu": "https://[::1/api"}),
    ("D03 javascript", {"htu": "javascript:alert(1)"}),
    ("D04 iat a text", {"iat": str(IAT)}),
    ("D04 iat true", {"iat": True}),
    ("D04 iat a fraction", {"iat": IAT + 0.5}),
]


@pytest.mark.parametrize("head", [row[1] for row in HEADERS], ids=[row[0] for row in HEADERS])
def test_no_header_but_the_proofs_own(head: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verify(proof(head))


@pytest.mark.parametrize("changes", [row[1] for row in CLAIMS], ids=[row[0] for row in CLAIMS])
def test_no_claims_but_those_of_this_request(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        verify(proof(**changes))


@pytest.mark.parametrize("seconds", [-3600, -70, 11, 3600])
def test_a_proof_from_another_minute_is_out_of_time(seconds: int) -> None:
    with pytest.raises(TokenExpired):
        verify(proof(iat=IAT + seconds))


@pytest.mark.parametrize("seconds", [-69, -10, 9, 10])
def test_a_proof_within_the_window_is_in_time(seconds: int) -> None:
    assert verify(proof(iat=IAT + seconds)).iat == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "htu",
    [
        URL + "?q=1",
        URL + "#top",
        URL.replace("example", "EXAMPLE"),
        URL.replace("https", "HTTPS"),
        URL.replace("example", "example:443"),
    ],
)
def test_query_fragment_host_case_and_default_port_do_not_matter(htu: str) -> None:
    assert verify(proof(htu=htu)).jkt == PAIR.kid


def test_an_origin_with_and_without_its_slash_is_one_url() -> None:
    assert verify(proof(htu=HOST), url=HOST + "/")


@pytest.mark.parametrize(
    "ath", [..., None, "", digest("another"), digest(TOKEN) + "=", digest(TOKEN).lower(), 1, [digest(TOKEN)]]
)
def test_with_an_access_token_the_proof_names_its_hash(ath: object) -> None:
    assert verify(proof(ath=digest(TOKEN)), access_token=TOKEN)
    with pytest.raises(TokenRefused):
        verify(proof(ath=ath), access_token=TOKEN)


@pytest.mark.parametrize("nonce", [..., None, "", "another", 1])
def test_a_nonce_that_was_asked_for_must_be_there(nonce: object) -> None:
    assert verify(proof(nonce="n1"), nonce="n1")
    with pytest.raises(TokenRefused):
        verify(proof(nonce=nonce), nonce="n1")


def test_further_claims_are_let_through() -> None:
    assert verify(proof(anything="else"))


def test_the_access_token_may_be_anything_without_raising_anything_else() -> None:
    with pytest.raises(TokenRefused):
        verify(proof(ath=digest(TOKEN)), access_token="トークン")


def test_a_signature_by_another_key_than_the_one_inside_is_refused() -> None:
    token = compact({"alg": "ES256", "typ": "dpop+jwt", "jwk": JWK}, GOOD, pair=STRANGER)
    with pytest.raises(TokenRefused):
        verify(token)
    assert not peer_signature_holds(token, PAIR.public_jwk())
