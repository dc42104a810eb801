"""The smallest browser: it keeps cookies, fills in form tokens, and reads pages as text."""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Page:
    """What came back: status, address after redirects, and the page's text."""

    status: int
    url: str
    text: str

    def links(self, path: str) -> list[str]:
        """Return the addresses of links to ``path``, as a browser would follow them."""
        return [html.unescape(found) for found in re.findall(rf'href="({re.escape(path)}[^"]*)"', self.text)]

    def values(self, name: str) -> list[str]:
        """Return the values of the form fields of that name."""
        return [html.unescape(found) for found in re.findall(rf'name="{name}" value="([^"]*)"', self.text)]


@dataclass
class Browser:
    """Somebody's browser at one origin."""

    origin: str
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def get(self, path: str, **query: str) -> Page:
        """Open a page."""
        return self._page(self.session.get(urljoin(self.origin, path), params=query, timeout=30))

    def post(self, path: str, **fields: str) -> Page:
        """Send a form of the page that was opened last, and follow where its answer leads."""
        form = {"form_token": self.token, **fields}
        return self._page(self.session.post(urljoin(self.origin, path), data=form, timeout=30))

    def sign_in(self, number: str, password: str) -> Page:
        """Sign in at the town's own form."""
        self.get("/signin")
        page = self.post("/signin", number=number, password=password)
        assert page.status == 200, page.text
        assert "/signin" not in page.url, f"{number} was not let in at {self.origin}"
        return page

    def _page(self, answer: requests.Response) -> Page:
        found = _TOKEN.search(answer.text)
        self.token = html.unescape(found[1]) if found else self.token
        return Page(answer.status_code, answer.url, answer.text)
