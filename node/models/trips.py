"""A staff member's bookings anywhere, as their home remembers them, and the time of theirs that these take."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation import cards
from federation.errors import PersonElsewhere
from federation.storage import UtcTime, no_overlap
from node.models.base import Base
from node.models.staff import Staff


class Trip(Base):
    """One booking at one host. ``id`` is the UUID the host knows it by; ``state`` is the host's last word, or ours.

    Our own words: ``asking`` (the host has not answered yet), ``cancelling`` (cancelled here, the host has still to hear of
    it). All others are the host's (``federation.messages.booking.State``).
    """

    __tablename__ = "trip"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    host: Mapped[str] = mapped_column(String(255))
    """The host's entity id."""
    state: Mapped[str] = mapped_column(String(20))
    desk_id: Mapped[str] = mapped_column(String(36))
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    sub: Mapped[str] = mapped_column(String(64))
    not_after: Mapped[datetime] = mapped_column(UtcTime)
    """The wish lapses then, if the host has not answered."""
    work_kind: Mapped[str] = mapped_column(String(20))
    confidentiality: Mapped[str] = mapped_column(String(4))
    consent_version: Mapped[str] = mapped_column(String(300), default="")
    host_name: Mapped[str] = mapped_column(String(100))
    site_listing: Mapped[str] = mapped_column(Text)
    """The site's and desk's listings as they were when asked, in JSON: what the pass says when the host is away."""
    desk_listing: Mapped[str] = mapped_column(Text)
    price_yen: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    """The host's version of the booking; 0 before its first answer."""
    short_code: Mapped[str] = mapped_column(String(20), default="")
    visit_pass: Mapped[str] = mapped_column(Text, default="")
    hold_until: Mapped[datetime | None] = mapped_column(UtcTime)
    cause: Mapped[str] = mapped_column(String(300), default="")
    reasons: Mapped[str] = mapped_column(Text, default="[]")
    """Why not: a JSON array of ``federation.messages.booking.Reason``."""
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    moved_from: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The desk's listing before the host moved the booking, in JSON, while the person is to be told."""
    alternatives: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """What would do instead, where the host ended it: a JSON array of ``federation.messages.booking.Alternative``."""
    dispute: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """How it stands with our word that somebody did come: ``open``, ``struck`` or ``upheld``."""
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    hold: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The host was asked to keep the desk until the person takes it."""
    acr: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """How surely whoever asked for it had signed in then; empty where nobody knows."""
    card_salt: Mapped[str] = mapped_column(String(32), default=cards.salt, server_default="")
    """Under which a host that is told no name has a digest of it and of the card number, in hexadecimal."""
    section: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """所属 that pays for it: the person's, and after a transfer the new one's for what is still to come."""

    staff: Mapped[Staff] = relationship(lazy="joined")

    __table_args__ = (
        CheckConstraint('"end" > start', name="ends_after_it_starts"),
        Index("ix_trip_staff_start", "staff_id", "start"),
        Index("ix_trip_host", "host"),
        Index("ix_trip_state", "state"),
        Index("ix_trip_section_start", "section", "start"),
    )


class PersonTime(Base):
    """A stretch of one person's time that a trip takes. The database itself keeps a person from being in two towns."""

    __tablename__ = "person_time"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id"))
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    live: Mapped[bool] = mapped_column(Boolean, default=True)

    __table_args__ = (
        Index("ix_person_time_staff_end", "staff_id", "end"),
        Index("ix_person_time_trip", "trip_id"),
    )


no_overlap(PersonTime.__table__, key="staff_id", refusal=PersonElsewhere)


class KnownDesk(Base):
    """A desk our people have seen or used: enough to ask its host directly, and to remember it while nobody answers."""

    __tablename__ = "known_desk"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    host_name: Mapped[str] = mapped_column(String(100))
    site_listing: Mapped[str] = mapped_column(Text)
    desk_listing: Mapped[str] = mapped_column(Text)
    price_yen: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index("ix_known_desk_seen", "seen_at"),)
