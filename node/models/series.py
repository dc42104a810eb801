"""Wishes that a person asked for together, such as one desk in the coming weeks, each with its own answer."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.trips import Trip


class Series(Base):
    """Several wishes of one person, asked for by one press. The page that asks makes ``id``, so that a second press is none."""

    __tablename__ = "series"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcTime)

    occurrences: Mapped[list["Occurrence"]] = relationship(order_by="Occurrence.position", lazy="selectin")

    __table_args__ = (Index(None, "staff_id", "made_at"),)


class Occurrence(Base):
    """One wish of a series: an ordinary trip where the host was asked, else ``outcome`` and why it was not."""

    __tablename__ = "occurrence"

    series_id: Mapped[str] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    host: Mapped[str] = mapped_column(String(255))
    """The host's entity id."""
    site_listing: Mapped[str] = mapped_column(Text)
    desk_listing: Mapped[str] = mapped_column(Text)
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    trip_id: Mapped[str | None] = mapped_column(ForeignKey("trip.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    """A word of ``node.home.forecasts.Outcome``: what was foreseen when it was asked for."""
    reasons: Mapped[str] = mapped_column(Text)
    alternatives: Mapped[str] = mapped_column(Text)

    trip: Mapped[Trip | None] = relationship(lazy="joined")

    __table_args__ = (Index(None, "trip_id"),)
