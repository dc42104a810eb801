"""What a building's form asks beyond a 公共施設一覧: doors, reception, half days, stations; a city's own list has none of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from federation.wording import phrase
from node.host.sheets import cells, vocabulary
from node.host.sheets.rows import Row

LINES: Mapping[str, str] = {
    "entrance": phrase("入口"),
    "night_entrance": phrase("夜間の入口"),
    "reception": phrase("受付"),
    "contact": phrase("担当"),
    "bring": phrase("持ち物"),
    "wifi": phrase("Wi-Fi"),
    "lunch": phrase("昼食"),
    "welcome": phrase("歓迎のことば"),
}
HALVES: Mapping[str, str] = {
    "morning_start": phrase("午前の開始"),
    "noon_end": phrase("午前の終了"),
    "noon_start": phrase("午後の開始"),
    "evening_end": phrase("午後の終了"),
}
DESKTOP: Mapping[str, str] = {"reception_opens": phrase("受付の開始"), "reception_closes": phrase("受付の終了")}
TITLES: Mapping[str, str] = {
    **LINES,
    **HALVES,
    **DESKTOP,
    "stations": phrase("最寄り駅"),
    "published": phrase("掲載"),
}
TYPES: Mapping[str, str] = {
    "hall": "庁舎",
    "branch": "支所・出張所",
    "community": "市民センター・公民館",
    "library": "図書館",
    "disaster": "防災センター",
    "health": "保健・福祉施設",
    "works": "上下水道・土木の事務所",
    "private": "民間施設",
    "shop": "店舗・飲食店などの中",
    "other": "その他の施設",
}
"""The words of these files for what a building is."""
MOST_STATIONS = 10
_STATION = re.compile(r"(.{1,100}?)駅? ?(?:徒歩)? ?(\d{1,3})分 ?(.{0,500})")


def fill(row: Row, given: Mapping[str, str]) -> None:
    """Read these facts; an empty cell says nothing, as everywhere in such a list."""
    if TITLES.keys().isdisjoint(given) and "facility_type" not in given:
        return
    for field, title in LINES.items():
        if text := cells.clean(given.get(field, "")):
            row.facts[field] = text
            if len(text) > 300:
                row.wrong(phrase("300文字以内にしてください。"), title, text)
    for names in (HALVES, DESKTOP):
        _times(row, names, given)
    _stations(row, given.get("stations", ""))
    if typed := given.get("facility_type", "").strip():
        row.facts["facility_type"] = vocabulary.word(row, TYPES, phrase("施設の種類"), typed)
    if typed := given.get("published", "").strip():
        row.facts["published"] = vocabulary.is_published(row, TITLES["published"], typed)


def _times(row: Row, names: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Read times of one day that follow each other; those at noon may be equal."""
    for field, title in names.items():
        if typed := given.get(field, "").strip():
            minutes = cells.time(typed)
            if minutes is None or minutes >= 1440:
                row.wrong(phrase("時刻を読み取れません。"), title, typed)
            else:
                row.facts[field] = f"{minutes // 60:02}:{minutes % 60:02}"
    found = [row.facts[field] for field in names if field in row.facts]
    if len(found) == len(names) and (found != sorted(found) or found[0] == found[1] or found[-2] == found[-1]):
        row.wrong(phrase("時刻が順になっていません。"), next(iter(names.values())), "、".join(found))


def _stations(row: Row, typed: str) -> None:
    """Read 「新宿駅 徒歩5分 山手線・中央線／西新宿駅 徒歩3分」."""
    # Blanks are made single first: a long row of them could be shared out among the expression's parts in millions of ways.
    parts = [plain for part in re.split(r"[/;\n]+", cells.fold(typed)) if (plain := " ".join(part.split()))]
    found = [_STATION.fullmatch(part) for part in parts]
    stations = [_station(one) for one in found if one is not None]
    whole = len(stations) == len(parts) <= MOST_STATIONS
    if not whole or any(one["walk_minutes"] > 180 or len(one["lines"]) > 10 for one in stations):
        words = phrase("「新宿駅 徒歩5分 山手線・中央線」の形で、／で区切って10駅まで書いてください。")
        row.wrong(words, TITLES["stations"], typed)
    elif stations:
        row.facts["stations"] = stations


def _station(found: re.Match[str]) -> dict[str, Any]:
    lines = [line.strip()[:100] for line in re.split(r"[,、・]", found[3]) if line.strip()]
    return {"name": found[1].strip(), "walk_minutes": int(found[2]), "lines": lines}


def written(stations: Iterable[Mapping[str, Any]]) -> str:
    """Write stations as they are read."""
    return "／".join(
        f"{one['name']}駅 徒歩{one.get('walk_minutes', 0)}分 {'・'.join(one.get('lines', ()))}".strip()
        for one in stations
    )
