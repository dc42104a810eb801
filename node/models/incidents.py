"""Incidents of a visit: what happened, as both towns know it, and what each has written since."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.messages.incident import Kind, Leak, Severity
from federation.storage import UtcTime
from node.models.base import Base


class Incident(Base):
    """One incident. ``id`` is the UUID of the town that recorded it first, which alone changes its facts.

    ``partner`` is the other town's entity id, empty where no other is concerned; ``is_ours`` whether it was recorded here.
    """

    __tablename__ = "incident"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    partner: Mapped[str] = mapped_column(String(255), default="")
    partner_name: Mapped[str] = mapped_column(String(100), default="")
    is_ours: Mapped[bool]
    kind: Mapped[Kind] = mapped_column(String(12))
    severity: Mapped[Severity] = mapped_column(String(10))
    leak: Mapped[Leak] = mapped_column(String(8))
    """Whether personal data may have leaked: ``no``, ``maybe`` or ``yes``."""
    is_malicious: Mapped[bool] = mapped_column(default=False)
    what: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(300), default="")
    booking_id: Mapped[str] = mapped_column(String(36), default="")
    happened_at: Mapped[datetime] = mapped_column(UtcTime)
    known_at: Mapped[datetime] = mapped_column(UtcTime)
    """When the town learned of it: the deadlines run from here."""
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)
    recorded_by: Mapped[str] = mapped_column(String(100))
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the other town had it."""
    reported_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the 速報 to the 個人情報保護委員会 was noted as made."""
    concluded_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the 確報 was."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[int] = mapped_column(default=1)

    entries: Mapped[list["IncidentEntry"]] = relationship(back_populates="incident", order_by="IncidentEntry.at")

    __table_args__ = (Index(None, "closed_at", "known_at"), Index(None, "booking_id"))


class IncidentEntry(Base):
    """One thing written on an incident, by us or by the other town; a role, never a name."""

    __tablename__ = "incident_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(36))
    """The UUID its writer gave it."""
    is_ours: Mapped[bool]
    role: Mapped[Literal["reception", "site_admin", "personnel"]] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)

    incident: Mapped[Incident] = relationship(back_populates="entries")

    __table_args__ = (
        CheckConstraint("role IN ('reception', 'site_admin', 'personnel')", name="role"),
        UniqueConstraint("incident_id", "key"),
    )
