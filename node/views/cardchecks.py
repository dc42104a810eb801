"""受付: a 職員証 held against the pass of a visitor whose name nobody told us. Nothing of it is kept."""

from http import HTTPStatus

from flask import Blueprint, request
from werkzeug.wrappers import Response

from federation import audit
from federation.cards import in_hand, is_met
from federation.errors import TooMany
from federation.web.tongue import say
from federation.wording import phrase
from node.people import allowances
from node.views import town
from node.views.filled import Filled
from node.views.reception import as_meant, checking, page, viewer

blueprint = Blueprint("cardchecks", __name__)
"""For ``Audience.RECEPTION``."""

WRONG_A_MINUTE = 10
"""So many cards that do not belong to their passes one person may try."""


@blueprint.post("/reception/card")
def compare() -> Response:
    """Say whether the name and number typed from a card are the ones the pass was signed for; the pass is checked again."""
    filled, now = Filled(request.form), town().clock()
    held = in_hand(as_meant(request.form.get("code", "")))
    name = held.name or filled.text("name", longest=100, needed=True)
    number = filled.text("number", longest=32, needed=True)
    try:
        checked = checking(held.shown)
        if checked.verdict != "on_list" or not (checked.card and held.salt):
            return page(checked=checked, scanned=True)
        if filled.errors:
            return page(checked=checked, scanned=True, held=held, filled=filled, status=HTTPStatus.BAD_REQUEST)
        met = is_met(checked.card, held, name, number)
        with town().storage.transaction(write=True) as db:
            if not met:
                allowances.spend(db, "wrong-card", viewer(), WRONG_A_MINUTE, now=now)
            audit.record(
                db,
                event="card.compared",
                actor=viewer(),
                subject=checked.guests[0].booking_id,
                verdict="allowed" if met else "refused",
                now=now,
            )
    except TooMany as error:
        words = phrase("違う番号が続いたため、しばらく確認できません。1分後にもう一度お試しください。")
        return page(error=say(words), status=error.status)
    return page(checked=checked, scanned=True, held=held, met=met, name=name)
