"""That one of our people was told, on one day, by which door to leave."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class DoorReminder(Base):
    """One for each trip and day of the site: who stays overnight leaves on another evening."""

    __tablename__ = "door_reminder"

    trip_id: Mapped[str] = mapped_column(String(36), ForeignKey("trip.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
