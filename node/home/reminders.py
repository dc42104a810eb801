"""Reminders: a letter the evening before, to those who want it, and a notice to everybody shortly before the start."""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.storage import insert
from federation.wording import phrase
from node.home import telling
from node.home.wishes import JAPAN
from node.models.mail import MailWish, TripReminder
from node.models.noshows import StartReminder
from node.models.trips import Trip

EVENING = time(17)
"""When it goes out, by the reader's clock."""
_AHEAD = timedelta(hours=31)
"""From that hour to the end of the next day."""
AT_ONCE = 200
"""So many in one transaction; the next run goes on."""
_WORDS = phrase("まもなくご利用の予約があります：%(site)s %(when)s。ご利用にならない場合は、早めに取り消してください。")
_SHORTLY, _JUST = timedelta(minutes=10), timedelta(minutes=15)
_STARTS = phrase(
    "まもなくご利用の開始時刻です：%(site)s %(when)s。着いたら、座席に表示されたコードを入力して入室してください。"
    "入室の記録がないと、座席がほかの方に開放されることがあります。ご利用にならない場合は、取り消してください。"
)


def remind(db: Session, *, now: datetime) -> int:
    """Promise the letters that are due and return how many; each booking once, however often this runs. A job.

    A machine that stood still that evening makes up for it until the booking starts. Who booked that same evening has the
    receipt, and needs no reminder.
    """
    due = (
        select(Trip)
        .join(MailWish, MailWish.staff_id == Trip.staff_id)
        .outerjoin(TripReminder, TripReminder.trip_id == Trip.id)
        .where(Trip.state == "confirmed", Trip.start > now, Trip.start <= now + _AHEAD)
        .where(TripReminder.trip_id.is_(None), MailWish.address != "")
        .order_by(Trip.start, Trip.id)
        .limit(AT_ONCE)
    )
    promised = 0
    for trip in db.scalars(due).all():
        evening = evening_before(trip.start)
        if now >= evening and _is_first(db, trip.id, now) and trip.asked_at < evening:
            telling.by_mail(db, trip, "reminder", _WORDS, now=now)
            promised += 1
    return promised


def before_start(db: Session, *, now: datetime) -> int:
    """Tell who has not come yet that their time is about to begin, once; return how many. A job.

    Who asked within the last quarter of an hour knows, and is not told.
    """
    due = (
        select(Trip)
        .outerjoin(StartReminder, StartReminder.trip_id == Trip.id)
        .where(Trip.state == "confirmed", Trip.start > now - _SHORTLY, Trip.start <= now + _SHORTLY)
        .where(StartReminder.trip_id.is_(None), Trip.asked_at <= now - _JUST)
        .order_by(Trip.start, Trip.id)
        .limit(AT_ONCE)
    )
    told = 0
    for trip in db.scalars(due).all():
        row = insert(db, StartReminder).values(trip_id=trip.id, at=now).on_conflict_do_nothing()
        if db.scalar(row.returning(StartReminder.trip_id)) is not None:
            telling.tell(db, trip, _STARTS, now=now, kind="reminder")
            told += 1
    return told


def evening_before(start: datetime) -> datetime:
    """Return the moment from which a booking that starts then is reminded of."""
    return datetime.combine(start.astimezone(JAPAN).date() - timedelta(days=1), EVENING, tzinfo=JAPAN)


def _is_first(db: Session, trip_id: str, now: datetime) -> bool:
    """Write down that the trip is reminded of; False when it was already, by another process in this moment too."""
    row = insert(db, TripReminder).values(trip_id=trip_id, reminded_at=now).on_conflict_do_nothing()
    return db.scalar(row.returning(TripReminder.trip_id)) is not None
