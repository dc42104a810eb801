"""What happened at the door that no booking foresaw."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.sites import Desk


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
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When it was settled with their town by other means than a booking; ``settled_by`` and ``settled_how`` say by whom, how."""
    settled_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    settled_how: Mapped[str] = mapped_column(String(300), default="", server_default="")

    desk: Mapped[Desk] = relationship(viewonly=True)

    __table_args__ = (Index(None, "arrived_at"),)


class DoorNote(Base):
    """What reception notes of one visitor: the 入館証 handed out, how many came along (同行者), and a line of its own.

    The line is emptied and the row deleted after ``purge_after``, as names are; a badge that is out keeps the row.
    """

    __tablename__ = "door_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("booking_place.id"), unique=True)
    walk_in_id: Mapped[str | None] = mapped_column(ForeignKey("walk_in.id"), unique=True)
    badge: Mapped[str] = mapped_column(String(20), default="")
    is_out: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the badge has been handed out and not come back."""
    companions: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))
    purge_after: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint("(place_id IS NULL) <> (walk_in_id IS NULL)", name="somebody"),
        CheckConstraint("companions >= 0", name="companions"),
        Index(
            "ix_door_note_out",
            "site_id",
            "badge",
            unique=True,
            sqlite_where=text("is_out"),
            postgresql_where=text("is_out"),
        ),
        Index(None, "purge_after"),
    )


class VisitCorrection(Base):
    """That the times of one visit were put right here, and why: what they were before, and what they are since."""

    __tablename__ = "visit_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("booking_place.id"), index=True)
    was_arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    was_left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))
