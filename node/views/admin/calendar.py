"""カレンダー: a month of one site as partners see it, with the closures in it."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import NotFound
from federation.web.tongue import zone
from node.host import closures, months
from node.host.opening import HORIZON
from node.models.sites import Site
from node.views import town
from node.views.admin.places import get_site

blueprint = Blueprint("admin_calendar", __name__)
"""For ``Audience.ADMIN``."""


@blueprint.get("/admin/calendar")
def month() -> str:
    """Show ``month`` (YYYY-MM) of ``site``; the present month of the first site unless asked otherwise."""
    now = town().clock()
    first = first_of(request.args.get("month", ""), now)
    with town().storage.transaction() as db:
        every = db.scalars(select(Site).order_by(Site.published.desc(), Site.name, Site.id)).all()
        site = _asked(db, every)
        shown = months.month_of(db, site, first, now) if site is not None else None
    today = now.astimezone(zone()).date()
    return render_template(
        "admin/calendar.html",
        sites=every,
        site=site,
        month=shown,
        first=first,
        previous=_neighbour(first, -1),
        next=_neighbour(first, 1),
        today=today,
        horizon=today + HORIZON,
        templates=closures.TEMPLATES,
    )


def _asked(db: Session, every: Sequence[Site]) -> Site | None:
    """Return the site that was asked for, or the first; raise ``NotFound`` for one that is not ours."""
    asked = request.args.get("site", "")
    if asked:
        if len(asked) != 36 or not asked.isprintable():
            raise NotFound("no such site")
        return get_site(db, asked)
    return next(iter(every), None)


def first_of(text: str, now: datetime) -> date:
    """Return the first day of a month written YYYY-MM, or of the present one where that cannot be read."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = now.astimezone(zone()).date().replace(day=1)
    return found if 2000 <= found.year < 2100 else now.astimezone(zone()).date().replace(day=1)


def _neighbour(first: date, step: int) -> str:
    """Return the month before or after as YYYY-MM."""
    number = first.year * 12 + first.month - 1 + step
    return f"{number // 12:04}-{number % 12 + 1:02}"
