"""A pass read by the device's camera: a picture of one stands before Chromium's own make-believe camera."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import axe, hall
from tests.browser.actors import Person
from tests.browser.conftest import NARROW, WIDE
from tests.browser.hall import FORGED, NAME, NAMELESS, Hall
from tests.browser.test_door import in_hand
from tests.chromium import CHROMIUM, FLAGS

pytestmark = pytest.mark.browser
WIDTH, HEIGHT, FRAMES = 1280, 720, 10
PATIENCE = 30_000
"""Milliseconds: a machine that runs the rest of the tests beside this decodes slowly."""
TURNED = 7
"""Degrees by which somebody holds it askew."""


@pytest.fixture(name="hall")
def made(tmp_path: Path) -> Hall:
    opened = hall.made(tmp_path)
    opened.config = replace(opened.config, reception_camera=True)
    return opened


def film(text: str, path: Path) -> Path:
    """Write what a camera sees when a phone with this code is held to it: grey, a little turned, not filling the picture."""
    drawn = io.BytesIO()
    segno.make(text, error="l", micro=False).save(drawn, kind="png", scale=7, border=4)
    code = Image.open(drawn).convert("L").rotate(TURNED, expand=True, fillcolor=255)
    picture = Image.new("L", (WIDTH, HEIGHT), 140)
    picture.paste(code, ((WIDTH - code.width) // 2, (HEIGHT - code.height) // 2))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    frame = b"FRAME\n" + picture.tobytes() + grey
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)
    return path


@pytest.fixture
def filming(chromium: Browser, tmp_path: Path) -> Iterator[Browser]:
    """Return another Chromium, with a camera that sees ``code.y4m``."""
    seen = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}",
    ]
    opened = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *seen])
    yield opened
    opened.close()


def arrives(browser: Browser, hall: Hall, path: str, size: ViewportSize = WIDE) -> Page:
    context = browser.new_context(locale="ja-JP", viewport=size)
    context.set_default_timeout(20_000)
    person = Person(context.new_page(), hall.config.entity_id)
    person.goes_to("/reception")
    person.signs_in(hall.guard)
    person.goes_to(path)
    return person.page


def reads(page: Page) -> None:
    page.get_by_role("button", name="カメラで読み取る").click()


def test_a_pass_on_a_phone_is_read(hall: Hall, filming: Browser, tmp_path: Path) -> None:
    film(in_hand(hall.passes[NAMELESS]), tmp_path / "code.y4m")
    with hall.open():
        page = arrives(filming, hall, "/reception")
        assert not [*axe.overflow(page), *axe.violations(page)]
        reads(page)
        expect(page.get_by_text(f"利用証に書かれた氏名：{NAME}")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_label("カメラの映像")).to_be_hidden(timeout=PATIENCE)


def test_a_forged_one_is_told_without_a_server(hall: Hall, filming: Browser, tmp_path: Path) -> None:
    film(hall.passes[FORGED], tmp_path / "code.y4m")
    with hall.open():
        page = arrives(filming, hall, "/reception/offline", NARROW)
        expect(page.get_by_text("このページは端末に保存済みです")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("時点の名簿（3件）を持っています")).to_be_visible(timeout=PATIENCE)
    page.reload()
    reads(page)
    expect(page.get_by_role("heading", name="偽物")).to_be_visible(timeout=PATIENCE)
    assert not [*axe.overflow(page), *axe.violations(page)]


def test_the_camera_is_stopped_by_who_started_it(hall: Hall, filming: Browser, tmp_path: Path) -> None:
    film("0" * 4, tmp_path / "code.y4m")
    with hall.open():
        page = arrives(filming, hall, "/reception")
        page.route(
            "**/static/qr.*",
            lambda route: route.fulfill(
                body="export const decodeQR = () => { throw 0; };", content_type="text/javascript"
            ),
        )
        reads(page)
        expect(page.get_by_label("カメラの映像")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="カメラを止める").click()
        expect(page.get_by_label("カメラの映像")).to_be_hidden(timeout=PATIENCE)
        assert page.evaluate("document.querySelector('video').srcObject") is None


def test_a_town_that_allows_no_camera_offers_none(hall: Hall, filming: Browser, tmp_path: Path) -> None:
    film("0" * 4, tmp_path / "code.y4m")
    hall.config = replace(hall.config, reception_camera=False)
    with hall.open():
        page = arrives(filming, hall, "/reception")
        expect(page.get_by_label("受付番号または")).to_be_visible(timeout=PATIENCE)
        assert page.get_by_role("button", name="カメラで読み取る").count() == 0
        assert (
            page.evaluate("navigator.mediaDevices.getUserMedia({video: true}).then(() => 'film', (e) => e.name)")
            == "NotAllowedError"
        )
