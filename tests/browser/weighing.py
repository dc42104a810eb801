"""What a page costs the line: every answer of a first visit, as many bytes as really came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page


@dataclass(frozen=True)
class Loaded:
    """One answer: its address, and the bytes that came for it, headers and all."""

    url: str
    size: int

    @property
    def is_font(self) -> bool:
        """Whether it is a font."""
        return self.url.endswith(".woff2")


def first_visit(page: Page, url: str) -> Sequence[Loaded]:
    """Open ``url`` as if for the first time, with nothing kept, and return what was fetched until the line fell quiet."""
    line = page.context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def answered(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["response"]["url"]

    def finished(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = round(event["encodedDataLength"])

    line.on("Network.responseReceived", answered)
    line.on("Network.loadingFinished", finished)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(url, wait_until="networkidle")
    line.detach()
    known = {number: address for number, address in addresses.items() if address.startswith("http")}
    return [Loaded(address, sizes[number]) for number, address in known.items()]
