"""Papers as PDF: the one door to fpdf2. Text is set in the one font with every letter, embedded as far as it is used.

Text shaping stays off, so that nothing beyond Python is needed; the forms of a letter that a selector chooses (異体字) are
found in the font's own table. A letter that the font has not is printed as 〓 and named by its number: none goes missing.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Self

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos
from fpdf.fonts import FontFace, Glyph, SubsetMap, TTFFont

from federation.errors import PrintFontMissing
from federation.language import Locale
from federation.web.assets import manifest

MOST_ROWS = 700
LONGEST = 400
"""So many rows bear the tables of one paper, and so many letters one cell: it is made in a few seconds at most."""
MISSING = "〓"
FAMILY = "Noto Sans JP"
GREY = (230, 230, 230)
_SIZE, _LINE, _HEADING = 8, 4.2, 11
_SELECTED = re.compile("(.)([\ufe00-\ufe0f\U000e0100-\U000e01ef])?", re.DOTALL)
_PRIVATE = 0xF0000
"""Where forms stand while a page is set; what is read out of the PDF are the letter and its selector again."""

Forms = Mapping[tuple[str, str], str]


class Sheet(FPDF):
    """A4, portrait, with the title above and the number below each page; to be used by ``with``. Raises ``PrintFontMissing``."""

    def __init__(self, title: str, foot: str, *, author: str, locale: Locale, now: datetime) -> None:
        """Begin the first page; ``foot`` stands beside the numbers, and ``author`` in the file's description."""
        font = manifest.print_font()
        if font is None:
            raise PrintFontMissing("print.ttf is not built")
        super().__init__(format="A4")
        self.add_font(FAMILY, fname=font)
        set_in = self.fonts[FAMILY.lower()]
        if not isinstance(set_in, TTFFont):
            raise PrintFontMissing("print.ttf is no TrueType font")
        self._letters, self._forms = set_in.cmap, _teach(set_in)
        self.missing: list[str] = []
        """The numbers of letters that the font has not, as U+20BB7, in the order they were met."""
        self._left = MOST_ROWS
        self._wrap = WrapMode.CHAR if locale == "ja" else WrapMode.WORD
        self._head, self._foot = self._written(title), self._written(foot)
        self.set_title(title)
        self.set_author(author)
        self.set_creator("Tachiyori")
        self.set_lang(locale)
        self.set_creation_date(now)
        self.set_margin(12)
        self.set_auto_page_break(True, margin=16)
        self.add_page()

    def header(self) -> None:
        """Put the title above every page but the first, which has it as its heading."""
        self.set_font(FAMILY, size=_HEADING * 1.5 if self.page_no() == 1 else _SIZE)
        self.cell(0, 9 if self.page_no() == 1 else 6, self._head, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def footer(self) -> None:
        """Put the number of the page, and of all pages, below."""
        self.set_y(-12)
        self.set_font(FAMILY, size=_SIZE)
        self.cell(0, 6, self._foot)
        self.set_x(self.l_margin)
        self.cell(0, 6, f"{self.page_no()} / {self.str_alias_nb_pages}", align="R")

    def paragraph(self, text: str) -> None:
        """Write a paragraph over the whole width."""
        self.set_font(FAMILY, size=_SIZE)
        self._lines(text, _LINE)
        self.ln(1)

    def table(self, caption: str, columns: Mapping[str, float], rows: Sequence[Sequence[str]]) -> None:  # type: ignore[override]  # The library's own is not called from outside.
        """Write a table with its caption: headings with their share of the width, repeated on every page.

        What ``MOST_ROWS`` leaves no room for is left out; whoever asks for more has bounded it before.
        """
        shown, self._left = rows[: self._left], max(0, self._left - len(rows))
        self._begin(caption)
        with self._table(tuple(columns.values()), headings=1) as table:
            for row in (tuple(columns), *shown):
                table.row([self._written(cell) for cell in row])
        self.ln(3)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write pairs of what something is called and what it is."""
        with self._table((1, 3), headings=0) as table:
            for words, it in rows:
                row = table.row()
                row.cell(self._written(words), style=FontFace(fill_color=GREY))
                row.cell(self._written(it))
        self.ln(3)

    def content(self) -> bytes:
        """Return the finished file."""
        return bytes(self.output())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of the font's file, which stays open while pages are set."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _begin(self, caption: str) -> None:
        """Write a caption that does not stand alone at the end of a page."""
        if self.will_page_break(30):
            self.add_page()
        self.set_font(FAMILY, size=_HEADING)
        self._lines(caption, 6)
        self.ln(1)

    def _table(self, widths: tuple[float, ...], *, headings: int) -> Any:
        self.set_font(FAMILY, size=_SIZE)
        return super().table(
            col_widths=widths,
            first_row_as_headings=bool(headings),
            num_heading_rows=max(1, headings),
            headings_style=FontFace(emphasis="", fill_color=GREY),
            line_height=_LINE,
            padding=0.8,
            text_align="LEFT",
            wrapmode=self._wrap,
        )

    def _lines(self, text: str, height: float) -> None:
        self.multi_cell(
            0,
            height,
            self._written(text),
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=self._wrap,
            output=MethodReturnValue.PAGE_BREAK,
        )

    def _written(self, text: str) -> str:
        """Return a text of letters that the font has; a long one is cut, and what would break the setting is a space."""
        cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        return "".join(self._letter(letter, selector) for letter, selector in _SELECTED.findall(cut))

    def _letter(self, letter: str, selector: str) -> str:
        if not letter.isprintable() and ord(letter) < _PRIVATE and not "\ue000" <= letter <= "\uf8ff":
            return " "
        if form := self._forms.get((letter, selector)):
            return form
        if ord(letter) < _PRIVATE and ord(letter) in self._letters:
            return letter
        if (number := f"U+{ord(letter):04X}") not in self.missing:
            self.missing.append(number)
        return MISSING


class _WithForms(SubsetMap):
    """The part of the font that is embedded, where a form is read as its letter and selector."""

    def __init__(self, font: TTFFont, forms: Mapping[int, Glyph]) -> None:
        self._forms = forms
        super().__init__(font)

    @cache  # noqa: B019 - As the library has it, which empties it when the file is written.
    def get_glyph(
        self,
        glyph: int | None = None,
        unicode: int | tuple[int, ...] | None = None,
        glyph_name: str | None = None,
        glyph_width: int | None = None,
    ) -> Glyph | None:
        if isinstance(unicode, int) and unicode in self._forms:
            return self._forms[unicode]
        found: Glyph | None = super().get_glyph(glyph, unicode, glyph_name, glyph_width)
        return found


def _teach(font: TTFFont) -> Forms:
    """Give the font's forms places of their own, and return them by letter and selector."""
    chosen = _chosen(font.ttfont)
    glyphs: dict[int, Glyph] = {}
    places: dict[tuple[str, str], str] = {}
    for number, (letter, selector) in enumerate(sorted(chosen), start=_PRIVATE):
        name = chosen[letter, selector]
        places[chr(letter), chr(selector)] = chr(number)
        width = round(font.scale * font.ttfont["hmtx"].metrics[name][0])
        glyphs[number] = Glyph(font.ttfont.getGlyphID(name), (letter, selector), name, width)
        font.cmap[number], font.glyph_ids[number], font.cw[number] = name, glyphs[number].glyph_id, width
    font.subset = _WithForms(font, glyphs)
    return places


def _chosen(font: TTFont) -> Mapping[tuple[int, int], str]:
    """Return the glyphs that are not the usual one, by letter and selector."""
    tables = (table for table in font["cmap"].tables if table.format == 14)
    return {
        (letter, selector): name
        for table in tables
        for selector, pairs in table.uvsDict.items()
        for letter, name in pairs
        if name is not None
    }
