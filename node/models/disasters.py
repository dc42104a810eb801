"""Disasters this town has declared for itself."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Disaster(Base):
    """One declaration: from ``since`` to ``until`` members last known good are honoured, unless it was ended before."""

    __tablename__ = "disaster"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(String(300))
    declared_by: Mapped[str] = mapped_column(String(64))
