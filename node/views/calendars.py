"""One's bookings in one's own calendar: making and ending the address under 私の情報, and what stands at it."""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import current, say
from federation.wording import phrase
from node.home import calendars, subscriptions
from node.views import town
from node.views.session import me

blueprint = Blueprint("calendar", __name__)
"""For ``Audience.STAFF``."""
subscribed = Blueprint("subscribed", __name__)
"""For ``Audience.PUBLIC``: the address is the permission, since a calendar cannot sign in."""


@blueprint.get("/me/calendar")
def show() -> str:
    """Say whether there is an address, and since when."""
    return _page("")


@blueprint.post("/me/calendar")
def renew() -> str:
    """Make an address and show it, this once."""
    with town().storage.transaction(write=True) as db:
        secret = subscriptions.renew(db, me().id, locale=current(), now=town().clock())
    return _page(town().config.entity_id + url_for("subscribed.read", secret=secret))


def _page(address: str) -> str:
    with town().storage.transaction() as db:
        made_at = subscriptions.made_at(db, me().id)
    webcal = f"webcal:{address.removeprefix('https:')}" if address.startswith("https:") else ""
    return render_template("calendar.html", address=address, webcal=webcal, made_at=made_at)


@blueprint.post("/me/calendar/end")
def end() -> Response:
    """End the address."""
    with town().storage.transaction(write=True) as db:
        ended = subscriptions.revoke(db, me().id, now=town().clock())
    words = phrase("カレンダーの購読を終了しました。") if ended else phrase("購読用のアドレスはありません。")
    flash(say(words), "success" if ended else "info")
    return redirect(url_for("calendar.show"), HTTPStatus.SEE_OTHER)


@subscribed.get("/calendars/<string(length=43):secret>.ics")
def read(secret: str) -> Response:
    """Answer a calendar that looks in: what has changed, or that nothing has (RFC 9110, 13.1.2)."""
    with town().storage.transaction() as db:
        found = subscriptions.read(db, secret, now=town().clock())
        body = calendars.subscription(town().config, found.trips, locale=found.locale)
    response = current_app.response_class(body, mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, no-cache"
    # The address must not travel on with a link out of the calendar.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.add_etag()
    answer: Response = response.make_conditional(request)
    return answer
