"""不在と代理: who decides in my place while I am away, and in whose place I decide."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.errors import BadInput
from federation.web.tongue import say
from federation.wording import phrase
from node.home import deputies
from node.home.wishes import JAPAN
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("deputies", __name__)
"""For ``Audience.STAFF``: who decides nothing passes nothing on."""

_WORDS = {
    "number": phrase("この職員番号の方は、代理にできません。在職中のほかの職員の番号を入力してください。"),
    "until_on": phrase("終わりの日は、今日以降で、始まりの日から1年以内にしてください。"),
}


@blueprint.get("/manager/deputies")
def show() -> Response:
    """Show who stands in for whom, and the form."""
    today = town().clock().astimezone(JAPAN).date().isoformat()
    return _page(Filled(MultiDict({"from_on": today, "until_on": today})))


@blueprint.post("/manager/deputies")
def appoint() -> Response:
    """Let somebody decide in one's place for some days."""
    form = Filled(request.form)
    number = form.text("number", longest=32, needed=True)
    from_on, until_on = form.day("from_on", needed=True), form.day("until_on", needed=True)
    if not form.errors and from_on is not None and until_on is not None:
        try:
            with town().storage.transaction(write=True) as db:
                deputies.appoint(db, me(), number, from_on, until_on, now=town().clock())
        except BadInput as error:
            form.refused(error, otherwise="number", words=_WORDS)
        else:
            flash(say(phrase("代理を指定し、ご本人にお知らせしました。")), "success")
            return redirect(url_for("deputies.show"), HTTPStatus.SEE_OTHER)
    return _page(form)


@blueprint.post("/manager/deputies/<int:deputy_id>/end")
def end(deputy_id: int) -> Response:
    """Be back."""
    with town().storage.transaction(write=True) as db:
        deputies.end(db, deputy_id, me(), now=town().clock())
    flash(say(phrase("代理の指定を終了しました。")), "success")
    return redirect(url_for("deputies.show"), HTTPStatus.SEE_OTHER)


def _page(form: Filled) -> Response:
    with town().storage.transaction() as db:
        rows = deputies.of(db, me(), now=town().clock())
    page = render_template("deputies.html", rows=rows, form=form, errors=form.errors)
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
