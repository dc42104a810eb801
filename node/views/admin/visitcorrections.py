"""来庁の記録の訂正: a visit found by its 受付番号, and its times put right with a reason. Nobody is named here."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput, Conflict
from federation.web.tongue import say
from federation.wording import phrase
from node.host import codes, opening, visitcorrections, visits
from node.models.bookings import Booking, BookingPlace
from node.views import town
from node.views.filled import Filled
from node.views.reception import viewer

blueprint = Blueprint("admin_visitcorrections", __name__)
"""For ``Audience.ADMIN``."""

_WORDS = {
    "arrived": phrase(
        "予約の開始30分前から終了までの、現在までの時刻を入力してください。来庁していないときは、どちらも空欄にします。"
    ),
    "left": phrase("入室より後で、現在までの時刻を入力してください。まだ在館中なら空欄にします。"),
    "reason": phrase("訂正の理由を入力してください。"),
}
_NONE = phrase("この受付番号の来庁はありません。番号を確認してください。")


@blueprint.get("/admin/visits")
def ask() -> Response:
    """Ask for the 受付番号."""
    return _asking(Filled(MultiDict()))


@blueprint.post("/admin/visits")
def find() -> Response:
    """Lead to the visit; of a booking with several places, list them."""
    form = Filled(request.form)
    typed = form.text("code", longest=20, needed=True)
    with town().storage.transaction() as db:
        found = db.scalar(select(Booking).where(Booking.short_code == codes.folded(typed))) if typed else None
        places = list(found.places) if found is not None else []
        if not places and not form.errors:
            form.wrong("code", _NONE)
        if len(places) == 1:
            return redirect(url_for("admin_visitcorrections.show", place_id=places[0].id), HTTPStatus.SEE_OTHER)
        return _asking(form, places)


@blueprint.get("/admin/visits/<int(max=2147483647):place_id>")
def show(place_id: int) -> Response:
    """Show what is recorded, every correction, and the form for another."""
    return _page(place_id, Filled(MultiDict()))


@blueprint.post("/admin/visits/<int(max=2147483647):place_id>")
def correct(place_id: int) -> Response:
    """Put the times right; what was typed stays where something is wrong."""
    form, now = Filled(request.form), town().clock()
    reason = form.text("reason", longest=visitcorrections.LONGEST_REASON, needed=True)
    minutes = form.time("arrived"), form.time("left")
    if not form.errors:
        try:
            with town().storage.transaction(write=True) as db:
                place = visits.get_place(db, place_id)
                times = _moment(place, minutes[0]), _moment(place, minutes[1])
                visitcorrections.correct(db, place, times, reason, by=viewer(), now=now)
                audit.record(
                    db,
                    event="visit-corrected",
                    actor=viewer(),
                    subject=place.booking_id,
                    verdict="allowed",
                    reason=reason[:200],
                    now=now,
                )
        except BadInput as error:
            form.refused(error, otherwise="reason", words=_WORDS)
        except Conflict as error:
            form.wrong("reason", error.words, **error.facts)
    if form.errors:
        return _page(place_id, form)
    flash(say(phrase("訂正しました。所属団体と本人にも伝わります。")), "success")
    return redirect(url_for("admin_visitcorrections.show", place_id=place_id), HTTPStatus.SEE_OTHER)


def _moment(place: BookingPlace, minutes: int | None) -> datetime | None:
    """Return a time of day on the local day on which the place begins, or on the next where that is before it opens."""
    if minutes is None:
        return None
    local = ZoneInfo(place.desk.room.site.zone)
    day = place.start.astimezone(local).date()
    at = opening.moment(day, minutes, local)
    overnight = place.end.astimezone(local).date()
    return opening.moment(overnight, minutes, local) if at < place.start - visits.EARLY else at


def _asking(form: Filled, places: Sequence[BookingPlace] = ()) -> Response:
    page = render_template("admin/visits.html", form=form, places=places)
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _page(place_id: int, form: Filled) -> Response:
    with town().storage.transaction() as db:
        place = visits.get_place(db, place_id)
        page = render_template(
            "admin/visit_correction.html",
            place=place,
            site=place.desk.room.site,
            zone=ZoneInfo(place.desk.room.site.zone),
            code=codes.shown(place.booking.short_code or ""),
            found=_corrections(db, place),
            form=form,
        )
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)


def _corrections(db: Session, place: BookingPlace) -> Sequence[object]:
    return visitcorrections.of_place(db, place)
