"""Sealing what the database must hold but not show: AES-256-GCM (NIST SP 800-38D) under a key that is only in a file."""

import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.errors import Unavailable
from node import secret_file

_NONCE = 12


class Seal:
    """The town's seal for second factors. Who has the database alone opens nothing, nor who has a seal for another row."""

    def __init__(self, data: Path) -> None:
        """Use the key file of the town's data folder; it is made on first use."""
        secret = secret_file.kept(data / "keys" / "factors.secret").encode()
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factors").derive(secret)
        self._cipher = AESGCM(key)

    def close(self, text: str, *, of: int) -> str:
        """Seal a text that belongs to the person ``of``."""
        nonce = secrets.token_bytes(_NONCE)
        return b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), _owner(of))).decode("ascii")

    def open(self, sealed: str, *, of: int) -> str:
        """Return the text; raise ``Unavailable`` where the file with the key is not the one it was sealed with."""
        raw = b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _owner(of)).decode()
        except InvalidTag:
            raise Unavailable(f"the second factor of staff {of} was sealed with another key") from None


def _owner(staff_id: int) -> bytes:
    return f"staff:{staff_id}".encode()
