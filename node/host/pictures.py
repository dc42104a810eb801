"""A photo as somebody sent it, made into two plain pictures of ours: nothing of the file itself is ever kept or served.

What a file is called, and what it says it is, is not believed: it is a JPEG, PNG or WebP if Pillow decodes it as one. Only
the pixels go on, so that where and by whom a photo was taken (EXIF, XMP, comments, a second file behind the first) ends here.
"""

import hashlib
import io
import struct
import threading
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from federation.errors import BadInput
from federation.wording import phrase

MAX_BYTES = 10 * 1024 * 1024
LARGE, SMALL = 1600, 480
"""The longer side of each size in pixels; a smaller photo is not blown up."""
TYPE = "image/webp"
_FORMATS = ("JPEG", "PNG", "WEBP")
_MAX_PIXELS = {"JPEG": 80_000_000, "PNG": 30_000_000, "WEBP": 30_000_000}
"""A JPEG is decoded at a fraction of its size, so the largest telephone's are welcome; the others are decoded whole."""
_QUALITY = 80
_DECODING = threading.Lock()
"""One at a time in a process: some hundred megabytes are needed once then, and not once for each who presses the button."""
_BROKEN = (
    *(OSError, EOFError, ValueError, SyntaxError, LookupError, ArithmeticError, TypeError, AttributeError),
    *(RuntimeError, struct.error, MemoryError),
)
"""What Pillow raises for files that are not what they say."""


class PhotoUnreadable(BadInput):
    """The file is no JPEG, PNG or WebP picture, or a broken one."""

    words = phrase("写真として読み取れませんでした。JPEG・PNG・WebPのいずれかで、開ける写真を選んでください。")


class PhotoTooLarge(BadInput):
    """The file, or the picture in it, is larger than is read."""

    words = phrase("写真が大きすぎます。10MBまで、JPEGは8千万画素まで、PNG・WebPは3千万画素までです。")


@dataclass(frozen=True)
class Size:
    """One size: its bytes as served, their SHA-256 in hexadecimal, and width and height in pixels."""

    data: bytes
    digest: str
    width: int
    height: int


@dataclass(frozen=True)
class Pictures:
    """Both sizes of a photo."""

    large: Size
    small: Size


def read(content: bytes) -> Pictures:
    """Decode a photo and return its two sizes; raise ``PhotoUnreadable`` or ``PhotoTooLarge``.

    Call it with no transaction open: it takes up to some seconds.
    """
    if len(content) > MAX_BYTES:
        raise PhotoTooLarge(f"{len(content)} bytes", field="photo")
    with _DECODING, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            plain = _decoded(content)
            return Pictures(_size(plain, LARGE), _size(plain, SMALL))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PhotoTooLarge("more pixels than Pillow opens", field="photo") from None
        except _BROKEN as error:
            raise PhotoUnreadable(f"{type(error).__name__}: {error}"[:200], field="photo") from None


def _decoded(content: bytes) -> Image.Image:
    """Decode the first picture, upright, on white, with nothing but its pixels."""
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        width, height = image.size
        if width * height > _MAX_PIXELS[image.format or ""]:
            raise PhotoTooLarge(f"{width} x {height} pixels", field="photo")
        # Decodes a JPEG at the smallest of 1/1, 1/2, 1/4 and 1/8 that is still large enough; does nothing elsewhere.
        image.draft("RGB", (LARGE, LARGE))
        image.load()
        image.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(image)
    shown = upright.convert("RGBA")
    plain = Image.new("RGB", shown.size, "white")
    plain.paste(shown, mask=shown.getchannel("A"))
    return plain


def _size(plain: Image.Image, longest: int) -> Size:
    image = plain.copy()
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    image.save(written, "WEBP", quality=_QUALITY, method=4)
    data = written.getvalue()
    return Size(data, hashlib.sha256(data).hexdigest(), image.width, image.height)
