"""What a person has been told; the portal is where every notice stands, whatever else carries it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Notice(Base):
    """One thing told to one person, as a marked sentence and its facts, so that it reads in either language."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(String(400))
    """The Japanese sentence, which is also the message id."""
    facts: Mapped[str] = mapped_column(Text, default="{}")
    """JSON object: the sentence's places."""
    link: Mapped[str] = mapped_column(String(300), default="")
    """A path of this node."""
    told_at: Mapped[datetime] = mapped_column(UtcTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_notice_staff_read", "staff_id", "read_at"),)
