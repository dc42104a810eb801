"""在館者確認 (点呼): one roll call from its first word to its last, what was told of it, and what other towns told us."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base


class RollCall(Base):
    """One roll call of a site, or of all (``site_id`` empty), begun and ended by somebody. At most one of each is open.

    ``version`` is its lock: who marks or ends it, raises it first.
    """

    __tablename__ = "roll_call"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(36), default="")
    is_drill: Mapped[bool] = mapped_column(Boolean, default=False)
    """訓練: everybody is told that it was one."""
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    begun_by: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index(
            "ix_roll_call_open",
            "site_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "begun_at"),
    )


class Accounted(Base):
    """One answer of a roll call: whether somebody at a place, or a walk-in, has been seen, and who saw them.

    Answers are only ever added: the newest on a person counts, and who said what before stays readable.
    """

    __tablename__ = "accounted"

    id: Mapped[int] = mapped_column(primary_key=True)
    roll_call_id: Mapped[str] = mapped_column(ForeignKey("roll_call.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("booking_place.id"))
    walk_in_id: Mapped[str | None] = mapped_column(ForeignKey("walk_in.id"))
    seen: Mapped[bool] = mapped_column(Boolean)
    sheltering: Mapped[bool] = mapped_column(Boolean, default=False)
    """庁舎待機: the person cannot get home and stays in the building."""
    at: Mapped[datetime] = mapped_column(UtcTime)
    by: Mapped[str] = mapped_column(String(100))

    __table_args__ = (
        CheckConstraint("(place_id IS NULL) <> (walk_in_id IS NULL)", name="somebody"),
        Index(None, "roll_call_id"),
    )


class RollCallPerson(Base):
    """How a roll call that is over left one person: ``seen``, ``sheltering``, ``left`` or ``missing``. Never a name."""

    __tablename__ = "roll_call_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    roll_call_id: Mapped[str] = mapped_column(ForeignKey("roll_call.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("booking_place.id"))
    walk_in_id: Mapped[str | None] = mapped_column(ForeignKey("walk_in.id"))
    outcome: Mapped[str] = mapped_column(String(12))
    companions: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When they were seen, or left; empty for who is missing."""

    __table_args__ = (
        CheckConstraint("(place_id IS NULL) <> (walk_in_id IS NULL)", name="somebody"),
        UniqueConstraint("roll_call_id", "place_id"),
        UniqueConstraint("roll_call_id", "walk_in_id"),
    )


class RollCallReport(Base):
    """What one home is told of its own people, signed when the roll call ended; ``part`` counts where one is not enough."""

    __tablename__ = "roll_call_report"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    roll_call_id: Mapped[str] = mapped_column(ForeignKey("roll_call.id"))
    home_id: Mapped[int]
    part: Mapped[int] = mapped_column(default=1)
    token: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("roll_call_id", "home_id", "part"),)


class HeardRollCall(Base):
    """A report on our own people that a host signed; ``token`` is kept as its proof."""

    __tablename__ = "heard_roll_call"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    host_name: Mapped[str] = mapped_column(String(100))
    is_drill: Mapped[bool] = mapped_column(Boolean, default=False)
    begun_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime] = mapped_column(UtcTime)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)
    token: Mapped[str] = mapped_column(Text)

    people: Mapped[list["HeardPerson"]] = relationship(order_by="HeardPerson.id")

    __table_args__ = (Index(None, "ended_at"),)


class HeardPerson(Base):
    """One of our own people in such a report; without ``staff_id`` somebody reception wrote down by hand."""

    __tablename__ = "heard_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    heard_roll_call_id: Mapped[str] = mapped_column(ForeignKey("heard_roll_call.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    place: Mapped[str] = mapped_column(String(700))
    outcome: Mapped[str] = mapped_column(String(12))
    companions: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "heard_roll_call_id"),)
