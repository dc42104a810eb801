"""Sealing what the database must hold but not show: AES-256-GCM (NIST SP 800-38D) under a key that is only in a file."""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.errors import Unavailable
from node import secret_file

_NONCE = 12


@dataclass(frozen=True)
class Sealed:
    """What is sealed: in which file its key lies, what the key is for, and whose row it belongs to."""

    file: str
    purpose: bytes
    owner: str


FACTORS = Sealed("factors.secret", b"second factors", "staff")
WEBHOOKS = Sealed("webhooks.secret", b"webhooks", "webhook")


class Seal:
    """One of the town's seals. Who has the database alone opens nothing, nor who has a seal for another row."""

    def __init__(self, data: Path, what: Sealed = FACTORS) -> None:
        """Use the key file of the town's data folder; it is made on first use."""
        secret = secret_file.kept(data / "keys" / what.file).encode()
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=what.purpose).derive(secret)
        self._cipher = AESGCM(key)
        self._owner = what.owner

    def close(self, text: str, *, of: int) -> str:
        """Seal a text that belongs to row ``of``: a person, for second factors."""
        nonce = secrets.token_bytes(_NONCE)
        return b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), self._named(of))).decode("ascii")

    def open(self, sealed: str, *, of: int) -> str:
        """Return the text; raise ``Unavailable`` where the file with the key is not the one it was sealed with."""
        raw = b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], self._named(of)).decode()
        except InvalidTag:
            raise Unavailable(f"what belongs to {self._owner} {of} was sealed with another key") from None

    def _named(self, number: int) -> bytes:
        return f"{self._owner}:{number}".encode()
