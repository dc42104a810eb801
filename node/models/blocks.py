"""利用停止: whom this host takes in no more for a time, a single person or a whole town."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.staff import Staff


class Block(Base):
    """Nobody of a town, or one person of it, is taken in on the days [from_on, until_on] of the site.

    ``sub`` is the subject by which that town names the person to us, empty for all of its people. ``reason`` is for our
    own people alone.
    """

    __tablename__ = "block"

    id: Mapped[int] = mapped_column(primary_key=True)
    home_code: Mapped[str] = mapped_column(String(6))
    sub: Mapped[str] = mapped_column(String(128), default="")
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    by: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (CheckConstraint("from_on <= until_on", name="days"), Index(None, "home_code", "until_on"))
