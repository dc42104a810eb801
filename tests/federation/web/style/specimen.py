"""Serve the specimen page, or take its picture: ``python -m tests.federation.web.style.specimen FOLDER``."""

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import segno
from flask import Blueprint, Response, current_app, render_template, request
from playwright.sync_api import ConsoleMessage, Request, sync_playwright
from werkzeug.serving import make_server

from federation.errors import BookingRefused
from federation.web.audience import Audience, AudiencedFlask, register
from federation.web.base import WebSettings, create_base_app

CHROMIUM = "/usr/bin/chromium"


def specimen_app() -> AudiencedFlask:
    """Return an application with the specimen at ``/specimen`` and an error page at ``/refused``."""
    settings = WebSettings(origin="http://localhost", name="さいたま市", name_en="Saitama City", secret="specimen-" * 5)
    app = create_base_app("tests.federation.web.style", settings)
    pages = Blueprint("specimen", __name__, template_folder=str(Path(__file__).parent))
    pages.add_url_rule("/specimen", "page", _page)
    pages.add_url_rule("/refused", "refused", _refused)
    pages.add_url_rule("/qr.svg", "qr", _qr)
    register(app, pages, audience=Audience.PUBLIC)
    return app


def _page() -> str:
    return render_template("specimen.html", qr="/qr.svg", emergency="emergency" in request.args)


def _refused() -> str:
    raise BookingRefused


def _qr() -> Response:
    drawn = io.BytesIO()
    segno.make("7K492M", micro=False).save(drawn, kind="svg", scale=4)
    return current_app.response_class(drawn.getvalue(), mimetype="image/svg+xml")


@contextmanager
def served() -> Iterator[str]:
    """Serve the specimen on a free port and give its address."""
    server = make_server("localhost", 0, specimen_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _say(message: ConsoleMessage) -> None:
    sys.stderr.write(f"{message.text}\n")


def _note(fetched: list[str], request: Request) -> None:
    fetched.append(request.url)


def picture(folder: Path) -> None:
    """Write full-page pictures at 1280 and 320 px, and the printed page, into ``folder``."""
    with served() as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in (1280, 320):
            page = browser.new_page(viewport={"width": width, "height": 800}, locale="ja-JP")
            page.on("console", _say)
            fetched: list[str] = []
            page.on("requestfinished", partial(_note, fetched))
            for name in ("specimen", "refused"):
                page.goto(f"{origin}/{name}?emergency", wait_until="load")
                page.wait_for_timeout(500)
                overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                sys.stdout.write(f"{name}, {width}: {overflow} px wider than the window\n")
                page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
            sys.stdout.write("".join(f"{url}\n" for url in fetched if "woff2" in url))
        page.goto(f"{origin}/specimen", wait_until="load")
        page.pdf(path=folder / "specimen.pdf", prefer_css_page_size=True)
        browser.close()


if __name__ == "__main__":
    picture(Path(sys.argv[1]))
