"""消去: what this host keeps of a visitor by name goes when they ask for it, and what it still needs stays, with the reason.

A booking still to come, somebody in the building, an open incident and a badge that is out keep what belongs to them.
Bookings, desks, times and prices carry no name and stay: both towns settle by them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import DeclarativeBase, Session

from federation import audit
from federation.messages.booking import OCCUPYING
from federation.wording import phrase
from node import retention
from node.models.assistance import ToldAssistance
from node.models.bookings import Booking, BookingPlace, ManifestName, Visitor
from node.models.visits import DoorNote, WalkIn
from node.retention import Part, Prospect

_MAY_STILL_BE_THERE = timedelta(hours=12)
"""As in a roll call: so long after the end of their time somebody counts whom nobody saw leave."""
_LONGEST_STAY = timedelta(days=1)
"""The same for a walk-in, after they came."""
_NAMES = phrase("氏名・所属")
_NOTES = phrase("受付の記録（入館証、同行者、メモ）")
_CARDS = phrase("職員証と照合するための値")
_HELP = phrase("避難・入館のときの手助け")
_HERE = phrase("在館中の方の記録"), phrase("庁舎を出るまで、在館者確認に必要です。退室を記録してから消去してください。")
_TO_COME = phrase("これからの予約の記録"), phrase("当日の受付に必要です。所属団体で予約を取り消すと、消去できます。")
_INCIDENT = phrase("終結していない事故・トラブルに関わる予約の記録"), phrase("終結するまで必要です。")
_BADGE = phrase("返却されていない入館証の番号"), phrase("返却されるまで必要です。同行者とメモは消去します。")
_VISITS = phrase("予約と利用の記録（日時・座席・料金）"), phrase("団体間の精算に必要です。氏名は含みません。")
_WALKED = phrase("予約のない方の利用の記録（日時・座席・団体）"), phrase("利用実績に必要です。氏名は含みません。")


@dataclass(frozen=True)
class _Kept:
    """Where names, help, notes and cards stand that may go, and how many records stay for which reason."""

    names: tuple[ColumnElement[bool], ...]
    helped: tuple[ColumnElement[bool], ...]
    notes: ColumnElement[bool]
    cards: tuple[ColumnElement[bool], ...]
    stays: tuple[Part, ...]


def foresee(db: Session, visitor: Visitor, now: datetime) -> Prospect:
    """Return what would go of a visitor's file now, and what would stay."""
    kept = _kept(db, visitor, now)
    goes = (
        Part(_NAMES, _count(db, ManifestName, *kept.names)),
        Part(_NOTES, _count(db, DoorNote, kept.notes, _goes())),
        Part(_CARDS, _count(db, BookingPlace, *kept.cards)),
        Part(_HELP, _count(db, ToldAssistance, *kept.helped)),
    )
    return Prospect(goes, (*(part for part in (*kept.stays, _badges(db, kept.notes)) if part.count), retention.AUDITED))


def erase(db: Session, visitor: Visitor, reason: str, *, by: str, now: datetime) -> int:
    """Erase what may go of a visitor's file; return how many records. Doing it again changes nothing and logs nothing."""
    kept = _kept(db, visitor, now)
    names = len(db.scalars(delete(ManifestName).where(*kept.names).returning(ManifestName.visitor_id)).all())
    cards = update(BookingPlace).where(*kept.cards).values(card="").returning(BookingPlace.id)
    names += _erase_notes(db, kept.notes) + len(db.scalars(cards).all())
    gone = delete(ToldAssistance).where(*kept.helped).returning(ToldAssistance.visitor_id)
    helped = len(db.scalars(gone).all())
    retention.note(db, "names", names, retention.day_of(now), now, by=by)
    retention.note(db, "assistance", helped, retention.day_of(now), now, by=by)
    return _log(db, names + helped, visitor.sub, reason, by=by, now=now)


def walk_ins(db: Session, name: str, day: date) -> Sequence[WalkIn]:
    """Return those whom reception wrote down under this name on this day of their site; blanks in a name do not count."""
    around = datetime.combine(day, datetime.min.time(), ZoneInfo("UTC"))
    near = (WalkIn.arrived_at > around - timedelta(days=1), WalkIn.arrived_at < around + timedelta(days=2))
    wanted = "".join(name.split())
    return [
        one
        for one in db.scalars(select(WalkIn).where(*near, WalkIn.name != "").order_by(WalkIn.arrived_at, WalkIn.id))
        if "".join(one.name.split()) == wanted
        and one.arrived_at.astimezone(ZoneInfo(one.desk.room.site.zone)).date() == day
    ]


def foresee_walk_ins(db: Session, found: Sequence[WalkIn], now: datetime) -> Prospect:
    """Return what would go of these walk-ins now, and what would stay."""
    free = [one.id for one in found if not _is_here(one, now)]
    notes = DoorNote.walk_in_id.in_(free)
    goes = (Part(_NAMES, len(free)), Part(_NOTES, _count(db, DoorNote, notes, _goes())))
    stays = (
        Part(_HERE[0], len(found) - len(free), _HERE[1]),
        _badges(db, notes),
        Part(_WALKED[0], len(found), _WALKED[1]),
    )
    return Prospect(goes, (*(part for part in stays if part.count), retention.AUDITED))


def erase_walk_ins(db: Session, found: Sequence[WalkIn], reason: str, *, by: str, now: datetime) -> int:
    """Erase the names of these walk-ins and what was noted of them; return how many records."""
    free = [one for one in found if one.name and not _is_here(one, now)]
    for one in free:
        one.name, one.section = "", ""
    db.flush()
    count = len(free) + _erase_notes(db, DoorNote.walk_in_id.in_([one.id for one in free]))
    retention.note(db, "names", count, retention.day_of(now), now, by=by)
    for one in free:
        _log(db, 1, one.id, reason, by=by, now=now)
    return count


def _kept(db: Session, visitor: Visitor, now: datetime) -> _Kept:
    places = db.scalars(select(BookingPlace).join(Booking).where(BookingPlace.visitor_id == visitor.id)).all()
    every = {place.booking_id for place in places}
    here = {place.booking_id for place in places if _is_there(place, now)}
    to_come = {place.booking_id for place in places if _is_to_come(place, now)} - here
    incident = (every & retention.held_back(db)) - here - to_come
    free = every - here - to_come - incident
    stays = (
        Part(_HERE[0], len(here), _HERE[1]),
        Part(_TO_COME[0], len(to_come), _TO_COME[1]),
        Part(_INCIDENT[0], len(incident), _INCIDENT[1]),
        Part(_VISITS[0], len(every), _VISITS[1]),
    )
    seats = [place.id for place in places if place.booking_id in free]
    return _Kept(
        names=(ManifestName.visitor_id == visitor.id, ManifestName.booking_id.in_(free)),
        helped=(ToldAssistance.visitor_id == visitor.id, ToldAssistance.booking_id.in_(free)),
        notes=DoorNote.place_id.in_(seats),
        cards=(BookingPlace.id.in_(seats), BookingPlace.card != ""),
        stays=stays,
    )


def _is_there(place: BookingPlace, now: datetime) -> bool:
    return place.arrived_at is not None and place.left_at is None and now < place.end + _MAY_STILL_BE_THERE


def _is_to_come(place: BookingPlace, now: datetime) -> bool:
    return place.booking.state in OCCUPYING and place.left_at is None and now < place.end


def _is_here(walk_in: WalkIn, now: datetime) -> bool:
    return walk_in.left_at is None and now < walk_in.arrived_at + _LONGEST_STAY


def _goes() -> ColumnElement[bool]:
    """Ask for notes of which something goes: all of one whose badge is back, else the line and who came along."""
    return or_(~DoorNote.is_out, DoorNote.words != "", DoorNote.companions > 0)


def _badges(db: Session, notes: ColumnElement[bool]) -> Part:
    return Part(_BADGE[0], _count(db, DoorNote, notes, DoorNote.is_out.is_(True)), _BADGE[1])


def _erase_notes(db: Session, notes: ColumnElement[bool]) -> int:
    gone = db.scalars(delete(DoorNote).where(notes, ~DoorNote.is_out).returning(DoorNote.id)).all()
    left = update(DoorNote).where(notes, _goes()).values(words="", companions=0).returning(DoorNote.id)
    return len(gone) + len(db.scalars(left).all())


def _count(db: Session, kind: type[DeclarativeBase], *where: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(kind).where(*where)) or 0


def _log(db: Session, count: int, subject: str, reason: str, *, by: str, now: datetime) -> int:
    if count:
        audit.record(db, event="erased", actor=by, subject=subject, verdict="allowed", reason=reason, now=now)
    return count
