"""The staff list as personnel departments export it: a CSV in Shift_JIS (as Excel saves it) or UTF-8, read line by line."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from federation.errors import BadInput, TooLarge, UnreadableFile
from federation.language import size
from federation.wording import phrase
from node.staffwords import FACTS, ROLES

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 100_000
COLUMNS: Mapping[str, str] = {**FACTS, "承認者": "approver", "権限": "roles"}
NEEDED = ("職員番号", "氏名")
_LENGTHS = {
    "number": 32,
    "name": 100,
    "name_kana": 100,
    "section": 100,
    "authority": 40,
    "employment": 40,
    "approver": 32,
}


@dataclass(frozen=True)
class Line:
    """One person as listed. A column that the file does not have says nothing: ``facts`` lacks it, ``roles`` is None."""

    number: str
    facts: Mapping[str, str]
    roles: frozenset[str] | None
    row: int = 0
    """Its number in the file; the heading is 1."""

    @property
    def name(self) -> str:
        """The person's name; every list has it."""
        return self.facts["name"]

    @property
    def section(self) -> str:
        """所属, empty where the file does not say."""
        return self.facts.get("section", "")


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be taken over: its number in the file (the heading is 1), the column, and why."""

    line: int
    column: str
    words: str
    given: str = ""


@dataclass(frozen=True)
class StaffList:
    """A file as read: who is listed, what is wrong, and how it was encoded."""

    lines: tuple[Line, ...]
    bad: tuple[BadLine, ...]
    encoding: str


def read(content: bytes) -> StaffList:
    """Read a whole file. Wrong lines are collected, never dropped in silence.

    Raises ``TooLarge``, or ``UnreadableFile`` where it is no text, has no heading, or lacks a needed column.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(facts={"limit": size(MOST_BYTES)})
    text, encoding = _decoded(content)
    lines: dict[str, Line] = {}
    bad: list[BadLine] = []
    for number, cells in _rows(text):
        found = _line(number, cells)
        if isinstance(found, Line) and found.number in lines:
            found = BadLine(number, "職員番号", phrase("同じ職員番号が2回あります。"), found.number)
        if isinstance(found, Line):
            lines[found.number] = found
        else:
            bad.append(found)
    if not lines and not bad:
        raise UnreadableFile("no lines", facts={"what": phrase("見出しの下に行がありません")})
    return StaffList(tuple(lines.values()), tuple(bad), encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    """UTF-8 first, since Shift_JIS accepts almost any bytes."""
    for encoding, name in (("utf-8-sig", "UTF-8"), ("cp932", "Shift_JIS")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, name
    raise UnreadableFile(
        "neither UTF-8 nor Shift_JIS", facts={"what": phrase("文字コードがUTF-8でもShift_JISでもありません")}
    )


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each line under the heading that is not blank, with its number in the file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = [_folded(name) for name in next(reader, [])]
        _check_heading(heading)
        for cells in reader:
            if reader.line_num > MOST_LINES:
                raise TooLarge(facts={"limit": f"{MOST_LINES:,}"})
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(heading, map(_folded, cells), strict=False))
    except csv.Error as error:
        raise UnreadableFile(
            f"line {reader.line_num}: {error}", facts={"what": phrase("引用符の閉じ忘れなど、CSVの形が崩れています")}
        ) from None


def _folded(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _check_heading(heading: list[str]) -> None:
    missing = [name for name in NEEDED if name not in heading]
    if missing or len(set(heading)) < len(heading):
        raise UnreadableFile(
            f"heading: {heading}", facts={"what": phrase("1行目に見出し「職員番号」「氏名」が必要です")}
        )


def _line(number: int, cells: Mapping[str, str]) -> Line | BadLine:
    facts = {field: cells[column] for column, field in COLUMNS.items() if column in cells}
    for column, field in COLUMNS.items():
        value = facts.get(field, "")
        if column in NEEDED and not value:
            return BadLine(number, column, phrase("空欄です。"))
        if len(value) > _LENGTHS.get(field, 100):
            return BadLine(number, column, phrase("長すぎます。"), value[:40])
        if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in value):
            return BadLine(number, column, phrase("使えない文字があります。"), ascii(value)[:40])
    try:
        roles = _roles(facts.pop("roles")) if "roles" in facts else None
    except BadInput as error:
        return BadLine(
            number,
            "権限",
            phrase("利用職員・施設担当者・所属長・人事担当・受付のいずれかを「・」で区切って書いてください。"),
            error.detail,
        )
    return Line(facts.pop("number"), facts, roles, number)


def _roles(text: str) -> frozenset[str]:
    words = [
        word for word in text.replace("、", "・").replace(",", "・").replace("/", "・").split("・") if word.strip()
    ]
    unknown = [word for word in words if word.strip() not in ROLES]
    if unknown:
        raise BadInput(unknown[0][:40])
    return frozenset({"staff", *(ROLES[word.strip()] for word in words)})
