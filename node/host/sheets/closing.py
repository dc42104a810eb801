"""休止 as a sheet: whom a closure hits is shown before it is carried out, and it is not where that has changed meanwhile."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput, Conflict
from federation.wording import phrase
from node.config import Config
from node.host import claims, closures, opening, sites
from node.host.closures import TEMPLATES, Hit
from node.host.sheets import dates, tree
from node.host.sheets.cells import clean, searchable, time
from node.host.sheets.rows import Remark, Row
from node.models.imports import ImportRow
from node.models.opening import Closure

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("休止ID", "ID"),
    **tree.ALIASES,
    "start_day": ("開始日", "休止開始日", "日付"),
    "start_time": ("開始時刻", "開始時間"),
    "end_day": ("終了日", "休止終了日"),
    "end_time": ("終了時刻", "終了時間"),
    "template": ("理由", "休止理由"),
    "note": ("利用職員へのことば", "ことば", "備考"),
}
TITLES: Mapping[str, str] = {
    "site": phrase("施設"),
    "room": phrase("部屋"),
    "desk": phrase("座席"),
    "start_day": phrase("開始日"),
    "start_time": phrase("開始時刻"),
    "end_day": phrase("終了日"),
    "end_time": phrase("終了時刻"),
    "template": phrase("理由"),
    "note": phrase("利用職員へのことば"),
}
LONGEST = 366
"""Days, as in the form."""


def fill(row: Row, given: Mapping[str, str], _own_code: str) -> None:
    """Read a row; without an end it is one whole day."""
    tree.read_names(row, given)
    row.facts["closure"], row.facts["id"] = row.facts["id"], ""
    row.facts["note"] = clean(given.get("note", ""))
    if len(row.facts["note"]) > 300:
        row.wrong(phrase("300文字以内にしてください。"), TITLES["note"], row.facts["note"])
    typed = given.get("template", "")
    words = {searchable(written): word for word, written in TEMPLATES.items()} | {word: word for word in TEMPLATES}
    row.facts["template"] = words.get(searchable(typed), "other")
    if typed.strip() and searchable(typed) not in words:
        row.noticed(phrase("理由を「その他」とします。"), TITLES["template"], typed)
    _days(row, given)
    for field, otherwise in (("start_time", 0), ("end_time", 1440)):
        typed = given.get(field, "")
        minutes = time(typed) if typed.strip() else otherwise
        if minutes is None:
            row.wrong(phrase("時刻を読み取れません。"), TITLES[field], typed)
        row.facts[field] = minutes
    row.name = f"{row.name} {row.facts['start_day']}"
    row.facts["label"] = row.name


def _days(row: Row, given: Mapping[str, str]) -> None:
    start = dates.day(given.get("start_day", ""))
    typed = given.get("end_day", "")
    end = dates.day(typed) if typed.strip() else start
    if start is None:
        row.wrong(phrase("日付を「2026-11-24」の形で書いてください。"), TITLES["start_day"], given.get("start_day", ""))
    elif end is None:
        row.wrong(phrase("日付を「2026-11-24」の形で書いてください。"), TITLES["end_day"], typed)
    elif not 0 <= (end - start).days <= LONGEST:
        row.wrong(phrase("終了は開始より後、1年以内にしてください。"), TITLES["end_day"], typed)
    row.facts["start_day"], row.facts["end_day"] = str(start or ""), str(end or "")


def compare(db: Session, rows: Sequence[Row], now: datetime) -> None:
    """Say of each row whether it is registered already, or whom it would hit."""
    known = tree.Tree(db)
    for row in rows:
        place = known.place(row, row.facts)
        if place is not None and not row.is_wrong:
            row.target = place.id
            _compare(db, row, place, now)


def _compare(db: Session, row: Row, place: sites.Place, now: datetime) -> None:
    start, end = _times(place, row.facts)
    if end <= start:
        row.wrong(phrase("終了は開始より後にしてください。"), TITLES["end_time"])
        return
    wanted = (Closure.place_id == place.id, Closure.start == start, Closure.end == end, Closure.lifted_at.is_(None))
    same = db.scalars(select(Closure).where(*wanted, Closure.template == row.facts["template"])).first()
    if same is not None:
        row.verdict = "same"
    elif row.facts["closure"] and db.get(Closure, row.facts["closure"]) is not None:
        row.wrong(
            phrase("登録した休止は変更できません。カレンダーで解除し、IDを消した行で登録してください。"),
            TITLES["start_day"],
        )
    elif end <= now:
        row.wrong(phrase("終了がすでに過ぎています。"), TITLES["end_day"], row.facts["end_day"])
    else:
        hits = closures.preview(db, place, start, end, now)
        row.facts["seen"] = digest(hits)
        if hits:
            shown = "、".join(f"{hit.short_code or '―'} {hit.desk_name}" for hit in hits[:5])
            row.noticed(
                phrase("予約%(count)s件を取り消し、所属団体へ知らせます（%(shown)s）。"),
                TITLES["start_day"],
                "",
                count=len(hits),
                shown=shown,
            )


def apply(db: Session, _config: Config, rows: Sequence[ImportRow], _options: Mapping[str, Any], now: datetime) -> None:
    """Close the places of these rows; refuse where it would hit others than were shown."""
    for kept in rows:
        place = sites.find_place(db, kept.target)
        if place is None:
            raise BadInput("the place is no more", field="name")
        start, end = _times(place, kept.facts)
        claims.lock_desks(db, [desk.id for desk in sites.desks_in(db, place)])
        if digest(closures.preview(db, place, start, end, now)) != kept.facts["seen"]:
            raise Conflict("the bookings changed after they were shown")
        closures.close(db, place, start, end, template=kept.facts["template"], note=kept.facts["note"], now=now)
        kept.outcome = "done"


def _times(place: sites.Place, facts: Mapping[str, Any]) -> tuple[datetime, datetime]:
    zone = ZoneInfo(sites.site_of(place).zone)
    start = opening.moment(date.fromisoformat(facts["start_day"]), facts["start_time"], zone)
    return start, opening.moment(date.fromisoformat(facts["end_day"]), facts["end_time"], zone)


def digest(hits: Sequence[Hit]) -> str:
    """Return a word for exactly these bookings at these times."""
    text = "\n".join(f"{hit.booking_id} {hit.start} {hit.end}" for hit in hits)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def finish(_rows: Sequence[Row], _own_code: str) -> Sequence[Remark]:
    """Nothing is wrong with two closures of one place."""
    return ()


def rows_of(db: Session, now: datetime) -> Iterator[tuple[str, ...]]:
    """Write the closures that stand now or later, in the order of ``ALIASES``."""
    standing = select(Closure).where(Closure.lifted_at.is_(None), Closure.end > now).order_by(Closure.start, Closure.id)
    known = tree.Tree(db)
    for closure in db.scalars(standing):
        place = known.by_id.get(closure.place_id)
        if place is not None:
            zone = ZoneInfo(sites.site_of(place).zone)
            start, end = _written(closure.start, zone), _written(closure.end, zone, is_end=True)
            yield (closure.id, *tree.names_of(place), *start, *end, TEMPLATES[closure.template], closure.note)


def _written(moment: datetime, zone: ZoneInfo, *, is_end: bool = False) -> tuple[str, str]:
    """Write a day and a time; midnight as an end is 24:00 of the day before."""
    local = moment.astimezone(zone)
    if is_end and (local.hour, local.minute) == (0, 0):
        return date.fromordinal(local.toordinal() - 1).isoformat(), "24:00"
    return local.date().isoformat(), f"{local.hour}:{local.minute:02}"
