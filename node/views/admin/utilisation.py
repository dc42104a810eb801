"""稼働率 by week: a chart with the same figures in a table beside it, for the last weeks or one 年度, and as a file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, current_app, render_template, request
from sqlalchemy.orm import Session

from federation.web.tongue import say, zone
from federation.wording import phrase
from node.host import utilisation
from node.host.utilisation import WEEKS, Week
from node.views import town

blueprint = Blueprint("admin_utilisation", __name__)
"""For ``Audience.ADMIN``."""

HEIGHT, BAR, GAP, LEFT, TOP = 200, 28, 12, 44, 12
"""The chart's measures, in its own units: it is as wide as its weeks and scales with the page."""
FIRST_YEAR = 2021
"""年度 of the first mutual use there was; no earlier one is asked for."""
HEADER = (
    phrase("週（月曜日）"),
    phrase("開放時間（席・時間）"),
    phrase("他団体の利用（席・時間）"),
    phrase("自団体の利用（席・時間）"),
    phrase("稼働率（パーセント）"),
    phrase("予約"),
    phrase("入室"),
    phrase("未利用"),
)


@dataclass(frozen=True)
class Bar:
    """One week's bar: where it stands, and how high its two parts are."""

    week: Week
    x: float
    guests_y: float
    guests_height: float
    own_y: float
    own_height: float
    label: bool


@dataclass(frozen=True)
class Chart:
    """The bars, the size of the whole, and the lines at every quarter of a hundred."""

    bars: Sequence[Bar]
    width: int
    height: int
    lines: Sequence[tuple[float, int]]


@blueprint.get("/admin/utilisation")
def show() -> str:
    """Show the last weeks, or the 年度 that ``year`` names."""
    year = asked_year()
    with town().storage.transaction() as db:
        weeks = counted(db, year)
    this = _fiscal_year(_today())
    return render_template(
        "admin/utilisation.html",
        weeks=weeks,
        chart=chart(weeks),
        year=year,
        years=range(max(FIRST_YEAR, this - 4), this + 1),
        head=HEADER,
    )


@blueprint.get("/admin/utilisation.csv")
def download() -> Response:
    """Give the same figures as a file that spreadsheets read."""
    year = asked_year()
    with town().storage.transaction() as db:
        weeks = counted(db, year)
    written = io.StringIO()
    # Figures and dates of our own only: no cell can begin with what a spreadsheet would take for a formula.
    lines = csv.writer(written)
    lines.writerow([str(say(name)) for name in HEADER])
    lines.writerows(row(week) for week in weeks)
    response: Response = current_app.response_class("\ufeff" + written.getvalue(), mimetype="text/csv")
    name = f"utilisation-{year}.csv" if year else "utilisation.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def counted(db: Session, year: int | None = None) -> list[Week]:
    """Count the last weeks up to the present one, or those of a 年度 as far as it has gone."""
    today = _today()
    if year is None:
        return utilisation.by_week(db, utilisation.mondays(today - timedelta(weeks=WEEKS - 1), today), zone())
    last = min(date(year + 1, 3, 31), today)
    return utilisation.by_week(db, utilisation.mondays(date(year, 4, 1), last), zone())


def row(week: Week) -> tuple[str | int, ...]:
    """Return a week as the table and the file have it: hours with one decimal."""
    hours = (week.open, week.guests, week.own)
    return (
        week.monday.isoformat(),
        *(f"{one / timedelta(hours=1):.1f}" for one in hours),
        f"{week.percent:.1f}",
        week.bookings,
        week.arrivals,
        week.no_shows,
    )


def chart(weeks: Sequence[Week]) -> Chart:
    """Draw the weeks' shares: guests at the bottom, own staff on top of them."""
    bars = []
    for number, week in enumerate(weeks):
        guests, own = (HEIGHT * share / 100 for share in (week.percent_guests, week.percent_own))
        bottom = TOP + HEIGHT
        # Every other week has its day below it, the present one always: more would run into each other.
        labelled = (len(weeks) - 1 - number) % (2 if len(weeks) <= WEEKS else 6) == 0
        x = LEFT + GAP + number * (BAR + GAP)
        bars.append(Bar(week, x, bottom - guests, guests, bottom - guests - own, own, labelled))
    lines = [(TOP + HEIGHT * (100 - percent) / 100, percent) for percent in (0, 25, 50, 75, 100)]
    return Chart(bars, LEFT + GAP + len(weeks) * (BAR + GAP), TOP + HEIGHT + 28, lines)


def asked_year() -> int | None:
    """Return the 年度 that was asked for; None for the last weeks, also where it cannot be read."""
    typed = request.args.get("year", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) == 4):
        return None
    return int(typed) if FIRST_YEAR <= int(typed) <= _fiscal_year(_today()) else None


def _today() -> date:
    return town().clock().astimezone(zone()).date()


def _fiscal_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1
