"""One kind of sheet: its columns, how a row is read, compared with what there is, and carried out."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from federation.wording import phrase
from node.config import Config
from node.host.sheets import table
from node.host.sheets.rows import Remark, Row
from node.host.sheets.table import Line, Table
from node.host.sheets.writing import unharmed, written
from node.models.imports import ImportRow

Fill = Callable[[Row, Mapping[str, str], str], None]
"""Read cells, given by field, into a row's facts; the last is the reader's own 団体コード."""
Finish = Callable[[Sequence[Row], str], Sequence[Remark]]
Compare = Callable[[Session, Sequence[Row], datetime], None]
Export = Callable[[Session, datetime], Iterable[Sequence[str]]]
Apply = Callable[[Session, Config, Sequence[ImportRow], Mapping[str, Any], datetime], None]


_NOTES = re.compile(
    "(?:世界測地系|日本測地系2011|jgd2011|wgs84|10進数?|十進数?|全角|半角|漢字|日本語|正式|必須|任意)+$"
)
"""What cities write behind a heading, in brackets that folding has taken away."""
_LONGEST = 200
"""Letters of a heading: a longer one is none that is known, and no work for an expression."""


@dataclass(frozen=True)
class Sheet:
    """A kind. ``aliases`` are the headings by field, ``titles`` the fields that a person may correct, with their labels."""

    aliases: Mapping[str, tuple[str, ...]]
    needed: frozenset[str]
    titles: Mapping[str, str]
    fill: Fill
    compare: Compare
    apply: Apply
    finish: Finish = lambda _rows, _code: ()
    missing: Callable[[Session, Sequence[Row]], Sequence[str]] = lambda _db, _rows: ()
    """The names of places that a whole file should have and these compared rows do not; nobody deletes them."""
    rows_of: Export | None = None
    """What there is, row by row in the order of ``aliases``, where this kind is written as well as read."""
    fields: tuple[str, ...] = ()
    """Those that are written, where that is not all that can be read."""
    piece: int = 500
    """Rows carried out in one transaction."""
    _folded: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fold the headings once."""
        for name, headings in self.aliases.items():
            self._folded[name] = tuple(table.folded(each) for each in headings)

    def columns(self, heading: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """Return which columns hold which field, from folded headings; the first of a field's aliases that is there wins."""
        places: dict[str, list[int]] = {}
        for number, name in enumerate(heading):
            if 0 < len(name) <= _LONGEST:
                places.setdefault(name, []).append(number)
        plain = {_NOTES.sub("", name): numbers for name, numbers in places.items()}
        found: dict[str, Sequence[int]] = {}
        for name, headings in self._folded.items():
            at = next((places[each] for each in headings if each in places), None)
            if at is None:
                at = next((plain[each] for each in headings if each in plain), None)
            if at is not None:
                found[name] = at
        return found

    def score(self, heading: Sequence[str]) -> int:
        """Say how much a line looks like this kind's heading: it has what is needed, and at least two known columns."""
        found = self.columns(heading)
        return len(found) if self.needed <= set(found) and len(found) >= 2 else 0

    def written(self, db: Session, now: datetime) -> bytes:
        """Return what there is as a CSV file, which reads back as nothing new."""
        rows = self.rows_of(db, now) if self.rows_of is not None else ()
        return written([self.aliases[field][0] for field in self.fields or self.aliases], rows)

    def read(self, content: bytes, own_code: str) -> tuple[Table, list[Row]]:
        """Read a file. Raises ``TooLarge`` or ``UnreadableFile``, whatever the bytes are."""
        found = table.read(content, self.score)
        places = self.columns(found.folded)
        rows = [self._row(found, places, line, own_code) for line in found.lines]
        remarks = (*found.remarks, *_doubled(found, places), *self.finish(rows, own_code))
        return Table(found.encoding, found.heading, found.folded, found.lines, remarks), rows

    def _row(self, found: Table, places: Mapping[str, Sequence[int]], line: Line, own_code: str) -> Row:
        row = Row(line.number, line.cells)
        if any(cell.strip() for cell in line.cells[len(found.heading) :]):
            row.wrong(phrase("見出しより列が多く、内容がずれています。"), "", line.cells[-1])
        self.fill(row, given(places, line.cells), own_code)
        return row

    def given(self, heading: Sequence[str], row: ImportRow) -> Mapping[str, str]:
        """Return a kept row's cells by field, with what somebody corrected."""
        places = self.columns([table.folded(name) for name in heading])
        return {**given(places, row.cells), **row.facts.get("typed", {})}

    def corrected(self, heading: Sequence[str], row: ImportRow, typed: Mapping[str, str], own_code: str) -> Row:
        """Read a kept row anew with other words for some fields."""
        again, before = Row(row.line, tuple(row.cells)), self.given(heading, row)
        # A field of the page that stays empty says nothing of a column that the file does not have.
        typed = {name: words for name, words in typed.items() if words.strip() or name in before}
        self.fill(again, {**before, **typed}, own_code)
        again.facts["typed"] = {**row.facts.get("typed", {}), **typed}
        return again


def given(places: Mapping[str, Sequence[int]], cells: Sequence[str]) -> dict[str, str]:
    """Return cells by field; of several columns with one heading the first in which something stands."""
    found: dict[str, str] = {}
    count = len(cells)
    for name, columns in places.items():
        if len(columns) == 1:
            if columns[0] < count:
                found[name] = unharmed(cells[columns[0]])
            continue
        texts = [cells[at] for at in columns if at < len(cells)]
        if texts:
            found[name] = unharmed(next((text for text in texts if text.strip()), texts[0]))
    return found


def _doubled(found: Table, places: Mapping[str, Sequence[int]]) -> Iterator[Remark]:
    for columns in places.values():
        if len(columns) > 1:
            words = phrase(
                "見出し「%(heading)s」の列が%(count)s列あります。左から見て、最初に書いてある内容を使います。"
            )
            yield Remark(words, heading=found.heading[columns[0]].strip()[:40], count=len(columns))
