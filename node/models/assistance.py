"""Help in an evacuation or at the door (PEEP), apart from all else that is kept of people: at home, and at a host that was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class Assistance(Base):
    """What one of our own people says of themselves; without a row they said nothing."""

    __tablename__ = "assistance"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    kinds: Mapped[list[Any]] = mapped_column(Json, default=list)
    """Words of ``federation.messages.booking.ASSISTED``."""
    words: Mapped[str] = mapped_column(String(200), default="")
    tells_hosts: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether they want the hosts of their bookings to be told."""
    changed_at: Mapped[datetime] = mapped_column(UtcTime)


class ToldAssistance(Base):
    """What a home told of the visitor of one booking; it goes with the last day they have a place on."""

    __tablename__ = "told_assistance"

    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"), primary_key=True)
    kinds: Mapped[list[Any]] = mapped_column(Json, default=list)
    words: Mapped[str] = mapped_column(String(200), default="")
