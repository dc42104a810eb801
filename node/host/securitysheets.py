"""セキュリティ確認表: filled in as a version, signed once, published with the room's desks, and good for a year."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation import audit
from federation.errors import BadInput, Conflict
from federation.messages.sheet import Role, SecuritySheet, SheetAnswers
from node.host import listings
from node.models.sheets import FilledSheet
from node.models.sites import Room

GOOD_FOR = timedelta(days=365)
"""So many days a sheet counts, the day of the check being the first."""


def fill_in(
    db: Session, room: Room, answers: SheetAnswers, checked_on: date, *, by: int, today: date, now: datetime
) -> FilledSheet:
    """Keep what was seen on ``checked_on`` (a local day) as a new version, not published; raise ``BadInput``.

    A day to come, and one that is so long ago that the sheet would have run out, are no days of a check.
    """
    if not today - GOOD_FOR < checked_on <= today:
        raise BadInput(f"checked on {checked_on}", field="checked_on")
    newest = db.scalar(select(func.max(FilledSheet.version)).where(FilledSheet.room_id == room.id)) or 0
    sheet = FilledSheet(
        room_id=room.id,
        version=newest + 1,
        answers=answers.wire(),
        checked_on=checked_on,
        valid_until=checked_on + GOOD_FOR - timedelta(days=1),
        filled_by=by,
        filled_at=now,
    )
    db.add(sheet)
    db.flush()
    _log(db, sheet, event="sheet-filled", by=by, now=now)
    return sheet


def sign(db: Session, room: Room, version: int, role: Role, *, by: int, now: datetime) -> FilledSheet:
    """Sign the newest version in a role and publish it; raise ``Conflict`` where it is signed or no longer the newest."""
    sheet = newest(db, room.id)
    if sheet is None or sheet.version != version or sheet.signed_at is not None:
        raise Conflict(f"version {version} is not the newest unsigned one")
    sheet.signed_by, sheet.signed_role, sheet.signed_at = by, role, now
    room.sheet = SecuritySheet(
        version=sheet.version,
        checked_on=sheet.checked_on.isoformat(),
        valid_until=sheet.valid_until.isoformat(),
        role=role,
        answers=answers_of(sheet),
    ).wire()
    db.flush()
    listings.room_changed(db, room)
    _log(db, sheet, event="sheet-signed", by=by, now=now)
    return sheet


def newest(db: Session, room_id: str) -> FilledSheet | None:
    """Return the newest version, signed or not; None where none was ever filled in."""
    return next(iter(history(db, room_id, most=1)), None)


def history(db: Session, room_id: str, most: int = 50) -> Sequence[FilledSheet]:
    """Return a room's versions, newest first."""
    own = select(FilledSheet).where(FilledSheet.room_id == room_id)
    return db.scalars(own.order_by(FilledSheet.version.desc()).limit(most)).all()


def answers_of(sheet: FilledSheet) -> SheetAnswers:
    """Return a version's answers."""
    return SheetAnswers.model_validate(sheet.answers, strict=False)


def changes(before: SheetAnswers, after: SheetAnswers) -> Iterator[str]:
    """Name the items that read otherwise in the later sheet."""
    return (name for name in SheetAnswers.model_fields if getattr(before, name) != getattr(after, name))


def _log(db: Session, sheet: FilledSheet, *, event: str, by: int, now: datetime) -> None:
    reason = f"version {sheet.version} {sheet.signed_role}".strip()
    audit.record(
        db, event=event, actor=f"staff:{by}", subject=f"room:{sheet.room_id}", verdict="allowed", reason=reason, now=now
    )
