"""Who worked where, when, and as what: the home's own record of the day, for 勤務実績."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.staff import Staff


class Attendance(Base):
    """One trip's day as it came about. Names of places are kept as they were, since hosts rename and leave."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id"), unique=True)
    day: Mapped[date]
    """The civil day at the site."""
    section: Mapped[str] = mapped_column(String(100), default="")
    """所属 on that day."""
    host_name: Mapped[str] = mapped_column(String(100))
    site_name: Mapped[str] = mapped_column(String(200))
    desk_name: Mapped[str] = mapped_column(String(200))
    work_kind: Mapped[str] = mapped_column(String(20))
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(20))
    """``checked_in``, ``completed`` or ``no_show``."""

    staff: Mapped[Staff] = relationship(lazy="joined")
    corrections: Mapped[list["AttendanceCorrection"]] = relationship(
        lazy="selectin", order_by="AttendanceCorrection.id"
    )

    __table_args__ = (Index("ix_attendance_day", "day"), Index("ix_attendance_staff_day", "staff_id", "day"))


class AttendanceCorrection(Base):
    """What we hold to be true beside the host's times, which stay as they are; the newest counts.

    A time that is None is as the host has it.
    """

    __tablename__ = "attendance_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"))
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))

    __table_args__ = (
        CheckConstraint("left_at IS NULL OR arrived_at IS NULL OR arrived_at < left_at", name="range"),
        Index(None, "attendance_id"),
    )


class AttendanceRule(Base):
    """Whether a 所属長 is told when their people begin and end elsewhere; one row."""

    __tablename__ = "attendance_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    tells_start: Mapped[bool] = mapped_column(Boolean, default=False)
    tells_end: Mapped[bool] = mapped_column(Boolean, default=False)
