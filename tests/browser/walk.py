"""Walking from page to page as a browser's user may, to find an example of each page that has no fixed address."""

import html
import re
from collections import deque
from collections.abc import Iterable, Mapping

from playwright.sync_api import APIRequestContext

from tests.browser.routes import matching

EXAMPLES = 2
"""So many examples of one page are looked at."""
_LINK = re.compile(r'(?:href|src)="([^"#]+)')


def walk(request: APIRequestContext, origin: str, party: str, starts: Iterable[str]) -> Mapping[str, list[str]]:
    """Return paths by endpoint: what can be opened from ``starts``, and from what they lead to."""
    found: dict[str, list[str]] = {}
    tried: set[str] = set()
    waiting = deque(matching(party, starts))
    while waiting:
        endpoint, path = waiting.popleft()
        known = found.setdefault(endpoint, [])
        if len(known) >= EXAMPLES or path in tried:
            continue
        tried.add(path)
        answer = request.get(origin + path, max_redirects=0)
        if answer.ok:
            known.append(path)
            if "text/html" in answer.headers.get("content-type", ""):
                waiting.extend(matching(party, _links(answer.text(), path)))
    return found


def _links(text: str, path: str) -> list[str]:
    """Return the addresses on a page; those that only change the language say nothing new."""
    links = [html.unescape(link) for link in _LINK.findall(text)]
    whole = [path.partition("?")[0] + link if link.startswith("?") else link for link in links]
    return [link for link in whole if "lang=" not in link]
