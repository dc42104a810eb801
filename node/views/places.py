"""The pages behind the addresses we publish: what a desk or a site is, for whoever scans its label or follows a link."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, url_for
from markupsafe import Markup, escape

from federation import language
from federation.errors import TachiyoriError
from federation.messages.listing import SiteListing
from federation.web import entrance, markdown
from federation.web.entrance import Entrance
from federation.web.tongue import between, current, say, words, zone
from federation.wording import phrase
from node.host import coming, guide, house, sites, vacancy
from node.host.causes import TEMPLATES
from node.host.coming import Coming
from node.host.guide import Timetable, Weekdays
from node.views import homes, sheetwords, town
from node.views.admin.exceptions import KINDS
from node.views.admin.facts import clock
from node.views.admin.hours import WEEKDAYS
from node.views.admin.places import FEATURES, PRIVACY
from node.views.session import me
from node.views.space import SHOWS, access_lines, alt_of, manners, measured_on, mobile_line, room_access_lines
from node.views.voices import opinions

blueprint = Blueprint("places", __name__)
"""For ``Audience.PUBLIC``: facts of places, the same for everybody; only where the button leads depends on the reader."""


_STRETCH = Markup('<span class="dads-nowrap">{}〜{}</span>')


_DAY = Markup('<span class="dads-nowrap">{}</span>')


@dataclass(frozen=True)
class Onward:
    """Where the page's one button leads; ``here`` for people of this town, who need no other entrance."""

    href: str
    here: bool


@blueprint.get("/desks/<uuid:desk_id>")
def desk(desk_id: object) -> str:
    """Show what a desk is, whether it is free now, and the way to one's own town; its label's QR leads here."""
    with town().storage.transaction() as db:
        found = guide.of_desk(db, str(desk_id), town().config, on=_today())
        now = vacancy.of_desk(db, str(desk_id), town().clock()) if found.pool == "guests" else None
        ahead = coming.of_places(db, coming.shown_on(sites.get_place(db, str(desk_id))), town().clock())
    if _is_ours():
        onward = Onward(url_for("booking.confirm", desk=found.desk.url), here=True)
    else:
        onward = Onward(url_for("homes.choose", desk_id=desk_id), here=False)
    last, zone = None if onward.here else _last(), ZoneInfo(found.site.zone)
    return _page("places/desk.html", found, onward, now=now, zone=zone, last=last, via=_via(), ahead=ahead)


def _last() -> Entrance | None:
    """Return the town that was chosen in this browser before, if it may still be chosen."""
    code = entrance.remembered()
    return next((one for one in homes.offered() if one.code == code), None) if code else None


def _via() -> dict[str, str]:
    """Return which of that town's addresses was chosen, as the link to it carries that."""
    via = entrance.remembered_via()
    return {"via": via} if via else {}


@blueprint.get("/sites/<uuid:site_id>")
def site(site_id: object) -> str:
    """Show what a site is like, and how to get there."""
    with town().storage.transaction() as db:
        found = guide.of_site(db, str(site_id), town().config, on=_today())
        ahead = coming.of_places(db, coming.shown_on(sites.get_place(db, str(site_id))), town().clock())
    zone, onward = ZoneInfo(found.site.zone), _onward(url_for("staff.search", near=_around(found.site)))
    return _page("places/site.html", found, onward, ahead=ahead, zone=zone)


def _today() -> date:
    return town().clock().astimezone(zone()).date()


@blueprint.get("/rules")
def rules() -> str:
    """Show the 利用上の注意 in force, as visitors confirm them when they book."""
    with town().storage.transaction() as db:
        current = house.in_force(db, town().clock())
    return render_template("places/rules.html", rules=current, markdown=markdown.render)


def _page(template: str, found: guide.DeskGuide | guide.SiteGuide, onward: Onward, **more: object) -> str:
    names = {"privacy": PRIVACY, "features": FEATURES, "shows": SHOWS}
    said = {"access_lines": access_lines, "room_access_lines": room_access_lines, "alt_of": alt_of, "manners": manners}
    said |= {"mobile_line": mobile_line, "measured_on": measured_on}
    today = town().clock().astimezone(ZoneInfo(found.site.zone)).date()
    said |= {"coming_line": coming_line, "opinions": opinions}
    sheets = {"sheet_shown": sheetwords.shown, "today": today}
    return render_template(template, it=found, onward=onward, in_words=in_words, **names, **said, **sheets, **more)


def _onward(own: str) -> Onward:
    """Send people of this town to their own page, everybody else to the registry's entrance."""
    return Onward(own, here=True) if _is_ours() else Onward(f"{town().config.registry}/", here=False)


def _is_ours() -> bool:
    """Say whether the reader is signed in at this town; a session that has ended counts as none."""
    try:
        me()
    except TachiyoriError:
        return False
    return True


def _around(site: SiteListing) -> str:
    return f"{site.lat:.3f},{site.lon:.3f}"


def in_words(timetable: Timetable) -> list[Markup]:
    """Say a usual week in the reader's language, a line for each kind of day."""
    return [_line(days) for days in timetable.week]


def coming_line(one: Coming, zone: ZoneInfo) -> Markup:
    """Say when, where and why a place differs from its usual week."""
    if one.kind == "closure" and one.start is not None and one.end is not None:
        when, what = (
            between(one.start, one.end, zone),
            say(phrase("休止：%(reason)s"), reason=say(TEMPLATES[one.words])),
        )
    else:
        when = _days(one.first, one.last)
        separator = escape(say(phrase("、")))
        hours = separator.join(_STRETCH.format(clock(opens), clock(closes)) for opens, closes in one.stretches)
        what = (
            words(phrase("%(what)s %(times)s"), what=say(KINDS[one.kind][0]), times=hours)
            if hours
            else say(KINDS[one.kind][0])
        )
        what = words(phrase("%(field)s：%(words)s"), field=what, words=one.words)
    line = words(phrase("%(when)s %(what)s"), when=when, what=what)
    return line + words(phrase("（%(name)s）"), name=one.place) if one.place else line


def _days(first: date, last: date) -> Markup:
    one, other = (_DAY.format(language.day(each, current())) for each in (first, last))
    return one if first == last else words(phrase("%(first)sから%(last)sまで"), first=one, last=other)


def _line(days: Weekdays) -> Markup:
    """Say which days have which hours; a narrow page never breaks inside a stretch."""
    separator = say(phrase("、"))
    stretches = (_STRETCH.format(clock(opens), clock(closes)) for opens, closes in days.stretches)
    runs = separator.join(_run(*run) for run in days.runs)
    return words(phrase("%(days)s %(times)s"), days=runs, times=escape(separator).join(stretches))


def _run(first: int, last: int) -> str:
    if first == last:
        return say(WEEKDAYS[first])
    return say(phrase("%(first)sから%(last)sまで"), first=say(WEEKDAYS[first]), last=say(WEEKDAYS[last]))
