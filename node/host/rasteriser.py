"""A process of its own that draws one page of a PDF: ``python -m node.host.rasteriser PAGE`` from standard input to output.

A PDF is a program of somebody else's for a large reader in C. Whatever it does to that reader ends with this process, which
holds no key and no connection, may take so much memory and so many seconds, opens no file but fonts, starts nothing, and is
asked for pixels alone. All of that stands before the first byte is read.
"""

import io
import resource
import sys
from typing import BinaryIO

from node.host.confinement import confine

UNREADABLE, ENCRYPTED, NO_SUCH_PAGE = 3, 4, 5
"""The ends of this process, beside 0; with ``NO_SUCH_PAGE`` the number of pages is written instead of a picture."""
MEMORY = 768 * 1024 * 1024
SECONDS = 10
LONGEST = 1600
"""Of the longer side, in pixels."""
_OPEN_FILES = 32
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
"""For the letters of a PDF that does not carry its own; where PDFium looks for them."""
_PASSWORD = 4
"""FPDF_ERR_PASSWORD."""


def main() -> int:
    """Draw the page whose number, from 1, is the first argument."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    _load()
    confine(_FONTS)
    return draw(sys.stdin.buffer.read(), int(sys.argv[1]), sys.stdout.buffer)


def _load() -> None:
    """Draw a page of our own, so that whatever is imported on the way is there before files can no longer be opened."""
    import pypdfium2  # noqa: PLC0415 - Only once the limits stand.

    page = pypdfium2.PdfDocument.new().new_page(1, 1)
    page.render().to_pil().convert("RGB").save(io.BytesIO(), "PNG")


def draw(content: bytes, number: int, out: BinaryIO) -> int:
    """Write page ``number`` of a PDF to ``out`` as PNG, and return how it went."""
    import pypdfium2  # noqa: PLC0415 - Only once the limits stand.

    try:
        document = pypdfium2.PdfDocument(content)
        if not 1 <= number <= len(document):
            out.write(str(len(document)).encode())
            return NO_SUCH_PAGE
        page = document[number - 1]
        image = page.render(scale=LONGEST / max(page.get_size()), may_draw_forms=False).to_pil()
        image.convert("RGB").save(out, "PNG", compress_level=1)
    except pypdfium2.PdfiumError as error:
        return ENCRYPTED if getattr(error, "err_code", None) == _PASSWORD else UNREADABLE
    except (ValueError, ArithmeticError, MemoryError):
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
