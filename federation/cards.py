"""職員証: what tells a guard that a card is the visitor's, where the host was told no name.

A home that names nobody gives the host a salted digest of name and card number; the salt is in the visitor's own hands. What
they show at the door is written by their home and read by the host: the pass, then salt and name.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

SALT = 16
"""Bytes of salt, random for each booking: without it nobody finds a number by trying them all."""
DIGEST = 16
"""Bytes kept of HMAC-SHA-256: half of them, the least that RFC 2104, section 5 allows."""
_LETTERS = 8
"""Base 32 comes in groups of so many letters (RFC 4648, section 6)."""
_LONGEST_NAME = 100


@dataclass(frozen=True)
class InHand:
    """What a visitor shows: the pass or a short code, and where home told no name, salt and name. Nothing of it is kept."""

    shown: str
    salt: str = ""
    name: str = ""
    full: str = ""
    """All of it, as it was read."""


def carried(shown: str, salted: str, name: str = "") -> str:
    """Return what a visitor carries beside their pass: hexadecimal salt and name, each in base 32 after a hyphen."""
    parts = (bytes.fromhex(salted), name.encode())
    return "-".join([shown, *(base64.b32encode(part).rstrip(b"=").decode() for part in parts if part)])


def in_hand(text: str) -> InHand:
    """Take apart what a reader typed; what is not as a home writes it is all taken for the pass, which then is false."""
    shown, *parts = text.split("-")
    if not 0 < len(parts) <= 2 or not shown.isupper() or len(parts[0]) != -(-SALT * _LETTERS // 5):
        return InHand(text, full=text)
    try:
        salted, name = _bytes(parts[0]), _bytes(parts[1]).decode() if len(parts) > 1 else ""
    except (binascii.Error, UnicodeDecodeError):
        return InHand(text, full=text)
    return InHand(shown, salted.hex(), name if name.isprintable() and len(name) <= _LONGEST_NAME else "", text)


def is_met(card: str, held: InHand, name: str, number: str) -> bool:
    """Say whether a card with this name and number is the one a pass was signed for."""
    return bool(held.salt) and hmac.compare_digest(digest(held.salt, name, number), card)


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


def _bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % _LETTERS))
