"""The secret address at which a person's calendar reads their bookings, known here by its digest alone."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class CalendarAddress(Base):
    """One person's address; making a new one ends the one before."""

    __tablename__ = "calendar_address"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the secret, in hexadecimal. The secret is 256 random bits, so nothing slower is needed."""
    locale: Mapped[str] = mapped_column(String(2))
    """The language in which the person made it; whoever reads the calendar asks for none."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
