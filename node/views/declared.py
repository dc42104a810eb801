"""What a person declares with a booking - 勤務区分, confidentiality, that 利用上の注意 were read -, and what is missing of it."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from flask import request

from federation import rules
from federation.errors import BadDeskCode
from federation.messages.booking import HouseRules
from federation.web import markdown
from federation.web.tongue import say
from federation.wording import phrase
from node.home import here, houserules
from node.views import town, wished
from node.views.offers import Offer
from node.views.session import me
from node.views.shown import CONFIDENTIALITY, WORK_KINDS

_USUAL = {"work_kind": ("satellite", WORK_KINDS), "confidentiality": ("2", CONFIDENTIALITY)}


def chosen(given: Mapping[str, str]) -> dict[str, str]:
    """Return what is declared so far; what is usual in place of what is missing, or not offered."""
    return {name: it if (it := given.get(name)) in offered else usual for name, (usual, offered) in _USUAL.items()}


def form(number_of: str, house_rules: HouseRules | None) -> dict[str, object]:
    """Return what the page's form for declarations is filled with, for 利用上の注意 that have yet to be confirmed.

    ``number_of`` is the field of the number that the page gave to what it asks for.
    """
    return {
        "number": number(request.form.get(number_of, "")),
        "rules": house_rules,
        "confirmed": None,
        "consenting": house_rules is not None and request.form.get("consent_version") == house_rules.version,
        "form": request.values,
        "markdown": markdown.render,
        "choices": wished,
        "confidentiality": CONFIDENTIALITY,
    }


def confirmed_at(offer: Offer, version: str) -> datetime | None:
    """Return when the person confirmed this version of the host's 利用上の注意, so that it is not asked for again."""
    with town().storage.transaction() as db:
        return houserules.confirmed_at(db, me().id, offer.host, version) if version else None


def remember_consent(offer: Offer, version: str) -> None:
    with town().storage.transaction(write=True) as db:
        houserules.confirm(db, me().id, offer.host, version, host_name=offer.host_name, now=town().clock())


def missing(form: Mapping[str, str], *, confirmed: bool) -> dict[str, str]:
    """Say which declarations are absent; a value the form does not offer is as absent as none.

    ``confirmed`` says that the person confirmed these 利用上の注意 on an earlier day.
    """
    needed = {"work_kind": WORK_KINDS, "confidentiality": CONFIDENTIALITY}
    absent = {
        name: say(phrase("選択してください。")) for name, offered in needed.items() if form.get(name) not in offered
    }
    if form.get("confidentiality") == rules.MY_NUMBER:
        absent["confidentiality"] = say(rules.NEVER)
    if form.get("consent_version") and form.get("consent") != "1" and not confirmed:
        absent["consent"] = say(phrase("利用上の注意を読み、「確認しました」を選択してください。"))
    if form.get("code", "").strip():
        try:
            here.desk_code(form["code"])
        except BadDeskCode as error:
            absent["code"] = say(error.words)
    return absent


def number(typed: str) -> str:
    """Return the number the page gave to what it asks for, or a new one where it is none."""
    try:
        return str(uuid.UUID(typed[:36]))
    except ValueError:
        return str(uuid.uuid4())
