"""Windows that stay open over many tests: one for each person and language, signed in once."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from tests.browser.actors import Person, Receptionist
from tests.browser.demo import SAITAMA, TOKYO, Demo
from tests.browser.happened import Happened
from tests.browser.routes import ROLES, Route, endpoint_of, pages
from tests.browser.walk import EXAMPLES, walk
from tests.browser.watch import Watch

TOWN_OF: Mapping[str, str] = {
    "staff": SAITAMA,
    "manager": SAITAMA,
    "personnel": SAITAMA,
    "site_admin": TOKYO,
    "reception": TOKYO,
    "": SAITAMA,
}
"""Where each role has most to see in the demo: 埼玉県's staff go places, and 東京都 has most guests."""
LOCALES: Mapping[str, str] = {"ja": "ja-JP", "en": "en-US"}


class Windows:
    """Opens windows when they are first needed; ``close`` ends them all."""

    def __init__(self, chromium: Browser, demo: Demo) -> None:
        """Remember the browser and the demo; nothing is opened yet."""
        self._chromium, self._demo = chromium, demo
        self._pages: dict[tuple[str, str, str], Page] = {}
        self._found: dict[tuple[str, str], Mapping[str, list[str]]] = {}
        self._happened = Happened(lambda role: self.page("node", role, "ja"), lambda role: self.origin("node", role))
        self.watches: list[Watch] = []

    def origin(self, party: str, role: str) -> str:
        """Return where a role looks at a party's pages."""
        return self._demo.registry if party == "registry" else self._demo.towns[TOWN_OF[role]]

    def page(self, party: str, role: str, language: str) -> Page:
        """Return the window of somebody who has the role and reads the language; who signs in does so once."""
        key = (party, role, language)
        if key not in self._pages:
            japanese = self.page(party, role, "ja") if role and language != "ja" else None
            state = japanese.context.storage_state() if japanese else None
            context = self._chromium.new_context(locale=LOCALES[language], storage_state=state)
            context.set_default_timeout(15_000)
            self.watches.append(Watch(context))
            self._pages[key] = context.new_page()
            if role and japanese is None:
                self._sign_in(self._pages[key], party, role)
        return self._pages[key]

    def _sign_in(self, page: Page, party: str, role: str) -> None:
        someone = Person(page, self.origin(party, role))
        someone.goes_to("/console/sign-in" if role == "operator" else "/signin")
        someone.signs_in(self._demo.operator if role == "operator" else self._demo.account(TOWN_OF[role], role))

    def examples(self, route: Route, role: str) -> list[str]:
        """Return addresses at which the role finds the page, by following links from all pages with a fixed address."""
        key = (route.party, role)
        if key not in self._found:
            starts = [each.rule for each in pages() if each.party == route.party and role in ROLES[each.audience]]
            fixed = [start for start in starts if "<" not in start]
            request = self.page(route.party, role, "ja").context.request
            self._found[key] = walk(request, self.origin(route.party, role), route.party, fixed)
        return list(self._found[key].get(route.endpoint, ())) or self._by_hand(route, role)

    def _by_hand(self, route: Route, role: str) -> list[str]:
        """Go where no link leads: to a visit by typing the code shown at the door, to a desk by scanning its label.

        What has to happen before there is such a page is made to happen.
        """
        if route.endpoint in {"incidents.show", "own_incidents.show"}:
            return self._happened.incident_at(role, route.rule.partition("/<")[0])
        if route.endpoint in {"own_papers.show", "admin_papers.show_here"}:
            return self._happened.paper_at(role, route.rule.partition("/<")[0])
        if route.endpoint.startswith("places."):
            return self._published(route, role, route.endpoint)
        if route.endpoint == "homes.choose":
            return [f"{desk}/home" for desk in self._published(route, role, "places.desk")]
        if route.endpoint != "reception.visit":
            return []
        receptionist = Receptionist(self.page(route.party, role, "ja"), self.origin(route.party, role))
        receptionist.goes_to("/reception")
        receptionist.checks(receptionist.page.locator(".dads-roll__code").first.inner_text())
        return [urlsplit(receptionist.page.url).path]

    def _published(self, route: Route, role: str, endpoint: str) -> list[str]:
        """Return addresses as the town's listings feed publishes them, of the kind ``endpoint`` shows."""
        origin = self.origin(route.party, role)
        page = self.page(route.party, role, "ja").context.request.get(f"{origin}/feeds/listings").json()
        urls = (item["data"]["url"] for item in page["items"] if item["state"] == "updated")
        paths = (urlsplit(url).path for url in urls)
        return [path for path in paths if endpoint_of(route.party, path) == endpoint][:EXAMPLES]

    def close(self) -> None:
        """Close every window."""
        for page in self._pages.values():
            page.context.close()
