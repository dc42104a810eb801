"""What other towns offer our people, on which terms, and what we have said to it: 協定 as the home sees them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base

OFFERED_STATES = ("awaiting", "confirmed", "objected", "superseded")


class OfferedAgreement(Base):
    """One agreement of a host that names us. ``id`` is our own: two hosts may use one number, or one UUID.

    ``revision`` is the newest word of the host's, ``in_force`` the version by which it judges us. Our own suspension holds
    here at once, whether or not the host has heard of it; ``word`` counts what we say, ``told`` what it has taken in.
    """

    __tablename__ = "offered_agreement"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    agreement_id: Mapped[str] = mapped_column(String(36))
    revision: Mapped[int]
    in_force: Mapped[int] = mapped_column(default=0)
    ends_on: Mapped[date | None] = mapped_column(Date)
    host_suspended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    host_suspended_reason: Mapped[str] = mapped_column(String(500), default="")
    suspended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    suspended_reason: Mapped[str] = mapped_column(String(500), default="")
    suspended_by: Mapped[str] = mapped_column(String(64), default="")
    word: Mapped[int] = mapped_column(default=0)
    told: Mapped[int] = mapped_column(default=0)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "host", "agreement_id", unique=True),)


class OfferedVersion(Base):
    """One version of the terms as the host has signed it, and what we have said to it, with both chains as of signing."""

    __tablename__ = "offered_version"

    offered_id: Mapped[str] = mapped_column(ForeignKey("offered_agreement.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    terms: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    offer: Mapped[str] = mapped_column(Text)
    offer_chain: Mapped[dict[str, Any]] = mapped_column(Json)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(10), default="awaiting")
    said_at: Mapped[datetime | None] = mapped_column(UtcTime)
    said_by: Mapped[str] = mapped_column(String(64), default="")
    said: Mapped[str] = mapped_column(String(1000), default="")
    acceptance: Mapped[str] = mapped_column(Text, default="")
    acceptance_chain: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    __table_args__ = (CheckConstraint(f"state IN {OFFERED_STATES}", name="state"),)
