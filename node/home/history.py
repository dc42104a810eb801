"""What has happened to a trip, in order: what its person did, and what they were told of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from federation.wording import phrase
from node import notices
from node.models.trips import Trip
from node.notices import Told

_ASKED = phrase("予約を申し込みました。")
_ARRIVED = phrase("入室しました。")
_LEFT = phrase("退室しました。")
_CANCELLING = phrase("予約を取り消しました。受入団体に伝えています。")
_CANCELLED = phrase("予約を取り消しました。")


def of(db: Session, trip: Trip) -> Sequence[Told]:
    """Return the steps, the first one first. Nothing is kept for it: it is read from the trip and from its notices."""
    own: list[tuple[str, datetime | None]] = [
        (_ASKED, trip.asked_at),
        (_ARRIVED, trip.arrived_at),
        (_LEFT, trip.left_at),
    ]
    if not trip.cause and trip.state in {"cancelling", "cancelled"}:
        own.append((_CANCELLED if trip.state == "cancelled" else _CANCELLING, trip.changed_at))
    steps = [Told(words, {}, "", at, read=True) for words, at in own if at is not None]
    return sorted([*steps, *notices.about(db, trip.staff_id, f"/bookings/{trip.id}")], key=lambda step: step.told_at)
