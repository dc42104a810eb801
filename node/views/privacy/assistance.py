"""避難・入館のときの手助け: a person says, changes and takes back what help they need, and whether hosts are told."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.home import assistance
from node.views import town
from node.views.filled import Filled, shown
from node.views.session import me

blueprint = Blueprint("assistance", __name__)
"""For ``Audience.STAFF``."""

KINDS: Mapping[str, str] = {
    "stairs": phrase("階段が難しい"),
    "hearing": phrase("聞こえにくい"),
    "sight": phrase("見えにくい"),
    "other": phrase("その他"),
}
"""The words of ``federation.messages.booking.ASSISTED`` on a page."""


def named(kind: str) -> str:
    """Return a kind in the reader's words; one from a newer version is another."""
    return say(KINDS.get(kind, KINDS["other"]))


@blueprint.get("/me/assistance")
def show() -> Response:
    """Show what the person says, with what it is for beside it."""
    with town().storage.transaction() as db:
        said = assistance.of(db, me().id)
    kept = {"kinds": said.kinds, "words": said.words, "tells_hosts": said.tells_hosts} if said else {}
    return _page(shown(kept))


@blueprint.post("/me/assistance")
def keep() -> Response:
    """Keep what the person says in place of what they said."""
    filled = Filled(request.form)
    kinds, words = filled.choices("kinds", KINDS), filled.text("words", longest=assistance.LONGEST)
    if not (kinds or words or filled.errors):
        filled.wrong("kinds", phrase("あてはまるものを選ぶか、内容を入力してください。"))
    if filled.errors:
        return _page(filled)
    with town().storage.transaction(write=True) as db:
        tells = filled.ticked("tells_hosts")
        assistance.say(db, me().id, kinds, words, tells_hosts=tells, now=town().clock())
    told = phrase("手助けの内容を保存しました。これからの予約で訪問先に伝えます。")
    kept = phrase("手助けの内容を保存しました。訪問先には伝えません。")
    flash(say(told if tells else kept), "success")
    return _back()


@blueprint.post("/me/assistance/remove")
def take_back() -> Response:
    """Delete it; pressed twice it stays deleted."""
    with town().storage.transaction(write=True) as db:
        assistance.take_back(db, me().id, now=town().clock())
    flash(say(phrase("手助けの内容を削除しました。これからの予約では訪問先に伝えません。")), "success")
    return _back()


def _back() -> Response:
    return redirect(url_for("assistance.show"), HTTPStatus.SEE_OTHER)


def _page(filled: Filled) -> Response:
    with town().storage.transaction() as db:
        said = assistance.of(db, me().id)
    options = [(kind, say(words)) for kind, words in KINDS.items()]
    page = render_template("assistance.html", filled=filled, said=said, options=options, longest=assistance.LONGEST)
    return make_response(page, HTTPStatus.BAD_REQUEST if filled.errors else HTTPStatus.OK)
