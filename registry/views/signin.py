"""Operators sign in and out; the guard of the console."""

from typing import cast

from flask import Blueprint, g, redirect, render_template, request, session
from werkzeug.wrappers import Response

from federation.errors import NotSignedIn, SignInRefused
from federation.web import forms, headers
from federation.web.tongue import say
from registry import operators
from registry.operators import OperatorSession, SignedIn
from registry.views import bureau

blueprint = Blueprint("signin", __name__, template_folder="../templates")
_KEY = "operator"


@blueprint.get("/console/sign-in")
def form() -> str:
    """Ask for account and password."""
    return render_template("signin.html", onwards=_onwards(), account="", error=None)


@blueprint.post("/console/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Begin a new session, so that one planted before the sign-in is worth nothing (RFC 9700's session fixation)."""
    account, password = request.form.get("account", "").strip(), request.form.get("password", "")
    now = bureau().clock()
    operator = operators.sign_in(bureau().storage, account[:64], password[:1024], now)
    if operator is None:
        page = render_template("signin.html", onwards=_onwards(), account=account, error=say(SignInRefused.words))
        return page, SignInRefused.status
    session.clear()
    session[_KEY] = operators.begin(operator, now)
    forms.renew()
    return redirect(_onwards(), 303)


@blueprint.post("/console/sign-out")
def sign_out() -> Response:
    """End the session in this browser; a copy of its cookie is worth nothing afterwards."""
    kept = _kept()
    if kept is not None:
        with bureau().storage.transaction(write=True) as db:
            operators.leave(db, kept, bureau().clock())
    session.clear()
    return headers.cleared(redirect("/", 303))


def _onwards() -> str:
    """Return the console's page that was wished for; only paths of the console are, so nobody is sent elsewhere."""
    wished = request.values.get("next", "")
    return wished if wished.startswith("/console") and "\\" not in wished else "/console"


def admit_operator() -> None:
    """Let operators in: the guard of ``Audience.OPERATOR``."""
    operator()


def operator() -> SignedIn:
    """Return who is at the keyboard; raises ``NotSignedIn``."""
    if "operator" not in g:
        kept = _kept()
        if kept is None:
            raise NotSignedIn("no operator's session")
        try:
            with bureau().storage.transaction() as db:
                g.operator = operators.present(db, kept, bureau().clock())
        except SignInRefused as error:
            session.clear()
            raise NotSignedIn(error.detail) from None
    found: SignedIn = g.operator
    return found


def account() -> str | None:
    """Return the account of who was let in to the present request, for the log; None for nobody."""
    found: SignedIn | None = g.get("operator")
    return found.account if found else None


def _kept() -> OperatorSession | None:
    """Return what this browser's session keeps of an operator; one of another make counts as none."""
    kept = session.get(_KEY)
    return cast(OperatorSession, tuple(kept)) if isinstance(kept, (list, tuple)) and len(kept) == 4 else None
