"""Files that somebody sends as photos: what they show goes on, and nothing else of them."""

import contextlib
import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from node.host import pictures
from node.host.pictures import PhotoTooLarge, PhotoUnreadable

GPS_OF_TOKYO = {1: "N", 2: (35.0, 41.0, 22.0), 3: "E", 4: (139.0, 41.0, 30.0)}
ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def encoded(size: tuple[int, int] = (2000, 1000), kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    written = io.BytesIO()
    image = Image.new(mode, size, "navy")
    image.paste("white", (0, 0, size[0] // 2, size[1] // 2))
    image.save(written, kind, **options)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def bright(data: bytes, at: tuple[int, int]) -> bool:
    level = opened(data).convert("L").getpixel(at)
    return isinstance(level, int | float) and level > 200


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG that promises so many pixels, with hardly a byte of them."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_two_sizes_of_one_kind(kind: str) -> None:
    made = pictures.read(encoded(kind=kind))
    assert (made.large.width, made.large.height, made.small.width, made.small.height) == (1600, 800, 480, 240)
    assert [opened(size.data).format for size in (made.large, made.small)] == ["WEBP", "WEBP"]


def test_a_small_photo_is_not_blown_up() -> None:
    made = pictures.read(encoded((300, 200)))
    assert (made.large.width, made.small.width) == (300, 300)


def test_where_and_with_what_it_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[MAKER] = "TachiyoriCam"
    exif[GPS] = GPS_OF_TOKYO
    sent = encoded(exif=exif, comment=b"taken by Hanako", icc_profile=b"profile of Hanako")
    assert opened(sent).getexif().get_ifd(GPS)
    for size in (pictures.read(sent).large, pictures.read(sent).small):
        kept = opened(size.data)
        assert (dict(kept.getexif()), set(kept.info) & {"exif", "xmp", "icc_profile", "comment"}) == ({}, set())
        assert not any(word in size.data for word in (b"Hanako", b"TachiyoriCam", b"EXIF", b"ICCP", b"XMP "))


def test_a_photo_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    made = pictures.read(encoded((2000, 1000), exif=exif))
    assert (made.large.width, made.large.height) == (800, 1600)
    assert bright(made.large.data, (790, 10))


def test_what_is_transparent_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(written, "PNG")
    assert bright(pictures.read(written.getvalue()).large.data, (25, 25))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16"])
def test_any_kind_of_pixel_is_read(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (50, 40)).save(written, "PNG")
    assert pictures.read(written.getvalue()).small.height == 40


def test_nothing_behind_the_picture_is_kept() -> None:
    sent = encoded() + b"<script>alert(1)</script>PK\x03\x04"
    made = pictures.read(sent)
    assert b"script" not in made.large.data + made.small.data


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not a picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n1 0 obj<</Type/Catalog>>",
        b"\xff\xd8\xff\xe0<?php system($_GET[0]);",
        encoded()[:2000],
        encoded(kind="PNG")[:200],
        encoded(kind="WEBP")[:100],
        encoded((64, 64), kind="GIF"),
        encoded((64, 64), kind="BMP"),
        encoded((64, 64), kind="TIFF"),
        encoded((64, 64), kind="ICO"),
        png_of(500, 500),
        png_of(0, 10),
    ],
    ids=["empty", "text", "svg", "pdf", "php", "half-jpeg", "half-png", "half-webp", "gif", "bmp", "tiff", "ico",
         "hollow-png", "no-width"],
)  # fmt: skip
def test_what_is_no_photo_is_refused(sent: bytes) -> None:
    with pytest.raises(PhotoUnreadable):
        pictures.read(sent)


def test_a_gif_of_a_thousand_pictures_is_not_even_opened() -> None:
    frames = [Image.new("P", (64, 64), number) for number in range(200)]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(PhotoUnreadable):
        pictures.read(written.getvalue())


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (8000, 8000)])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_head(width: int, height: int) -> None:
    with pytest.raises((PhotoTooLarge, PhotoUnreadable)):
        pictures.read(png_of(width, height))


def test_a_file_above_ten_megabytes_is_refused_unread() -> None:
    with pytest.raises(PhotoTooLarge):
        pictures.read(encoded() + b"\0" * pictures.MAX_BYTES)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 4000), st.binary(min_size=1, max_size=40))
def test_a_spoilt_file_is_read_or_refused_and_nothing_else(kind: str, at: int, spoilt: bytes) -> None:
    sent = encoded((200, 100), kind=kind)
    at %= len(sent)
    with contextlib.suppress(PhotoUnreadable, PhotoTooLarge):
        pictures.read(sent[:at] + spoilt + sent[at + len(spoilt) :])
