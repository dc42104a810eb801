"""Public keys as they cross the wire: JSON Web Keys (RFC 7517, RFC 7518 section 6), read without any leniency.

A key is checked and built once, here. Afterwards only the built object travels, never bytes, PEM or a dictionary, so
that no library can be talked into using a public key as an HMAC secret (RFC 8725, 2.1).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from federation.errors import TokenRefused

Algorithm = Literal["ES256", "RS256"]

MAX_KEYS = 32
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
_KEY_TYPES: Mapping[str, Algorithm] = {"EC": "ES256", "RSA": "RS256"}


def to_base64url(raw: bytes) -> str:
    """Return base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Return the bytes behind canonical, unpadded base64url; raise ``TokenRefused`` for any other spelling.

    Canonical means that encoding the result gives the same text again. Without that, one signature has several
    spellings and a replay store that remembers tokens by their text can be passed by.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise TokenRefused("not base64url") from error
    if to_base64url(raw) != text:
        raise TokenRefused("base64url is not canonical")
    return raw


def thumbprint(jwk: Mapping[str, object]) -> str:
    """Return the SHA-256 thumbprint of a JWK in base64url (RFC 7638); raise ``TokenRefused`` for other key types."""
    members = _THUMBPRINT_MEMBERS.get(_text(jwk, "kty"))
    if members is None:
        raise TokenRefused("a key of this type has no thumbprint here")
    canonical = json.dumps({name: _text(jwk, name) for name in members}, sort_keys=True, separators=(",", ":"))
    return to_base64url(hashlib.sha256(canonical.encode()).digest())


@dataclass(frozen=True)
class PublicKey:
    """One checked key: P-256 for ES256, or RSA of at least 2048 bits for RS256. Equal when kid, use and point are."""

    kid: str
    algorithm: Algorithm
    thumbprint: str
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey = field(repr=False, compare=False)

    def jwk(self) -> dict[str, str]:
        """Return the key as it is published: kty and coordinates, kid, alg and ``use: sig``."""
        return {**_coordinates(self.key), "kid": self.kid, "alg": self.algorithm, "use": "sig"}


class PublicKeys(Mapping[str, PublicKey]):
    """The keys one party signs with, by kid. Immutable; made by ``parse_jwks`` or from a key ring."""

    def __init__(self, keys: Sequence[PublicKey]) -> None:
        """Take keys whose kids differ; raise ``TokenRefused`` when two share one (RFC 7517, 4.5)."""
        self._keys = {key.kid: key for key in keys}
        if len(self._keys) != len(keys):
            raise TokenRefused("two keys share one kid")

    def __getitem__(self, kid: str) -> PublicKey:
        """Return the key of this kid or raise ``KeyError``."""
        return self._keys[kid]

    def __contains__(self, kid: object) -> bool:
        """Say whether a key of this kid is here; what is no text, as a forger may send, is not."""
        return isinstance(kid, str) and kid in self._keys

    def __iter__(self) -> Iterator[str]:
        """Go through the kids."""
        return iter(self._keys)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._keys)

    def __repr__(self) -> str:
        """Name the kids only."""
        return f"PublicKeys({sorted(self._keys)})"

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the JWK set (RFC 7517, 5) that ``parse_jwks`` reads back."""
        return {"keys": [key.jwk() for key in self._keys.values()]}


def parse_jwks(
    jwks: object, *, algorithms: Sequence[Algorithm] = ("ES256",), skip_unusable: bool = False
) -> PublicKeys:
    """Read a JWK set (an already parsed JSON object) and build every key; raise ``TokenRefused``.

    Refused are sets of no or more than 32 keys, a kid that is missing or twice there, private members, ``use`` other
    than sig, curves and sizes outside the profile. ``skip_unusable`` leaves out keys meant for other uses or
    algorithms instead, as RFC 7517, 5 advises for sets of parties outside the federation, such as a town's own IdP.
    """
    listed = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_KEYS:
        raise TokenRefused("not a JWK set of 1 to 32 keys")
    wanted = [jwk for jwk in listed if not (skip_unusable and _is_for_other_use(jwk, algorithms))]
    return PublicKeys([parse_jwk(jwk, algorithms=algorithms) for jwk in wanted])


def parse_jwk(jwk: object, *, algorithms: Sequence[Algorithm] = ("ES256",), named: bool = True) -> PublicKey:
    """Check and build one public key; raise ``TokenRefused``.

    ``named=False`` is for the key inside a DPoP proof (RFC 9449, 4.2), which has no kid and is called by thumbprint.
    """
    if not isinstance(jwk, Mapping):
        raise TokenRefused("a key is not a JSON object")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise TokenRefused("a private or symmetric key where a public one belongs")
    if "revoked" in jwk:
        raise TokenRefused("a revoked key")
    if _is_for_other_use(jwk, algorithms):
        raise TokenRefused("a key of another type, use or algorithm")
    own_name = thumbprint(jwk)
    algorithm = _KEY_TYPES[_text(jwk, "kty")]
    return PublicKey(_kid(jwk) if named else own_name, algorithm, own_name, _build(jwk))


def _is_for_other_use(jwk: object, algorithms: Sequence[Algorithm]) -> bool:
    if not isinstance(jwk, Mapping):
        return False
    kty = jwk.get("kty")
    algorithm = _KEY_TYPES.get(kty) if isinstance(kty, str) else None
    if algorithm is None or algorithm not in algorithms or jwk.get("alg", algorithm) != algorithm:
        return True
    return bool(jwk.get("use", "sig") != "sig" or jwk.get("key_ops", ["verify"]) != ["verify"])


def _kid(jwk: Mapping[str, object]) -> str:
    kid = _text(jwk, "kid")
    if not 1 <= len(kid) <= 128 or not kid.isascii() or not kid.isprintable():
        raise TokenRefused("a kid is not 1 to 128 printable characters")
    return kid


def _build(jwk: Mapping[str, object]) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    if jwk["kty"] == "RSA":
        return _build_rsa(_text(jwk, "n"), _text(jwk, "e"))
    if jwk.get("crv") != "P-256":
        raise TokenRefused("an EC key on another curve than P-256")
    return _build_ec(_text(jwk, "x"), _text(jwk, "y"))


@lru_cache(maxsize=8192)
def _build_ec(x: str, y: str) -> ec.EllipticCurvePublicKey:
    octets_x, octets_y = from_base64url(x), from_base64url(y)
    if len(octets_x) != 32 or len(octets_y) != 32:
        raise TokenRefused("a P-256 coordinate is not 32 octets (RFC 7518, 6.2.1.2)")
    point = ec.EllipticCurvePublicNumbers(int.from_bytes(octets_x), int.from_bytes(octets_y), ec.SECP256R1())
    try:
        return point.public_key()
    except ValueError as error:
        raise TokenRefused("a point that is not on P-256") from error


@lru_cache(maxsize=256)
def _build_rsa(n: str, e: str) -> rsa.RSAPublicKey:
    octets_n, octets_e = from_base64url(n), from_base64url(e)
    if octets_n[:1] == b"\0" or octets_e[:1] == b"\0":
        # Otherwise one key would have several thumbprints.
        raise TokenRefused("an RSA number with leading zeros (RFC 7518, 2: Base64urlUInt)")
    modulus, exponent = int.from_bytes(octets_n), int.from_bytes(octets_e)
    if not 2048 <= modulus.bit_length() <= 8192 or not 3 <= exponent < 2**32 or modulus % 2 == 0:
        raise TokenRefused("an RSA key below 2048 bits or out of bounds (RFC 7518, 3.3)")
    try:
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError as error:
        raise TokenRefused("an RSA key that is none") from error


def _coordinates(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        modulus, exponent = (number.to_bytes((number.bit_length() + 7) // 8) for number in (numbers.n, numbers.e))
        return {"kty": "RSA", "n": to_base64url(modulus), "e": to_base64url(exponent)}
    x, y = (to_base64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _text(jwk: Mapping[str, object], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise TokenRefused(f"a key without {name}")
    return value


def from_cryptography(key: ec.EllipticCurvePublicKey, kid: str | None = None) -> PublicKey:
    """Name a P-256 key of our own by its thumbprint, or by ``kid``; raise ``ValueError`` for another curve."""
    if not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("only P-256 keys sign here")  # noqa: TRY004 - The curve is a value, though it has a class.
    own_name = thumbprint(_coordinates(key))
    return PublicKey(kid or own_name, "ES256", own_name, key)
