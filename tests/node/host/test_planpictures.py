"""What somebody sends as a room's plan: a picture or a page of a PDF, and nothing that does more than show."""

import contextlib
import io
import sys
import time

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import BadInput
from node.host import pdfpages, planpictures
from node.host.pdfpages import PdfEncrypted, PdfHasNoSuchPage, PdfUnreadable
from node.host.pictures import PhotoTooLarge
from node.host.planpictures import PlanTooSlim, PlanUnreadable
from tests.node.host.test_pictures import encoded, opened, png_of

ENCRYPTED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"00" * 32 + b">/U<" + b"11" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]>>\n"
)


def pdf(*sizes: tuple[float, float]) -> bytes:
    written, document = io.BytesIO(), pypdfium2.PdfDocument.new()
    for width, height in sizes:
        document.new_page(width, height)
    document.save(written)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_anew(kind: str) -> None:
    made = planpictures.read(encoded((2000, 1000), kind))
    assert (made.width, made.height, opened(made.data).format) == (1600, 800, "WEBP")


def test_the_page_that_was_asked_for_is_drawn() -> None:
    content = pdf((842, 595), (300, 600))
    assert [(made.width, made.height) for made in [planpictures.read(content, page) for page in (1, 2)]] == [
        (1600, 1131),
        (800, 1600),
    ]


def test_a_page_that_is_not_there_is_refused_with_how_many_there_are() -> None:
    with pytest.raises(PdfHasNoSuchPage) as refused:
        planpictures.read(pdf((100, 100), (100, 100)), 3)
    assert (refused.value.field, refused.value.facts) == ("page", {"pages": 2})


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", PlanUnreadable),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PlanUnreadable),
        (encoded(kind="GIF"), PlanUnreadable),
        (png_of(200_000, 200_000), PhotoTooLarge),
        (b"0" * (planpictures.MAX_BYTES + 1), PhotoTooLarge),
        (encoded((1000, 100)), PlanTooSlim),
        (pdf((100, 100))[:120], PdfUnreadable),
        (b"%PDF-1.7\n" + b"\0" * 5000, PdfUnreadable),
        (ENCRYPTED, PdfEncrypted),
        (pdf((14_000, 1)), PlanTooSlim),
    ],
)
def test_what_shows_no_room_is_refused(content: bytes, error: type[BadInput]) -> None:
    with pytest.raises(error) as refused:
        planpictures.read(content)
    assert refused.value.field == "picture"


def test_a_file_that_is_two_things_is_read_as_a_pdf_alone() -> None:
    made = planpictures.read(pdf((200, 100)) + encoded((100, 100), "PNG"))
    assert (made.width, made.height) == (1600, 800)


def test_a_page_that_asks_for_too_much_memory_ends_the_drawing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    hungry = "from node.host import rasteriser; rasteriser.draw = lambda *_: len(bytearray(2**31)); rasteriser.main()"
    _instead(monkeypatch, hungry)
    with pytest.raises(PdfUnreadable):
        pdfpages.page(pdf((100, 100)), 1)


def test_a_page_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfpages, "WAITS", 1.0)
    _instead(monkeypatch, "import time; time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(PdfUnreadable):
        pdfpages.page(pdf((100, 100)), 1)
    assert time.monotonic() - began < 30


def test_the_drawing_process_knows_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACHIYORI_SESSION_SECRET", "s")
    _instead(monkeypatch, "import os, sys; sys.exit(9 if os.environ.get('TACHIYORI_SESSION_SECRET') else 0)")
    assert pdfpages.page(b"", 1) == b""


@given(at=st.integers(0, 600), to=st.binary(min_size=1, max_size=30))
@settings(max_examples=5, deadline=None)
def test_a_damaged_pdf_is_drawn_or_refused(at: int, to: bytes) -> None:
    whole = pdf((300, 200))
    with contextlib.suppress(BadInput):
        planpictures.read(b"%PDF-1.7\n" + whole[: at % len(whole)] + to + whole[at % len(whole) :])


def _instead(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let another program of ours stand where the rasteriser is started."""
    draw = pdfpages._draw
    monkeypatch.setattr(pdfpages, "_draw", lambda _, content: draw([sys.executable, "-c", program], content))
