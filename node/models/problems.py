"""What visitors report of a desk: something broken, no network, somebody sitting there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class DeskProblem(Base):
    """One report. ``told_by`` is a number of our own staff, a home, or empty; never a name."""

    __tablename__ = "desk_problem"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    kind: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(300), default="")
    told_at: Mapped[datetime] = mapped_column(UtcTime)
    told_by: Mapped[str] = mapped_column(String(300), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    done_by: Mapped[str] = mapped_column(String(100), default="")

    __table_args__ = (Index(None, "done_at", "told_at"),)
