"""Who booked a trip for a colleague; a trip without a row here was booked by its own person."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.staff import Staff
from node.models.trips import Trip


class Behalf(Base):
    """One trip that somebody asked for in a colleague's name."""

    __tablename__ = "behalf"

    trip_id: Mapped[str] = mapped_column(String(36), ForeignKey("trip.id"), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)

    by: Mapped[Staff] = relationship(lazy="joined")
    trip: Mapped[Trip] = relationship(lazy="joined")

    __table_args__ = (Index(None, "by_id", "asked_at"),)
