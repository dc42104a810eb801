"""Passwords of the built-in directory: Argon2id (RFC 9106, 4, second recommended option), and what one must be."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from federation.errors import BadPassword, CommonPassword

SHORTEST, LONGEST = 15, 128
"""Fifteen is the least for a password that may be all there is (NIST SP 800-63B-4, 3.1.1.1)."""
_ESTIMATED = 72
"""So many letters are looked at; the estimate takes longer than linear time."""
_SAFELY_UNGUESSABLE = 3
"""More than 10**8 guesses, by the estimate's own scale."""

_hasher = PasswordHasher()
_of_codes = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""For codes made at random, ten at once: the least that OWASP's cheat sheet on storing passwords names."""


@cache
def _nobodys() -> str:
    """A hash that no password meets, so that an unknown number takes as long as a wrong password."""
    return _hasher.hash("nobody signs in with this")


@cache
def _nobodys_code() -> str:
    """The same for codes."""
    return _of_codes.hash("nobody was given this")


def _folded(password: str) -> str:
    """One spelling for what two keyboards type (NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str, *, number: str = "") -> str:
    """Return what is stored of a password; raise ``BadPassword`` for one that will not do (3.1.1.2).

    Too short, too long, made of the number, or ``CommonPassword``: one that is guessed early, as those in lists are,
    those that repeat, and those that follow the keyboard.
    """
    folded = _folded(password)
    if not SHORTEST <= len(folded) <= LONGEST or (number and number.casefold() in folded.casefold()):
        raise BadPassword(facts={"shortest": SHORTEST, "longest": LONGEST})
    if zxcvbn(folded[:_ESTIMATED])["score"] < _SAFELY_UNGUESSABLE:
        raise CommonPassword
    return _hasher.hash(folded)


def digest(code: str) -> str:
    """Return what is stored of a code that was made at random and may be shorter than a password."""
    return _of_codes.hash(code)


def fits(stored: str, code: str) -> bool:
    """Say whether ``code`` is the one whose digest is ``stored``."""
    try:
        return _hasher.verify(stored, code)
    except (VerificationError, InvalidHashError):
        return False


def is_code(stored: str, code: str) -> bool:
    """Say whether ``code`` is the one whose digest is ``stored``; an empty ``stored`` takes as long, and is never met."""
    return fits(stored or _nobodys_code(), code) and bool(stored)


def matches(stored: str, password: str) -> bool:
    """Say whether ``password`` is the one stored; an empty ``stored`` takes as long, and is never met."""
    return fits(stored or _nobodys(), _folded(password[: LONGEST * 4])) and bool(stored)
