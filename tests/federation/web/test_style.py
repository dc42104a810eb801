"""Every part of the design in a real browser: axe finds nothing, nothing overflows, nothing comes from elsewhere."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from federation.web.assets import build, npm
from tests.federation.web.style.specimen import served

pytestmark = pytest.mark.browser
AXE = "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Return the address of the specimen, with its assets built."""
    build.build()
    with served() as address:
        yield address


@pytest.fixture(params=[1280, 320])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """Return a Japanese page of desktop or 320 px width."""
    context = chromium.new_context(viewport={"width": request.param, "height": 800}, locale="ja-JP", bypass_csp=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/specimen?emergency=1", "/specimen?lang=en", "/refused"])
def test_axe_finds_nothing(page: Page, origin: str, path: str) -> None:
    page.goto(origin + path)
    page.evaluate((npm.CACHE / AXE).read_text())
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)["violations"]
    short = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]
    assert not short, json.dumps(short, ensure_ascii=False, indent=1)


def test_nothing_is_wider_than_the_window(page: Page, origin: str) -> None:
    page.goto(f"{origin}/specimen?emergency=1")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


def test_nothing_comes_from_elsewhere_and_nothing_is_blocked(page: Page, origin: str) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{origin}/specimen", wait_until="networkidle")
    assert all(url.startswith(origin) for url in asked)
    assert said == []


def test_our_own_pages_need_two_font_files(page: Page, origin: str) -> None:
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.goto(f"{origin}/nowhere", wait_until="networkidle")
    assert sorted(url.rpartition("/")[2].partition(".")[0] for url in asked if "woff2" in url) == ["own-400", "own-700"]


def test_the_first_tab_leads_to_the_content(page: Page, origin: str) -> None:
    page.goto(f"{origin}/specimen")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "dads-skip-link"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
