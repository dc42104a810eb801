"""団体コード, the 6-digit code of every Japanese local public body: read, repaired, checked.

The check digit follows 全国地方公共団体コード仕様 (総務省): weights 6, 5, 4, 3, 2 over the first five digits, and the last
digit of eleven less the remainder by eleven. Codes are text everywhere, since 010006 loses its first digit as a number.
"""

import unicodedata
from dataclasses import dataclass

from federation.errors import BadCheckDigit, BadMunicipalityCode
from federation.prefectures import PREFECTURES, Prefecture


@dataclass(frozen=True)
class Repaired:
    """A code as it should be, and whether what was given had to be mended (the person is then told)."""

    code: str
    mended: bool


def check_digit(first_five: str) -> str:
    """Return the sixth digit that belongs to five digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_five, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def parse(text: str) -> str:
    """Return ``text`` as a valid code, or raise ``BadMunicipalityCode`` or ``BadCheckDigit``. Nothing is mended."""
    if len(text) != 6 or not text.isascii() or not text.isdigit() or not 1 <= int(text[:2]) <= len(PREFECTURES):
        raise BadMunicipalityCode(facts={"given": text[:20]})
    if check_digit(text[:5]) != text[5]:
        raise BadCheckDigit(facts={"given": text, "repaired": text[:5] + check_digit(text[:5])})
    return text


def parse_part(text: str) -> str:
    """Return ``text`` as a valid code, or as the two digits of a prefecture; raise what ``parse`` raises."""
    if len(text) == 2 and text.isascii() and text.isdigit() and 1 <= int(text) <= len(PREFECTURES):
        return text
    return parse(text)


def repair(text: str) -> Repaired:
    """Read a code as spreadsheets leave it: full-width, without its first zero, without its check digit.

    Five digits are ambiguous (``92011`` is 092011 without its zero, ``13219`` is 132195 without its check digit); the
    reading whose check digit holds wins, and a missing check digit is only supplied when no other reading holds.
    Raises ``BadMunicipalityCode`` or ``BadCheckDigit``.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if not folded.isascii() or not folded.isdigit() or not 4 <= len(folded) <= 6:
        raise BadMunicipalityCode(facts={"given": folded[:20]})
    if len(folded) == 6:
        return Repaired(parse(folded), mended=folded != text)
    padded = folded.zfill(6)
    if check_digit(padded[:5]) == padded[5] and padded[:2] != "00":
        return Repaired(parse(padded), mended=True)
    first_five = folded.zfill(5)
    return Repaired(parse(first_five + check_digit(first_five)), mended=True)


def prefecture(code: str) -> str:
    """Return the prefecture's name for a valid code."""
    return prefecture_of(code).name


def prefecture_of(code: str) -> Prefecture:
    """Return the prefecture a valid code lies in."""
    return PREFECTURES[int(code[:2]) - 1]


def is_prefecture(code: str) -> bool:
    """Say whether the code is a prefecture's own, such as 130001."""
    return code[2:5] == "000"
