"""Debian's Chromium, one for each worker; what needs it says so when it is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.census import everything_must_run

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--lang=ja",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
"""Nothing but the pages' own requests, and those can reach this machine alone."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Chromium; without it the tests are left out, or fail where nothing may be."""
    if not CHROMIUM.exists():
        (pytest.fail if everything_must_run() else pytest.skip)(f"{CHROMIUM} is missing; apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
