"""What ends when somebody leaves, on either side: sign-ins of visitors at the host, everything of one's own at home."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Ending(Base):
    """One person of another town: whoever signed in there at ``at`` or before is nobody here any more."""

    __tablename__ = "ending"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    sub: Mapped[str] = mapped_column(String(255), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "at"),)


class Departure(Base):
    """One of our own staff who has left: sessions have ended, and every host concerned has been promised to be told."""

    __tablename__ = "departure"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
