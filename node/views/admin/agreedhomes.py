"""With whom an agreement is: one town, several, all of a prefecture, or every member, as its form has it and its list says it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import municipality
from federation.errors import BadMunicipalityCode
from federation.members import Member
from federation.prefectures import PREFECTURES
from federation.web.tongue import current, say
from federation.wording import phrase
from node.models.agreements import Agreement
from node.views import town
from node.views.filled import Filled

WHO: Mapping[str, str] = {
    "town": phrase("一つの団体"),
    "towns": phrase("複数の団体"),
    "prefecture": phrase("一つの都道府県のすべての団体"),
    "everyone": phrase("連携基盤に参加するすべての団体"),
}
MOST_TOWNS = 200
_LONGEST = 4000
_BETWEEN = re.compile(r"[\s,、，;；]+")
_OURS = phrase("自団体の職員には協定は不要です。相手の団体コードを入力してください。")


def read(filled: Filled, present: Agreement | None) -> Mapping[str, Any]:
    """Read with whom it is; what is wrong is noted in ``filled``. ``present`` is what it was so far."""
    who = filled.choice("who", WHO)
    return {
        "home_code": _one(filled, present) if who == "town" else None,
        "home_codes": _several(filled) if who == "towns" else _prefecture(filled) if who == "prefecture" else [],
    }


def _one(filled: Filled, present: Agreement | None) -> str:
    """Read the town's code, mended where only one reading is possible; a wrong check digit says what it should be."""
    try:
        code = municipality.repair(filled.typed("home_code")).code
    except BadMunicipalityCode as error:
        filled.wrong("home_code", error.words, **error.facts)
        return ""
    if code == town().config.code and (present is None or present.home_code != code):
        filled.wrong("home_code", _OURS)
    return code


def _several(filled: Filled) -> list[str]:
    """Read codes, one a line or with blanks between them; the first that is wrong is told."""
    typed = [one for one in _BETWEEN.split(filled.text("home_codes", longest=_LONGEST, needed=True, lines=True)) if one]
    if len(typed) > MOST_TOWNS:
        filled.wrong("home_codes", phrase("一度に登録できるのは%(count)s団体までです。"), count=MOST_TOWNS)
        return []
    codes: list[str] = []
    for one in typed:
        try:
            codes.append(municipality.repair(one).code)
        except BadMunicipalityCode as error:
            filled.wrong("home_codes", error.words, **error.facts)
            return []
    if town().config.code in codes:
        filled.wrong("home_codes", _OURS)
    return list(dict.fromkeys(codes))


def _prefecture(filled: Filled) -> list[str]:
    digits = filled.choice("prefecture", prefectures())
    return [] if "prefecture" in filled.errors else [digits]


def prefectures() -> Mapping[str, str]:
    """Return the prefectures to choose from, by the digits with which their codes begin."""
    japanese = current() == "ja"
    return {f"{number:02}": one.name if japanese else one.english for number, one in enumerate(PREFECTURES, start=1)}


def typed(found: Agreement) -> Mapping[str, object]:
    """Return with whom an agreement is, as the form shows it."""
    whole = [code for code in found.home_codes if len(code) == 2]
    who = "everyone" if found.everyone else "town" if found.home_code else "prefecture" if whole else "towns"
    return {
        "who": who,
        "home_code": found.home_code,
        "home_codes": "\n".join(code for code in found.home_codes if len(code) > 2),
        "prefecture": whole[0] if whole else "",
    }


def names(db: Session, found: Sequence[Agreement]) -> Mapping[str, str]:
    """Return what the partners are called, by the codes and digits that agreements name; one statement."""
    codes = {code for one in found for code in one.homes}
    rows = db.scalars(select(Member).where(Member.code.in_(codes), ~Member.gone)) if codes else ()
    whole = {
        digits: say(phrase("%(prefecture)sのすべての団体"), prefecture=name) for digits, name in prefectures().items()
    }
    return whole | {row.code: row.name for row in rows} | {town().config.code: town().config.name}
