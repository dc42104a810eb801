"""The second factor: asked for after a password, and where a page demands it of somebody who is signed in already."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from federation.errors import NotSignedIn, SignInLocked, SignInRefused, TachiyoriError
from node.models.staff import Staff
from node.people import assurance, factors, passkeys, sessions
from node.people.factors import Held
from node.people.sealing import Seal
from node.people.signin import SignedIn
from node.views import questions, town
from node.views import session as sign_in
from node.views.session import WAITING, keep, read, safe_path, secret, signed_in, site

blueprint = Blueprint("second", __name__)
"""For ``Audience.PUBLIC``: who waits here has no session yet."""

PATIENCE = timedelta(minutes=10)
"""So long a password that was right is worth anything without the second factor."""


@dataclass(frozen=True)
class Asked:
    """Who is to show a second factor, and which ones they have."""

    signed_in: SignedIn
    staff: Staff
    held: Held


def _asked() -> Asked:
    """Return who waits here, or is signed in with one factor; raise ``NotSignedIn``."""
    now = town().clock()
    first = read(WAITING) if WAITING in session else signed_in()
    if WAITING in session and now > first.auth_time + PATIENCE:
        session.pop(WAITING)
        raise NotSignedIn("the password was shown too long ago")
    with town().storage.transaction() as db:
        known = sessions.person_of if WAITING in session else sessions.still
        return Asked(first, known(db, first, now=now), factors.held(db, first.staff_id))


@blueprint.get("/signin/second")
def ask() -> Response:
    """Ask for the code of an app or a sheet, or for a passkey."""
    wished = safe_path(request.args.get("next", ""))
    asked = _asked()
    if assurance.reaches(asked.signed_in.acr, assurance.TWO_FACTORS):
        return redirect(wished, HTTPStatus.SEE_OTHER)
    return _form(asked, wished)


def _form(asked: Asked, wished: str, error: TachiyoriError | None = None) -> Response:
    options = passkeys.request(site(), asked.held.passkeys, questions.ask()) if asked.held.passkeys else ""
    page = render_template("second.html", held=asked.held, wished=wished, options=options, error=error)
    return make_response(page, error.status if error else HTTPStatus.OK)


@blueprint.post("/signin/second")
def show_code() -> Response:
    """Check the code, and go on."""
    wished, asked = safe_path(request.form.get("next", "")), _asked()
    try:
        factors.show_code(
            town().storage,
            asked.staff,
            request.form.get("code", ""),
            Seal(town().config.data),
            secret=secret(),
            now=town().clock(),
        )
    except (SignInRefused, SignInLocked) as error:
        return _form(asked, wished, error)
    return _go_on(asked.signed_in, wished)


@blueprint.post("/signin/second/passkey")
def show_passkey() -> Response:
    """Check a passkey of the person who waits, and go on."""
    wished, asked = safe_path(request.form.get("next", "")), _asked()
    try:
        _passkey(of=asked.staff.id)
    except (SignInRefused, SignInLocked) as error:
        return _form(asked, wished, error)
    return _go_on(asked.signed_in, wished)


@blueprint.post("/signin/passkey")
def enter_with_passkey() -> Response:
    """Sign in with a passkey alone: it says who it is, and its user verification is the second factor."""
    wished, now = safe_path(request.form.get("next", "")), town().clock()
    try:
        staff = _passkey(of=None)
    except (SignInRefused, SignInLocked) as error:
        return sign_in.form(wished, error=error)
    sign_in.begin(SignedIn(staff.id, staff.session_epoch, assurance.TWO_FACTORS, now))
    return redirect(wished, HTTPStatus.SEE_OTHER)


def _passkey(*, of: int | None) -> Staff:
    answer, challenge = request.form.get("credential", ""), questions.answered()
    return passkeys.show(
        town().storage, site(), answer, challenge=challenge, of=of, secret=secret(), now=town().clock()
    )


def _go_on(first: SignedIn, wished: str) -> Response:
    """Begin a session of its own for who has shown both factors; whatever cookie there was before gains nothing."""
    with town().storage.transaction(write=True) as db:
        surer = sessions.raised(db, first, assurance.TWO_FACTORS, user_agent=request.user_agent.string)
    keep(surer)
    return redirect(wished, HTTPStatus.SEE_OTHER)


@blueprint.errorhandler(NotSignedIn)
def begin_again(_error: NotSignedIn) -> Response:
    """Lead who waited too long, or never signed in, to the beginning; the page wished for stays."""
    # A body is looked at where one belongs: elsewhere it may be longer than anybody checked.
    given = request.form if request.method == "POST" else request.args
    wished = safe_path(given.get("next", ""))
    return redirect(url_for(sign_in.SIGN_IN, next=wished), HTTPStatus.SEE_OTHER)
