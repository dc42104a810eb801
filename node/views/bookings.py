"""予約一覧 and 利用証: what have I got, and how do I get in? Checking in, leaving and cancelling from here."""

import io
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import segno
from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BadDeskCode, NotFound, TachiyoriError
from federation.web.tongue import current, say
from federation.wording import phrase
from node.home import asking, behalf, calendars, extensions, feedback, history, manifest, series, teams, trips
from node.home import waiting as waits
from node.views import answered, approvals, queued, town, voices
from node.views.filled import Filled
from node.views.session import me, signed_in
from node.views.shown import WORK_KINDS, Shown, shown, told

_LARGEST = 10
"""The largest version (ISO/IEC 18004) that a reader takes from a phone held up to it."""

blueprint = Blueprint("bookings", __name__)
"""For ``Audience.STAFF``."""

_WAITING = frozenset({"asking", "cancelling", "held", "requested"})
_COMING = frozenset({"confirmed", "checked_in"})
_BACK = timedelta(days=400)

_EXTENDED = phrase("利用時間を延長しました。")
_FURTHER = phrase("延長には承認が必要です。延長する時間を別の予約として申し込みました。今の予約はそのままです。")


@blueprint.get("/bookings")
def listed() -> str:
    """Show what is coming, what is waiting, and what is past."""
    now = town().clock()
    with town().storage.transaction() as db:
        found = [shown(trip, now=now) for trip in trips.of(db, me().id, since=now - _BACK)]
        for_others = [shown(trip, now=now) for trip in behalf.of(db, me().id, now=now)]
        queue = [queued.queued(row, before) for row, before in waits.of(db, me().id)]
        beside = [answered.beside(each) for each in teams.of(db, me().id, now=now)]
        together = [answered.together(each) for each in series.of(db, me().id, now=now)]
        feedback_of = voices.standing(db, [each.trip for each in found], now=now)
    ahead = [each for each in found if each.trip.end > now or each.trip.state in trips.OUR_OWN]
    waiting = [each for each in ahead if each.trip.state in _WAITING]
    coming = [each for each in ahead if each.trip.state in _COMING]
    past = [each for each in reversed(found) if each not in waiting and each not in coming]
    return render_template(
        "bookings.html",
        coming=coming,
        waiting=waiting,
        past=past,
        together=together,
        beside=beside,
        queue=queue,
        for_others=for_others,
        feedback_of=feedback_of,
    )


@blueprint.get("/bookings/<uuid:trip_id>")
def show(trip_id: object) -> str:
    """Show the pass, or how it stands with the booking."""
    return _page(str(trip_id), code=request.args.get("code", "")[:20])


def _mine(trip_id: str) -> Shown:
    with town().storage.transaction() as db:
        return shown(trips.get(db, trip_id, me().id), now=town().clock())


def _page(trip_id: str, *, error: TachiyoriError | None = None, code: str = "", said: Filled | None = None) -> str:
    it = _mine(trip_id)
    with town().storage.transaction() as db:
        series_id, team_id = series.find(db, trip_id), teams.find(db, trip_id)
        by = behalf.booked_by(db, trip_id)
        approval, approvers = approvals.standing_with(db, trip_id, town().clock()) or (None, "")
        offer = waits.offered(db, trip_id) if it.trip.state == "held" else None
        steps = [told(step) for step in history.of(db, it.trip)]
        asked = voices.asked(db, it.trip, said, now=town().clock())
    return render_template(
        "booking.html",
        it=it,
        error=error,
        code=code,
        work_kinds=WORK_KINDS,
        series_id=series_id,
        team_id=team_id,
        offer=offer,
        by=by,
        approval=approval,
        approvers=approvers,
        history=steps,
        asked=asked,
        voices=voices,
    )


@blueprint.get("/bookings/<uuid:trip_id>/qr.svg")
def qr(trip_id: object) -> Response:
    """Draw what the reception's reader types, in a code that is held up to it or printed."""
    trip = _mine(str(trip_id)).trip
    if not trip.short_code:
        raise NotFound("no pass yet")
    with town().storage.transaction() as db:
        text = manifest.in_hand(db, trip)
    drawn = io.BytesIO()
    codes = (segno.make(text, error=level, micro=False) for level in ("q", "m", "l"))
    # As much spare as a small code allows: a folded sheet still reads. A pass of other software may need a larger one.
    made = next((one for one in codes if int(one.version) <= _LARGEST), None) or segno.make(
        text, error="l", micro=False
    )
    made.save(drawn, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, scale=4)
    return current_app.response_class(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.get("/bookings/<uuid:trip_id>/event.ics")
def calendar(trip_id: object) -> Response:
    """Return the booking for one's own calendar (RFC 5545)."""
    it = _mine(str(trip_id))
    event = calendars.download(town().config, it.trip, locale=current())
    response: Response = current_app.response_class(event, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{it.trip.id}.ics"'
    return response


@blueprint.post("/bookings/<uuid:trip_id>/arrive")
def arrive(trip_id: object) -> Response:
    """Check in by the code printed on the desk."""
    typed = request.form.get("code", "")
    return _step(str(trip_id), lambda: _arrive(str(trip_id), typed), phrase("入室を記録しました。"), typed)


def _arrive(trip_id: str, typed: str) -> None:
    asking.arrive(town(), trip_id, me().id, typed, now=town().clock())


@blueprint.post("/bookings/<uuid:trip_id>/leave")
def leave(trip_id: object) -> Response:
    """Check out."""
    words = phrase("退室を記録しました。お疲れさまでした。")
    return _step(str(trip_id), lambda: asking.leave(town(), str(trip_id), me().id, now=town().clock()), words)


@blueprint.post("/bookings/<uuid:trip_id>/dispute")
def dispute(trip_id: object) -> Response:
    """Say that one did come."""
    words = phrase("来庁していたことを受入団体に申し出ました。答えが届いたらお知らせします。")
    return _step(str(trip_id), lambda: asking.dispute(town(), str(trip_id), me().id, now=town().clock()), words)


@blueprint.post("/bookings/<uuid:trip_id>/extend")
def extend(trip_id: object) -> Response:
    """Stay longer."""
    typed = request.form.get("minutes", "")
    minutes = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
    try:
        came = extensions.stay_longer(town(), str(trip_id), minutes, signed_in(), now=town().clock())
    except TachiyoriError as error:
        return make_response(_page(str(trip_id), error=error), error.status)
    flash(say(_EXTENDED if came == str(trip_id) else _FURTHER), "success")
    return redirect(url_for("bookings.show", trip_id=came), HTTPStatus.SEE_OTHER)


@blueprint.post("/bookings/<uuid:trip_id>/cancel")
def cancel(trip_id: object) -> Response:
    """Cancel; while the host is away, it is told later and the booking says so."""
    words = phrase("予約の取消しを受け付けました。")
    return _step(str(trip_id), lambda: _cancel(str(trip_id)), words)


def _cancel(trip_id: str) -> None:
    now = town().clock()
    asking.cancel(town(), trip_id, me().id, now=now)
    with town().storage.transaction(write=True) as db:
        behalf.declined(db, trip_id, now=now)


@blueprint.post("/bookings/<uuid:trip_id>/feedback")
def give_feedback(trip_id: object) -> Response:
    """Say how it was; while the host is away, it hears of it later."""
    typed = Filled(request.form)
    said = voices.read(typed)
    if said is None:
        return make_response(_page(str(trip_id), said=typed), HTTPStatus.BAD_REQUEST)
    try:
        told_now = feedback.give(town(), str(trip_id), me().id, said, now=town().clock())
    except TachiyoriError as error:
        return make_response(_page(str(trip_id), error=error, said=typed), error.status)
    later = phrase("ご感想を受け付けました。受入団体につながり次第お送りします。")
    flash(say(phrase("ご感想を送りました。ありがとうございました。") if told_now else later), "success")
    return redirect(url_for("bookings.show", trip_id=trip_id), HTTPStatus.SEE_OTHER)


def _step(trip_id: str, step: Callable[[], None], words: str, typed: str = "") -> Response:
    """Take a step and show the booking again; what stands in the way is said on the page itself."""
    try:
        step()
    except NotFound as error:
        if _mine(trip_id).trip.state == "asking":
            raise
        return make_response(_page(trip_id, error=_about_code(error, typed), code=typed[:20]), error.status)
    except TachiyoriError as error:
        return make_response(_page(trip_id, error=error, code=typed[:20]), error.status)
    flash(say(words), "success")
    return redirect(url_for("bookings.show", trip_id=trip_id), HTTPStatus.SEE_OTHER)


def _about_code(error: NotFound, typed: str) -> TachiyoriError:
    return BadDeskCode("the host knows no such desk", field="code") if typed else error
