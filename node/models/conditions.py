"""What a town lets its own staff do elsewhere (利用条件), as its personnel department sets it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import Json, UtcTime
from node.models.base import Base
from node.models.staff import Staff

_NONE = text("'[]'")


class HomeConditions(Base):
    """One version of the conditions; the newest is in force. An empty list or None means that anything goes."""

    __tablename__ = "home_conditions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The version: 1, 2, 3 and so on."""
    privacy: Mapped[list[str]] = mapped_column(Json, default=list)
    """Kinds of rooms allowed."""
    work_kinds: Mapped[list[str]] = mapped_column(Json, default=list)
    host_codes: Mapped[list[str]] = mapped_column(Json, default=list)
    employments_barred: Mapped[list[str]] = mapped_column(Json, default=list)
    """任用区分 whose holders may not go."""
    days_a_week: Mapped[int | None]
    limit_yen: Mapped[int | None]
    authorities_barred: Mapped[list[str]] = mapped_column(Json, default=list, server_default=_NONE)
    """任命権者 whose staff may not go."""
    days_a_month: Mapped[int | None]
    lead_hours: Mapped[int | None]
    """So many hours before the start a stay has to be asked for."""
    private_levels: Mapped[list[str]] = mapped_column(Json, default=list, server_default=_NONE)
    """自治体機密性 of work that is done in a 個室 alone."""
    semi_private_levels: Mapped[list[str]] = mapped_column(Json, default=list, server_default=_NONE)
    """自治体機密性 of work that needs a 半個室 at least."""
    approval_by: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """Who approves: ``superior`` (所属長), ``personnel`` (人事担当), or nobody."""
    approval_work_kinds: Mapped[list[str]] = mapped_column(Json, default=list, server_default=_NONE)
    """勤務区分 that have to be approved; empty for all of them."""
    approval_employments: Mapped[list[str]] = mapped_column(Json, default=list, server_default=_NONE)
    """任用区分 whose holders need an approval; empty for everybody."""
    escalate_hours: Mapped[int | None]
    """After so many hours 人事担当 may decide in the place of who has not."""
    facility_types: Mapped[list[str]] = mapped_column(Json, default=list, server_default=_NONE)
    """Kinds of buildings allowed, as ``federation.messages.space.FacilityType``; one that names none counts as ``other``."""
    sites: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list, server_default=_NONE)
    """Sites allowed, of whatever town: id, and name as it was when chosen."""
    radius_km: Mapped[int | None]
    """So far from ``radius_from`` at most, as the crow flies."""
    radius_from: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=text("'{}'"))
    """One of the town's own sites as it was when chosen: id, name, lat, lon."""
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    by: Mapped[Staff | None] = relationship(lazy="joined")

    __table_args__ = (
        CheckConstraint("id >= 1", name="version"),
        CheckConstraint("approval_by IN ('', 'superior', 'personnel')", name="approval_by"),
    )


class Budget(Base):
    """予算: how many yen the people of one 所属 may spend on desks elsewhere in one 年度.

    ``lock_version`` is what a writer locks before it counts what is spent.
    """

    __tablename__ = "budget"

    section: Mapped[str] = mapped_column(String(100), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The calendar year in which it begins, on 1 April."""
    yen: Mapped[int]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    lock_version: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("yen >= 0", name="yen"),)
