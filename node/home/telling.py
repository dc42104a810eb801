"""What a person is told when a host changes something about their trip without being asked."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from federation.messages.base import written
from federation.messages.listing import SiteListing
from federation.wording import phrase
from node import notices
from node.models.trips import Trip

_CONFIRMED = phrase("予約が確定しました：%(site)s %(when)s")
_WORDS: Mapping[tuple[str, str], str] = {
    ("asking", "confirmed"): _CONFIRMED,
    ("asking", "requested"): phrase("予約は承認待ちです：%(site)s %(when)s"),
    ("asking", "refused"): phrase("予約できませんでした：%(site)s %(when)s。理由を確認し、別の座席をお選びください。"),
    ("requested", "confirmed"): _CONFIRMED,
    ("held", "confirmed"): _CONFIRMED,
}
_CLOSED = phrase("施設が休止となったため、予約が取り消されました：%(site)s %(when)s。別の座席をお選びください。")
_WHATEVER_WAS_BEFORE: Mapping[str, str] = {
    "refused": phrase("予約は承認されませんでした：%(site)s %(when)s"),
    "cancelled": phrase("受入団体の都合により、予約が取り消されました：%(site)s %(when)s。別の座席をお選びください。"),
    "lapsed": phrase("期限までに確定しなかったため、予約は失効しました：%(site)s %(when)s"),
    "no_show": phrase("利用の記録がないまま、予約の時間が終わりました：%(site)s %(when)s"),
}


def of_change(db: Session, trip: Trip, before: str, *, now: datetime) -> None:
    """Leave a notice where the state went from ``before`` to something the person needs to know."""
    words = _WORDS.get((before, trip.state)) or _WHATEVER_WAS_BEFORE.get(trip.state)
    if (trip.state, trip.cause) == ("cancelled", "closure"):
        words = _CLOSED
    if words and before not in {trip.state, "cancelling"}:
        tell(db, trip, words, now=now)


def of_end(db: Session, trip: Trip, *, now: datetime) -> None:
    """Leave a notice that the host never answered in time."""
    tell(
        db,
        trip,
        phrase("受入団体から応答がなかったため、申込みを取りやめました：%(site)s %(when)s。別の座席をお選びください。"),
        now=now,
    )


def tell(db: Session, trip: Trip, words: str, *, now: datetime) -> None:
    """Leave a notice about a trip; ``words`` may use its site and time.

    The time goes in as an ISO 8601 interval, since only the reader's page knows how to write it.
    """
    site = SiteListing.read(trip.site_listing).name
    when = f"{written(trip.start)}/{written(trip.end)}"
    notices.tell(db, trip.staff_id, words, now=now, link=f"/bookings/{trip.id}", site=site, when=when)
