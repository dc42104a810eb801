"""始業・終業: whether a 所属長 is told when one of their people begins and ends elsewhere, and telling them."""

from datetime import datetime

from sqlalchemy.orm import Session

from federation.messages.base import written
from federation.messages.listing import SiteListing
from federation.wording import phrase
from node import notices
from node.home import superiors, telling
from node.home.wishes import JAPAN
from node.models.attendance import AttendanceRule
from node.models.trips import Trip

_ONLY = 1
KIND = "attendance"
"""The kind of letter (``node.letters.KINDS``)."""
LINK = "/manager/attendance"
_BEGUN = phrase("%(name)sさんが%(site)sで始業しました：%(when)s")
_ENDED = phrase("%(name)sさんが%(site)sで終業しました：%(when)s")

_CORRECTED = phrase(
    "受入団体が入室・退室の時刻を訂正しました：%(site)s %(when)s。予約の画面で確かめ、違う場合は所属長に申し出てください。"
)


def rule(db: Session) -> AttendanceRule:
    """Return what the town has laid down; nobody is told before it has."""
    return db.get(AttendanceRule, _ONLY) or AttendanceRule(id=_ONLY, tells_start=False, tells_end=False)


def lay_down(db: Session, *, tells_start: bool, tells_end: bool) -> None:
    """Lay down whether a 所属長 is told of the start, and of the end."""
    db.merge(AttendanceRule(id=_ONLY, tells_start=tells_start, tells_end=tells_end))
    db.flush()


def tell(db: Session, trip: Trip, was: tuple[datetime | None, datetime | None], *, now: datetime) -> None:
    """Tell the 所属長 what the host has newly recorded of somebody; ``was`` are the times that were known before.

    The person is told where the host has put them right.
    """
    arrived, left = was
    laid_down = rule(db)
    if trip.arrived_at is not None and arrived is None and laid_down.tells_start:
        _tell(db, trip, _BEGUN, trip.arrived_at, now)
    if trip.left_at is not None and left is None and laid_down.tells_end:
        _tell(db, trip, _ENDED, trip.left_at, now)
    if (arrived is not None and trip.arrived_at != arrived) or (left is not None and trip.left_at != left):
        telling.tell(db, trip, _CORRECTED, now=now)


def _tell(db: Session, trip: Trip, words: str, at: datetime, now: datetime) -> None:
    site = SiteListing.read(trip.site_listing).name
    facts = {"name": trip.staff.name, "site": site, "when": written(at)}
    for superior in superiors.of(db, trip.staff, "superior", escalated=False, today=now.astimezone(JAPAN).date()):
        notices.tell(db, superior.id, words, now=now, link=LINK, kind=KIND, trip="", **facts)
