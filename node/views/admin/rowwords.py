"""What the pages of an import say of a row: its verdict, its remarks, what it would change."""

from collections.abc import Mapping
from typing import Any

from federation.web.tongue import say
from federation.wording import phrase
from node.host.sheets import arrival, desks, hours, rooms
from node.host.sheets.cells import WEEKDAYS
from node.host.sheets.headings import TITLES
from node.host.sheets.stretches import clock
from node.models.imports import ImportRow
from node.views.admin.places import FEATURES, POOLS, PRIVACY
from node.views.space import CARRIERS, EATING, FACILITY_TYPES, SCREEN, SIGNALS, TALKING, WEB_MEETING

KINDS: Mapping[str, str] = {
    "facilities": phrase("公共施設一覧"),
    "rooms": phrase("部屋"),
    "desks": phrase("座席"),
    "hours": phrase("利用時間"),
    "closures": phrase("休止"),
}
_TITLES: Mapping[str, str] = {**hours.TITLES, **rooms.TITLES, **desks.TITLES, **TITLES}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "features": FEATURES,
    "pool": POOLS,
    "privacy": PRIVACY,
    "talking": TALKING,
    "web_meeting": WEB_MEETING,
    "screen": SCREEN,
    "eating": EATING,
    "facility_type": FACILITY_TYPES,
    "rule": hours.RULES,
    "slots": hours.SLOTS,
    **{f"mobile.{carrier}": SIGNALS for carrier in CARRIERS},
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "new": (phrase("新規"), "green"),
    "update": (phrase("更新"), "blue"),
    "same": (phrase("変更なし"), "neutral"),
    "problem": (phrase("要修正"), "red"),
}
_SHOWN = 120


def remark(one: Mapping[str, Any]) -> str:
    """Return a remark as a sentence: its column, what it says, what stood there and what it became."""
    words = say(one["words"], **one["facts"])
    if one["column"]:
        words = say(phrase("%(field)s：%(words)s"), field=say(one["column"]), words=words)
    if one["became"]:
        return say(
            phrase("%(words)s（%(given)s → %(became)s）"), words=words, given=one["given"] or "―", became=one["became"]
        )
    return say(phrase("%(words)s（%(given)s）"), words=words, given=one["given"]) if one["given"] else words


def reasons(row: ImportRow) -> str:
    """Return why a row cannot be taken over, in one cell."""
    return " ".join(remark(one) for one in row.remarks if one["kind"] == "problem")


def differences(row: ImportRow) -> list[tuple[str, str, str, bool]]:
    """Return for each fact that the row would change its label, what it is, what the file says, and whether it is by hand."""
    return [
        (say(_TITLES.get(one["field"], one["field"])), _worded(one, "now"), _worded(one, "file"), one["by_hand"])
        for one in row.differences
    ]


def _worded(one: Mapping[str, Any], side: str) -> str:
    value, words = one[side], _WORDS.get(one["field"], {})
    if one["field"] == "weekdays" and isinstance(value, list):
        return "・".join(WEEKDAYS[number] for number in value) or "―"
    if isinstance(value, list) and words:
        return "、".join(say(words[each]) for each in value if each in words) or "―"
    return say(words[value]) if isinstance(value, str) and value in words else _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return "―"
    if isinstance(value, bool):
        return say(phrase("はい")) if value else say(phrase("いいえ"))
    if isinstance(value, list):
        return "、".join(_piece(one) for one in value) or "―"
    text = str(value)
    return (text[:_SHOWN] + "…" if len(text) > _SHOWN else text) or "―"


def _piece(one: Any) -> str:
    if isinstance(one, dict):
        return arrival.written([one])
    if isinstance(one, list) and len(one) == 2:
        return f"{clock(one[0])}-{clock(one[1])}"
    if isinstance(one, list) and len(one) == 3:
        return f"{WEEKDAYS[one[0]]} {clock(one[1])}-{clock(one[2])}"
    return str(one)
