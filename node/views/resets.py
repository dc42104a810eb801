"""パスワードの設定: somebody with a code on paper sets a password of their own, and is signed in by it."""

from http import HTTPStatus

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from federation.errors import BadPassword, SignInLocked, SignInRefused, TachiyoriError
from node.people import passwords, resets
from node.views import town
from node.views.session import proceed, secret

blueprint = Blueprint("resets", __name__)
"""For ``Audience.PUBLIC``."""


@blueprint.get("/signin/reset")
def ask() -> Response:
    """Ask for number, code, and the new password."""
    return _form("", None)


@blueprint.post("/signin/reset")
def redeem() -> Response:
    """Set the password, and go on as after any sign-in with a password: a second factor is asked for all the same."""
    number, code = request.form.get("number", "")[:64], request.form.get("code", "")
    new, now = request.form.get("new", ""), town().clock()
    try:
        signed_in = resets.redeem(town().storage, number, code, new, secret=secret(), now=now)
    except (SignInRefused, SignInLocked, BadPassword) as error:
        return _form(number, error)
    return proceed(signed_in, "/")


def _form(number: str, error: TachiyoriError | None) -> Response:
    page = render_template("reset.html", number=number, error=error, shortest=passwords.SHORTEST)
    return make_response(page, error.status if error else HTTPStatus.OK)
