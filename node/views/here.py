"""座席のコード: what is printed on the desk one stands at, typed at home, does what scanning it does.

The code leads to one's own booking of that desk, or to booking it from now; at which host it stands is known from one's
bookings of today, or said by the person.
"""

from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadDeskCode, TachiyoriError
from federation.web import entrance
from node.home import here
from node.views import homes, town
from node.views.session import me

blueprint = Blueprint("here", __name__)
"""For ``Audience.STAFF``."""


@blueprint.get("/here")
def ask() -> Response:
    """Show the field, and the towns among which the host is chosen where the code alone does not tell it."""
    return _page(request.args.get("code", ""))


@blueprint.post("/here")
def find() -> Response:
    """Go to the booking of that desk, or to booking it; without ``town`` the hosts of today's bookings are asked."""
    typed, code, now = request.form.get("code", ""), request.form.get("town", ""), town().clock()
    try:
        wanted = here.desk_code(typed)
        found = here.find_desk(town(), me().id, wanted, _hosts(code), now=now)
    except TachiyoriError as error:
        return _page(typed, error=error, chosen=bool(code))
    if found is None:
        unknown = BadDeskCode("no desk of that code there", field="code") if code else None
        return _page(typed, error=unknown, chosen=bool(code), unknown=True)
    response = redirect(url_for("booking.confirm", desk=found[2].url, code=wanted), HTTPStatus.SEE_OTHER)
    if code:
        entrance.remember(response, code)
    return response


@blueprint.post("/here/forget")
def forget() -> Response:
    """Forget the host that was chosen before."""
    response = redirect(url_for("here.ask", code=request.form.get("code", "")[:20]), HTTPStatus.SEE_OTHER)
    entrance.forget(response)
    return response


def _hosts(code: str) -> tuple[str, ...]:
    """Return whom to ask: the town that was chosen, or those where this person has a booking today."""
    if code:
        return (homes.doors_of(code)[0],)
    with town().storage.transaction() as db:
        return tuple(here.hosts_now(db, me().id, now=town().clock()))


def _page(typed: str, *, error: TachiyoriError | None = None, chosen: bool = False, unknown: bool = False) -> Response:
    page = render_template(
        "here.html",
        code=typed[:20],
        error=error,
        chosen=chosen,
        asks=(bool(typed.strip()) and not isinstance(error, BadDeskCode)) or chosen or unknown,
        choice=entrance.choice(homes.offered()),
    )
    return make_response(page, error.status if error else HTTPStatus.OK)
