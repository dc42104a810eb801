"""空いたら知らせる: joining a queue, taking what is offered, leaving."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from federation.errors import NotNow, TachiyoriError
from federation.web.tongue import say
from federation.wording import phrase
from node.home import waiting
from node.views import booking, declared, offers, town, wished
from node.views.session import me

blueprint = Blueprint("waiting", __name__)
"""For ``Audience.STAFF``."""


@blueprint.post("/waiting")
def join() -> Response:
    """Wait for a desk, or any desk of its site; what is missing is said on the page that books it."""
    offer, now = offers.find(request.form.get("desk", "")), town().clock()
    line, version = wished.read(request.form, now=now), request.form.get("consent_version", "")[:300]
    confirmed = declared.confirmed_at(offer, version)
    errors = {**line.errors, **declared.missing(request.form, confirmed=confirmed is not None)}
    if errors or line.when is None:
        return booking.page(offer, line, errors, status=HTTPStatus.BAD_REQUEST)
    if version and confirmed is None:
        declared.remember_consent(offer, version)
    wish = offer.wish(me().id, line.when, request.form)
    try:
        with town().storage.transaction(write=True) as db:
            waiting.wait(db, wish, anywhere=request.form.get("anywhere") == "1", now=now)
    except TachiyoriError as error:
        return booking.page(offer, line, {}, refusal=error, status=error.status)
    flash(say(phrase("空いたらお知らせします。順番は予約一覧で確認できます。")), "success")
    return redirect(url_for("bookings.listed"), HTTPStatus.SEE_OTHER)


@blueprint.post("/waiting/<uuid:waiting_id>/take")
def take(waiting_id: object) -> Response:
    """Take the desk that is held; one that is held no more is said on the list."""
    try:
        trip_id = waiting.take(town(), str(waiting_id), me().id, now=town().clock())
    except NotNow:
        words = phrase(
            "期限を過ぎたか、ほかの方に譲られたため、この座席は確定できませんでした。別の座席をお探しください。"
        )
        flash(say(words), "warning")
        return redirect(url_for("bookings.listed"), HTTPStatus.SEE_OTHER)
    flash(say(phrase("予約が確定しました。")), "success")
    return redirect(url_for("bookings.show", trip_id=trip_id), HTTPStatus.SEE_OTHER)


@blueprint.post("/waiting/<uuid:waiting_id>/withdraw")
def withdraw(waiting_id: object) -> Response:
    """Leave the queue; a desk that is held is let go."""
    waiting.withdraw(town(), str(waiting_id), me().id, now=town().clock())
    flash(say(phrase("空き待ちを取りやめました。")), "success")
    return redirect(url_for("bookings.listed"), HTTPStatus.SEE_OTHER)
