"""What was searched for and not found: a place and an hour, never a person."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class UnmetSearch(Base):
    """One search that found nothing. The asking town is kept for a day, to count its repetitions once."""

    __tablename__ = "unmet_search"
    __table_args__ = (Index("ix_unmet_search_label_hour", "label", "hour"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str]
    hour: Mapped[datetime]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    asker: Mapped[str | None] = mapped_column(String(6))
    reason: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """One of ``registry.demand.REASONS``; empty where it was not kept yet."""
