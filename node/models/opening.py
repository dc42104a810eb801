"""When a place is open: weekly hours, dated exceptions to them, and the stretches in which it is closed after all.

A *place* here is a site, a room or a desk; their UUIDs never collide, so one column names any of the three.
"""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class OpenHours(Base):
    """One stretch of one weekday (Monday is 0) in local time, as minutes after midnight; the end is not included.

    Rows of one place with the same ``first_day`` and ``last_day`` are one week of hours, valid on these days of the site
    (both included; None leaves that end open). What decides on a day is said in ``node.host.ruling``.
    """

    __tablename__ = "open_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[str] = mapped_column(String(36))
    weekday: Mapped[int]
    opens: Mapped[int]
    closes: Mapped[int]
    first_day: Mapped[date | None] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="within_the_day"),
        Index(None, "place_id"),
    )


ExceptionKind = Literal["closed", "hours", "usual", "extra"]


class DatedException(Base):
    """Days of a place that differ from its week: from ``first_day`` to ``last_day``, both included, as the site counts days.

    ``closed`` all day; ``hours``, other ones in ``stretches``; ``usual``, the week's hours although it is 祝日; ``extra``, a
    one-off opening that adds ``stretches``. A stretch is [opens, closes] in local minutes. Empty ``weekdays`` mean all;
    ``yearly`` ones return each year. ``words`` are shown to people. ``ended_at`` takes it back; the row stays.
    """

    __tablename__ = "dated_exception"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[ExceptionKind] = mapped_column(String(10))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    weekdays: Mapped[list[Any]] = mapped_column(Json, default=list)
    yearly: Mapped[bool] = mapped_column(default=False)
    stretches: Mapped[list[Any]] = mapped_column(Json, default=list)
    words: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (
        CheckConstraint("kind IN ('closed', 'hours', 'usual', 'extra')", name="kind"),
        CheckConstraint("first_day <= last_day", name="range"),
        Index(None, "place_id"),
    )


class Closure(Base):
    """A stretch of UTC time in which a place is closed: it becomes claims on every desk there.

    ``template`` is one of ``node.host.closures.TEMPLATES``; ``note`` is shown to those concerned. ``lifted_at`` ends it early.
    Those of one ``series`` were registered together, such as the days of an assembly.
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
    series: Mapped[str | None] = mapped_column(String(36))

    __table_args__ = (CheckConstraint('start < "end"', name="range"), Index(None, "place_id", "end"))
