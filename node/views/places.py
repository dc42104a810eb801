"""The pages behind the addresses we publish: what a desk or a site is, for whoever scans its label or follows a link."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for
from markupsafe import Markup, escape

from federation.errors import TachiyoriError
from federation.messages.listing import SiteListing
from federation.web.tongue import say, words
from federation.wording import phrase
from node.host import guide
from node.host.guide import Timetable, Weekdays
from node.views import town
from node.views.admin.hours import WEEKDAYS
from node.views.admin.places import FEATURES, PRIVACY, TALKING
from node.views.admin.sites import clock
from node.views.session import me

blueprint = Blueprint("places", __name__)
"""For ``Audience.PUBLIC``: facts of places, the same for everybody; only where the button leads depends on the reader."""


_STRETCH = Markup('<span class="dads-nowrap">{}〜{}</span>')


@dataclass(frozen=True)
class Onward:
    """Where the page's one button leads; ``here`` for people of this town, who need no other entrance."""

    href: str
    here: bool


@blueprint.get("/desks/<uuid:desk_id>")
def desk(desk_id: object) -> str:
    """Show what a desk is and what a visitor does there; its label's QR leads here."""
    with town().storage.transaction() as db:
        found = guide.of_desk(db, str(desk_id), town().config)
    onward = _onward(url_for("booking.confirm", desk=found.desk.url), desk=found.desk.url)
    return _page("places/desk.html", found, onward)


@blueprint.get("/sites/<uuid:site_id>")
def site(site_id: object) -> str:
    """Show what a site is like, and how to get there."""
    with town().storage.transaction() as db:
        found = guide.of_site(db, str(site_id), town().config)
    return _page("places/site.html", found, _onward(url_for("staff.search", near=_around(found.site))))


def _page(template: str, found: guide.DeskGuide | guide.SiteGuide, onward: Onward) -> str:
    names = {"privacy": PRIVACY, "features": FEATURES, "talking": TALKING}
    return render_template(template, it=found, onward=onward, in_words=in_words, **names)


def _onward(own: str, **carried: str) -> Onward:
    """Send people of this town to their own page, everybody else to the registry's entrance with what they carry."""
    if _is_ours():
        return Onward(own, here=True)
    query = f"?{urlencode(carried)}" if carried else ""
    return Onward(f"{town().config.registry}/{query}", here=False)


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
