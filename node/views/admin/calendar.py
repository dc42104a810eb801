"""カレンダー: a month of one site as partners see it, with the closures in it, and each of its days desk by desk."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import language
from federation.errors import NotFound
from federation.web.tongue import current, say, zone
from federation.wording import phrase
from node.host import closures, days, months, partners, ruling
from node.host.months import Why
from node.host.opening import HORIZON
from node.host.spans import Span
from node.models.sites import Site
from node.views import town
from node.views.admin.facts import clock
from node.views.admin.holidays import named
from node.views.admin.places import get_site

blueprint = Blueprint("admin_calendar", __name__)
"""For ``Audience.ADMIN``."""

PAGE = 50
"""So many desks stand on the page of a day."""


@blueprint.get("/admin/calendar")
def month() -> str:
    """Show ``month`` (YYYY-MM) of ``site``; the present month of the first site unless asked otherwise.

    ``partner`` is the 団体コード of a town to see it as, ``within`` a room or desk to see alone.
    """
    now = town().clock()
    first = first_of(request.args.get("month", ""), now)
    with town().storage.transaction() as db:
        every = db.scalars(select(Site).order_by(Site.published.desc(), Site.name, Site.id)).all()
        site = _asked(db, every)
        towns, code = partners.partners(db), request.args.get("partner", "")
        if code and code not in dict(towns):
            raise NotFound("no agreement with this town")
        shown = _month(db, site, first, now, code) if site is not None else None
    today = now.astimezone(zone()).date()
    return render_template(
        "admin/calendar.html",
        sites=every,
        site=site,
        month=shown,
        first=first,
        previous=_neighbour(first, -1),
        next=_neighbour(first, 1),
        now=now,
        today=today,
        horizon=today + HORIZON,
        templates=closures.TEMPLATES,
        named=named,
        towns=towns,
        partner=code,
        within=request.args.get("within", ""),
    )


@blueprint.get("/admin/calendar/<day>")
def day(day: str) -> str:
    """Show one day (YYYY-MM-DD) of ``site`` desk by desk: what a partner sees at each hour, and every reason why."""
    shown_day, now = _day(day), town().clock()
    with town().storage.transaction() as db:
        site = _asked(db, db.scalars(select(Site).order_by(Site.published.desc(), Site.name, Site.id)).all())
        if site is None:
            raise NotFound("no site yet")
        towns, code = partners.partners(db), request.args.get("partner", "")
        if code and code not in dict(towns):
            raise NotFound("no agreement with this town")
        zone = ZoneInfo(site.zone)
        window = Span(ruling.moment(shown_day, 0, zone), ruling.moment(shown_day, 1440, zone))
        seen_by = partners.partner(db, code, site, window) if code else None
        found = days.day_of(db, site, shown_day, now, partner=seen_by, within=_within(), page=_page(), size=PAGE)
        return render_template(
            "admin/calendar_day.html",
            site=site,
            it=found,
            previous=shown_day - timedelta(days=1),
            next=shown_day + timedelta(days=1),
            towns=towns,
            partner=code,
            within=_within(),
            page=_page(),
            pages=max(1, -(-found.count // PAGE)),
            clock=clock,
            in_words=partial(_in_words, zone=zone),
        )


def _in_words(why: Why, zone: tzinfo) -> str:
    """Say a reason in the reader's language."""
    facts = dict(why.facts)
    if isinstance(reason := facts.get("reason"), str):
        facts["reason"] = say(reason)
    if isinstance(when := facts.get("when"), datetime):
        facts["when"] = language.moment(when, zone, current())
    said = say(why.words, **facts)
    return say(phrase("%(field)s：%(words)s"), field=said, words=named(why.said)) if why.said else said


def _day(text: str) -> date:
    """Read the day of an address; raise ``NotFound`` for what is none, or lies in another century."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("no such day") from error
    if len(text) != 10 or not 2000 <= found.year < 2100:
        raise NotFound("no such day")
    return found


def _page() -> int:
    typed = request.args.get("page", "1")
    return min(max(int(typed), 1), 999) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1


def _within() -> str:
    """Return the room or desk to look at alone; raise ``NotFound`` for what cannot be one."""
    within = request.args.get("within", "")
    if within and (len(within) != 36 or not within.isprintable()):
        raise NotFound("no such room or desk")
    return within


def _month(db: Session, site: Site, first: date, now: datetime, code: str) -> months.Month:
    zone = ZoneInfo(site.zone)
    last = date.fromisoformat(f"{_neighbour(first, 1)}-01")
    window = Span(ruling.moment(first, 0, zone), ruling.moment(last, 0, zone))
    seen_by = partners.partner(db, code, site, window) if code else None
    return months.month_of(db, site, first, now, partner=seen_by, within=_within())


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
