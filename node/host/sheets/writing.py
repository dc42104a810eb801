"""Sheets as Excel opens them at a double click: UTF-8 with its mark, CRLF, and no cell that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""What a spreadsheet may run, in either width. An apostrophe before it counts too, so that none that was typed is lost."""

_NUMBER = re.compile(r"[+-][0-9]{1,20}(?:\.[0-9]{1,20})?")


def written(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in heading])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not run (OWASP, CSV Injection): an apostrophe stands before it."""
    return f"'{cell}" if _RUN.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unharmed(cell: str) -> str:
    """Take back what ``harmless`` put before a cell, so that a file that was written reads as before."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell, 1) else cell
