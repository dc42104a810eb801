"""Where a person wants to hear of things by mail, and of which."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class MailWish(Base):
    """One person's address, which counts once its code was typed, and the kinds of letters they want there."""

    __tablename__ = "mail_wish"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    """The address that was confirmed; empty before."""
    refused_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the server said that there is no such mailbox; nothing is sent there after that."""
    pending: Mapped[str] = mapped_column(String(254), default="")
    """The address whose code has not been typed yet."""
    pending_until: Mapped[datetime | None] = mapped_column(UtcTime)
    failures: Mapped[int] = mapped_column(default=0)
    """Wrong codes typed for ``pending``."""
    codes_sent: Mapped[int] = mapped_column(default=0)
    codes_since: Mapped[datetime | None] = mapped_column(UtcTime)
    kinds: Mapped[str] = mapped_column(String(200))
    """The kinds of ``node.letters``, separated by spaces."""
    locale: Mapped[str] = mapped_column(String(2))


class TripReminder(Base):
    """A trip whose person has been reminded of it, so that it happens once, whatever is started anew."""

    __tablename__ = "trip_reminder"

    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id", ondelete="CASCADE"), primary_key=True)
    reminded_at: Mapped[datetime] = mapped_column(UtcTime)
