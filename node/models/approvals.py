"""所属長の承認: what our own people asked for and somebody has to approve, who stands in for whom, and 包括承認."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import Json, UtcTime
from node.models.base import Base
from node.models.staff import Staff
from node.models.trips import Trip

STATES = ("draft", "asked", "approved", "covered", "returned", "refused", "lapsed", "withdrawn")
"""draft: no host holds a desk for it yet; covered: a 包括承認 approved it beforehand; returned: 差戻し; refused: 不承認."""


class StandingApproval(Base):
    """包括承認: what one person, or everybody of a 所属, may book without being approved each time.

    It holds while the person serves in ``section``. Days are the site's own, both inclusive; minutes are after midnight there.
    """

    __tablename__ = "standing_approval"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    section: Mapped[str] = mapped_column(String(100))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Whom it is for; None for everybody of the section but who gave it."""
    from_on: Mapped[date]
    until_on: Mapped[date]
    from_minute: Mapped[int] = mapped_column(default=0)
    until_minute: Mapped[int] = mapped_column(default=24 * 60)
    host_codes: Mapped[list[str]] = mapped_column(Json, default=list)
    """団体コード of the towns; empty for all of them."""
    site_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    """The sites; empty for all of the towns' sites."""
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    staff: Mapped[Staff | None] = relationship(foreign_keys=[staff_id], lazy="joined")
    by: Mapped[Staff] = relationship(foreign_keys=[by_id], lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="days"),
        CheckConstraint("0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440", name="hours"),
        Index(None, "section", "until_on"),
        Index(None, "by_id"),
    )


class Approval(Base):
    """One question to an approver: a single trip, or all trips of a series, or one person's part of a team."""

    __tablename__ = "approval"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    batch: Mapped[str] = mapped_column(String(36))
    """What was asked for by one press: the series, the team, or the trip itself."""
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(10))
    whose: Mapped[str] = mapped_column(String(10))
    """Whose approval the conditions asked for: ``superior`` (所属長) or ``personnel`` (人事担当)."""
    untaken: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Somebody has to take the desk first: the person whose turn in a queue it is, or a team that gathers."""
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    standing_id: Mapped[str | None] = mapped_column(ForeignKey("standing_approval.id"))

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id], lazy="joined", innerjoin=True)
    by: Mapped[Staff | None] = relationship(foreign_keys=[by_id], lazy="joined")
    standing: Mapped[StandingApproval | None] = relationship(lazy="joined")
    trips: Mapped[list[Trip]] = relationship(secondary="approval_trip", order_by=Trip.start, viewonly=True)

    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("whose IN ('superior', 'personnel')", name="whose"),
        UniqueConstraint("batch", "staff_id"),
        Index(None, "state", "asked_at"),
        Index(None, "by_id", "decided_at"),
        Index(None, "staff_id"),
    )


class ApprovalTrip(Base):
    """A trip that waits for an approval, or has one."""

    __tablename__ = "approval_trip"

    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id"), primary_key=True)
    approval_id: Mapped[str] = mapped_column(ForeignKey("approval.id"))

    __table_args__ = (Index(None, "approval_id"),)


class Deputy(Base):
    """代理: who decides in somebody's place on the days [from_on, until_on]."""

    __tablename__ = "deputy"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    staff: Mapped[Staff] = relationship(foreign_keys=[staff_id], lazy="joined", innerjoin=True)
    deputy: Mapped[Staff] = relationship(foreign_keys=[deputy_id], lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("from_on <= until_on", name="days"),
        CheckConstraint("staff_id <> deputy_id", name="another"),
        Index(None, "staff_id"),
        Index(None, "deputy_id"),
    )
