"""What happened at the door that no booking foresaw."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class WalkIn(Base):
    """A provisional visit that reception recorded by hand while the visitor's home could not be reached.

    ``name`` and ``section`` are emptied after ``purge_after``, or when the booking's manifest has them; ``booking_id`` is set when home's own booking
    arrives at last.
    """

    __tablename__ = "walk_in"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    home_code: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(100))
    section: Mapped[str] = mapped_column(String(300), default="")
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    arrived_at: Mapped[datetime] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    booking_id: Mapped[str | None] = mapped_column(ForeignKey("booking.id"))
    purge_after: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "arrived_at"),)


class Accounted(Base):
    """One answer of a roll call (点呼): whether the person at a place has been seen, and who saw them."""

    __tablename__ = "accounted"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("booking_place.id"))
    seen: Mapped[bool] = mapped_column(Boolean)
    sheltering: Mapped[bool] = mapped_column(Boolean, default=False)
    """庁舎待機: the person cannot get home and stays in the building."""
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))

    __table_args__ = (Index(None, "place_id", "at"),)
