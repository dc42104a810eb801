"""Stretches of one day in one cell: 「8:30-12:00・13:00-17:15」."""

from collections.abc import Iterable
from itertools import pairwise

from federation.wording import phrase
from node.host.sheets.cells import fold, span
from node.host.sheets.rows import Row

MOST = 2
"""As many as the form has."""
_CLOSED = frozenset({"", "休", "休み", "休館", "休館日", "閉", "閉館", "×", "-", "―", "なし", "利用できない"})

_ALL_DAY = frozenset({"終日", "24時間", "全日", "24時間営業", "24時間利用可"})


def read(row: Row, title: str, typed: str) -> list[list[int]]:
    """Read the stretches, in order and apart, as minutes after midnight; what is wrong is noted in the row."""
    parts = [part.strip() for part in _parted(fold(typed)).split("・")]
    if set(parts) <= _CLOSED:
        return []
    if any("翌" in part for part in parts):
        row.wrong(phrase("日をまたぐ時間は登録できません。24:00までにしてください。"), title, typed)
        return []
    found = [span(part) for part in parts if part]
    spans = [one for one in found if one is not None]
    if len(spans) < len(found):
        row.wrong(phrase("「8:30-17:15」の形で書いてください。"), title, typed)
    elif any(other[0] < one[1] for one, other in pairwise(spans)):
        row.wrong(phrase("時間帯が重なっているか、順になっていません。"), title, typed)
    elif len(spans) > MOST:
        row.wrong(phrase("1日の時間帯は2つまでです。"), title, typed)
    return [[*one] for one in spans]


def plain(typed: str) -> list[tuple[int, int]]:
    """Return the stretches of a cell in which nothing else stands, none otherwise: 「終日」 is the whole day."""
    folded = fold(typed)
    if folded in _ALL_DAY:
        return [(0, 1440)]
    found = [span(part) for part in _parted(folded).split("・") if part.strip()]
    spans = [one for one in found if one is not None]
    is_sound = len(spans) == len(found) <= MOST and all(one[1] <= other[0] for one, other in pairwise(spans))
    return spans if is_sound else []


def _parted(text: str) -> str:
    for sign in ("、", ",", "\n", "/", ";"):
        text = text.replace(sign, "・")
    return text


def written(stretches: Iterable[tuple[int, int]]) -> str:
    """Write them as they are read."""
    return "・".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in stretches)


def clock(minutes: int) -> str:
    """Write minutes after midnight as H:MM."""
    return f"{minutes // 60}:{minutes % 60:02}"
