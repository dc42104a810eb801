"""名簿の印刷用端末: which computers print the day's list by themselves, letting one in, and letting it in no more."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation.errors import TooMany
from federation.web.tongue import say
from federation.wording import phrase
from node.host import listprinters
from node.people import sessions
from node.views import printing, town
from node.views.filled import Filled
from node.views.reception import published_sites, viewer
from node.views.session import signed_in

blueprint = Blueprint("admin_printers", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/printers")
def every() -> Response:
    """List the computers, and offer to let this one in."""
    return _page(Filled(MultiDict()), HTTPStatus.OK)


@blueprint.post("/admin/printers")
def let_in() -> Response:
    """Let this computer in, and sign out here: it will stand beside a printer with nobody at it."""
    filled, now = Filled(request.form), town().clock()
    name = filled.text("name", longest=40, needed=True)
    secret = ""
    with town().storage.transaction(write=True) as db:
        sites = {one.id: one.name for one in published_sites(db)}
        site_id = filled.choice("site", {"all": "", **sites})
        if not filled.errors:
            try:
                secret = listprinters.let_in(db, name, None if site_id == "all" else site_id, by=viewer(), now=now)
                sessions.end(db, signed_in())
            except TooMany:
                filled.wrong(
                    "name",
                    phrase("登録できる端末は%(most)s台までです。使っていない端末を外してください。"),
                    most=listprinters.MOST,
                )
    if filled.errors:
        return _page(filled, HTTPStatus.BAD_REQUEST)
    session.clear()
    response: Response = redirect(url_for("printing.stand_by"), HTTPStatus.SEE_OTHER)
    printing.keep(response, secret)
    return response


@blueprint.post("/admin/printers/<uuid:printer_id>/end")
def end(printer_id: object) -> Response:
    """Let a computer in no more."""
    with town().storage.transaction(write=True) as db:
        listprinters.end(db, str(printer_id), by=viewer(), now=town().clock())
    flash(say(phrase("端末を外しました。この端末では、名簿を印刷できなくなりました。")), "success")
    return redirect(url_for("admin_printers.every"), HTTPStatus.SEE_OTHER)


def _page(filled: Filled, status: HTTPStatus) -> Response:
    with town().storage.transaction() as db:
        found, sites = listprinters.every(db), published_sites(db)
    names = {one.id: one.name for one in sites}
    page = render_template(
        "admin/printers.html",
        found=found,
        sites=sites,
        names=names,
        filled=filled,
        now=town().clock(),
        first=listprinters.FROM,
    )
    return make_response(page, status)
