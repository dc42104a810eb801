"""Rows of 利用時間 that are exceptions: certain days that differ from the week, found again by their ID or by their days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from federation.errors import BadInput
from federation.wording import phrase
from node.host import opening, timetables
from node.host.ruling import Dated
from node.host.sheets import cells, stretches, vocabulary
from node.host.sheets.rows import Row
from node.host.sites import Place
from node.host.timetables import DatedWish
from node.models.opening import DatedException

KINDS: Mapping[str, str] = {
    "closed": "終日休み",
    "hours": "ほかの時間",
    "usual": "祝日でも開く",
    "extra": "臨時に開く",
}
"""The words of these files, as the pages call them."""
TITLES: Mapping[str, str] = {
    "weekdays": phrase("対象の曜日"),
    "yearly": phrase("毎年"),
    "stretches": phrase("時間帯"),
    "words": phrase("ことば"),
}
_DAYS = phrase("開始日")
_REFUSED: Mapping[str, tuple[str, str]] = {
    "last_day": (phrase("終了日は開始日以後、3年以内にしてください。"), phrase("終了日")),
    "weekdays": (phrase("選んだ曜日は、この期間にありません。"), TITLES["weekdays"]),
    "yearly": (phrase("毎年くり返す期間は、1年より短くしてください。"), TITLES["yearly"]),
    "stretches": (phrase("開く時間を入力してください。"), TITLES["stretches"]),
    "words": (phrase("ことばを100文字以内で書いてください。"), TITLES["words"]),
}


def fill(row: Row, given: Mapping[str, str]) -> None:
    """Read what an exception says; its kind and days are read already."""
    facts = row.facts
    typed = given.get("weekdays", "")
    found = cells.weekdays(typed) if typed.strip() else (frozenset[int](), False)
    if found is None:
        row.wrong(phrase("曜日を「月・水・金」の形で書いてください。"), TITLES["weekdays"], typed)
    facts["weekdays"] = sorted(found[0]) if found else []
    typed = given.get("yearly", "")
    facts["yearly"] = cells.fold(typed) in {"毎年", "くり返す"} or bool(vocabulary.known(row, TITLES["yearly"], typed))
    kept = given.get("stretches", "") if facts["rule"] in {"hours", "extra"} else ""
    facts["stretches"] = stretches.read(row, TITLES["stretches"], kept)
    facts["words"] = cells.clean(given.get("words", ""))
    if not facts["first_day"]:
        row.wrong(phrase("日付を「2026-11-24」の形で書いてください。"), _DAYS, given.get("first_day", ""))
    elif not row.is_wrong:
        facts["last_day"] = facts["last_day"] or facts["first_day"]
        try:
            timetables.check(_wish(facts))
        except BadInput as error:
            words, title = _REFUSED.get(error.field or "", (error.words, _DAYS))
            row.wrong(words, title)


def _wish(facts: Mapping[str, Any]) -> DatedWish:
    return DatedWish(
        kind=facts["rule"],
        first_day=date.fromisoformat(facts["first_day"]),
        last_day=date.fromisoformat(facts["last_day"]),
        words=facts["words"],
        stretches=tuple((one[0], one[1]) for one in facts["stretches"]),
        weekdays=tuple(facts["weekdays"]),
        yearly=facts["yearly"],
    )


def find(place: Place, standing: Sequence[Dated], facts: Mapping[str, Any]) -> Dated | None:
    """Return the exception of the place that a row means: by its ID, else the only one of its kind on its days."""
    by_id = [one for one in standing if _id(place, one) == facts["exception"]]
    days = (facts["rule"], facts["first_day"], facts["last_day"])
    alike = [one for one in standing if (one.kind, one.first.isoformat(), one.last.isoformat()) == days]
    found = by_id or alike
    return found[0] if len(found) == 1 else None


def differences(dated: Dated | None, facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return what a row changes; of a new exception everything."""
    now = _facts(dated) if dated is not None else {}
    for field in ("rule", "first_day", "last_day", "weekdays", "yearly", "stretches", "words"):
        if facts[field] != now.get(field) and (now or facts[field]):
            yield {"field": field, "now": now.get(field, ""), "file": facts[field], "by_hand": False}


def _facts(dated: Dated) -> dict[str, Any]:
    return {
        "rule": dated.kind,
        "first_day": dated.first.isoformat(),
        "last_day": dated.last.isoformat(),
        "weekdays": sorted(dated.weekdays),
        "yearly": dated.yearly,
        "stretches": [list(one) for one in dated.stretches],
        "words": dated.words,
    }


def apply(db: Session, place: Place, facts: Mapping[str, Any], now: datetime) -> None:
    """Add or change the exception of a row, as the form does. Raises ``BadInput``."""
    rules = opening.rules_by_place(db, [place.id]).get(place.id)
    found = find(place, rules.dated if rules is not None else (), facts)
    if found is None:
        timetables.add(db, place, _wish(facts), now)
    elif any(differences(found, facts)):
        timetables.edit(db, db.get_one(DatedException, found.id), place, _wish(facts), now)


def written(place: Place, dated: Dated) -> dict[str, str]:
    """Write an exception, by field."""
    facts = _facts(dated)
    return {
        "rule": KINDS[dated.kind],
        "first_day": facts["first_day"],
        "last_day": facts["last_day"],
        "weekdays": "・".join(cells.WEEKDAYS[one] for one in facts["weekdays"]),
        "yearly": "はい" if dated.yearly else "",
        "stretches": stretches.written(dated.stretches),
        "words": dated.words,
        "exception": _id(place, dated),
    }


def _id(place: Place, dated: Dated) -> str:
    """Return an ID that another town's file does not have by chance: numbers are counted anew in each."""
    return f"{place.id[:8]}-{dated.id}"
