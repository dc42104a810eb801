"""異動・退職の名簿: a staff list that waits for the day from which it holds."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.staff import Staff

STATES = ("waiting", "done", "withdrawn", "failed")


class PlannedList(Base):
    """One list as it was sent, taken over whole on its day. What it holds is dropped once it is over."""

    __tablename__ = "planned_list"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    effective: Mapped[date] = mapped_column(Date)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """The file, packed with zlib; empty once it is over."""
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    people: Mapped[int]
    """So many are listed."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    over_at: Mapped[datetime | None] = mapped_column(UtcTime)

    by: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"), Index(None, "state", "effective"))
