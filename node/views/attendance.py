"""所属長 and personnel: who worked where, by month and fiscal year."""

from datetime import date
from http import HTTPStatus

from flask import Blueprint, current_app, make_response, render_template, request
from werkzeug.wrappers import Response

from federation.errors import BadInput
from node.home import attendance as record
from node.home import corrections
from node.home.attendance import Month
from node.views import town
from node.views.shown import WORK_KINDS

blueprint = Blueprint("attendance", __name__)
"""For ``Audience.MANAGER``."""


@blueprint.get("/manager/attendance")
def show() -> Response:
    """Show a month of 勤務実績, of all sections or one."""
    now, error = town().clock(), None
    try:
        month = record.month(request.args.get("month", ""), now=now)
    except BadInput as wrong:
        month, error = record.month("", now=now), wrong
    section = request.args.get("section", "")[:100]
    with town().storage.transaction() as db:
        rows = record.of_days(db, month.first, month.after, section=section)
        sections = record.sections(db)
    total = sum(record.minutes(row) or 0 for row in rows)
    page = render_template(
        "attendance.html",
        month=month,
        rows=rows,
        pairs=[(each, each) for each in sections],
        section=section,
        total=total,
        error=error,
        minutes=record.minutes,
        times=corrections.times,
        work_kinds=WORK_KINDS,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


@blueprint.get("/manager/attendance.csv")
def download() -> Response:
    """Return a month, or with ``year=1`` its whole 年度, as CSV."""
    month = record.month(request.args.get("month", ""), now=town().clock())
    first, after = record.fiscal_year(month.first) if request.args.get("year") else (month.first, month.after)
    with town().storage.transaction() as db:
        rows = record.of_days(db, first, after, section=request.args.get("section", "")[:100])
        content = record.as_csv(rows)
    response: Response = current_app.response_class(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{_name(month, first, after)}"'
    return response


def _name(month: Month, first: date, after: date) -> str:
    return f"attendance-{month.text}.csv" if after == month.after else f"attendance-{first.year}-fiscal-year.csv"
