"""災害時の受入れ: the one action by which a host goes on trusting its partners while the registry is silent."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import NotFound
from federation.web.tongue import say
from federation.wording import phrase
from node.host import disaster
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("admin_disaster", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/disaster")
def show() -> Response:
    """Show whether it stands, and until when."""
    return _page(Filled(request.args))


@blueprint.post("/admin/disaster")
def declare() -> Response:
    """Declare it, for some days and for a reason."""
    form = Filled(request.form)
    days = form.whole("days", 1, disaster.LONGEST, needed=True)
    reason = form.text("reason", longest=300, needed=True)
    if form.errors or days is None:
        return _page(form)
    with town().storage.transaction(write=True) as db:
        disaster.declare(db, days=days, reason=reason, by=f"staff:{me().id}", now=town().clock())
    flash(say(phrase("災害時の受入れを始めました。期限が来ると自動で終わります。")), "success")
    return redirect(url_for("admin_disaster.show"), HTTPStatus.SEE_OTHER)


@blueprint.post("/admin/disaster/end")
def end() -> Response:
    """End it before its time."""
    try:
        with town().storage.transaction(write=True) as db:
            disaster.end(db, by=f"staff:{me().id}", now=town().clock())
    except NotFound:
        flash(say(phrase("災害時の受入れは、すでに終わっています。")), "info")
    else:
        flash(say(phrase("災害時の受入れを終わりました。")), "success")
    return redirect(url_for("admin_disaster.show"), HTTPStatus.SEE_OTHER)


def _page(form: Filled) -> Response:
    with town().storage.transaction() as db:
        standing = disaster.standing(db, town().clock())
    page = render_template("admin/disaster.html", standing=standing, form=form, longest=disaster.LONGEST)
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
