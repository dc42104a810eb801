"""Who is signed in, and from what: one row for each session that is open."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class StaffSession(Base):
    """One session. The cookie names it and is signed; without the row it is worth nothing."""

    __tablename__ = "staff_session"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    """Random; the cookie has it too."""
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    acr: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(UtcTime, index=True)
    browser: Mapped[str] = mapped_column(String(40))
    """Roughly, so that a person can tell one from another."""
