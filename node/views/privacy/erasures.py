"""消去の請求 by one of our own people: 人事担当 sees what would go and what stays, and erases with a reason."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.home import erasing
from node.people import staff as directory
from node.retention import Prospect
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("own_erasures", __name__, url_prefix="/personnel/erasures")
"""For ``Audience.PERSONNEL``."""

LONGEST = 200
_UNKNOWN = phrase("この職員番号の職員は名簿にいません。番号を確認してください。")
_UNSURE = phrase("消去する内容を確認し、チェックを入れてください。")


@blueprint.get("")
def ask() -> Response:
    """Ask for a 職員番号."""
    return _page(Filled(MultiDict()))


@blueprint.post("")
def foresee() -> Response:
    """Show what would go and what stays, by counts and never by content."""
    return _answer(erases=False)


@blueprint.post("/erase")
def erase() -> Response:
    """Erase what may go."""
    return _answer(erases=True)


def _answer(*, erases: bool) -> Response:
    filled, now = Filled(request.form), town().clock()
    number = filled.text("number", longest=32, needed=True)
    reason = sure_reason(filled) if erases else ""
    with town().storage.transaction(write=True) as db:
        person = directory.find(db, number) if number else None
        if person is None:
            filled.wrong("number", _UNKNOWN)
            return _page(filled)
        if erases and not filled.errors:
            count = erasing.erase(db, person, reason, by=f"staff:{me().id}", now=now)
            return told(count, url_for("own_erasures.ask"))
        return _page(filled, erasing.foresee(db, person, now))


def sure_reason(filled: Filled) -> str:
    """Read the reason and whether whoever presses is sure."""
    reason = filled.text("reason", longest=LONGEST, needed=True)
    if not filled.ticked("sure"):
        filled.wrong("sure", _UNSURE)
    return reason


def told(count: int, back: str) -> Response:
    """Say how much was erased, at the page where the next one is asked for."""
    erased = phrase("%(count)s件を消去しました。削除の記録と監査記録に残りました。")
    flash(say(erased, count=count) if count else say(phrase("消去できる記録は、もうありません。")), "success")
    return redirect(back, HTTPStatus.SEE_OTHER)


def _page(filled: Filled, prospect: Prospect | None = None) -> Response:
    page = render_template("erasures.html", filled=filled, prospect=prospect, longest=LONGEST)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
