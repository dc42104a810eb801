"""災害時臨時開放 and 臨時閉鎖: what this town has declared of its own sites, and what it has heard of others'."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base

EmergencyKind = Literal["opening", "closing"]


class Emergency(Base):
    """One site, opened or closed in a disaster from ``since`` to ``until``, unless it was ended before.

    ``agreement_id`` is the offer under which everybody may come while a site is opened, ``closure_ids`` are what closes one.
    """

    __tablename__ = "emergency"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[EmergencyKind] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime] = mapped_column(UtcTime)
    declared_by: Mapped[str] = mapped_column(String(64))
    around_the_clock: Mapped[bool] = mapped_column(default=False)
    """Whether the site is open at every hour while it is opened, on holidays too."""
    agreement_id: Mapped[str | None] = mapped_column(ForeignKey("agreement.id"))
    closure_ids: Mapped[list[Any]] = mapped_column(Json, default=list)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When what was opened was put back, or the closure lifted; by itself that is after ``until``."""
    ended_by: Mapped[str] = mapped_column(String(64), default="")
    """Empty where it ended by itself."""

    __table_args__ = (
        CheckConstraint("kind IN ('opening', 'closing')", name="kind"),
        CheckConstraint('since < "until"', name="range"),
        Index(None, "site_id", "until"),
    )


class EmergencyPlace(Base):
    """A site, room or desk that an opening offers for its time, and what it was before; it becomes that again."""

    __tablename__ = "emergency_place"

    emergency_id: Mapped[str] = mapped_column(ForeignKey("emergency.id"), primary_key=True)
    place_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    was_published: Mapped[bool]
    was_pool: Mapped[str | None] = mapped_column(String(10))
    """None for a site or room."""


class HeardEmergency(Base):
    """What the registry hands on of another town's site. Who declared it is the registry's word, the rest the town's own."""

    __tablename__ = "heard_emergency"

    entity_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[EmergencyKind] = mapped_column(String(10))
    site_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(200), default="")
    extra_desks: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime] = mapped_column(UtcTime, index=True)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)
