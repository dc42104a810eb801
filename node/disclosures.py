"""開示請求: everything this node keeps of one person, as one ZIP of JSON files; secrets and other people's rows stay out.

Other people's names in their texts are written over, and so is who decided, wrote or looked.
"""

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import DeclarativeBase, Session

from federation.audit import AuditEntry
from node import othernames
from node.models.assistance import ToldAssistance
from node.models.base import Base
from node.models.bookings import Booking, BookingPlace, ManifestName, Visitor
from node.models.staff import Staff
from node.models.visits import DoorNote
from node.models.withheld import Withheld
from node.othernames import MASK, OtherNames

MOST = 10_000
"""So many rows of one kind are given out, the newest first."""
_SIGN_IN = frozenset({
    "authenticator_app", "calendar_address", "passkey", "reset_code", "sheet_code", "sign_in_code", "staff_session",
})  # fmt: skip
"""Tables of what somebody proves themselves with: given out, they would let another in."""
_SECRET = re.compile("hash|secret|digest|token|epoch|pass|lock_version|card")
"""What the names of such columns have in them elsewhere."""
_OTHERS = frozenset({"approver", "by", "by_id", "deputy_id", "ended_by", "answered_by"})
"""Columns that say which other person did something, or may."""
_LISTED = frozenset({"site_listing", "desk_listing"})
"""What hosts publish of their places: nobody is in it, and it is long."""
Files = Mapping[str, list[dict[str, Any]]]


def of_staff(db: Session, person: Staff) -> Files:
    """Return what is kept of one of our own people, by kind."""
    own = f"staff:{person.id}"
    kinds = {mapper.class_.__tablename__: mapper for mapper in Base.registry.mappers if "staff_id" in mapper.columns}
    found = {
        name: _rows(db, mapper.class_, mapper.columns["staff_id"] == person.id)
        for name, mapper in sorted(kinds.items())
        if name not in _SIGN_IN
    }
    audited = _rows(db, AuditEntry, or_(AuditEntry.actor == own, AuditEntry.subject == own))
    files = {"staff": [_row(person)], **found, "audit": audited}
    return _of_one(files, othernames.known(db, {person.name}), {own, person.id}, _visitors(db, audited))


def of_visitor(db: Session, visitor: Visitor) -> Files:
    """Return what is kept here of a visitor, by kind."""
    places = db.scalars(select(BookingPlace).where(BookingPlace.visitor_id == visitor.id).limit(MOST)).all()
    bookings, keys = {one.booking_id for one in places}, {one.id for one in places}
    subjects = {*bookings, visitor.sub}
    files = {
        "visitor": [_row(visitor)],
        "bookings": _rows(db, Booking, Booking.id.in_(bookings)),
        "places": [_row(one) for one in places],
        "names": _rows(db, ManifestName, ManifestName.visitor_id == visitor.id),
        "withheld": _rows(db, Withheld, Withheld.visitor_id == visitor.id),
        "assistance": _rows(db, ToldAssistance, ToldAssistance.visitor_id == visitor.id),
        "door_notes": _rows(db, DoorNote, DoorNote.place_id.in_(keys)),
        "audit": _rows(db, AuditEntry, AuditEntry.subject.in_(subjects)),
    }
    own = {row["name"] for row in files["names"]}
    return _of_one(files, othernames.known(db, own), subjects)


def _visitors(db: Session, audited: list[dict[str, Any]]) -> frozenset[str]:
    """Return the visitors whom these lines are about: of other towns, and none of the person's business."""
    subjects = {row["subject"] for row in audited}
    return frozenset(db.scalars(select(Visitor.sub).where(Visitor.sub.in_(subjects))))


def _of_one(files: Files, others: OtherNames, own: Collection[object], about: Collection[str] = ()) -> Files:
    """Write over whatever names somebody else; ``about`` are further subjects of the log that are other people."""

    def masked(column: str, value: Any) -> Any:
        if column in _OTHERS and value not in {None, "", *own}:
            return MASK
        if column in {"actor", "subject"} and value not in own and (othernames.is_staff(value) or value in about):
            return MASK
        return value if column in _LISTED else others.written_over(value)

    return {
        kind: [{column: masked(column, value) for column, value in row.items()} for row in rows]
        for kind, rows in files.items()
    }


def packed(files: Files) -> bytes:
    """Pack the files into one ZIP, each a JSON list in UTF-8."""
    packed_ = io.BytesIO()
    with zipfile.ZipFile(packed_, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            archive.writestr(f"{name}.json", json.dumps(rows, ensure_ascii=False, indent=1, default=_written))
    return packed_.getvalue()


def _rows(db: Session, kind: type[DeclarativeBase], which: ColumnElement[bool]) -> list[dict[str, Any]]:
    newest: Iterable[Any] = kind.__table__.primary_key.columns  # type: ignore[attr-defined]  # A table has one.
    found = db.scalars(select(kind).where(which).order_by(*(column.desc() for column in newest)).limit(MOST))
    return [_row(one) for one in found]


def _row(one: DeclarativeBase) -> dict[str, Any]:
    return {
        column.key: getattr(one, column.key) for column in one.__mapper__.column_attrs if not _SECRET.search(column.key)
    }


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
