"""The door itself: the two calls into python-jose, always with one algorithm and one built key object."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jose.backends
from jose import jwk as jose_jwk
from jose import jws as jose_jws

from federation.envelope import Envelope
from federation.errors import TokenRefused
from federation.jwk import PublicKey
from federation.keys import KeyPair


def require_cryptography_backend() -> None:
    """Raise ``ImportError`` unless python-jose computes with the cryptography library.

    Its pure Python backends leak timing (CVE-2024-23342) and would otherwise be chosen in silence.
    """
    for backend in (jose.backends.ECKey, jose.backends.RSAKey):
        if getattr(backend, "__module__", None) != "jose.backends.cryptography_backend":
            raise ImportError("python-jose must run on its cryptography backend: install python-jose[cryptography]")


require_cryptography_backend()


def sign(payload: bytes, key: KeyPair, header: Mapping[str, object]) -> str:
    """Return the compact JWS over ``payload`` with ES256 and the given header members beside ``alg``."""
    return str(jose_jws.sign(payload, _signer(key), headers=header, algorithm="ES256"))


def verify(envelope: Envelope, key: PublicKey) -> bytes:
    """Return the payload when the signature is the key's; raise ``TokenRefused`` or whatever python-jose raises.

    The library is handed the very bytes that were signed and never reads the token itself: what it would accept of a
    header or of an odd spelling does not matter, and no second reading can differ from ours.
    """
    if envelope.header.get("alg") != key.algorithm:
        raise TokenRefused("alg differs from the algorithm of the key")
    if _verifier(key).verify(envelope.signed, envelope.signature) is not True:
        raise TokenRefused("the signature is not the key's")
    return envelope.payload


@lru_cache(maxsize=64)
def _signer(key: KeyPair) -> Any:
    return jose_jwk.construct(key.private, "ES256")


@lru_cache(maxsize=8192)
def _verifier(key: PublicKey) -> Any:
    return jose_jwk.construct(key.key, key.algorithm)
