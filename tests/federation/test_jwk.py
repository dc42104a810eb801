"""Keys of others, read strictly: sets, members, sizes, spellings."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from federation.errors import TokenRefused
from federation.jwk import (
    PublicKeys,
    from_base64url,
    from_cryptography,
    parse_jwk,
    parse_jwks,
    thumbprint,
    to_base64url,
)
from federation.keys import make

PAIR = make()
JWK = PAIR.public_jwk()
RSA = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
RSA_JWK = {"kty": "RSA", "kid": "r", "n": to_base64url(RSA.n.to_bytes(256)), "e": "AQAB"}


def rsa_jwk(modulus: int, exponent: int = 65537) -> dict[str, str]:
    n, e = (to_base64url(number.to_bytes((number.bit_length() + 7) // 8 or 1)) for number in (modulus, exponent))
    return {**RSA_JWK, "n": n, "e": e}


REFUSED: list[dict[str, Any]] = [
    {**JWK, "d": "AQAB"},
    *({name: value for name, value in JWK.items() if name != left_out} for left_out in ("kty", "crv", "x", "y", "kid")),
    {**JWK, "kid": ""},
    {**JWK, "kid": "k" * 129},
    {**JWK, "kid": "k\n"},
    {**JWK, "kid": "鍵"},
    {**JWK, "kid": 1},
    {**JWK, "use": "enc"},
    {**JWK, "use": None},
    {**JWK, "alg": "ES384"},
    {**JWK, "alg": "ECDH-ES"},
    {**JWK, "key_ops": ["sign"]},
    {**JWK, "key_ops": ["verify", "deriveKey"]},
    {**JWK, "kty": "oct", "k": "AQAB"},
    {**JWK, "kty": "OKP", "crv": "Ed25519"},
    {**JWK, "kty": ["EC"]},
    {**JWK, "crv": "P-384"},
    {**JWK, "crv": "secp256k1"},
    {**JWK, "x": JWK["y"]},
    {**JWK, "x": "AA" + JWK["x"]},
    {**JWK, "x": JWK["x"][:-2]},
    {**JWK, "x": JWK["x"] + "="},
    {**JWK, "x": " " + JWK["x"]},
    {**JWK, "x": to_base64url(b"\xff" * 32), "y": to_base64url(b"\xff" * 32)},
    {**JWK, "x": to_base64url(bytes(32)), "y": to_base64url(bytes(32))},
    {**JWK, "x": 1},
    {**JWK, "revoked": {"revoked_at": 1}},
    rsa_jwk(RSA.n >> 1024 | 1),
    rsa_jwk(RSA.n - 1),
    rsa_jwk(RSA.n, 1),
    rsa_jwk(RSA.n, 2**40 + 1),
    rsa_jwk((1 << 16384) + 1),
    {**RSA_JWK, "n": to_base64url(b"\0" + RSA.n.to_bytes(256))},
    {**RSA_JWK, "e": "AAEAAQ"},
    {**RSA_JWK, "alg": "PS256"},
    {**RSA_JWK, "alg": "RS512"},
    {**RSA_JWK, "p": "AQAB"},
]


@pytest.mark.parametrize("jwk", REFUSED, ids=[f"refused{number}" for number in range(len(REFUSED))])
def test_a_key_outside_the_profile(jwk: dict[str, Any]) -> None:
    with pytest.raises(TokenRefused):
        parse_jwks({"keys": [jwk]}, algorithms=("ES256", "RS256"))


@pytest.mark.parametrize(
    "jwks", [None, [], "", {}, {"keys": None}, {"keys": []}, {"keys": {}}, {"keys": [1]}, {"keys": [None]}]
)
def test_what_is_no_set_of_keys(jwks: object) -> None:
    with pytest.raises(TokenRefused):
        parse_jwks(jwks)


def test_two_keys_of_one_name_are_refused_whole() -> None:
    with pytest.raises(TokenRefused, match="kid"):
        parse_jwks({"keys": [JWK, {**make().public_jwk(), "kid": PAIR.kid}]})


def test_a_set_has_at_most_32_keys() -> None:
    with pytest.raises(TokenRefused):
        parse_jwks({"keys": [make().public_jwk() for _ in range(33)]})


def test_a_set_reads_back_as_published() -> None:
    keys = parse_jwks({"keys": [JWK, RSA_JWK]}, algorithms=("ES256", "RS256"))

    assert parse_jwks(keys.jwks(), algorithms=("ES256", "RS256")) == keys
    assert [(key.kid, key.algorithm) for key in keys.values()] == [(PAIR.kid, "ES256"), ("r", "RS256")]
    assert PAIR.kid in repr(keys)


def test_keys_for_other_uses_are_left_out_when_asked_but_never_read() -> None:
    strangers = [{**JWK, "kid": "e", "use": "enc"}, RSA_JWK, {"kty": "OKP"}, {**JWK, "kid": "a", "alg": "ES384"}]

    assert list(parse_jwks({"keys": [JWK, *strangers]}, skip_unusable=True)) == [PAIR.kid]
    with pytest.raises(TokenRefused):
        parse_jwks({"keys": [JWK, *strangers]})


def test_a_private_member_is_refused_even_where_others_are_left_out() -> None:
    with pytest.raises(TokenRefused, match="private"):
        parse_jwks({"keys": [{**JWK, "d": "AQAB"}]}, skip_unusable=True)


def test_a_key_without_a_name_is_called_by_its_thumbprint() -> None:
    bare = {name: JWK[name] for name in ("kty", "crv", "x", "y")}
    assert parse_jwk(bare, named=False).kid == PAIR.kid


def test_a_thumbprint_is_that_of_rfc_7638() -> None:
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn"
        "jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM"
        "QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJz"
        "KnqDKgw"
    )
    assert thumbprint({"kty": "RSA", "n": n, "e": "AQAB"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_key_of_another_curve_cannot_be_named_as_ours() -> None:
    with pytest.raises(ValueError, match="P-256"):
        from_cryptography(ec.generate_private_key(ec.SECP384R1()).public_key())


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A A", "A+A/", "AA\n", "Ａ", "!", "AAAAA"])
def test_base64url_has_one_spelling(text: str) -> None:
    assert from_base64url("AA") == b"\0"
    assert from_base64url("") == b""
    with pytest.raises(TokenRefused):
        from_base64url(text)


KIDS: list[object] = ["k", "", None, 1, {}, [PAIR.kid], PAIR.kid.encode()]


@pytest.mark.parametrize("kid", KIDS, ids=["other", "empty", "none", "number", "object", "list", "bytes"])
def test_a_kid_of_any_type_may_be_asked_for(kid: object) -> None:
    assert kid not in PublicKeys([PAIR.public])
    assert PAIR.kid in PublicKeys([PAIR.public])
