"""What stands in one cell, read as people write it: names kept letter for letter, times, weekdays and 有/無 in any spelling."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from federation.folding import folded

Hours = tuple[int, int, int]
"""Weekday (Monday is 0), opening and closing minute after local midnight."""

WEEKDAYS = "月火水木金土日"
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_TIME = re.compile(r"(午前|午後|am|pm)?(\d{1,2})(?:時半|[:時](\d{1,2})?分?|(\d{2}))?(?::\d{2})?(am|pm)?")
_DAY_PART = re.compile(r"0?\.\d{1,20}")
"""A time as Excel keeps it, a part of a day: 0.375 is 9:00."""
_IS_CLOCK = re.compile(r"0\.[0-5]0")
"""0.30 is 0:30: Excel writes no nought behind."""
_NO_DAY = re.compile(r"^1(?:899|900)[-/]\d{1,2}[-/]\d{1,2}[ T]+")
_PAIR = re.compile(r"(\d{1,2})[-/](\d{1,2})")
_EXCEL_DAY = re.compile(r"(?:\d{4}[/-])?(\d{1,2})[月/-](\d{1,2})日?")
_RANGE = re.compile(r"[~\-‐‑–—―−〜～→]|から|より")
_YES = ("有", "可", "○", "〇", "◯", "◎", "●", "あり", "yes", "true", "1", "はい", "対応")
_NO = ("無", "不可", "否", "×", "✕", "x", "なし", "no", "false", "0", "いいえ", "未対応", "非対応")
_DAYS_WORDS: Mapping[str, Iterable[int]] = {
    "毎日": range(7),
    "全日": range(7),
    "年中無休": range(7),
    "平日": range(5),
}
_HOLIDAYS = re.compile("(?:国民の)?祝(?:祭)?日?")
_NO_HOLIDAYS = re.compile(r"\(?(?:国民の)?祝(?:祭)?日?(?:及び|・|、)?(?:年末年始)?(?:を|は)?(?:除く|休み|休館|休)\)?")
_DAY_RANGE = re.compile(f"([{WEEKDAYS}])(?:[~\\-‐‑–—―−〜]|から)([{WEEKDAYS}])")
_SEPARATORS = re.compile(r"[\s・、,/。.()と]+")


def fold(text: str) -> str:
    """Return the text in one width, for what a machine compares; names are stored by ``clean`` instead."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=4096)
def searchable(text: str) -> str:
    """Return a name as it is searched and compared, as everywhere else; each row asks for the same places again."""
    return folded(text)


def is_renamed(now: str, read: str) -> bool:
    """Say whether a name reads otherwise, and not only as Excel saves it: 01 becomes 1, and 3-1 the first of March."""
    if searchable(now) == searchable(read):
        return False
    one, other = fold(now), fold(read)
    if one.isdecimal() and other.isdecimal():
        return one.lstrip("0") != other.lstrip("0")
    pair, day = _PAIR.fullmatch(one), _EXCEL_DAY.fullmatch(other)
    return not (pair and day and [int(each) for each in pair.groups()] == [int(each) for each in day.groups()])


def clean(text: str, *, lines: bool = False) -> str:
    """Return words as they may be stored: trimmed, breaks made blanks (unless ``lines``), no control or turning letters."""
    if text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = " ".join(part.strip() for part in re.split(r"[\n\t\v\f]+", text))
    return "".join(letter for letter in text if (lines and letter in "\n\t") or not _is_control(letter)).strip()


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs"} or unicodedata.bidirectional(letter) in _TURNING


def time(text: str) -> int | None:
    """Read a time of day as minutes after midnight (0 to 1440); None where it is none. 8:30, 8時半, 午後5時15分, 1715, 8:30:00, 0.375."""
    # Excel writes a time without a day as one of the year 1900, and ranges leave their sign in one of two cells.
    plain = _NO_DAY.sub("", fold(text)).strip().strip("~〜～-‐–—―−")
    folded = plain.lower().replace(" ", "").replace(".", ":")
    if folded in {"正午", "12時正午"}:
        return 720
    if _DAY_PART.fullmatch(lone := fold(text)) and not _IS_CLOCK.fullmatch(lone):
        return round(float(lone) * 1440)
    found = _TIME.fullmatch(folded)
    if found is None:
        return None
    hour = int(found[2])
    minute = 30 if "時半" in folded else int(found[3] or found[4] or 0)
    afternoon = found[1] in {"午後", "pm"} or found[5] == "pm"
    if afternoon and hour < 12:
        hour += 12
    total = hour * 60 + minute
    return total if minute < 60 and total <= 1440 else None


def span(text: str) -> tuple[int, int] | None:
    """Read 「9:00～17:00」; None where it is none."""
    parts = [part for part in _RANGE.split(fold(text).removesuffix("まで")) if part.strip()]
    if len(parts) != 2:
        return None
    opens, closes = time(parts[0]), time(parts[1])
    return (opens, closes) if opens is not None and closes is not None and opens < closes else None


def weekdays(text: str) -> tuple[frozenset[int], bool] | None:
    """Read 「月・火・水」, 「月曜日～金曜日、祝日」, 「平日」: the weekdays, and whether 祝日 are among them. None for free text."""
    rest, named = _NO_HOLIDAYS.sub("", fold(text)), False
    without = _HOLIDAYS.sub("", rest)
    named, rest = without != rest, without.replace("曜日", "").replace("曜", "")
    found: set[int] = set()
    for word, days in _DAYS_WORDS.items():
        if word in rest:
            found |= set(days)
            rest = rest.replace(word, "")
    for first, last in _DAY_RANGE.findall(rest):
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    rest = _SEPARATORS.sub("", _DAY_RANGE.sub("", rest))
    if not set(rest) <= set(WEEKDAYS):
        return None
    found |= {WEEKDAYS.index(letter) for letter in rest}
    return (frozenset(found), named) if found else None


def yes(text: str) -> bool | None:
    """Read 有/無, 可/否, ○/×, 「有(故障中)」; None where it says neither."""
    word = fold(text).lower()
    if not word:
        return None
    if word.startswith(_NO):
        return False
    return True if word.startswith(_YES) else None
