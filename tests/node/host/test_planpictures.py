"""What somebody sends as a room's plan: a picture or a page of a PDF, and nothing that does more than show."""

import contextlib
import io
import os
import signal
import sys
import time
import zlib
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import BadInput
from node.host import pdfpages, planpictures, rasteriser
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


def a_pdf(content: bytes, resources: bytes = b"", *more: bytes, box: str = "0 0 600 400") -> bytes:
    """Return a PDF of one page as somebody would write it by hand; ``more`` are its objects from 5 on."""
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<<".encode() + resources + b">>>>"
    kids = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", kids, page, a_stream(b"", zlib.compress(content)), *more)
    whole = b"".join(b"%d 0 obj%b endobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + whole + b"trailer<</Root 1 0 R>>\n"


def a_stream(facts: bytes, packed: bytes) -> bytes:
    return b"<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (facts, len(packed), packed)


def a_tree_of_forms() -> bytes:
    """Forms that each draw the next one ten times: ten thousand million rectangles."""
    forms = []
    for number in range(5, 15):
        facts = b"/Type/XObject/Subtype/Form/BBox[0 0 600 400]/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        forms.append(a_stream(facts, zlib.compress(b"/F Do\n" * 10 if number < 14 else b"0 0 600 400 re f")))
    return a_pdf(b"/F Do", b"/XObject<</F 5 0 R>>", *forms)


def a_slow_shading() -> bytes:
    """A colour reckoned for every pixel by a long program, two thousand times over."""
    program = b"{ " + b"dup sin exch dup cos exch " * 50 + b"pop " * 99 + b"1 1 }"
    function = a_stream(b"/FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]", zlib.compress(program))
    kind = b"/ShadingType 1/ColorSpace/DeviceRGB/Domain[0 1 0 1]/Matrix[600 0 0 400 0 0]/Function 5 0 R"
    return a_pdf(b"/S sh\n" * 2_000, b"/Shading<</S<<%b>>>>" % kind, function)


def a_fine_tiling() -> bytes:
    """A pattern laid in steps of a thousandth of a point."""
    facts = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.001/YStep 0.001/Resources<<>>"
    pattern = a_stream(facts, zlib.compress(b"0 0 1 1 re f"))
    return a_pdf(b"/Pattern cs /P scn 0 0 600 400 re f\n" * 50, b"/Pattern<</P 5 0 R>>", pattern)


def blanks(megabytes: int) -> bytes:
    """A page whose drawing is nothing but blanks, a thousandth of that when it is packed."""
    packer = zlib.compressobj(9)
    packed = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    content = packed[:2] + packed[2:] * megabytes
    return a_pdf(b"").replace(a_stream(b"", zlib.compress(b"")), a_stream(b"", content))


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


@pytest.mark.parametrize(
    "hostile", [a_tree_of_forms(), a_slow_shading(), a_fine_tiling()], ids=["forms", "shading", "tiling"]
)
def test_a_page_that_draws_for_ever_is_ended_by_its_seconds_of_work(
    monkeypatch: pytest.MonkeyPatch, hostile: bytes
) -> None:
    monkeypatch.setattr(pdfpages, "WAITS", 500.0)
    _instead(
        monkeypatch, "import sys; sys.argv[1:] = ['1']; from node.host import rasteriser", "rasteriser.SECONDS = 1"
    )
    with pytest.raises(PdfUnreadable) as refused:
        planpictures.read(hostile)
    assert refused.value.detail == f"the rasteriser ended with {-signal.SIGKILL}"


def test_a_page_that_unpacks_to_more_than_there_is_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfpages, "WAITS", 500.0)
    assert planpictures.read(blanks(10)).width == 1600
    with pytest.raises(PdfUnreadable) as refused:
        planpictures.read(blanks(1_000))
    assert refused.value.detail != f"the rasteriser ended with {-signal.SIGKILL}"


@pytest.mark.parametrize("box", ["0 0 1e30 1e30", "0 0 1e-30 1e-30", "0 0 0 0", "600 400 0 0", "0 0 -1 -1", "x"])
def test_a_page_of_any_size_is_drawn_small(box: str) -> None:
    made = planpictures.read(a_pdf(b"0 0 m f", box=box))
    assert max(made.width, made.height) <= rasteriser.LONGEST


@pytest.mark.skipif(not os.path.exists("/proc/self/attr/current"), reason="no Linux")
def test_whatever_takes_over_the_drawing_finds_no_file_and_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = tmp_path / "protocol.pem"
    key.write_text("secret")
    tries = (
        f"lambda: open({str(key)!r})",
        f"lambda: open({str(tmp_path / 'left')!r}, 'w')",
        "lambda: os.listdir('/proc')",
        "lambda: os.execv('/bin/true', ['true'])",
        "lambda: os.remove(os.path.realpath(sys.executable))",
    )
    _instead(
        monkeypatch,
        "import os, sys; sys.argv[1:] = ['1']; from node.host import rasteriser",
        "def denied(attempt):",
        "    try: attempt()",
        "    except PermissionError: return True",
        f"rasteriser.draw = lambda _, __, out: 0 * out.write(str([denied(one) for one in ({', '.join(tries)})]).encode())",
    )
    assert pdfpages.page(b"", 1) == str([True] * len(tries)).encode()


def test_a_page_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfpages, "WAITS", 1.0)
    _only(monkeypatch, "import time; time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(PdfUnreadable):
        pdfpages.page(pdf((100, 100)), 1)
    assert time.monotonic() - began < 30


def test_the_drawing_process_knows_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACHIYORI_SESSION_SECRET", "s")
    _only(monkeypatch, "import os, sys; sys.exit(9 if os.environ.get('TACHIYORI_SESSION_SECRET') else 0)")
    assert pdfpages.page(b"", 1) == b""


@given(at=st.integers(0, 600), to=st.binary(min_size=1, max_size=30))
@settings(max_examples=5, deadline=None)
def test_a_damaged_pdf_is_drawn_or_refused(at: int, to: bytes) -> None:
    whole = pdf((300, 200))
    with contextlib.suppress(BadInput):
        planpictures.read(b"%PDF-1.7\n" + whole[: at % len(whole)] + to + whole[at % len(whole) :])


def _instead(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let the rasteriser be started after some lines of ours."""
    _only(monkeypatch, "\n".join([*lines, "sys.exit(rasteriser.main())"]))


def _only(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let another program of ours stand where the rasteriser is started."""
    draw = pdfpages._draw
    monkeypatch.setattr(pdfpages, "_draw", lambda _, content: draw([sys.executable, "-c", program], content))
