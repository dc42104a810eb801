"""A file as it was sent: its encoding, its heading wherever it stands, and its rows. Bytes in, text out; nothing is judged here."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from federation.errors import BadInput, TooLarge, UnreadableFile
from federation.language import size
from federation.wording import phrase
from node.host.sheets import strangers
from node.host.sheets.rows import Remark

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_CELL = 10_000
_HEADING_WITHIN = 20
"""Lines above the heading that are looked at: titles, dates, an empty line."""
_ENCODINGS = (
    ("utf-8-sig", "UTF-8"),
    ("cp932", "Shift_JIS"),
    ("shift_jis_2004", "Shift_JIS"),
    ("euc_jp", "EUC-JP"),
)
_PUNCTUATION = re.compile(r"[\s_・、,.()\-ー―‐/「」:;*※]+")

Score = Callable[[Sequence[str]], int]
"""How much a line looks like the heading that is wanted; 0 is not at all. It is given folded cells."""

_TOO_WIDE = phrase("列が200列を超えています。要らない列を削除して、CSVで保存し直してください")
_TOO_LONG = phrase(
    '10,000文字を超えるセルがあります。引用符（"）の閉じ忘れがないか確かめ、長い文章は短くして、CSVで保存し直してください'
)


class _TooMuchError(csv.Error):
    """A line that is wider, or a cell that is longer, than any list's; its text says what to do."""


@dataclass(frozen=True)
class Line:
    """One row of the file under its heading: its line number and its cells as they stood."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file as read: the heading as it stood and folded, the rows under it, and what was mended on the way."""

    encoding: str
    heading: tuple[str, ...]
    folded: tuple[str, ...]
    lines: tuple[Line, ...]
    remarks: tuple[Remark, ...]


def folded(heading: str) -> str:
    """Return a heading without what drifts between cities: widths, brackets, punctuation, capitals."""
    narrow = unicodedata.normalize("NFKC", heading).strip().lower()
    # CKAN numbers the rows of what it exports; that is no ID of the city's.
    return "" if narrow == "_id" else _PUNCTUATION.sub("", narrow)


def read(content: bytes, score: Score) -> Table:
    """Read a whole file. Raises ``TooLarge``, or ``UnreadableFile`` with a word on what to do; nothing else, whatever the bytes."""
    if len(content) > MOST_BYTES:
        raise TooLarge(facts={"limit": size(MOST_BYTES)})
    if not content.strip(b"\0\r\n\t ,\xef\xbb\xbf"):
        raise _unreadable(phrase("ファイルが空です"))
    if what := strangers.told(content):
        raise _unreadable(what)
    refused: BadInput | None = None
    for text, encoding in _decoded(content):
        try:
            return _table(text, encoding, score)
        except UnreadableFile as error:
            refused = refused or error
    raise refused or _unreadable(
        phrase(
            "文字コードがUTF-8でもShift_JISでもありません。Excelの「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し直してください"
        )
    )


def _unreadable(what: str) -> UnreadableFile:
    return UnreadableFile(what, facts={"what": what})


def _decoded(content: bytes) -> Iterator[tuple[str, str]]:
    """UTF-8 first, since Shift_JIS accepts almost any bytes; each further reading only where the one before had no heading."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        yield content.decode("utf-16", errors="replace"), "UTF-16"
        return
    if b"\x1b$" in content and not max(content) & 0x80:
        yield content.decode("iso2022_jp_ext", errors="replace"), "JIS"
    if content[:400].count(0) > len(content[:400]) // 5:
        yield from ((content.decode(each, errors="replace"), "UTF-16") for each in ("utf-16-le", "utf-16-be"))
    for encoding, name in _ENCODINGS:
        try:
            yield content.decode(encoding), name
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig":
            return
    # Last, a file in which single letters were damaged: they are shown as such, and their rows are problems.
    yield from ((content.decode(each, errors="replace"), name) for each, name in _ENCODINGS[:2])


def _table(text: str, encoding: str, score: Score) -> Table:
    remarks: list[Remark] = []
    if "\0" in text:
        remarks.append(Remark(phrase("ファイルに混じっていた空の文字（NUL）を取り除きました。")))
        text = text.replace("\0", "")
    # Marks of order stand before each part of files that were put together from several.
    text = text.replace("\ufeff", "")
    if damaged := text.count("\ufffd"):
        remarks.append(Remark(phrase("読み取れない文字が%(count)s個あります。"), count=damaged))
    head, delimiter = _heading(text, score)
    lines, lenient = _lines(text, delimiter, head.number)
    if lenient:
        remarks.append(Remark(phrase("引用符の崩れた行があります。内容がずれていないか確認してください。")))
    if head.number > 1:
        remarks.append(
            Remark(phrase("見出しを%(line)s行目に見つけました。その上の行は読み飛ばしました。"), line=head.number)
        )
    names = tuple(folded(cell) for cell in head.cells)
    kept, skipped = _without_footers(lines, head.cells, len([name for name in names if name]))
    if skipped:
        shown = "、".join(next(cell.strip()[:40] for cell in line.cells if cell.strip()) for line in skipped[:5])
        words = phrase("施設などの行ではない%(count)s行を読み飛ばしました（%(shown)s）。")
        remarks.append(Remark(words, count=len(skipped), shown=shown))
    if not kept:
        raise _unreadable(phrase("見出しの下に行がありません"))
    return Table(encoding, head.cells, names, tuple(kept), tuple(remarks))


def _heading(text: str, score: Score) -> tuple[Line, str]:
    """Find the heading and what its columns are separated by."""
    best, found = 0, None
    too_much: _TooMuchError | None = None
    for delimiter in (",", "\t", ";", "|"):
        try:
            for line in _top(text, delimiter):
                value = score([folded(cell) for cell in line.cells])
                if value > best:
                    best, found = value, (line, delimiter)
        except _TooMuchError as error:
            too_much = too_much or error
    if found is None and too_much is not None:
        raise _unreadable(str(too_much))
    if found is None:
        raise _unreadable(
            phrase("見出しの行が見つかりません。このページの「ファイルの形」にある見出しを1行目に書いてください")
        )
    return found


def _top(text: str, delimiter: str) -> Iterator[Line]:
    """Give the first lines, as far as they can be read."""
    try:
        for number, line in enumerate(_parsed(text, delimiter, strict=False)):
            if number >= _HEADING_WITHIN:
                return
            yield line
    except _TooMuchError:
        raise
    except csv.Error:
        return


def _lines(text: str, delimiter: str, after: int) -> tuple[list[Line], bool]:
    """Return the rows below the heading that are not blank, and whether quotation marks had to be read leniently."""
    try:
        return _below(text, delimiter, after, strict=True), False
    except _TooMuchError as error:
        raise _unreadable(str(error)) from None
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise _unreadable(
                phrase('引用符（"）が閉じられていません。Excelで開き、CSVで保存し直してください')
            ) from None
    try:
        return _below(text, delimiter, after, strict=False), True
    except _TooMuchError as error:
        raise _unreadable(str(error)) from None
    except csv.Error:
        raise _unreadable(phrase("引用符の閉じ忘れなど、CSVの形が崩れています")) from None


def _below(text: str, delimiter: str, after: int, *, strict: bool) -> list[Line]:
    kept: list[Line] = []
    for line in _parsed(text, delimiter, strict=strict):
        if line.number <= after or not any(cell.strip() for cell in line.cells):
            continue
        if len(kept) >= MOST_ROWS:
            raise TooLarge(facts={"limit": f"{MOST_ROWS:,}"})
        kept.append(line)
    return kept


def _parsed(text: str, delimiter: str, *, strict: bool) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    before = 0
    for cells in reader:
        if len(cells) > MOST_COLUMNS:
            raise _TooMuchError(_TOO_WIDE)
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise _TooMuchError(_TOO_LONG)
        yield Line(before + 1, tuple(cells))
        before = reader.line_num


def _without_footers(lines: list[Line], heading: tuple[str, ...], columns: int) -> tuple[list[Line], list[Line]]:
    """Take out what is no row: the heading once more, and single words such as ``Ver1`` under a wide table."""
    kept: list[Line] = []
    skipped: list[Line] = []
    for line in lines:
        filled = sum(1 for cell in line.cells if cell.strip())
        is_no_row = line.cells == heading or (filled == 1 and columns > 2)
        (skipped if is_no_row else kept).append(line)
    return kept, skipped
