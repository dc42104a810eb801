"""How long each kind of personal record is kept, and that it was deleted when its time was over."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class RetentionPeriod(Base):
    """How long this town keeps one kind, where it does not keep the usual period. Days, or years from the end of the 年度."""

    __tablename__ = "retention_period"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    length: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[str] = mapped_column(String(100))

    __table_args__ = (CheckConstraint("length >= 0", name="length"),)


class DeletionRecord(Base):
    """That so many records of a kind, of days up to ``up_to``, were deleted. Never of whom."""

    __tablename__ = "deletion_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    count: Mapped[int]
    up_to: Mapped[date] = mapped_column(Date)
    done_at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100), default="")
    """Who had it deleted before its time, for a person who asked; empty for the daily job."""

    __table_args__ = (Index(None, "done_at"),)
