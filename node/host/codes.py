"""The short codes that people read out and type: six letters of Crockford's base 32, shown as ABC-DEF.

The last letter of a booking's code is a check over the others, so that a slip of the finger is told from a wrong booking.
"""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new() -> str:
    """Make a code at random; a unique column guards against the one chance in a thousand million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_checked() -> str:
    """Make a booking's code: five letters at random, one of 33 million, and their check."""
    drawn = new()[1:]
    return drawn + ALPHABET[_sum(drawn)]


def is_sound(code: str) -> bool:
    """Say whether the last letter of a folded code is the check over the others.

    Codes from before there was one are found all the same: this only says why none was.
    """
    return len(code) == LENGTH and all(letter in ALPHABET for letter in code) and _sum(code) == 0


def _sum(code: str) -> int:
    """Reckon H. Michael Damm's check over the field of 32 elements: each wrong letter shows, and each two that changed places.

    A step is the sum of both, times x, modulo the primitive polynomial x^5 + x^2 + 1.
    """
    found = 0
    for letter in code:
        found = (found ^ ALPHABET.index(letter)) << 1
        found ^= 0b100101 if found & 0b100000 else 0
    return found


def folded(typed: str) -> str:
    """Return what a person meant: case, width, hyphens and blanks do not count, O is 0, I and L are 1."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(letter for letter in plain if letter.isalnum()).translate(_MISREAD)


def shown(code: str) -> str:
    """Return the code as it is printed: ABC-DEF."""
    return f"{code[:3]}-{code[3:]}" if code else ""
