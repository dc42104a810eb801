"""Every page of the node and of the registry, as everybody who may open it sees it: axe finds nothing, nothing overflows.

Pages are taken from the applications' own routes. One that nobody can find an example of fails, unless it is excepted.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe
from tests.browser.demo import Demo
from tests.browser.routes import ROLES, Route, pages
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser
EXCEPTIONS = {
    "node-common.health": "two letters for whoever watches the process",
    "node-common.static": "files, looked at as parts of the pages",
    "node-bookings.qr": "an image, looked at as part of the pass",
    "node-bookings.calendar": "a calendar's file",
    "node-subscribed.read": "a calendar's file",
    "node-series.show": "needs something asked for together; looked at on the way of test_repeating.py",
    "node-teams.show": "needs a team; looked at on the way of test_teams.py",
    "node-borrowed.drawing": "a drawing, looked at as part of the plan",
    "node-borrowed.picture": "a photo, looked at as part of the cards",
    "node-offered.signed": "a file of signatures",
    "node-admin_agreement_records.signed": "the same",
    "node-admin_agreement_records.document": "a PDF to be kept",
    "node-photos.picture": "a photo, looked at as part of the pages of its place",
    "node-seating.picture": "a drawing, looked at as part of its plan",
    "node-atlas.land": "the map's lines, looked at as part of it",
    "node-seating.now": "a part of a page, looked at in it",
    "node-attendance.download": "a CSV file",
    "node-admin_utilisation.download": "a CSV file",
    "node-factors.draw_app": "an image, looked at as part of registering an app",
    "node-second.ask": "asked between the password and the session, looked at in test_factors",
    "node-admin_imports.check": "needs a file; looked at on the way of test_importing.py",
    "node-admin_imports.row": "the same",
    "node-admin_imports.done": "the same",
    "node-admin_imports.errors": "a CSV file",
    "node-admin_imports.export": "a CSV file",
    "node-admin_import_choice.choose": "needs a file; looked at on the way of test_importing.py",
    "node-admin_closure_changes.edit": "needs a closure; looked at on the way of test_closing.py",
    "node-directory.planned": "needs a list that waits; made of what node-directory.choose leads to",
    "node-mailed.show": "needs the link of a letter; looked at on the way of test_terms.py",
    "node-printing.stand_by": "needs a computer that was let in; looked at on the way of test_printing.py",
    "node-printing.sheet": "the same, for the blink of an eye; its table is that of node-reception.day_list",
    "node-printing.state": "a line of JSON",
    "node-admin_blocks.booking": "needs another town's visitor of today; its form is that of node-admin_blocks.every",
    "node-corrections.show": "needs a day of attendance; looked at on the way of test_day.py",
    "node-unsent.show": "nobody is led there who has sent everything; looked at on the way of test_door.py",
    "node-rollcall.over": "needs a roll call that is over; looked at on the way of test_door.py",
    "node-admin_webhooks.show": "needs a receiver; looked at on the way of test_webhooks.py",
    "node-offline.worker": "a script, looked at on the way of test_door.py",
    "node-offline.take_along": "a list for that script",
    "node-homes.go": "leads to a town's own page",
    "node-authorize.authorize": "answers what was pushed alone; looked at on the way of test_signing_in.py",
    "node-logout.ask": "asks who is signed in; looked at on the way of test_signing_in.py",
    "node-arriving.callback": "takes a home's answer and leads on",
    "node-visiting.today": "needs a sign-in at two towns; looked at on the way of test_desk.py",
    "node-visiting.views": "the same; the lines stand in the same table as under 私の情報",
    "node-incidents.draft": "a text to be sent",
    "node-own_incidents.draft": "the same",
    "node-own_papers.pdf": "a file; what stands in it is tested where it is made",
    "node-admin_papers.pdf_here": "the same",
    "registry-common.health": "two letters for whoever watches the process",
    "registry-common.static": "files, looked at as parts of the pages",
    "registry-entrance.go": "leads to a town's own page",
}
"""Addresses without a page of their own, each with what it is instead."""
WRONG = [
    ("node", "", "/nowhere", 404),
    ("node", "", "/desks/00000000-0000-4000-8000-000000000000", 404),
    ("registry", "", "/?desk=https://elsewhere.example/desks/1", 200),
    ("node", "staff", "/manager/attendance", 403),
    ("node", "manager", "/personnel/staff", 403),
    ("node", "staff", "/search?day=2020-01-01", 400),
    ("node", "staff", "/search?near=%E3%81%AA%E3%81%84%E9%A7%85&day=2026-13-01&slot=x", 400),
    ("node", "staff", "/book?desk=nothing", 404),
    ("node", "manager", "/manager/attendance?month=never", 400),
    ("registry", "operator", "/console/members/999999", 404),
]
WIDTHS = (1280, 320)


@pytest.fixture(scope="module")
def windows(chromium: Browser, demo: Demo) -> Iterator[Windows]:
    """Return windows for everybody; in the end no page may have asked another origin for anything."""
    opened = Windows(chromium, demo)
    yield opened
    opened.close()
    for watch in opened.watches:
        watch.assert_nothing_came_from_elsewhere()


def looked_at(page: Page, url: str, widths: tuple[int, ...], status: int = 200) -> list[str]:
    """Return what is wrong with a page at each width, with where it was seen."""
    answer = page.goto(url)
    if answer is None or answer.status != status:
        return [f"{url}: {answer.status if answer else 'no answer'} instead of {status}"]
    wrong: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        wrong += (f"{url} at {width}: {each}" for each in (*axe.overflow(page), *axe.violations(page)))
    return wrong


@pytest.mark.parametrize("route", [route for route in pages() if str(route) not in EXCEPTIONS], ids=str)
def test_every_page_is_for_everybody(route: Route, windows: Windows) -> None:
    first, *others = ROLES[route.audience]
    origin, paths = windows.origin(route.party, first), windows.examples(route, first)
    assert paths, f"nobody finds {route.rule} by following links; give it a link, an example or an exception"
    wrong: list[str] = []
    for language in ("ja", "en"):
        wrong += looked_at(windows.page(route.party, first, language), origin + paths[0], WIDTHS)
    for path in paths[1:]:
        wrong += looked_at(windows.page(route.party, first, "ja"), origin + path, (320,))
    for role in others:
        for path in windows.examples(route, role)[:1]:
            url = windows.origin(route.party, role) + path
            wrong += looked_at(windows.page(route.party, role, "ja"), url, (320,))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("party", "role", "path", "status"), WRONG)
def test_what_went_wrong_is_said_to_everybody(party: str, role: str, path: str, status: int, windows: Windows) -> None:
    url = windows.origin(party, role) + path
    wrong = [
        each
        for language in ("ja", "en")
        for each in looked_at(windows.page(party, role, language), url, WIDTHS, status)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_exception_is_still_needed() -> None:
    assert set(EXCEPTIONS) <= {str(route) for route in pages()}
