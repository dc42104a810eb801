"""来週もいつもの席: the desk of a booking once more, a week later, by one press."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from federation.errors import TachiyoriError
from federation.web.tongue import say
from federation.wording import phrase
from node.home import asking, forecasts, trips, weeks, wishes
from node.home.trips import Wish
from node.views import town
from node.views.proposing import address
from node.views.session import me, signed_in

blueprint = Blueprint("again", __name__)
"""For ``Audience.STAFF``."""

_NEW_RULES = phrase("利用上の注意が新しくなっています。お読みのうえ、もう一度予約してください。")
_NOT_FREE = phrase("いつもの席は、この日時では予約できません。理由と、代わりに使える座席を確認してください。")


@blueprint.post("/bookings/<uuid:trip_id>/again")
def book(trip_id: object) -> Response:
    """Book the same desk at the same time on the form's day, else a week later, with what was declared then.

    Where it cannot be had, the page that books it says why, with what would do instead and all that was declared.
    """
    now = town().clock()
    with town().storage.transaction() as db:
        trip = trips.get(db, str(trip_id), me().id)
    typed = request.form.get("day", "")
    day = wishes.read_day(typed, now=now) if typed else weeks.next_day(trip, now=now)
    wish = weeks.again(trip, day)
    forecast = forecasts.foresee(town(), wish)
    if forecast.unconfirmed is not None:
        return _confirming(wish, _NEW_RULES)
    if not forecast.is_bookable:
        return _confirming(wish, _NOT_FREE)
    try:
        booked = asking.submit(town(), wish, signed_in(), now=now)
    except TachiyoriError:
        return _confirming(wish, _NOT_FREE)
    flash(say(phrase("来週も同じ席を予約しました。")), "success")
    return redirect(url_for("bookings.show", trip_id=booked), HTTPStatus.SEE_OTHER)


def _confirming(wish: Wish, words: str) -> Response:
    """Lead to the page that books the wish, with what was declared filled in."""
    flash(say(words), "warning")
    when = wishes.around(wish.start, wish.end)
    link = address(
        "booking.confirm", wish.desk.url, when, work_kind=wish.work_kind, confidentiality=wish.confidentiality
    )
    return redirect(link, HTTPStatus.SEE_OTHER)
