"""Telephone numbers as lists have them: in one width, and with the nought that Excel takes away."""

import re

_NARROW = str.maketrans("０１２３４５６７８９－＋", "0123456789-+")
"""Brackets stay as they stand: words may stand in them."""
_DASHES = re.compile(r"(?<=\d)[ー－‐‑–—―−ｰ](?=\d)")
_EXPONENT = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_NUMBER = re.compile(r"[1-9]\d*(?:-\d+){0,3}|[1-9]\d*[(（]\d+[)）]\d+")


def read(typed: str) -> str:
    """Return a number as it is dialled, other words as they stand; empty where Excel has left an exponent of it."""
    plain = _DASHES.sub("-", typed.translate(_NARROW)).strip()
    if _EXPONENT.fullmatch(plain):
        return ""
    plain = re.sub(r"(?<=\d{9})\.0+$", "", plain)
    digits = re.sub(r"\D", "", plain)
    # Japanese numbers begin with 0 and have ten digits, those of mobile telephones eleven.
    is_short = len(digits) == 9 or (len(digits) == 10 and digits[:2] in {"50", "70", "80", "90"})
    return f"0{plain}" if is_short and _NUMBER.fullmatch(plain) else plain
