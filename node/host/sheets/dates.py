"""Days as offices write them: Western or Japanese years, with or without the weekday, or the number that Excel keeps."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from node.host.sheets.cells import fold

_ERAS: Mapping[str, int] = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925, "": 0}
_DAY = re.compile(
    r"(令和|平成|昭和|[RHS])?(\d{1,4}|元)[年/.\-](\d{1,2})[月/.\-](\d{1,2})日?"
    r"(?:\([月火水木金土日祝・]+\)|[月火水木金土日]曜日?)?(?:T?0{1,2}:00(?::00(?:\.0+)?)?)?"
)
_DIGITS = re.compile(r"(20\d\d)([01]\d)([0-3]\d)")
_EXCEL = re.compile(r"([3-7]\d{4})(?:\.0+)?")
_EPOCH = date(1899, 12, 30)
"""Day 0 of Excel's numbers, as they are after February 1900."""


def day(text: str) -> date | None:
    """Read a date from 2000 to 2099: 2026-11-24, 2026/11/24(火), 令和8年11月24日, R8.11.24, 20261124, 46350; None where it is none."""
    folded = "".join(fold(text).split())
    if found := _EXCEL.fullmatch(folded):
        return _in_range(_EPOCH + timedelta(days=int(found[1])))
    plain = _DIGITS.fullmatch(folded)
    found = plain or _DAY.fullmatch(folded[:1].upper() + folded[1:])
    if found is None:
        return None
    era, year, month, number = ("", *found.groups()) if plain else found.groups()
    count = 1 if year == "元" else int(year)
    try:
        return _in_range(date(count + _ERAS[era or ""], int(month), int(number))) if count else None
    except ValueError:
        return None


def _in_range(read: date) -> date | None:
    return read if 2000 <= read.year < 2100 else None
