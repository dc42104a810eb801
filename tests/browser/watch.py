"""Watching a browser's windows: what pages ask of others than themselves, and what the browser had to refuse them."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request


class Watch:
    """Notes every request that leaves its page's own origin, and every word of the browser about a refused one.

    Going to another page is not the page's own request: the registry leads to a town, as a link does.
    """

    def __init__(self, context: BrowserContext) -> None:
        """Begin to watch all present and future pages of a context."""
        self.elsewhere: list[str] = []
        self.refused: list[str] = []
        context.on("request", self._asked)
        context.on("console", self._said)

    def _asked(self, request: Request) -> None:
        # A page that a worker asks for is no navigation, and what a worker asks has no frame.
        worker = request.service_worker
        if request.url.startswith(("data:", "blob:")) or (worker is None and request.is_navigation_request()):
            return
        asking = worker.url if worker is not None else request.frame.url
        if origin_of(request.url) != origin_of(asking):
            self.elsewhere.append(f"{asking} asked {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "violates" in message.text:
            self.refused.append(message.text)

    def assert_nothing_came_from_elsewhere(self) -> None:
        """Fail with the addresses where a page asked another origin, or tried to."""
        assert not self.elsewhere, "\n".join(self.elsewhere)
        assert not self.refused, "\n".join(self.refused)


def origin_of(url: str) -> str:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
