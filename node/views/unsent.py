"""Signing out while this device keeps records of the door that the server has not got: said first, so that none is lost.

Signing out has the browser drop what it keeps of us. Only the browser knows what waits there; it says how many by a cookie
without meaning to anybody else.
"""

from http import HTTPStatus

from flask import Blueprint, after_this_request, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("unsent", __name__)
"""For ``Audience.STAFF``."""

COOKIE = "tachiyori-door-waiting"
"""How many records wait; ``door.js`` writes it."""
_SIGN_OUT = "session.leave"


def waiting() -> int:
    """Return how many records the browser says it keeps."""
    said = request.cookies.get(COOKIE, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0


@blueprint.before_app_request
def warn() -> Response | None:
    """Lead to the warning in place of signing out, unless whoever signs out has read it."""
    if request.endpoint != _SIGN_OUT or not waiting():
        return None
    if not request.form.get("drop"):
        return redirect(url_for("unsent.show"), HTTPStatus.SEE_OTHER)

    @after_this_request
    def forget(response: Response) -> Response:
        response.delete_cookie(COOKIE, samesite="Strict")
        return response

    return None


@blueprint.get("/signout/unsent")
def show() -> str:
    """Say how many records wait, how they are sent, and let who must sign out all the same."""
    return render_template("unsent.html", count=waiting())
