"""axe-core and a ruler, held to a page as it stands."""

from functools import cache

from playwright.sync_api import Page

from federation.web.assets import npm

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_SHORT = """async tags => (await axe.run({runOnly: tags, resultTypes: ['violations']})).violations.flatMap(
    each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 160)} (${node.failureSummary.slice(0, 200)})`))"""
_WIDER = """() => [...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .map(each => each.outerHTML.slice(0, 120)).slice(0, 3)"""


@cache
def script() -> str:
    """Return the text of axe-core, as the build's lock names it."""
    return (npm.install() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong, one line for each element; a page that is on its way is waited for."""
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(script())
    found: list[str] = page.evaluate(_SHORT, list(TAGS))
    return found


def overflow(page: Page) -> list[str]:
    """Return what makes the page scroll sideways; nothing where it does not."""
    page.wait_for_load_state()
    width: int = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    wider: list[str] = page.evaluate(_WIDER)
    return [f"{width} px wider than the window: {wider}"] if width > 0 else []


def looks_right(page: Page, *, scripts: bool) -> None:
    """Fail where the page is wider than the phone, or axe finds something; axe is itself a script, and never ends without."""
    assert overflow(page) == []
    if scripts:
        assert violations(page) == []
