"""在館者確認: is everybody safe? Counts, and everybody who is in the building in a big row."""

from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation.errors import NotFound
from federation.web.tongue import say
from federation.wording import phrase
from node.host import rollcall as roll
from node.host.rollcall import RollCall
from node.views import town
from node.views.reception import chosen_site, published_sites, viewer

blueprint = Blueprint("rollcall", __name__)
"""For ``Audience.RECEPTION``."""

_ANSWERS = {"seen": (True, False), "sheltering": (True, True), "missing": (False, False)}
"""確認済, 庁舎待機, and taking either back: whether seen, whether staying for the night."""


@blueprint.get("/reception/rollcall")
def rollcall() -> str:
    """Show who is in the building and who has been seen; the look at the names is logged."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        call, sites = _call(db, now), published_sites(db)
    seen = [one for one in call.here if one not in call.missing]
    return render_template("reception/rollcall.html", now=now, call=call, seen=seen, sites=sites, site_id=chosen_site())


@blueprint.post("/reception/rollcall/<string(maxlength=36):key>")
def account_for(key: str) -> Response:
    """確認済, 庁舎待機, or take it back, for one person who is in the building."""
    now, answer = town().clock(), _ANSWERS.get(request.form.get("answer", "seen"), _ANSWERS["seen"])
    with town().storage.transaction(write=True) as db:
        if key not in {one.key for one in _call(db, now).here}:
            raise NotFound("nobody there")
        roll.account_for(db, key, seen=answer[0], sheltering=answer[1], by=viewer(), now=now)
    return redirect(url_for("rollcall.rollcall", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


@blueprint.post("/reception/rollcall/restart")
def restart() -> Response:
    """Begin a new roll call: everybody has to be seen again."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        call = _call(db, now)
        for key in [key for key, answer in call.answers.items() if answer.seen]:
            roll.account_for(db, key, seen=False, by=viewer(), now=now)
    flash(say(phrase("点呼を最初からやり直します。")), "info")
    return redirect(url_for("rollcall.rollcall", site=chosen_site() or None), HTTPStatus.SEE_OTHER)


def _call(db: Session, now: datetime) -> RollCall:
    """Return the roll call of the last day: an answer that was taken back counts as none."""
    since = now - timedelta(days=1)
    return roll.roll_call(db, now, by=viewer(), site_id=chosen_site() or None, since=since)
