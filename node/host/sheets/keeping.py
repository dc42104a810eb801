"""A file between its sending and its taking over: kept row by row, looked through, chosen from, and carried out piece by piece."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from federation.errors import Conflict, NotFound
from node.host.sheets.cells import searchable
from node.host.sheets.rows import Row
from node.host.sheets.table import Table
from node.models.imports import Import, ImportRow

KEPT = timedelta(days=7)
MOST_KEPT = 20
"""Files kept at once; the oldest that nobody is carrying out goes first."""
_BATCH = 500
_NOTED = func.length(cast(ImportRow.remarks, String)) > len("[]")


@dataclass(frozen=True)
class Sieve:
    """What is looked at: one verdict, a POI code's beginning, a part of a name; each empty for all."""

    verdict: str = ""
    poi: str = ""
    name: str = ""
    chosen: bool = False


def keep(
    db: Session, kind: str, file_name: str, table: Table, rows: Sequence[Row], *, by: str, now: datetime
) -> Import:
    """Keep a file as it was read and compared. What changes existing places is chosen, new places are not yet."""
    _make_room(db, now)
    kept = Import(
        id=str(uuid.uuid4()),
        kind=kind,
        file_name=file_name[-255:],
        encoding=table.encoding,
        heading=list(table.heading),
        remarks=[each.stored() for each in table.remarks],
        by=by,
        made_at=now,
        expires=now + KEPT,
    )
    db.add(kept)
    db.flush()
    for begin in range(0, len(rows), _BATCH):
        db.execute(insert(ImportRow), [_stored(kept, row) for row in rows[begin : begin + _BATCH]])
    return kept


def _stored(kept: Import, row: Row) -> dict[str, Any]:
    usual = {"update"} if kept.kind == "facilities" else {"new", "update"}
    return {
        "import_id": kept.id,
        "line": row.line,
        "chosen": row.verdict in usual and not row.is_doubtful,
        **_read(row),
    }


def _read(row: Row) -> dict[str, Any]:
    """Return what is kept of a row as it was read."""
    return {
        "name": searchable(row.name)[:800],
        "poi": row.poi,
        "verdict": row.verdict,
        "target": row.target,
        "overwrite": False,
        "outcome": "",
        "cells": list(row.cells),
        "facts": row.facts,
        "remarks": [each.stored() for each in row.remarks],
        "differences": row.differences,
    }


def reread(db: Session, kept: Import, row: Row) -> None:
    """Keep a row anew after somebody corrected it."""
    changeable(kept)
    change = update(ImportRow).where(ImportRow.import_id == kept.id, ImportRow.line == row.line)
    db.execute(change.values(chosen=not row.is_wrong, **_read(row)))


def get(db: Session, id_: str, now: datetime, *, lock: bool = False) -> Import:
    """Return a kept file; raise ``NotFound`` for one that never was or whose time is over."""
    question = select(Import).where(Import.id == id_, Import.expires > now)
    found = db.scalar(question.with_for_update() if lock else question)
    if found is None:
        raise NotFound("no such import")
    return found


def waiting(db: Session, now: datetime) -> Sequence[Import]:
    """Return the files that are kept, the newest first."""
    return db.scalars(select(Import).where(Import.expires > now).order_by(Import.made_at.desc(), Import.id)).all()


def row_of(db: Session, kept: Import, line: int) -> ImportRow:
    """Return one row; raise ``NotFound``."""
    found = db.get(ImportRow, (kept.id, line))
    if found is None:
        raise NotFound("no such row")
    return found


def counts(db: Session, kept: Import) -> Mapping[str, int]:
    """Return how many rows there are of each verdict, how many are chosen, done and failed."""
    columns = (ImportRow.verdict, ImportRow.chosen, ImportRow.outcome)
    found = db.execute(select(*columns, func.count()).where(ImportRow.import_id == kept.id).group_by(*columns))
    counted = dict.fromkeys(("new", "update", "same", "problem", "chosen", "done", "failed", "all"), 0)
    for verdict, chosen, outcome, count in found:
        counted["all"] += count
        counted[verdict] += count
        counted["chosen"] += count if chosen else 0
        if outcome:
            counted[outcome] += count
    return counted


def pois(db: Session, kept: Import) -> Sequence[tuple[str, int]]:
    """Return the POI codes or categories there are with their numbers of rows, the most frequent first."""
    question = select(ImportRow.poi, func.count()).where(ImportRow.import_id == kept.id, ImportRow.poi != "")
    found = db.execute(question.group_by(ImportRow.poi).order_by(func.count().desc(), ImportRow.poi).limit(100))
    return [(poi, count) for poi, count in found]


def page(db: Session, kept: Import, sieve: Sieve, *, start: int, limit: int) -> tuple[Sequence[ImportRow], int]:
    """Return some rows that pass the sieve, problems first, and how many do."""
    inside = _sifted(kept, sieve)
    total = db.scalar(select(func.count()).select_from(inside.subquery())) or 0
    order = (ImportRow.verdict != "problem", ImportRow.line)
    return db.scalars(inside.order_by(*order).offset(start).limit(limit)).all(), total


def remarked(db: Session, kept: Import, *, limit: int) -> tuple[Sequence[ImportRow], int]:
    """Return rows that were mended or should be looked at, and how many there are; those with problems stand elsewhere."""
    inside = select(ImportRow).where(ImportRow.import_id == kept.id, ImportRow.verdict != "problem", _NOTED)
    total = db.scalar(select(func.count()).select_from(inside.subquery())) or 0
    return db.scalars(inside.order_by(ImportRow.line).limit(limit)).all(), total


def wrong(db: Session, kept: Import, *, failed_only: bool = False) -> Sequence[ImportRow]:
    """Return the rows that cannot be taken over, and those that failed."""
    failed = ImportRow.outcome == "failed"
    question = select(ImportRow).where(ImportRow.import_id == kept.id)
    question = question.where(failed if failed_only else or_(failed, ImportRow.verdict == "problem"))
    return db.scalars(question.order_by(ImportRow.line)).all()


def with_remark(db: Session, kept: Import, words: str) -> Sequence[ImportRow]:
    """Return the rows with a problem of which this is one."""
    rows = db.scalars(_sifted(kept, Sieve(verdict="problem")).order_by(ImportRow.line))
    return [row for row in rows if any(one["words"] == words for one in row.remarks)]


def _sifted(kept: Import, sieve: Sieve) -> Select[ImportRow]:
    question = select(ImportRow).where(ImportRow.import_id == kept.id)
    if sieve.verdict:
        question = question.where(ImportRow.verdict == sieve.verdict)
    if sieve.poi:
        question = question.where(ImportRow.poi.startswith(sieve.poi, autoescape=True))
    if sieve.name:
        question = question.where(ImportRow.name.contains(searchable(sieve.name), autoescape=True))
    return question.where(ImportRow.chosen) if sieve.chosen else question


@dataclass(frozen=True)
class Ticks:
    """The rows that were ticked when a page was shown, and those that are when it comes back."""

    before: frozenset[int]
    after: frozenset[int]

    def of(self, line: int, *, now: bool) -> bool:
        """Return whether a row is ticked then, which is ticked or not ``now``: what nobody touched stays as others left it."""
        return line in self.after if (line in self.before) != (line in self.after) else now


def choose(db: Session, kept: Import, chosen: Ticks, overwrite: Ticks) -> None:
    """Change what was ticked or unticked; a row with a problem, or that changes nothing, cannot be chosen."""
    changeable(kept)
    touched = (chosen.before ^ chosen.after) | (overwrite.before ^ overwrite.after)
    for row in db.scalars(select(ImportRow).where(ImportRow.import_id == kept.id, ImportRow.line.in_(touched))):
        row.chosen = chosen.of(row.line, now=row.chosen) and row.verdict in {"new", "update"}
        row.overwrite = overwrite.of(row.line, now=row.overwrite)


def digest(db: Session, kept: Import) -> str:
    """Return a word for exactly these chosen rows, so that nobody takes over what they have not seen chosen."""
    question = select(ImportRow.line, ImportRow.overwrite).where(ImportRow.import_id == kept.id, ImportRow.chosen)
    told = "\n".join(f"{line} {overwrite}" for line, overwrite in db.execute(question.order_by(ImportRow.line)))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def choose_all(db: Session, kept: Import, sieve: Sieve, *, chosen: bool) -> int:
    """Choose all that pass the sieve, or none of them; returns how many."""
    changeable(kept)
    lines = _sifted(kept, sieve).where(ImportRow.verdict.in_(("new", "update"))).with_only_columns(ImportRow.line)
    rows = update(ImportRow).where(ImportRow.import_id == kept.id, ImportRow.line.in_(lines)).values(chosen=chosen)
    done = db.execute(rows.execution_options(synchronize_session=False))
    return int(getattr(done, "rowcount", 0))


def drop(db: Session, kept: Import) -> None:
    """Forget a file that nobody wants."""
    changeable(kept, done=True)
    db.delete(kept)


def changeable(kept: Import, *, done: bool = False) -> None:
    """Raise ``Conflict`` once it has begun; with ``done`` one that is over may be changed again."""
    if kept.state != "checked" and not (done and kept.state == "done"):
        raise Conflict("the import has begun")


def _make_room(db: Session, now: datetime) -> None:
    """Forget what has expired, and the oldest of too many."""
    forget(db, now)
    idle = select(Import).where(Import.state != "running").order_by(Import.made_at.desc(), Import.id)
    for old in db.scalars(idle.offset(MOST_KEPT - 1)).all():
        db.delete(old)
    db.flush()


def forget(db: Session, now: datetime) -> None:
    """Drop files whose time is over; SQLite and PostgreSQL drop their rows with them."""
    db.execute(delete(Import).where(Import.expires <= now, Import.state != "running"))
