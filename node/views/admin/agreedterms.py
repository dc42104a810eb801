"""An agreement's terms, as its form has them and as its list says them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.web.tongue import say
from federation.wording import phrase
from node.models.agreements import Agreement
from node.models.sites import Room, Site
from node.views.admin import agreedhomes, validity
from node.views.filled import Filled
from node.views.shown import WORK_KINDS

PER: Mapping[str, str] = {"use": phrase("1回につき"), "hour": phrase("1時間につき")}
LEAD: Mapping[str, str] = {
    "0": phrase("開始まで"),
    "60": phrase("開始の1時間前まで"),
    "1440": phrase("開始の24時間前まで"),
    "2880": phrase("開始の48時間前まで"),
    "10080": phrase("開始の7日前まで"),
}
ASSURANCE: Mapping[str, str] = {
    "1": phrase("レベル1（パスワードなど一つの方法）"),
    "2": phrase("レベル2（認証アプリなど二つ目の方法）"),
    "3": phrase("レベル3（所属団体の認証基盤が機器で確かめる方法）"),
}
"""当人認証保証レベル of who books."""
_KEPT = phrase("現在の設定のまま")
COUNTED: Mapping[str, int] = {"seats_a_day": 9999, "seats_a_week": 69999, "uses_a_day": 99, "uses_a_week": 99}
"""What is counted, with the most that may be agreed."""
_LIMITS: Mapping[str, str] = {
    "seats_a_week": phrase("1週間延べ%(count)s席まで"),
    "uses_a_day": phrase("1人1日%(count)s回まで"),
    "uses_a_week": phrase("1人1週間%(count)s回まで"),
    "shortest_minutes": phrase("1回%(count)s分以上"),
    "longest_minutes": phrase("1回%(count)s分まで"),
}


def read(filled: Filled, present: Agreement | None = None) -> Mapping[str, Any]:
    """Read the terms as the columns of ``Agreement``; what is wrong is noted in ``filled``. ``present`` are those so far."""
    starts_on, ends_on = validity.read(filled)
    price = filled.whole("price_yen", 0, 1_000_000) or 0
    basis = filled.text("price_basis", longest=300)
    if price and not basis:
        filled.wrong("price_basis", phrase("料金の根拠となる条例を入力してください。"))
    opens, closes = filled.time("opens"), filled.time("closes")
    if opens is not None and closes is not None and closes <= opens:
        filled.wrong("closes", phrase("終わりの時刻は、始まりの時刻より後にしてください。"))
    shortest, longest = filled.whole("shortest_minutes", 1, 1440), filled.whole("longest_minutes", 1, 1440)
    if shortest is not None and longest is not None and longest < shortest:
        filled.wrong("longest_minutes", phrase("最長の時間は最短の時間以上にしてください。"))
    return {
        "name": filled.text("name", longest=100, needed=True),
        "number": filled.text("number", longest=100),
        "concluded_on": filled.day("concluded_on"),
        "decision_number": filled.text("decision_number", longest=100),
        **agreedhomes.read(filled, present),
        "site_ids": list(dict.fromkeys(filled.form.getlist("site_ids"))),
        "room_ids": list(dict.fromkeys(filled.form.getlist("room_ids"))),
        "weekdays": [int(day) for day in filled.choices("weekdays", [str(number) for number in range(7)])],
        **{name: filled.whole(name, 1, most) for name, most in COUNTED.items()},
        "opens": opens,
        "closes": closes,
        "shortest_minutes": shortest,
        "longest_minutes": longest,
        "work_kinds": filled.choices("work_kinds", WORK_KINDS),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "lead_minutes": _lead(filled, present),
        "price_yen": price,
        "per": filled.choice("per", PER),
        "price_basis": basis,
        "host_approves": filled.ticked("host_approves"),
        "named_manifest": filled.ticked("named"),
        "notice_days": _notice(filled, present),
        "assurance": _assurance(filled, present),
        "authorities": _authorities(filled),
    }


def _notice(filled: Filled, present: Agreement | None) -> int:
    """Read the notice period; what the form does not say stays as it is."""
    typed = filled.whole("notice_days", 0, 365)
    if typed is not None:
        return typed
    return 30 if present is None else present.notice_days


def _authorities(filled: Filled) -> list[str]:
    """Read the 任命権者, as they are written in both towns' lists."""
    words = filled.text("authorities", longest=400).replace(",", "、").split("、")
    named = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if named and filled.typed("who") in {"everyone", "prefecture"}:
        filled.wrong("authorities", phrase("任命権者を限れるのは、団体コードで指定した団体との協定だけです。"))
    return named


def _assurance(filled: Filled, present: Agreement | None) -> int:
    """Read the level of sign-in that is asked for; what the form does not say stays as it is."""
    if not filled.typed("assurance"):
        return 1 if present is None else present.assurance
    chosen = filled.choice("assurance", ASSURANCE)
    return 1 if "assurance" in filled.errors else int(chosen)


def _lead(filled: Filled, present: Agreement | None) -> int:
    chosen = filled.choice("lead", leads(present))
    return 0 if "lead" in filled.errors else int(chosen)


def leads(present: Agreement | None) -> Mapping[str, str]:
    """Return the deadlines to choose from; one that was set otherwise may be kept."""
    kept = {} if present is None or str(present.lead_minutes) in LEAD else {str(present.lead_minutes): _KEPT}
    return {**LEAD, **kept}


def check_places(db: Session, facts: Mapping[str, Any], filled: Filled) -> None:
    """Note in ``filled`` that a site or a room is none of ours, or that no chosen room is at a chosen site."""
    sites, rooms = set(facts["site_ids"]), set(facts["room_ids"])
    known = {row.id: row.site_id for row in db.execute(select(Room.id, Room.site_id))}
    if not sites <= set(db.scalars(select(Site.id))):
        filled.wrong("site_ids", phrase("選択肢から選んでください。"))
    elif not rooms <= set(known):
        filled.wrong("room_ids", phrase("選択肢から選んでください。"))
    elif sites and any(known[room] not in sites for room in rooms):
        filled.wrong(
            "room_ids", phrase("選んだ施設にある部屋を選んでください。施設を選ばない場合は、どの部屋でも選べます。")
        )


def typed(found: Agreement) -> Mapping[str, object]:
    """Return an agreement as the form shows it."""
    years = next((value for value, _ in validity.choices() if validity.is_year(found, value)), None)
    unlimited = found.starts_on is None and found.ends_on is None
    return {
        **agreedhomes.typed(found),
        "years": years or ("open" if unlimited else "dates"),
        "lead": found.lead_minutes,
        "assurance": found.assurance,
        "named": found.named_manifest,
        **{
            name: getattr(found, name)
            for name in (
                "name",
                "number",
                "site_ids",
                "room_ids",
                "weekdays",
                "work_kinds",
                "starts_on",
                "ends_on",
                *COUNTED,
            )
        },
        **{name: getattr(found, name) for name in ("concluded_on", "decision_number")},
        **{name: getattr(found, name) for name in ("shortest_minutes", "longest_minutes", "notice_days")},
        "authorities": "、".join(found.authorities),
        "opens": _clock(found.opens),
        "closes": _clock(found.closes),
        **{name: getattr(found, name) for name in ("price_yen", "per", "price_basis", "host_approves")},
    }


def limits(found: Agreement) -> Sequence[str]:
    """Say what bounds each use, in the reader's language; the seats of a day stand beside the week's own."""
    told = [
        say(words, count=getattr(found, name)) for name, words in _LIMITS.items() if getattr(found, name) is not None
    ]
    if found.opens is not None or found.closes is not None:
        told.insert(0, f"{_clock(found.opens or 0)}〜{_clock(1440 if found.closes is None else found.closes)}")
    if found.assurance > 1:
        told.append(say(ASSURANCE[str(found.assurance)]))
    if found.authorities:
        told.append(say(phrase("任命権者が「%(names)s」の職員だけ"), names="、".join(found.authorities)))
    return [*told, *(say(WORK_KINDS[kind]) for kind in found.work_kinds if kind in WORK_KINDS)]


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02}"
