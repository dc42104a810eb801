"""Signing in and out of one's own town, and who is at the keyboard in the present request."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from federation.errors import Forbidden, NotSignedIn, SignInLocked, SignInRefused, TachiyoriError
from federation.web.audience import Audience, Guard
from federation.web.forms import renew
from node import notices
from node.models.staff import Staff
from node.people import signin
from node.people.signin import SignedIn
from node.views import town

blueprint = Blueprint("session", __name__)
"""For ``Audience.PUBLIC``."""

SIGN_IN = "session.sign_in"
"""The endpoint to give to ``WebSettings.sign_in``."""
_WHO = "who"
_START = "/"


@blueprint.get("/signin")
def sign_in() -> Response:
    """Show the form; ``next`` is the page that was wished for."""
    if _WHO in session and request.args.get("next") is None:
        return redirect(_START, HTTPStatus.SEE_OTHER)
    return _form(safe_path(request.args.get("next", "")))


@blueprint.post("/signin")
def enter() -> Response:
    """Check number and password, and go on to the page that was wished for."""
    wished = safe_path(request.form.get("next", ""))
    number, password = request.form.get("number", "")[:64], request.form.get("password", "")
    try:
        signed_in = signin.sign_in(town().storage, number, password, secret=secret(), now=town().clock())
    except (SignInRefused, SignInLocked) as error:
        return _form(wished, number=number, error=error)
    begin(signed_in)
    return redirect(wished, HTTPStatus.SEE_OTHER)


@blueprint.post("/signout")
def leave() -> Response:
    """End this session, whoever's it is; a copy of its cookie is worth nothing afterwards."""
    with contextlib.suppress(NotSignedIn):
        ending = signed_in()
        with town().storage.transaction(write=True) as db:
            signin.end(db, ending, now=town().clock())
    session.clear()
    return redirect(url_for(SIGN_IN), HTTPStatus.SEE_OTHER)


def secret() -> str:
    """Return the town's own secret, under which wrong passwords are counted."""
    return str(current_app.secret_key)


def _form(wished: str, *, number: str = "", error: TachiyoriError | None = None) -> Response:
    page = render_template("signin.html", wished=wished, number=number, error=error)
    return make_response(page, error.status if error else HTTPStatus.OK)


def safe_path(text: str) -> str:
    """Return ``text`` if it is a path of this node, or the start page (RFC 9700, 4.11: no open redirector)."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= 1000
    return text if plain and text.isprintable() and "\\" not in text else _START


def begin(signed_in: SignedIn) -> None:
    """Begin a session for who has just signed in; nothing of an earlier one remains."""
    session.clear()
    renew()
    session.permanent = True
    since = int(signed_in.auth_time.timestamp())
    session[_WHO] = {
        "id": signed_in.staff_id,
        "epoch": signed_in.epoch,
        "acr": signed_in.acr,
        "since": since,
        "session": signed_in.session,
    }


def signed_in() -> SignedIn:
    """Return the present session's sign-in; raise ``NotSignedIn``."""
    who = session.get(_WHO)
    if not isinstance(who, Mapping):
        raise NotSignedIn("no session")
    try:
        since = datetime.fromtimestamp(who["since"], UTC)
        return SignedIn(int(who["id"]), int(who["epoch"]), str(who["acr"]), since, str(who["session"]))
    except (KeyError, TypeError, ValueError):
        raise NotSignedIn("a session of another make") from None


def me() -> Staff:
    """Return the person at the keyboard, as the directory knows them now; raise ``NotSignedIn``."""
    if "me" not in g:
        with town().storage.transaction() as db:
            g.me = signin.still(db, signed_in(), now=town().clock())
            g.unread = notices.unread(db, g.me.id)
    person: Staff = g.me
    return person


def admit_staff() -> None:
    """Let anybody of this town in who is signed in."""
    me()


def _with_role(*roles: str) -> Guard:
    def admit() -> None:
        if me().role_names.isdisjoint(roles):
            raise Forbidden(f"none of the roles {roles}")

    return admit


GUARDS: Mapping[Audience, Guard] = {
    Audience.STAFF: admit_staff,
    Audience.ADMIN: _with_role("site_admin"),
    Audience.MANAGER: _with_role("manager"),
    Audience.PERSONNEL: _with_role("personnel"),
    Audience.RECEPTION: _with_role("reception", "site_admin"),
}
"""The checks for people of this town, for ``create_base_app``."""


def attach(app: Flask) -> None:
    """Let every template of ``app`` know who is signed in: ``me`` (or None) and ``unread``, the number of new notices."""
    app.context_processor(_who_reads)


def _who_reads() -> dict[str, object]:
    try:
        return {"me": me(), "unread": g.unread}
    except TachiyoriError:
        return {"me": None, "unread": 0}
