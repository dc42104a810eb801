"""当人認証保証レベル: how surely a sign-in shows who is at the keyboard, as three URIs of our own.

An upstream provider's ``acr`` is mapped to one of these and never passed on, since its words mean something elsewhere only.
"""

ONE_FACTOR = "urn:tachiyori:aal:1"
TWO_FACTORS = "urn:tachiyori:aal:2"
HARDWARE_FACTORS = "urn:tachiyori:aal:3"

LEVELS = (ONE_FACTOR, TWO_FACTORS, HARDWARE_FACTORS)
"""In rising order."""


def of_level(level: int) -> str:
    """Return the URI of 当人認証保証レベル ``level``, 1 to 3."""
    return LEVELS[level - 1]


def level_of(acr: str) -> int:
    """Return the 当人認証保証レベル of a sign-in; an unknown ``acr`` shows the first alone."""
    return LEVELS.index(acr) + 1 if acr in LEVELS else 1


def reaches(acr: str, minimum: str) -> bool:
    """Say whether a sign-in is at least as sure as ``minimum``; an unknown ``acr`` reaches nothing."""
    return acr in LEVELS and LEVELS.index(acr) >= LEVELS.index(minimum)
