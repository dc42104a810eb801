"""セキュリティ確認表 as they were filled in: one row each, never changed but for its one signature."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class FilledSheet(Base):
    """One version of a room's sheet. It is published once somebody has signed it, in a role that stays on record."""

    __tablename__ = "security_sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("room.id"))
    version: Mapped[int]
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    """As ``federation.messages.sheet.SheetAnswers`` writes them."""
    checked_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    """The last local day on which it counts."""
    filled_by: Mapped[int]
    """The id of the ``Staff`` who filled it in, and below of the one who signed: records outlive accounts."""
    filled_at: Mapped[datetime] = mapped_column(UtcTime)
    signed_by: Mapped[int | None]
    signed_role: Mapped[str] = mapped_column(String(20), default="")
    """A word of ``federation.messages.sheet.Role``; nothing while it is a draft."""
    signed_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (UniqueConstraint("room_id", "version"),)
