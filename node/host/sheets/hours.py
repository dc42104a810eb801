"""利用時間 as a sheet: a place's week, its weeks of a season and its exceptions, a row each, and its 祝日 and units."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.messages.listing import Slots
from federation.wording import phrase
from node.config import Config
from node.host import opening, sites, timetables
from node.host.ruling import PlaceRules
from node.host.sheets import dated, dates, stretches, tree, vocabulary
from node.host.sheets.cells import WEEKDAYS, fold, searchable, yes
from node.host.sheets.rows import Remark, Row
from node.models.imports import ImportRow
from node.models.sites import Desk, Site

DAYS = tuple(f"day{number}" for number in range(7))
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("場所ID", "ID"),
    **tree.ALIASES,
    "rule": ("種類", "区分"),
    "first_day": ("開始日", "期間の開始日"),
    "last_day": ("終了日", "期間の終了日"),
    **{f"day{number}": (f"{letter}曜日", letter, f"{letter}曜") for number, letter in enumerate(WEEKDAYS)},
    "holidays": ("祝日・年末年始", "祝日"),
    "slots": ("予約の単位", "単位"),
    "weekdays": ("対象の曜日",),
    "yearly": ("毎年",),
    "stretches": ("時間帯",),
    "words": ("ことば", "例外の理由"),
    "exception": ("例外ID",),
}
TITLES: Mapping[str, str] = {
    "site": phrase("施設"),
    "room": phrase("部屋"),
    "desk": phrase("座席"),
    "rule": phrase("種類"),
    "first_day": phrase("開始日"),
    "last_day": phrase("終了日"),
    "day0": phrase("月曜日"),
    "day1": phrase("火曜日"),
    "day2": phrase("水曜日"),
    "day3": phrase("木曜日"),
    "day4": phrase("金曜日"),
    "day5": phrase("土曜日"),
    "day6": phrase("日曜日"),
    "holidays": phrase("祝日・年末年始"),
    "slots": phrase("予約の単位"),
    **dated.TITLES,
}
WEEKLY = "毎週"
RULES: Mapping[str, str] = {"weekly": WEEKLY, **dated.KINDS}
HOLIDAYS: Mapping[str, str] = {"open": "利用できる", "shut": "利用できない", "follow": "合わせる"}
SLOTS: Mapping[str, str] = {
    "15": "15分",
    "30": "30分",
    "60": "60分",
    "half_day": "午前・午後",
    "day": "1日",
    "follow": "合わせる",
}
"""The words of these files; 合わせる leaves it to what is around a room or a desk."""
_SAID: Mapping[str, bool | None] = {"open": True, "shut": False, "follow": None}


def fill(row: Row, given: Mapping[str, str], _own_code: str) -> None:
    """Read a row: 「8:30-12:00・13:00-17:15」 in each day's cell, or an exception's days and stretches."""
    tree.read_names(row, given)
    facts = row.facts
    facts["exception"] = fold(given.get("exception", "")).lower()
    facts["rule"] = vocabulary.word(row, RULES, TITLES["rule"], given.get("rule", "")) or "weekly"
    for field in ("first_day", "last_day"):
        typed = given.get(field, "")
        read = dates.day(typed)
        if typed.strip() and read is None:
            row.wrong(phrase("日付を「2026-11-24」の形で書いてください。"), TITLES[field], typed)
        facts[field] = read.isoformat() if read else ""
    if facts["rule"] == "weekly":
        _week(row, given)
    else:
        dated.fill(row, given)
    if facts["first_day"]:
        row.name = facts["label"] = f"{row.name} {facts['first_day']}"


def _week(row: Row, given: Mapping[str, str]) -> None:
    facts = row.facts
    cells = {number: given.get(day, "") for number, day in enumerate(DAYS)}
    facts["hours"] = [
        [number, *one] for number, typed in cells.items() for one in stretches.read(row, TITLES[DAYS[number]], typed)
    ]
    if facts["last_day"] and not facts["first_day"]:
        row.wrong(phrase("期間の終わりだけでは保存できません。開始日も入力してください。"), TITLES["first_day"])
    elif facts["last_day"] and facts["last_day"] < facts["first_day"]:
        row.wrong(phrase("終了日は開始日以後の日にしてください。"), TITLES["last_day"], facts["last_day"])
    if typed := given.get("holidays", "").strip():
        said = yes(typed) if searchable(typed) not in _folded(HOLIDAYS) else None
        plain = typed if said is None else HOLIDAYS["open" if said else "shut"]
        facts["holidays"] = vocabulary.word(row, HOLIDAYS, TITLES["holidays"], plain)
    if typed := given.get("slots", "").strip():
        plain = fold(typed).removesuffix("単位").removesuffix(".0")
        facts["slots"] = vocabulary.word(row, SLOTS, TITLES["slots"], plain)


def _folded(words: Mapping[str, str]) -> frozenset[str]:
    return frozenset(searchable(each) for each in words.values())


def finish(rows: Sequence[Row], _own_code: str) -> Sequence[Remark]:
    """Mark a week or an exception that stands twice."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        days = (row.facts["rule"], row.facts["first_day"], row.facts["last_day"], row.facts["exception"])
        key = (*days, *tree.key_of(row))
        if key in seen:
            row.wrong(phrase("%(line)s行目と同じ場所です。"), TITLES["site"], row.name, line=seen[key])
        seen.setdefault(key, row.line)
    return ()


def compare(db: Session, rows: Sequence[Row], _now: datetime) -> None:
    """Say of each row what it changes."""
    known = tree.Tree(db)
    places = {row.line: known.place(row, row.facts) for row in rows}
    rules = opening.rules_by_place(db, {place.id for place in places.values() if place is not None})
    for row in rows:
        place = places[row.line]
        if place is not None:
            _check(row, place)
        if place is None or row.is_wrong:
            continue
        row.target = place.id
        its = rules.get(place.id, PlaceRules(place.id))
        if row.facts["rule"] == "weekly":
            row.differences = list(_differences(place, row.facts, its))
            row.verdict = "update" if row.differences else "same"
        else:
            found = dated.find(place, its.dated, row.facts)
            row.differences = list(dated.differences(found, row.facts))
            row.verdict = "new" if found is None else "update" if row.differences else "same"


def _check(row: Row, place: sites.Place) -> None:
    """Refuse what a place of this kind cannot be told."""
    for field, words in (("holidays", HOLIDAYS), ("slots", SLOTS)):
        said = row.facts.get(field)
        if said == "follow" and isinstance(place, Site):
            row.wrong(phrase("施設では「%(words)s」を選べません。"), TITLES[field], words[said], words=words[said])
    if row.facts.get("slots") and isinstance(place, Desk):
        row.wrong(phrase("予約の単位は施設か部屋で決めます。座席の行では空にしてください。"), TITLES["slots"])
    if row.facts["rule"] == "weekly" and row.facts["first_day"] and {"holidays", "slots"} & set(row.facts):
        row.wrong(phrase("期間の行では、祝日と予約の単位を空にしてください。"), TITLES["holidays"])


def _differences(place: sites.Place, facts: Mapping[str, Any], rules: PlaceRules) -> Iterator[Mapping[str, Any]]:
    first, last = _season(facts)
    valid = (first or date.min, last or date.max)
    week = next((one for one in rules.weeks if (one.first, one.last) == valid), None)
    now = sorted([*one] for one in week.hours) if week is not None else []
    if now != facts["hours"]:
        yield {"field": "hours", "now": now, "file": facts["hours"], "by_hand": False}
    if "holidays" in facts and _SAID[facts["holidays"]] != place.opens_on_holidays:
        opens, wanted = place.opens_on_holidays, _SAID[facts["holidays"]]
        yield {"field": "opens_on_holidays", "now": opens, "file": wanted, "by_hand": False}
    if "slots" in facts and not isinstance(place, Desk) and facts["slots"] != _slots(place):
        yield {"field": "slots", "now": _slots(place), "file": facts["slots"], "by_hand": False}


def _slots(place: sites.Place) -> str:
    """Return the units of a site or a room; a site that chose none has the grid of fifteen minutes."""
    if isinstance(place, Desk):
        return ""
    return place.slots or ("15" if isinstance(place, Site) else "follow")


def _season(facts: Mapping[str, Any]) -> tuple[date | None, date | None]:
    first, last = (date.fromisoformat(day) if day else None for day in (facts["first_day"], facts["last_day"]))
    return first, last


def apply(db: Session, _config: Config, rows: Sequence[ImportRow], _options: Mapping[str, Any], now: datetime) -> None:
    """Set what these rows say of their places, by the functions that forms use. Raises ``BadInput``."""
    for kept in rows:
        place = sites.find_place(db, kept.target)
        if place is None:
            raise BadInput("the place is no more", field="name")
        sites.lock(db, place)
        if kept.facts["rule"] == "weekly":
            _apply(db, place, kept.facts, now)
        else:
            dated.apply(db, place, kept.facts, now)
        kept.outcome = "done"


def _apply(db: Session, place: sites.Place, facts: Mapping[str, Any], now: datetime) -> None:
    rules = opening.rules_by_place(db, [place.id]).get(place.id, PlaceRules(place.id))
    wanted = {one["field"]: one["file"] for one in _differences(place, facts, rules)}
    if "hours" in wanted:
        first, last = _season(facts)
        timetables.set_week(
            db, place, [(one[0], one[1], one[2]) for one in wanted["hours"]], now, first=first, last=last
        )
    if "opens_on_holidays" in wanted:
        timetables.open_on_holidays(db, place, wanted["opens_on_holidays"], now)
    if "slots" in wanted and not isinstance(place, Desk):
        chosen: Mapping[str, Slots] = {"15": "15", "30": "30", "60": "60", "half_day": "half_day", "day": "day"}
        timetables.choose_slots(db, place, chosen.get(wanted["slots"]))


def rows_of(db: Session, _now: datetime) -> Iterator[tuple[str, ...]]:
    """Write every site and what rooms and desks say of their own, in the order of ``ALIASES``."""
    known = tree.Tree(db)
    rules = opening.rules_by_place(db, list(known.by_id))
    for place in known.by_id.values():
        its = rules.get(place.id, PlaceRules(place.id))
        for row in (*_weeks(place, its), *(dated.written(place, one) for one in its.dated)):
            named = {"id": place.id, **dict(zip(tree.ALIASES, tree.names_of(place), strict=True)), **row}
            yield tuple(named.get(field, "") for field in ALIASES)


def _weeks(place: sites.Place, rules: PlaceRules) -> Iterator[Mapping[str, str]]:
    """Write the week that is always valid, with what else a place says of itself, then those of seasons."""
    weeks = {(one.first, one.last): _days(one.hours) for one in rules.weeks}
    always = weeks.pop((date.min, date.max), {})
    units = "" if isinstance(place, Desk) or place.slots is None else SLOTS[place.slots]
    said = {True: HOLIDAYS["open"], False: HOLIDAYS["shut"], None: ""}[place.opens_on_holidays]
    if isinstance(place, Site) or always or units or said:
        yield {"rule": WEEKLY, **always, "holidays": said, "slots": units}
    for (first, last), days in sorted(weeks.items()):
        shown = "" if last == date.max else last.isoformat()
        yield {"rule": WEEKLY, "first_day": first.isoformat(), "last_day": shown, **days}


def _days(hours: Sequence[opening.Hours]) -> dict[str, str]:
    return {
        DAYS[number]: stretches.written((one[1], one[2]) for one in sorted(hours) if one[0] == number)
        for number in range(7)
    }
