"""The process's log: one line an event, and nobody forges another."""

import io
import logging
from collections.abc import Iterator

import pytest

from federation.web import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter())
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("sent", "spelt"),
    [
        ("a\r\n2026-11-24 CRITICAL forged", r"a\r\n2026-11-24 CRITICAL forged"),
        ("a\u2028b\u0085c\x0bd", r"a\u2028b\x85c\x0bd"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066"),
        ("\x00\ud800", r"\x00\ud800"),
        ("所沢市　企画課", "所沢市　企画課"),
    ],
    ids=["line breaks", "other line breaks", "terminal", "direction", "NUL and half a pair", "Japanese"],
)
def test_what_somebody_sent_stays_on_its_line(written: io.StringIO, sent: str, spelt: str) -> None:
    logging.getLogger("tests.logs").warning("token: %s", sent)
    line = written.getvalue()
    assert line.endswith(f"token: {spelt}\n")
    assert line.count("\n") == 1


def raise_from(words: str) -> None:
    raise ValueError(words)


def test_a_traceback_keeps_its_lines_and_what_it_quotes_is_spelt_out(written: io.StringIO) -> None:
    try:
        raise_from("\x1b[31m\u202ered")
    except ValueError:
        logging.getLogger("tests.logs").exception("failed")
    *_, last = written.getvalue().splitlines()
    assert last == r"ValueError: \x1b[31m\u202ered"
