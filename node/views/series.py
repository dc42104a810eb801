"""まとめて申し込んだ予約: how each wish was answered, and taking back at once what is still to come."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.web.tongue import say
from federation.wording import phrase
from node.home import pasttrips, series, trips, weeks, wishes
from node.views import answered, declared, town
from node.views.session import me, signed_in

blueprint = Blueprint("series", __name__)
"""For ``Audience.STAFF``."""


@blueprint.post("/usual")
def book_usual() -> Response:
    """Book the usual seats the page showed, each named by a booking of it and the day it is wanted for."""
    now, asked = town().clock(), []
    seats = [seat.partition(" ") for seat in request.form.getlist("seat")[: pasttrips.MOST]]
    days = [(trip_id, wishes.read_day(day, now=now)) for trip_id, _, day in seats]
    with town().storage.transaction() as db:
        asked = [weeks.again(trips.get(db, trip_id, me().id), day) for trip_id, day in days]
    if not asked:
        return redirect(url_for("staff.start"), HTTPStatus.SEE_OTHER)
    series_id = declared.number(request.form.get("series", ""))
    series.ask(town(), series_id, asked, signed_in(), now=now)
    return redirect(url_for("series.show", series_id=series_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/series/<uuid:series_id>")
def show(series_id: object) -> str:
    """Show each answer as it stands now, whatever has become of its booking since."""
    now = town().clock()
    with town().storage.transaction() as db:
        found = series.get(db, str(series_id), me().id)
        answers = [answered.occurrence(each) for each in found.occurrences]
        coming = sum(series.may_be_cancelled(each.trip, now=now) for each in found.occurrences)
    booked = sum(each.trip is not None for each in answers)
    return render_template("series.html", id=found.id, answers=answers, booked=booked, coming=coming)


@blueprint.post("/series/<uuid:series_id>/cancel")
def cancel(series_id: object) -> Response:
    """Cancel all that is still to come; hosts that are away hear of it later."""
    ended = series.cancel_coming(town(), str(series_id), me().id, now=town().clock())
    flash(say(phrase("これからの予約%(count)s件の取消しを受け付けました。"), count=ended), "success")
    return redirect(url_for("series.show", series_id=series_id), HTTPStatus.SEE_OTHER)
