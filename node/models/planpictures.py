"""The picture that lies under a room's 座席配置, such as a page of the building's own drawings."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class PlanPicture(Base):
    """One room's picture, re-encoded here. Its bytes are read only when somebody asks for them."""

    __tablename__ = "plan_picture"

    room_id: Mapped[str] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bytes as they are served, in hexadecimal."""
    width: Mapped[int]
    height: Mapped[int]
    """In pixels."""
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcTime)
