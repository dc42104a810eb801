"""One demo for all tests in this folder; every window is watched for what it asks of others."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests.browser import demo as demos
from tests.browser.actors import Person
from tests.browser.demo import Demo
from tests.browser.watch import Watch

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}

Opener = Callable[..., Person]
"""Opens a window for somebody: ``arrives(origin, locale="ja-JP", narrow=False, scripts=True)``."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Return a federation of real processes with some life in it; with ``BROWSER_DEMO`` the one running in that folder."""
    if folder := os.environ.get("BROWSER_DEMO"):
        yield demos.read(Path(folder))
        return
    with demos.running(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def arrives(chromium: Browser) -> Iterator[Opener]:
    """Return what opens a window for somebody; at the end of the test no window may have asked another origin."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def arrive(origin: str, *, locale: str = "ja-JP", narrow: bool = False, scripts: bool = True) -> Person:
        size = NARROW if narrow else WIDE
        context = chromium.new_context(locale=locale, viewport=size, java_script_enabled=scripts)
        context.set_default_timeout(10_000)
        contexts.append(context)
        watches.append(Watch(context))
        return Person(context.new_page(), origin)

    yield arrive
    for context in contexts:
        context.close()
    for watch in watches:
        watch.assert_nothing_came_from_elsewhere()
