"""Pictures of every page, wide and narrow, for people to look at: ``python -m tests.browser.screens [FOLDER]``.

They are taken from the demo that runs in ``.demo`` (or ``BROWSER_DEMO``) and written to ``.cache/screens``.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from deploy.demo.programs import ROOT
from tests.browser import demo
from tests.browser.routes import ROLES, pages
from tests.browser.test_axe import EXCEPTIONS, WIDTHS
from tests.browser.windows import Windows
from tests.chromium import CHROMIUM, FLAGS


def main(folder: Path) -> None:
    """Take the pictures, one for each page, example and width, in Japanese."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take(Windows(chromium, demo.read(Path(os.environ.get("BROWSER_DEMO", ROOT / ".demo")))), folder)
        chromium.close()


def take(windows: Windows, folder: Path) -> None:
    """Take a picture of each example of each page."""
    for route in pages():
        if str(route) in EXCEPTIONS:
            continue
        role = ROLES[route.audience][0]
        page = windows.page(route.party, role, "ja")
        for number, path in enumerate(windows.examples(route, role)):
            page.goto(windows.origin(route.party, role) + path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                page.screenshot(path=folder / f"{route}-{number}-{width}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".cache" / "screens")
