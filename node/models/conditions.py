"""What a town lets its own staff do elsewhere (利用条件), as its personnel department sets it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class HomeConditions(Base):
    """The one set of conditions in force; an empty list or None means that anything goes."""

    __tablename__ = "home_conditions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    privacy: Mapped[list[str]] = mapped_column(Json, default=list)
    """Kinds of rooms allowed."""
    work_kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    host_codes: Mapped[list[str]] = mapped_column(Json, default=list)
    employments_barred: Mapped[list[str]] = mapped_column(Json, default=list)
    """任用区分 whose holders may not go."""
    days_a_week: Mapped[int | None]
    limit_yen: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    __table_args__ = (CheckConstraint("id = 1", name="one_set"),)
