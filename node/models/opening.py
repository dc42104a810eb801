"""When a place is open: its weekly hours, and the stretches in which it is closed after all.

A *place* here is a site, a room or a desk; their UUIDs never collide, so one column names any of the three.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class OpenHours(Base):
    """One stretch of one weekday (Monday is 0) in local time, as minutes after midnight; the end is not included.

    The nearest place that has any hours decides for the whole week: desk before room before site.
    """

    __tablename__ = "open_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[str] = mapped_column(String(36))
    weekday: Mapped[int]
    opens: Mapped[int]
    closes: Mapped[int]

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="within_the_day"),
        Index(None, "place_id"),
    )


class Closure(Base):
    """A stretch of UTC time in which a place is closed: it becomes claims on every desk there.

    ``template`` is one of ``node.host.closures.TEMPLATES``; ``note`` is shown to those concerned. ``lifted_at`` ends it early.
    """

    __tablename__ = "closure"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    place_id: Mapped[str] = mapped_column(String(36))
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    template: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (CheckConstraint('start < "end"', name="range"), Index(None, "place_id", "end"))
