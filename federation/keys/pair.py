"""A key pair of our own, and the file of mode 0600 that it is kept in. Only P-256, for ES256."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from federation.jwk import PublicKey, from_cryptography


@dataclass(frozen=True)
class KeyPair:
    """A P-256 key pair. ``kid`` is the RFC 7638 thumbprint; the private key never shows in a log."""

    kid: str
    private: ec.EllipticCurvePrivateKey = field(repr=False, compare=False)

    @cached_property
    def public(self) -> PublicKey:
        """The half that others may see, ready to verify with."""
        return from_cryptography(self.private.public_key())

    def public_jwk(self) -> dict[str, str]:
        """Return the public JWK with kid, ``alg: ES256`` and ``use: sig``."""
        return self.public.jwk()


def make() -> KeyPair:
    """Make a new pair from the operating system's randomness."""
    return _pair(ec.generate_private_key(ec.SECP256R1()))


def parse_pem(pem: bytes) -> KeyPair:
    """Read an unencrypted PKCS#8 PEM, as a file or the environment holds it; raise ``ValueError`` if it is not P-256."""
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("the key file holds no elliptic curve key")  # noqa: TRY004 - The content is wrong, not a type in our code.
    return _pair(private)


def load(path: Path) -> KeyPair:
    """Read a key file; raise ``PermissionError`` when group or others may touch it, ``ValueError`` if it is no P-256."""
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} must be readable by its owner only (chmod 600)")
    return parse_pem(path.read_bytes())


def store(path: Path, pair: KeyPair) -> None:
    """Write the pair as PKCS#8 PEM with mode 0600; raise ``FileExistsError`` rather than overwrite a key."""
    pem = pair.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_new(path, pem)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; raise ``FileExistsError`` when it is there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _pair(private: ec.EllipticCurvePrivateKey) -> KeyPair:
    return KeyPair(from_cryptography(private.public_key()).kid, private)
