"""所属長: the times of one day put right beside what the host has recorded, with a reason; and when they are told of a start."""

from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from federation import audit
from federation.errors import BadInput
from federation.web.tongue import say
from federation.wording import phrase
from node.home import corrections, presence
from node.home.wishes import JAPAN
from node.host.opening import moment
from node.models.attendance import Attendance
from node.views import town
from node.views.filled import Filled
from node.views.session import me

blueprint = Blueprint("corrections", __name__)
"""For ``Audience.MANAGER``."""
laying_down = Blueprint("presence", __name__)
"""For ``Audience.PERSONNEL``."""

_WORDS = {
    "arrived": phrase("その日の、現在までの時刻を入力してください。変えない時刻は空欄のままにします。"),
    "left": phrase("入室より後で、現在までの時刻を入力してください。変えない時刻は空欄のままにします。"),
    "reason": phrase("訂正の理由を入力してください。"),
}


@blueprint.get("/manager/attendance/<int(max=2147483647):row_id>")
def show(row_id: int) -> Response:
    """Show the day as the host has it, every correction, and the form for another."""
    return _page(row_id, Filled(MultiDict()))


@blueprint.post("/manager/attendance/<int(max=2147483647):row_id>")
def correct(row_id: int) -> Response:
    """Write a correction down; what was typed stays where something is wrong."""
    form, now, by = Filled(request.form), town().clock(), f"staff:{me().id}"
    reason = form.text("reason", longest=corrections.LONGEST_REASON, needed=True)
    minutes = form.time("arrived"), form.time("left")
    if not form.errors:
        try:
            with town().storage.transaction(write=True) as db:
                row = corrections.get(db, row_id)
                arrived, left = (_moment(row, each) for each in minutes)
                corrections.correct(db, row, arrived, left, reason, by=by, now=now)
                audit.record(
                    db,
                    event="attendance-corrected",
                    actor=by,
                    subject=f"staff:{row.staff_id}",
                    verdict="allowed",
                    reason=reason[:200],
                    now=now,
                )
        except BadInput as error:
            form.refused(error, otherwise="reason", words=_WORDS)
    if form.errors:
        return _page(row_id, form)
    flash(say(phrase("訂正を記録し、本人に知らせました。受入団体の記録はそのまま残ります。")), "success")
    return redirect(url_for("corrections.show", row_id=row_id), HTTPStatus.SEE_OTHER)


@laying_down.get("/personnel/presence")
def rule() -> str:
    """Show whether a 所属長 is told when their people begin and end elsewhere."""
    with town().storage.transaction() as db:
        return render_template("presence.html", rule=presence.rule(db))


@laying_down.post("/personnel/presence")
def lay_down() -> Response:
    """Lay it down."""
    tells_start, tells_end = bool(request.form.get("start")), bool(request.form.get("end"))
    with town().storage.transaction(write=True) as db:
        presence.lay_down(db, tells_start=tells_start, tells_end=tells_end)
        audit.record(
            db,
            event="attendance-rule",
            actor=f"staff:{me().id}",
            subject="town",
            verdict="allowed",
            reason=f"start {tells_start}, end {tells_end}",
            now=town().clock(),
        )
    flash(say(phrase("始業・終業のお知らせの設定を保存しました。")), "success")
    return redirect(url_for("presence.rule"), HTTPStatus.SEE_OTHER)


def _moment(row: Attendance, minutes: int | None) -> datetime | None:
    return None if minutes is None else moment(row.day, minutes, JAPAN)


def _page(row_id: int, form: Filled) -> Response:
    with town().storage.transaction() as db:
        row = corrections.get(db, row_id)
        page = render_template("correction.html", row=row, times=corrections.times(row), form=form)
    return make_response(page, HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK)
