"""The draft of a report to the 個人情報保護委員会: nine matters in the rule's own order, filled in as far as the system knows them.

For a town 個人情報保護法68条1項 and 施行規則43条, 44条 count; 44条1項 names the nine matters as 8条1項 does for enterprises (7条, 8条 of
it follow from 26条). The source of each number and what must be checked stands in docs/privacy.md; the draft says so too.
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from federation.web.tongue import say
from federation.wording import phrase
from node import incidents
from node.models.incidents import Incident
from node.views.privacy.incidentwords import KINDS, LEAKS, WRITERS

_JAPAN = ZoneInfo("Asia/Tokyo")
_TICKED, _OPEN = "■", "□"
_BASIS = phrase(
    "根拠：個人情報保護法68条1項、同法施行規則43条・44条。項目1〜9は44条1項1号〜9号です"
    "（事業者についての同法26条1項、施行規則7条・8条1項1号〜9号と同じ並び）。"
    "条番号と項目は、提出前に現行の条文と個人情報保護委員会の様式で確かめてください。"
)
_BLANK = phrase("（記入してください）")
_MATTERS = (
    phrase("1 概要（1号）"),
    phrase("2 漏えい等が発生し、または発生したおそれがある保有個人情報の項目（2号）"),
    phrase("3 本人の数（3号）"),
    phrase("4 原因（4号）"),
    phrase("5 二次被害またはそのおそれの有無とその内容（5号）"),
    phrase("6 本人への対応の実施状況（6号）"),
    phrase("7 公表の実施状況（7号）"),
    phrase("8 再発防止のための措置（8号）"),
    phrase("9 その他参考となる事項（9号）"),
)


def draft(row: Incident, town: str) -> str:
    """Return the draft for an incident that is loaded with its entries, by the town of this name; times are Japan's."""
    parts = [say(phrase("漏えい等報告（案） %(town)s"), town=town), say(_BASIS), "\n".join(_head(row))]
    said = (
        _outline(row),
        _items(row),
        [say(phrase("本人の数：　　名（確定・概数・調査中）")), say(phrase("うち所属団体ごとの内訳：")) + say(_BLANK)],
        [say(phrase("直接の原因：")) + say(_BLANK), say(phrase("背景にある原因：")) + say(_BLANK)],
        [say(phrase("□有　□無　□調査中")), say(phrase("内容：")) + say(_BLANK)],
        [
            say(phrase("□通知済み（　年　月　日、方法：　　）　□通知していない（理由と予定：　　）")),
            say(phrase("本人への通知は同法68条2項、施行規則45条によります。")),
        ],
        [say(phrase("□公表済み（　年　月　日、方法：　　）　□予定（　年　月　日）　□公表しない（理由：　　）"))],
        [say(phrase("実施した措置：")) + say(_BLANK), say(phrase("今後の措置と時期：")) + say(_BLANK)],
        _further(row),
    )
    parts += ["\n".join([say(title), *lines]) for title, lines in zip(_MATTERS, said, strict=True)]
    return "\n\n".join(parts) + "\n"


def _head(row: Incident) -> Iterator[str]:
    days = [one.day.isoformat() for one in incidents.reports_due(row)]
    first, last = days if days else ("―", "―")
    told = phrase(
        "報告の別：□速報（知った後、速やかに。目安 %(first)sまで。把握している事項だけで足ります）　□確報（%(last)sまで）"
    )
    yield say(told, first=first, last=last)
    yield say(phrase("報告の対象となる事態（43条各号。あたるものを■に）："))
    yield _OPEN + say(phrase("1号 要配慮個人情報が含まれる"))
    yield _OPEN + say(phrase("2号 不正に利用されると財産的被害が生じるおそれがある"))
    yield (_TICKED if row.is_malicious else _OPEN) + say(phrase("3号 不正の目的をもって行われたおそれがある"))
    yield _OPEN + say(phrase("4号 本人の数が100人を超える"))
    yield _OPEN + say(phrase("5号 条例要配慮個人情報が含まれる"))


def _outline(row: Incident) -> list[str]:
    first = phrase("発生 %(at)s、把握 %(known)s、場所 %(place)s、種類 %(kind)s、%(leak)s")
    place, kind, leak = row.place or "―", say(KINDS[row.kind]), say(LEAKS[row.leak])
    return [
        say(first, at=_at(row.happened_at), known=_at(row.known_at), place=place, kind=kind, leak=leak),
        row.what,
        say(phrase("漏えい・滅失・毀損の別、発見の経緯、委託の有無：")) + say(_BLANK),
    ]


def _items(row: Incident) -> list[str]:
    if not row.booking_id:
        return [say(_BLANK)]
    kept = phrase(
        "この利用について双方の団体のシステムにある項目：氏名と所属（協定で名簿に載せる場合）、座席と日時、入退室の時刻、受付の記録。"
    )
    return [say(kept), say(phrase("このうち、またはこのほかに、実際に漏えい等した項目：")) + say(_BLANK)]


def _further(row: Incident) -> list[str]:
    lines = [_entry(one.at, one.role, one.words, "" if one.is_ours else row.partner_name) for one in row.entries]
    if row.partner:
        when = _at(row.told_at) if row.told_at else say(phrase("まだ届いていません"))
        lines.insert(0, say(phrase("相手団体 %(town)s：連絡 %(at)s"), town=row.partner_name, at=when))
    return [*lines, say(phrase("ほかの機関への報告、参考となる事項：")) + say(_BLANK)]


def _entry(at: datetime, role: str, words: str, town: str) -> str:
    who = f"{town} {say(WRITERS[role])}".strip()
    return f"{_at(at)} {who}: {words}"


def _at(moment: datetime) -> str:
    return moment.astimezone(_JAPAN).strftime("%Y-%m-%d %H:%M")
