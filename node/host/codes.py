"""The short codes that people read out and type: six letters of Crockford's base 32, shown as ABC-DEF."""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new() -> str:
    """Make a code at random; a unique column guards against the one chance in a thousand million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def folded(typed: str) -> str:
    """Return what a person meant: case, width, hyphens and blanks do not count, O is 0, I and L are 1."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(letter for letter in plain if letter.isalnum()).translate(_MISREAD)


def shown(code: str) -> str:
    """Return the code as it is printed: ABC-DEF."""
    return f"{code[:3]}-{code[3:]}" if code else ""
