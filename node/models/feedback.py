"""What visitors say of a visit: without a name where they were, and at home only until the host has it."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.messages.feedback import Tap
from federation.storage import UtcTime
from node.models.base import Base


class FeedbackAnswer(Base):
    """One visitor's answer at this host, by room and month. Its ``id`` is random, so that the order tells nothing.

    ``booking_hash`` lets a second answer take the place of the first; both it and ``hash_until`` go when no answer can
    come any more. ``told`` is whether the answer is in what is published of the room.
    """

    __tablename__ = "feedback_answer"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("room.id"))
    month: Mapped[date] = mapped_column(Date)
    """The first day of the month in which the visit ended, at the site."""
    quiet: Mapped[Tap] = mapped_column(String(6))
    network: Mapped[Tap] = mapped_column(String(6))
    again: Mapped[Tap] = mapped_column(String(6))
    note: Mapped[str] = mapped_column(String(400), default="")
    told: Mapped[bool] = mapped_column(default=False)
    booking_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    hash_until: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "room_id", "told"), Index(None, "month"), Index(None, "hash_until"))


class TripFeedback(Base):
    """A trip whose person has been asked how it was; what they said stands here only until the host has it."""

    __tablename__ = "trip_feedback"

    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[Literal["asked", "sending", "sent", "refused"]] = mapped_column(String(10), default="asked")
    said: Mapped[str] = mapped_column(String(4000), default="")
    """``federation.messages.feedback.Feedback`` in JSON."""
    said_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "said_at"),)
