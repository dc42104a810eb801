"""The terms of an agreement in the reader's language, as both towns' pages show them: every term that is signed is shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from federation.language import day as written_day
from federation.web.tongue import current, say
from federation.wording import phrase
from node.views.admin.hours import WEEKDAYS
from node.views.shown import WORK_KINDS

Terms = Mapping[str, Any]
_PREFECTURE = 2
_SILENT = frozenset(
    {"home_code", "home_codes", "site_names", "room_names", "closes", "ends_on", "per", "horizon_days", "closes_at"}
)
"""What is said together with another term, or says nothing to people."""
_SAYS_NOTHING: tuple[object, ...] = (None, "", [], {}, False)
_COUNTED: Mapping[str, tuple[str, str]] = {
    "seats_a_day": (phrase("1日の席数"), phrase("%(count)s席まで")),
    "seats_a_week": (phrase("1週間の延べ席数"), phrase("%(count)s席まで")),
    "uses_a_day": (phrase("1人が1日に利用できる回数"), phrase("%(count)s回まで")),
    "uses_a_week": (phrase("1人が1週間に利用できる回数"), phrase("%(count)s回まで")),
    "shortest_minutes": (phrase("1回の最短の時間"), phrase("%(count)s分")),
    "longest_minutes": (phrase("1回の最長の時間"), phrase("%(count)s分")),
    "notice_days": (phrase("予告期間"), phrase("%(count)s日")),
}


def rows(terms: Terms, towns: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Return label and words of every term; ``towns`` has names by code. A term nobody here knows is shown by its own name."""
    found = [(say(label), words(terms, towns)) for label, words in _SAID]
    found += [
        (say(label), say(words, count=terms[name])) for name, (label, words) in _COUNTED.items() if terms.get(name)
    ]
    known = _SILENT | _COUNTED.keys() | _NAMED
    found += [
        (name, str(value)) for name, value in sorted(terms.items()) if name not in known and value not in _SAYS_NOTHING
    ]
    return [(label, said) for label, said in found if said]


def changes(before: Terms, after: Terms, towns: Mapping[str, str]) -> Sequence[tuple[str, str, str]]:
    """Return what differs between two versions: label, words before and words after; empty where the term was not there."""
    was, becomes = dict(rows(before, towns)), dict(rows(after, towns))
    labels = [*becomes, *(label for label in was if label not in becomes)]
    return [
        (label, was.get(label, ""), becomes.get(label, ""))
        for label in labels
        if was.get(label, "") != becomes.get(label, "")
    ]


def _day(text: object) -> str:
    return written_day(date.fromisoformat(str(text)), current()) if text else ""


def _homes(terms: Terms, towns: Mapping[str, str]) -> str:
    codes = terms.get("homes") or []
    named = "、".join(
        f"{towns.get(code, '')}（{code}）" if len(code) > _PREFECTURE else towns.get(code, code) for code in codes
    )
    return named or say(phrase("連携基盤に参加するすべての団体"))


def _sites(terms: Terms, _towns: Mapping[str, str]) -> str:
    names = terms.get("site_names") or {}
    return "、".join(str(names.get(id_, id_)) for id_ in terms.get("site_ids") or []) or say(phrase("すべての施設"))


def _rooms(terms: Terms, _towns: Mapping[str, str]) -> str:
    names = terms.get("room_names") or {}
    return "、".join(str(names.get(id_, id_)) for id_ in terms.get("room_ids") or [])


def _weekdays(terms: Terms, _towns: Mapping[str, str]) -> str:
    days = [number for number in terms.get("weekdays") or [] if isinstance(number, int) and 0 <= number < 7]
    return "、".join(say(WEEKDAYS[number]) for number in days) or say(phrase("すべての曜日"))


def clock(minutes: int) -> str:
    """Return minutes after midnight as a clock shows them."""
    return f"{minutes // 60}:{minutes % 60:02}"


def _hours(terms: Terms, _towns: Mapping[str, str]) -> str:
    opens, closes = terms.get("opens"), terms.get("closes")
    if opens is None and closes is None:
        return say(phrase("開庁から閉庁まで"))
    return f"{clock(opens or 0)}〜{clock(1440 if closes is None else closes)}"


def _kinds(terms: Terms, _towns: Mapping[str, str]) -> str:
    kinds = [kind for kind in terms.get("work_kinds") or [] if kind in WORK_KINDS]
    return "、".join(say(WORK_KINDS[kind]) for kind in kinds) or say(phrase("すべての勤務区分"))


def _years(terms: Terms, _towns: Mapping[str, str]) -> str:
    starts, ends = _day(terms.get("starts_on")), _day(terms.get("ends_on"))
    return f"{starts}〜{ends}" if starts or ends else say(phrase("期限なし"))


def _asked(terms: Terms, _towns: Mapping[str, str]) -> str:
    lead = terms.get("lead_minutes") or 0
    said = say(phrase("開始の%(count)s分前まで"), count=lead) if lead else say(phrase("開始まで"))
    ahead = terms.get("horizon_days")
    return said if ahead is None else say(phrase("%(days)s日先まで、%(until)s"), days=ahead, until=said)


def _price(terms: Terms, _towns: Mapping[str, str]) -> str:
    yen = terms.get("price_yen") or 0
    if not yen:
        return say(phrase("無料"))
    each = phrase("1時間につき%(yen)s円") if terms.get("per") == "hour" else phrase("1回につき%(yen)s円")
    return say(each, yen=f"{yen:,}")


def _approves(terms: Terms, _towns: Mapping[str, str]) -> str:
    return say(phrase("予約ごとに受入団体が承認する")) if terms.get("host_approves") else say(phrase("承認は要らない"))


def _manifest(terms: Terms, _towns: Mapping[str, str]) -> str:
    return say(phrase("氏名と所属を渡す")) if terms.get("named_manifest") else say(phrase("氏名を渡さない"))


def _assurance(terms: Terms, _towns: Mapping[str, str]) -> str:
    level = terms.get("assurance") or 1
    return say(phrase("レベル%(level)s以上"), level=level) if level != 1 else ""


def _authorities(terms: Terms, _towns: Mapping[str, str]) -> str:
    return "、".join(str(name) for name in terms.get("authorities") or [])


def _plain(name: str) -> Callable[[Terms, Mapping[str, str]], str]:
    return lambda terms, _towns: str(terms.get(name) or "")


_SAID: Sequence[tuple[str, Callable[[Terms, Mapping[str, str]], str]]] = (
    (phrase("協定の名称"), _plain("name")),
    (phrase("文書番号"), _plain("number")),
    (phrase("締結日"), lambda terms, _towns: _day(terms.get("concluded_on"))),
    (phrase("利用する団体"), _homes),
    (phrase("有効期間"), _years),
    (phrase("利用できる施設"), _sites),
    (phrase("利用できる部屋"), _rooms),
    (phrase("利用できる曜日"), _weekdays),
    (phrase("利用できる時間"), _hours),
    (phrase("利用できる勤務区分"), _kinds),
    (phrase("対象の職員の任命権者"), _authorities),
    (phrase("申込みの期限"), _asked),
    (phrase("料金"), _price),
    (phrase("料金の根拠となる条例"), _plain("price_basis")),
    (phrase("受入団体の承認"), _approves),
    (phrase("来庁する方の氏名"), _manifest),
    (phrase("当人認証保証レベル"), _assurance),
)
_NAMED = frozenset(
    {
        "name", "number", "concluded_on", "homes", "starts_on", "site_ids", "room_ids", "assurance", "weekdays", "opens", "work_kinds",
        "lead_minutes", "price_yen", "price_basis", "host_approves", "named_manifest", "authorities",
    }
)  # fmt: skip
