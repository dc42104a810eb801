"""名簿の印刷: what a computer beside a printer shows, that was let in for this and for nothing else."""

from http import HTTPStatus

from flask import Blueprint, current_app, g, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from federation.errors import Forbidden
from federation.web import forms
from federation.web.tongue import zone
from node.host import listprinters
from node.models.printers import ListPrinter
from node.models.sites import Site
from node.views import town

blueprint = Blueprint("printing", __name__, url_prefix="/printing")
"""For ``Audience.PRINTER``."""


def cookie() -> str:
    """Name the cookie that lets a computer in; towns on one host have one each."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}-printer"


def admit() -> None:
    """Let a computer in by its secret: the guard of ``Audience.PRINTER``. Raises ``Forbidden``."""
    with town().storage.transaction() as db:
        found = listprinters.known(db, request.cookies.get(cookie(), ""), town().clock())
    if found is None:
        raise Forbidden("no printer that was let in")
    g.printer = found


def keep(response: Response, secret: str) -> None:
    """Give a browser the secret, for these pages alone."""
    response.set_cookie(
        cookie(),
        secret,
        max_age=int(listprinters.LASTS.total_seconds()),
        path="/printing",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Strict",
    )


@blueprint.get("")
def stand_by() -> str:
    """Show when the last list was printed; it names nobody, since nobody sits here."""
    with town().storage.transaction() as db:
        site = db.get(Site, _mine().site_id) if _mine().site_id else None
    return render_template("printing/standby.html", printer=_mine(), site=site, first=listprinters.FROM)


@blueprint.get("/state")
def state() -> Response:
    """Say whether a list is to be printed now."""
    with town().storage.transaction() as db:
        due = listprinters.is_due(db, _mine(), zone(), town().clock())
    answer: Response = jsonify({"due": due, "form_token": forms.token()})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/list")
def sheet() -> str:
    """Show the list to be printed, with what has changed since the last one; the look at its names is logged."""
    now = town().clock()
    with town().storage.transaction(write=True) as db:
        found = listprinters.sheet(db, db.get_one(ListPrinter, _mine().id), zone(), now)
    return render_template("printing/sheet.html", sheet=found, guests=found.guests, now=now, printer=_mine())


@blueprint.post("/list")
def printed() -> Response:
    """Write down that it was printed."""
    with town().storage.transaction(write=True) as db:
        printer = db.get_one(ListPrinter, _mine().id, with_for_update=True)
        listprinters.printed(db, printer, zone(), town().clock())
    return make_response("", HTTPStatus.NO_CONTENT)


def _mine() -> ListPrinter:
    printer: ListPrinter = g.printer
    return printer
