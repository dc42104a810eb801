"""Our own key pairs: made, kept as files of mode 0600, rotated with an overlap, revoked, published as JWK sets.

A party has one ring per purpose, so that no key speaks in two roles (OpenID Federation 1.1, 3.1.1). What others publish
is read in ``federation.jwk``, whose names are offered here too.
"""

from federation.jwk import (
    PublicKey,
    PublicKeys,
    from_base64url,
    parse_jwk,
    parse_jwks,
    thumbprint,
    to_base64url,
)
from federation.keys.folder import ANNOUNCE, PURPOSES, Purpose, open_ring, revoke, rotate
from federation.keys.pair import KeyPair, load, make, parse_pem, store
from federation.keys.ring import KeyRing, Reason, Revocation, RingKey, ring_of

__all__ = [
    "ANNOUNCE",
    "PURPOSES",
    "KeyPair",
    "KeyRing",
    "PublicKey",
    "PublicKeys",
    "Purpose",
    "Reason",
    "Revocation",
    "RingKey",
    "from_base64url",
    "load",
    "make",
    "open_ring",
    "parse_jwk",
    "parse_jwks",
    "parse_pem",
    "revoke",
    "ring_of",
    "rotate",
    "store",
    "thumbprint",
    "to_base64url",
]
