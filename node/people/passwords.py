"""Passwords of the built-in directory: Argon2id (RFC 9106, 4, second recommended option), and what one must be."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from federation.errors import BadPassword

SHORTEST, LONGEST = 12, 128

_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash that no password meets, so that an unknown number takes as long as a wrong password."""
    return _hasher.hash("nobody signs in with this")


def _folded(password: str) -> str:
    """One spelling for what two keyboards type (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str, *, number: str = "") -> str:
    """Return what is stored of a password; raise ``BadPassword`` for one too short, too long or made of the number."""
    folded = _folded(password)
    if not SHORTEST <= len(folded) <= LONGEST or (number and number.casefold() in folded.casefold()):
        raise BadPassword(facts={"shortest": SHORTEST, "longest": LONGEST})
    return _hasher.hash(folded)


def matches(stored: str, password: str) -> bool:
    """Say whether ``password`` is the one stored; an empty ``stored`` takes as long, and is never met."""
    given = _folded(password[: LONGEST * 4])
    try:
        return _hasher.verify(stored or _nobodys(), given) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False
