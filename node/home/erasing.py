"""消去: what one of our own people saved for themselves goes when they ask for it; what the town still needs stays, with the reason."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import DeclarativeBase, Session

from federation import audit
from federation.wording import phrase
from node import retention
from node.home import trips
from node.models.assistance import Assistance
from node.models.attendance import Attendance
from node.models.calendars import CalendarAddress
from node.models.favourites import Favourite
from node.models.feedback import TripFeedback
from node.models.mail import MailWish
from node.models.notices import Notice
from node.models.staff import Staff
from node.models.trips import Trip
from node.models.waiting import Waiting
from node.retention import Part, Prospect

_STATIONS = phrase("最寄り駅")
_SAID = phrase("送り終えていない感想")
_OWN: tuple[tuple[str, type[DeclarativeBase]], ...] = (
    (phrase("お気に入り"), Favourite),
    (phrase("避難・入館のときの手助け"), Assistance),
    (phrase("メールアドレスと受け取るお知らせ"), MailWish),
    (phrase("カレンダーの購読用アドレス"), CalendarAddress),
    (phrase("終わった空き待ち"), Waiting),
    (phrase("お知らせ"), Notice),
)
"""Whole rows that go; of those waited for, what is over."""
_WAITS = ("waiting", "offered")
_DIRECTORY = (
    phrase("職員名簿（氏名・職員番号・所属・権限）と本人確認の方法"),
    phrase("在職中のサインインと、勤務実績・精算の記録に必要です。"),
)
_HERE = phrase("利用中の予約"), phrase("在館中は、訪問先での在館者確認に必要です。")
_TO_COME = phrase("これからの予約・申込み・空き待ち"), phrase("本人が取り消すと終わります。")
_INCIDENT = phrase("終結していない事故・トラブルに関わる予約"), phrase("終結するまで必要です。")
_ATTENDANCE = phrase("勤務実績"), phrase("保存期間（「保存期間と削除の記録」）が終わるまで必要です。")
_TRIPS = phrase("過去の予約と承認の記録"), phrase("団体間の精算に必要です。")
_ELSEWHERE = (
    phrase("訪問先の団体が持つ記録"),
    phrase("この団体からは消せません。訪問先の施設担当者に、受付番号を伝えて消去を求めてください。"),
)


def foresee(db: Session, person: Staff, now: datetime) -> Prospect:
    """Return what would go of what is kept of one of our people, and what would stay."""
    rows = (Part(words, _count(db, kind, *_which(kind, person))) for words, kind in _OWN)
    goes = (*rows, Part(_STATIONS, _stations(person)), Part(_SAID, _count(db, TripFeedback, *_drafts(person))))
    mine = Trip.staff_id == person.id
    held = retention.held_back(db)
    waits = _count(db, Waiting, Waiting.staff_id == person.id, Waiting.state.in_(_WAITS))
    coming = _count(db, Trip, mine, Trip.state.in_(trips.LIVE - {"checked_in"}), Trip.end > now)
    stays = (
        Part(_HERE[0], _count(db, Trip, mine, Trip.state == "checked_in"), _HERE[1]),
        Part(_TO_COME[0], coming + waits, _TO_COME[1]),
        Part(_INCIDENT[0], _count(db, Trip, mine, Trip.id.in_(held)), _INCIDENT[1]),
        Part(_ATTENDANCE[0], _count(db, Attendance, Attendance.staff_id == person.id), _ATTENDANCE[1]),
        Part(_TRIPS[0], _count(db, Trip, mine, Trip.end <= now), _TRIPS[1]),
    )
    always = (Part(_DIRECTORY[0], 0, _DIRECTORY[1]), retention.AUDITED, Part(_ELSEWHERE[0], 0, _ELSEWHERE[1]))
    return Prospect(goes, (*(part for part in stays if part.count), *always))


def erase(db: Session, person: Staff, reason: str, *, by: str, now: datetime) -> int:
    """Erase what may go; return how many records. Doing it again changes nothing and logs nothing."""
    gone = {kind: _gone(db, kind, person) for _words, kind in _OWN}
    said = update(TripFeedback).where(*_drafts(person)).values(said="").returning(TripFeedback.trip_id)
    own = sum(gone.values()) - gone[Notice] - gone[Assistance] + _stations(person) + len(db.scalars(said).all())
    person.home_station, person.work_station, person.station_lines = "", "", {}
    for kind, count in (("own", own), ("notices", gone[Notice]), ("assistance", gone[Assistance])):
        retention.note(db, kind, count, retention.day_of(now), now, by=by)
    count = own + gone[Notice] + gone[Assistance]
    if count:
        whose = f"staff:{person.id}"
        audit.record(db, event="erased", actor=by, subject=whose, verdict="allowed", reason=reason, now=now)
    db.flush()
    return count


def _which(kind: type[Any], person: Staff) -> tuple[ColumnElement[bool], ...]:
    mine = (kind.staff_id == person.id,)
    return (*mine, Waiting.state.not_in(_WAITS)) if kind is Waiting else mine


def _gone(db: Session, kind: type[Any], person: Staff) -> int:
    return len(db.scalars(delete(kind).where(*_which(kind, person)).returning(kind.staff_id)).all())


def _drafts(person: Staff) -> tuple[ColumnElement[bool], ...]:
    """Ask for what was said and is not under way to its host: what is, is gone from here once the host has it."""
    mine = select(Trip.id).where(Trip.staff_id == person.id)
    return (TripFeedback.trip_id.in_(mine), TripFeedback.said != "", TripFeedback.state != "sending")


def _stations(person: Staff) -> int:
    return sum(1 for name in (person.home_station, person.work_station) if name)


def _count(db: Session, kind: type[DeclarativeBase], *where: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(kind).where(*where)) or 0
