"""An import carried out: some hundred rows in a transaction, so that a killed process loses none and everybody sees how far it is."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import TachiyoriError
from federation.storage import Storage
from federation.wording import phrase
from node.config import Config
from node.host.sheets import buildings, closing, comparing, desks, facilities, headings, hours, keeping, rooms, tree
from node.host.sheets.rows import Remark, Row
from node.host.sheets.sheet import Sheet
from node.models.imports import Import, ImportRow

_COMPARED = 500
_FEW = 250
"""Rows at once of kinds whose rows each tell the feeds of several desks: whoever books meanwhile waits for few of them."""
_log = logging.getLogger(__name__)

SHEETS: Mapping[str, Sheet] = {
    "facilities": Sheet(
        {**headings.ALIASES, **headings.ACCESS},
        frozenset({"name"}),
        headings.CORRECTED,
        facilities.fill,
        comparing.compare,
        comparing.apply,
        facilities.finish,
        comparing.missing,
        buildings.rows_of,
        buildings.FIELDS,
    ),
    "rooms": Sheet(
        rooms.ALIASES,
        frozenset({"site", "room", "privacy"}),
        rooms.TITLES,
        rooms.fill,
        rooms.compare,
        rooms.apply,
        rooms.finish,
        tree.missing_rooms,
        rooms.rows_of,
        piece=_FEW,
    ),
    "desks": Sheet(
        desks.ALIASES,
        frozenset({"site", "room", "desk"}),
        desks.TITLES,
        desks.fill,
        desks.compare,
        desks.apply,
        desks.finish,
        tree.missing_desks,
        desks.rows_of,
        piece=_FEW,
    ),
    "hours": Sheet(
        hours.ALIASES,
        frozenset({"site", "day0", "day6"}),
        hours.TITLES,
        hours.fill,
        hours.compare,
        hours.apply,
        hours.finish,
        rows_of=hours.rows_of,
        piece=_FEW,
    ),
    "closures": Sheet(
        closing.ALIASES,
        frozenset({"site", "start_day"}),
        closing.TITLES,
        closing.fill,
        closing.compare,
        closing.apply,
        closing.finish,
        rows_of=closing.rows_of,
        piece=1,
    ),
}


def receive(
    storage: Storage, config: Config, kind: str, file_name: str, content: bytes, *, by: str, now: datetime
) -> str:
    """Read a file, compare it, keep it, and return its id. Raises ``TooLarge`` or ``UnreadableFile``."""
    sheet = SHEETS[kind]
    table, rows = sheet.read(content, config.code)
    with storage.transaction(write=True) as db:
        for begin in range(0, len(rows), _COMPARED):
            sheet.compare(db, rows[begin : begin + _COMPARED], now)
        table = replace(table, remarks=(*table.remarks, *_missing(sheet.missing(db, rows))))
        return keeping.keep(db, kind, file_name, table, rows, by=by, now=now).id


def _missing(names: Sequence[str]) -> Iterator[Remark]:
    if names:
        words = phrase(
            "登録済みの%(count)s件がこのファイルにありません（%(shown)s）。取り込んでも削除しません。"
            "要らないものは、掲載をやめてください。"
        )
        yield Remark(words, count=len(names), shown="、".join(name[:60] for name in names[:5]))


def begin(db: Session, kept: Import, options: Mapping[str, Any], *, by: str, now: datetime) -> None:
    """取り込む, pressed by ``by``: from here on nothing is chosen any more, and the rows that are will be carried out."""
    keeping.changeable(kept)
    kept.state, kept.options = "running", dict(options)
    chosen = keeping.counts(db, kept)["chosen"]
    audit.record(
        db,
        event="import",
        actor=by,
        subject=f"import:{kept.id}",
        verdict="allowed",
        reason=f"{kept.kind}, {chosen} rows",
        now=now,
    )


def carry_on(storage: Storage, config: Config, id_: str, *, now: datetime, pieces: int | None = None) -> bool:
    """Carry out piece after piece, each in its own transaction; returns whether all is done."""
    while pieces is None or pieces > 0:
        try:
            with storage.transaction(write=True) as db:
                more = _piece(db, config, id_, now)
        except TachiyoriError as error:
            _log.warning("%s: one by one: %s", id_, error.detail)
            more = _one_by_one(storage, config, id_, now)
        if not more:
            return True
        pieces = None if pieces is None else pieces - 1
    return False


def carry_on_all(storage: Storage, config: Config, *, now: datetime) -> int:
    """Carry out whatever was begun, by this process or one that is no more; returns how many imports."""
    with storage.transaction() as db:
        begun = db.scalars(select(Import.id).where(Import.state == "running").order_by(Import.made_at)).all()
    for id_ in begun:
        carry_on(storage, config, id_, now=now)
    return len(begun)


def correct(
    db: Session, config: Config, kept: Import, row: ImportRow, typed: Mapping[str, str], *, now: datetime
) -> Row:
    """Read a row anew as somebody corrected it, compare it, keep it, and return it."""
    return correct_all(db, config, kept, [row], typed, now=now)[0]


def correct_all(
    db: Session, config: Config, kept: Import, rows: Sequence[ImportRow], typed: Mapping[str, str], *, now: datetime
) -> Sequence[Row]:
    """Read several rows anew, in which the same was corrected."""
    sheet = SHEETS[kept.kind]
    again = [sheet.corrected(kept.heading, row, typed, config.code) for row in rows]
    sheet.compare(db, again, now)
    for one in again:
        keeping.reread(db, kept, one)
    return again


def _piece(db: Session, config: Config, id_: str, now: datetime) -> bool:
    """Carry out the next rows; False when there are no more."""
    kept = db.scalar(select(Import).where(Import.id == id_, Import.state == "running").with_for_update())
    if kept is None:
        return False
    rows = db.scalars(_left(id_).limit(SHEETS[kept.kind].piece)).all()
    if rows:
        SHEETS[kept.kind].apply(db, config, rows, kept.options, now)
    else:
        kept.state, kept.expires = "done", now + keeping.KEPT
    return bool(rows)


def _one_by_one(storage: Storage, config: Config, id_: str, now: datetime) -> bool:
    """Carry out a piece in which something went wrong row by row: only what is wrong itself fails."""
    with storage.transaction() as db:
        kind = db.get_one(Import, id_).kind
        lines = [row.line for row in db.scalars(_left(id_).limit(SHEETS[kind].piece))]
    for line in lines:
        try:
            with storage.transaction(write=True) as db:
                _only(db, config, id_, line, now)
        except TachiyoriError as error:
            with storage.transaction(write=True) as db:
                row = db.get_one(ImportRow, (id_, line))
                remark = Remark(error.words, "problem", error.field or "", "", **error.facts)
                row.outcome, row.remarks = "failed", [*row.remarks, remark.stored()]
    return True


def _only(db: Session, config: Config, id_: str, line: int, now: datetime) -> None:
    kept = db.scalars(select(Import).where(Import.id == id_).with_for_update()).one()
    row = db.get_one(ImportRow, (id_, line))
    if kept.state == "running" and row.outcome == "":
        SHEETS[kept.kind].apply(db, config, [row], kept.options, now)


def _left(id_: str) -> Select[ImportRow]:
    waiting = (ImportRow.import_id == id_, ImportRow.chosen, ImportRow.outcome == "")
    return select(ImportRow).where(*waiting).order_by(ImportRow.line)
