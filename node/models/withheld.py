"""Whose name reception no longer uses, since they asked for it (個人情報の利用停止)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Withheld(Base):
    """A visitor whose names stay and are shown to nobody, until it is lifted and the row deleted."""

    __tablename__ = "withheld"

    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(300))
