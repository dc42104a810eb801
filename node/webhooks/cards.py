"""The same as a card in Microsoft Teams: one Adaptive Card 1.4 in a message, as a workflow's 「Webhook 要求を受信したとき」 takes it.

Names come from other towns too, so each stands in a ``TextRun``, in which Markdown means nothing: no name makes a link.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from federation.language import Locale, period, translate
from federation.wording import phrase
from node.config import Config
from node.webhooks import kinds
from node.webhooks.writing import party

MOST_PLACES = 10
"""So many places of one booking stand on a card; Teams takes 28 KB."""
STATES: Mapping[str, str] = {
    "held": phrase("仮予約"),
    "requested": phrase("承認待ち"),
    "confirmed": phrase("予約確定"),
    "refused": phrase("不承認"),
    "cancelled": phrase("取消"),
    "lapsed": phrase("失効"),
    "checked_in": phrase("利用中"),
    "completed": phrase("利用済"),
    "no_show": phrase("未利用(連絡なし)"),
}
_WHERE = phrase("座席")
_WHEN = phrase("日時")
_STATE = phrase("状態")
_HOST = phrase("受入団体")
_HOME = phrase("所属団体")
_MORE = phrase("ほか%(count)s席")
_TOWN = phrase("団体")

Line = tuple[str, str]


def message(kept: Mapping[str, Any], config: Config, locale: Locale) -> str:
    """Return the body for what the outbox kept of a happening, in the language of the receiver."""
    lines: list[Line] = []
    for spot in kept["spots"][:MOST_PLACES]:
        start, end = (datetime.fromisoformat(spot[edge]) for edge in ("start", "end"))
        lines.append((translate(_WHERE, locale), " ".join((spot["site"], spot["room"], spot["desk"]))))
        lines.append((translate(_WHEN, locale), period(start, end, ZoneInfo(spot["zone"]), locale)))
    if (left := len(kept["spots"]) - MOST_PLACES) > 0:
        lines.append((translate(_WHERE, locale), translate(_MORE, locale, count=left)))
    state = str(kept["state"])
    lines.append((translate(_STATE, locale), translate(STATES[state], locale) if state in STATES else state))
    lines.append((translate(_HOST, locale), party(kept["host"], config)["name"]))
    lines.append((translate(_HOME, locale), party(kept["home"], config)["name"]))
    return _card(str(kept["kind"]), lines, locale)


def trial(kind: str, config: Config, locale: Locale) -> str:
    """Return the body that the trial button sends."""
    return _card(kind, [(translate(_TOWN, locale), config.name)], locale)


def _card(kind: str, lines: Sequence[Line], locale: Locale) -> str:
    title = {
        "type": "TextBlock",
        "text": translate(kinds.TITLES[kind], locale),
        "weight": "Bolder",
        "size": "Medium",
        "wrap": True,
    }
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": locale,
        "body": [title, *map(_line, lines)],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}, ensure_ascii=False, separators=(",", ":"))


def _line(line: Line) -> Mapping[str, object]:
    label, words = line
    runs = [{"type": "TextRun", "text": f"{label}: ", "weight": "Bolder"}, {"type": "TextRun", "text": words}]
    return {"type": "RichTextBlock", "spacing": "Small", "inlines": runs}
