"""Who did not come: what a site does then, what the visitor says to it, and who was reminded before."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class NoShowRule(Base):
    """What a site does about visitors who do not come; a site without a row does nothing."""

    __tablename__ = "no_show_rule"

    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"), primary_key=True)
    grace_minutes: Mapped[int | None]
    """So long after the start the desk is offered to others; None keeps it to the end."""
    most: Mapped[int | None]
    """With so many in the last 90 days one may not book here; None sets no bound."""

    __table_args__ = (
        CheckConstraint("grace_minutes BETWEEN 5 AND 480", name="grace"),
        CheckConstraint("most BETWEEN 1 AND 50", name="most"),
    )


class NoShowDispute(Base):
    """A visitor's word that they did come, and the host's answer (``struck`` is None before it)."""

    __tablename__ = "no_show_dispute"

    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(UtcTime)
    struck: Mapped[bool | None] = mapped_column(Boolean)
    answered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    answered_by: Mapped[str] = mapped_column(String(100), default="")


class StartReminder(Base):
    """That one of our people was reminded shortly before the start."""

    __tablename__ = "start_reminder"

    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
