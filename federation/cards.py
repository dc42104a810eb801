"""職員証: what tells a guard that a card is the visitor's, where the host was told no name.

A home that names nobody gives the host a salted digest of name and card number; the salt is in the visitor's own hands.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata

SALT = 16
"""Bytes of salt, random for each booking: without it nobody finds a number by trying them all."""
DIGEST = 16
"""Bytes kept of HMAC-SHA-256: half of them, the least that RFC 2104, section 5 allows."""


def salt() -> str:
    """Make a salt at random, in hexadecimal."""
    return secrets.token_hex(SALT)


def digest(salted: str, name: str, number: str) -> str:
    """Return the digest of a name and a card number under a hexadecimal salt, in base64url without padding.

    Width, case, blanks and hyphens do not count: a guard types what is printed on a card. Raises ``ValueError`` for what is
    no salt.
    """
    told = f"{_folded(name)}\0{_folded(number)}".encode()
    made = hmac.digest(bytes.fromhex(salted), told, hashlib.sha256)[:DIGEST]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _folded(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
