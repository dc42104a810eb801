"""A 職員証 held against a pass whose holder's name nobody told: the holder brings it, and it goes with them."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from federation import cards

_LETTERS = 8
_MOST = 100
"""So many letters has a name."""


@dataclass(frozen=True)
class InHand:
    """What a visitor shows: the pass or a short code, and where home told no name, salt and name. Nothing of it is kept."""

    shown: str
    salt: str = ""
    name: str = ""
    full: str = ""
    """All of it, as it was read."""


def in_hand(text: str) -> InHand:
    """Take apart what a reader typed; what is not as a home writes it is all taken for the pass, which then is false."""
    shown, *parts = text.split("-")
    if not 0 < len(parts) <= 2 or not shown.isupper() or len(parts[0]) != _length(cards.SALT):
        return InHand(text, full=text)
    try:
        salt, name = _bytes(parts[0]), _bytes(parts[1]).decode() if len(parts) > 1 else ""
    except (binascii.Error, UnicodeDecodeError):
        return InHand(text, full=text)
    return InHand(shown, salt.hex(), name if name.isprintable() and len(name) <= _MOST else "", text)


def is_met(card: str, held: InHand, name: str, number: str) -> bool:
    """Say whether a card with this name and number is the one a pass was signed for."""
    return bool(held.salt) and hmac.compare_digest(cards.digest(held.salt, name, number), card)


def _length(size: int) -> int:
    return -(-size * _LETTERS // 5)


def _bytes(text: str) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % _LETTERS))
