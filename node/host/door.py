"""What reception notes of a visitor at the door: the 入館証 handed out, 同行者, and a line of its own.

Whoever is at the door has a key: the number of their place in a booking, or the id of a walk-in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from node.host.visitors import NAMES_KEPT
from node.models.bookings import BookingPlace
from node.models.sites import Site
from node.models.visits import DoorNote, WalkIn

MOST_COMPANIONS = 99
LONGEST_BADGE, LONGEST_LINE = 20, 300


@dataclass(frozen=True)
class Noted:
    """What is noted: a badge's number (empty for none), how many came along, and a line."""

    badge: str = ""
    companions: int = 0
    words: str = ""


@dataclass(frozen=True)
class Out:
    """A 入館証 that has not come back: its number, the site it belongs to, and when it was handed out (UTC)."""

    key: str
    badge: str
    site_name: str
    at: datetime


def note(db: Session, key: str, noted: Noted, *, by: str, now: datetime) -> DoorNote:
    """Write down what is noted of somebody, in place of what was.

    A badge that is new to them is out from now on; one of theirs stays out, or back. Raises ``NotFound`` for nobody,
    ``BadInput`` (``badge``) for one that somebody else has.
    """
    who = _somebody(db, key)
    # Two receptions of one building meet at its row, so that one badge is handed to one visitor.
    db.execute(select(Site.id).where(Site.id == who.site_id).with_for_update())
    row = _row(db, who)
    out = bool(noted.badge) and (row is None or row.badge != noted.badge or row.is_out)
    holder = select(DoorNote.id).where(DoorNote.site_id == who.site_id, DoorNote.badge == noted.badge, DoorNote.is_out)
    if out and db.scalar(holder if row is None else holder.where(DoorNote.id != row.id)) is not None:
        raise BadInput("somebody else has the badge", field="badge", facts={"badge": noted.badge})
    if row is None:
        row = DoorNote(
            site_id=who.site_id, place_id=who.place_id, walk_in_id=who.walk_in_id, purge_after=who.purge_after
        )
        db.add(row)
    row.is_out = out
    row.badge, row.companions, row.words, row.at, row.by = noted.badge, noted.companions, noted.words, now, by
    db.flush()
    return row


def take_back(db: Session, key: str) -> str:
    """Note that somebody's badge has come back; return its number. Doing it again changes nothing. Raises ``NotFound``."""
    row = _row(db, _somebody(db, key))
    if row is None or not row.badge:
        raise NotFound("no badge was handed out")
    row.is_out = False
    db.flush()
    return row.badge


def notes_of(db: Session, place_ids: Collection[int], walk_in_ids: Collection[str]) -> Mapping[str, DoorNote]:
    """Return what is noted of these people, by key; one statement."""
    question = select(DoorNote).where(or_(DoorNote.place_id.in_(place_ids), DoorNote.walk_in_id.in_(walk_in_ids)))
    return {str(one.place_id or one.walk_in_id): one for one in db.scalars(question)}


def badges_out(db: Session, site_id: str | None = None) -> Sequence[Out]:
    """Return the badges that are out, those handed out first in front; of one site, or of all."""
    question = (
        select(DoorNote, Site.name)
        .join(Site, Site.id == DoorNote.site_id)
        .where(DoorNote.is_out)
        .order_by(DoorNote.at, DoorNote.id)
    )
    found = db.execute(question.where(DoorNote.site_id == site_id) if site_id else question)
    return [Out(str(one.place_id or one.walk_in_id), one.badge, name, one.at) for one, name in found]


def purge(db: Session, now: datetime, held: Collection[str] = ()) -> int:
    """Delete what was noted of visitors whose names are deleted too, and return how much it was; badges out stay.

    Of the bookings ``held`` everything stays.
    """
    places = select(BookingPlace.id).where(BookingPlace.booking_id.in_(held))
    over = (DoorNote.purge_after <= now, or_(DoorNote.place_id.is_(None), DoorNote.place_id.not_in(places)))
    gone = db.scalars(delete(DoorNote).where(*over, ~DoorNote.is_out).returning(DoorNote.id)).all()
    kept = update(DoorNote).where(*over, DoorNote.words != "")
    return len(gone) + len(db.scalars(kept.values(words="").returning(DoorNote.id)).all())


@dataclass(frozen=True)
class _Somebody:
    place_id: int | None
    walk_in_id: str | None
    site_id: str
    purge_after: datetime


def _somebody(db: Session, key: str) -> _Somebody:
    """Find who has the key; raise ``NotFound``."""
    if key.isascii() and key.isdigit() and len(key) < 10:
        place = db.get(BookingPlace, int(key))
        if place is not None:
            return _Somebody(place.id, None, place.desk.room.site_id, place.end + NAMES_KEPT)
    else:
        walk_in = db.get(WalkIn, key)
        if walk_in is not None:
            return _Somebody(None, walk_in.id, walk_in.desk.room.site_id, walk_in.purge_after)
    raise NotFound("nobody there")


def _row(db: Session, who: _Somebody) -> DoorNote | None:
    mine = DoorNote.place_id == who.place_id if who.place_id is not None else DoorNote.walk_in_id == who.walk_in_id
    return db.scalar(select(DoorNote).where(mine))
