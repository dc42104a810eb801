"""A page of a PDF as a picture, drawn by a process that holds nothing and may take little."""

import subprocess
import sys
import threading
from collections.abc import Sequence

from federation.errors import BadInput
from federation.wording import phrase
from node.host import rasteriser

MAGIC = b"%PDF-"
_WITHIN = 1024
"""Where a reader looks for the beginning of a PDF: in its first so many bytes."""
WAITS = 20.0
"""Seconds by the clock on the wall; the process itself may work half of them."""
MOST_PAGES = 10_000
_DRAWING = threading.Lock()
"""One at a time in a worker, as with photos."""


class PdfUnreadable(BadInput):
    """The file is no PDF, a broken one, or one that takes more than a picture of a room should."""

    words = phrase("PDFとして読み取れませんでした。開けるPDFか、配置図の画像（JPEG・PNG・WebP）を選んでください。")


class PdfEncrypted(BadInput):
    """The PDF opens with a password alone."""

    words = phrase("パスワードで保護されたPDFです。保護を外したPDFか、画像を選んでください。")


class PdfHasNoSuchPage(BadInput):
    """The PDF has fewer pages."""

    words = phrase("このPDFは%(pages)sページまでです。ページ番号を確認してください。")


def is_pdf(content: bytes) -> bool:
    """Return whether a file begins as a PDF does (ISO 32000-1, Annex H.3, note 13)."""
    return MAGIC in content[:_WITHIN]


def page(content: bytes, number: int) -> bytes:
    """Return page ``number``, from 1, as PNG.

    Raises ``PdfUnreadable``, ``PdfEncrypted``, or ``PdfHasNoSuchPage`` at the field ``page``.
    """
    code, drawn = _draw([sys.executable, "-I", "-m", rasteriser.__name__, str(number)], content)
    if code == rasteriser.NO_SUCH_PAGE:
        pages = int(drawn[:6] or b"0") if drawn[:6].isdigit() else 0
        raise PdfHasNoSuchPage(f"page {number} of {pages}", field="page", facts={"pages": pages})
    if code == rasteriser.ENCRYPTED:
        raise PdfEncrypted("needs a password", field="picture")
    if code != 0:
        raise PdfUnreadable(f"the rasteriser ended with {code}", field="picture")
    return drawn


def _draw(command: Sequence[str], content: bytes) -> tuple[int, bytes]:
    """Run the process, and end it when its time is over."""
    with _DRAWING:
        try:
            done = subprocess.run(  # noqa: S603 - Our own interpreter and module; the number is an integer.
                command, input=content, capture_output=True, timeout=WAITS, env={}, check=False
            )
        except subprocess.TimeoutExpired:
            return -1, b""
    return done.returncode, done.stdout
