"""Papers as PDF: every letter of a name, numbered pages, headings on each, and words where the font is missing."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from federation.errors import PrintFontMissing
from federation.web.assets import build, manifest
from federation.web.printing import MOST_ROWS, Sheet

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RARE = ("髙﨑", "𠮷田", "辻\U000e0100")


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    build.build()


def sheet() -> Sheet:
    return Sheet("利用の経過", "所沢市", author="所沢市", locale="ja", now=NOW)


def pages(made: Sheet) -> list[str]:
    """Return what is read on each page of the finished paper."""
    with made:
        document = pypdfium2.PdfDocument(made.content())
    return [page.get_textpage().get_text_range() for page in document]


def drawn(text: str) -> bytes:
    """Return the picture of a paragraph."""
    with sheet() as made:
        made.paragraph(text)
        picture: bytes = pypdfium2.PdfDocument(made.content())[0].render().to_pil().tobytes()
    return picture


@pytest.mark.parametrize("name", RARE)
def test_a_rare_name_is_read_as_it_was_written(name: str) -> None:
    made = sheet()
    made.facts([("利用職員", name)])
    assert name in pages(made)[0]
    assert made.missing == []


def test_the_form_that_a_selector_chooses_is_drawn() -> None:
    assert drawn("辻\U000e0100") != drawn("辻")
    assert drawn("辻\U000e0101") == drawn("辻")


def test_a_letter_without_a_glyph_is_named_and_does_not_vanish() -> None:
    made = sheet()
    made.paragraph("名\U0002a6d7\ue001前")
    assert "名〓〓前" in pages(made)[0]
    assert made.missing == ["U+2A6D7", "U+E001"]


def test_a_long_table_has_its_headings_and_number_on_every_page() -> None:
    made = sheet()
    made.table("記録", {"日時": 1, "操作": 2}, [(str(number), f"操作{number}") for number in range(300)])
    read = pages(made)
    assert len(read) > 5
    for number, page in enumerate(read, start=1):
        assert "日時" in page
        assert "".join(page.split()).endswith(f"所沢市{number}/{len(read)}")
    assert "操作299" in read[-1]


def test_no_paper_grows_without_end() -> None:
    made = sheet()
    made.table("記録", {"番号": 1}, [(str(number),) for number in range(MOST_ROWS + 50)])
    made.table("もう一つ", {"番号": 1}, [("余り",)])
    read = "".join(pages(made))
    assert str(MOST_ROWS - 1) in read
    assert str(MOST_ROWS + 1) not in read
    assert "余り" not in read


def test_a_long_word_is_cut_with_a_sign() -> None:
    made = sheet()
    made.facts([("理由", "長" * 5_000)])
    assert "長…" in pages(made)[0].replace("\r\n", "")


def test_the_file_says_what_it_is() -> None:
    with sheet() as made:
        said = pypdfium2.PdfDocument(made.content()).get_metadata_dict()
    assert (said["Title"], said["Author"], said["CreationDate"][:10]) == ("利用の経過", "所沢市", "D:20261124")


def test_a_missing_font_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "print_font", lambda: None)
    with pytest.raises(PrintFontMissing):
        sheet()
