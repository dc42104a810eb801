"""空き待ち: people who want to be told, and offered the desk, when one becomes free."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.trips import Trip


class Waiting(Base):
    """One person's place in the queue for a desk, or for any desk of its site, at one time.

    ``state`` is waiting; offered (``trip_id`` holds a desk until ``offered_until``); taken; or how it ended: withdrawn, passed
    (not answered in time), over (the time came), elsewhere (the person has another booking by now).
    """

    __tablename__ = "waiting"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(20))
    host: Mapped[str] = mapped_column(String(255))
    """The host's entity id."""
    host_name: Mapped[str] = mapped_column(String(100))
    site_id: Mapped[str] = mapped_column(String(36))
    desk_id: Mapped[str] = mapped_column(String(36))
    anywhere: Mapped[bool] = mapped_column(Boolean)
    """Any desk of the site will do."""
    site_listing: Mapped[str] = mapped_column(Text)
    desk_listing: Mapped[str] = mapped_column(Text)
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    work_kind: Mapped[str] = mapped_column(String(20))
    confidentiality: Mapped[str] = mapped_column(String(4))
    consent_version: Mapped[str] = mapped_column(String(300))
    price_yen: Mapped[int]
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    looked_at: Mapped[datetime] = mapped_column(UtcTime)
    """When the host was last asked for it."""
    offered_until: Mapped[datetime | None] = mapped_column(UtcTime)
    trip_id: Mapped[str | None] = mapped_column(ForeignKey("trip.id"))

    trip: Mapped[Trip | None] = relationship(lazy="joined")

    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'withdrawn', 'passed', 'over', 'elsewhere')", name="state"
        ),
        Index(None, "staff_id", "state"),
        Index(None, "state", "looked_at"),
        Index(None, "host", "site_id", "state"),
        Index(None, "trip_id"),
    )
