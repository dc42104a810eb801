"""Other towns' people at our desks: bookings, their places, and the claims that alone occupy a desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.messages.booking import State, WorkKind
from federation.storage import Json, UtcTime, no_overlap
from node.models.base import Base
from node.models.sites import Desk

OWN_TOWN = 0
"""The ``home_id`` of this town itself; every other is the ``id`` of a row of ``federation.members.Member``."""


class Visitor(Base):
    """A person as this host knows one: the home, and the subject that home uses for us alone. Never a name."""

    __tablename__ = "visitor"

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int]
    sub: Mapped[str] = mapped_column(String(128))
    lock_version: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("home_id", "sub"),)


class Booking(Base):
    """One booking in its present state. ``id`` is the UUID its home made.

    ``version`` grows with every change. ``deleted_at`` is when home took it back; one that was taken back before it ever
    arrived has no places. ``cause`` is a word of ``node.host.answers.CAUSES``.
    """

    __tablename__ = "booking"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    home_id: Mapped[int]
    state: Mapped[State] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)
    short_code: Mapped[str | None] = mapped_column(String(6), unique=True)
    agreement_id: Mapped[str | None] = mapped_column(ForeignKey("agreement.id"))
    not_after: Mapped[datetime | None] = mapped_column(UtcTime)
    hold_until: Mapped[datetime | None] = mapped_column(UtcTime)
    work_kind: Mapped[WorkKind] = mapped_column(String(20), default="satellite")
    confidentiality: Mapped[str] = mapped_column(String(4), default="2")
    consent_version: Mapped[str] = mapped_column(String(300), default="")
    price_yen: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str] = mapped_column(String(40), default="")
    alternatives: Mapped[list[Any]] = mapped_column(Json, default=list)
    """What would do instead, as ``federation.messages.booking.Alternative``, where this host ended the booking."""
    made_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """Since when its home is suspended: the desk is kept, but opens for nobody."""
    home_approves: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its home wants stays like it approved, so that staying longer is asked there."""
    closure_id: Mapped[str | None] = mapped_column(String(36))
    """The 休止 that ended, shortened or moved it."""

    places: Mapped[list["BookingPlace"]] = relationship(back_populates="booking", order_by="BookingPlace.position")

    __table_args__ = (
        Index(None, "home_id"),
        Index(None, "state"),
        Index(
            "ix_booking_tombstone",
            "home_id",
            "deleted_at",
            sqlite_where=text("not_after IS NULL"),
            postgresql_where=text("not_after IS NULL"),
        ),
    )


class BookingPlace(Base):
    """One desk for one person for one time, and what happened there."""

    __tablename__ = "booking_place"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"))
    position: Mapped[int]
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"))
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the desk was offered to others, since nobody had come."""
    card: Mapped[str] = mapped_column(String(22), default="", server_default="")
    """Instead of a name: the digest of the visitor's name and card number, which their pass is signed with."""

    booking: Mapped[Booking] = relationship(back_populates="places")
    desk: Mapped[Desk] = relationship(lazy="joined", innerjoin=True)
    visitor: Mapped[Visitor] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint('start < "end"', name="range"),
        Index(None, "booking_id"),
        Index(None, "desk_id", "start"),
        Index(None, "visitor_id", "end"),
        Index(None, "start"),
    )


class Claim(Base):
    """The only thing that occupies a desk: a place of a booking, a walk-in, or (neither of both) a closure.

    A place at a whole room has a claim on each of its desks beside its own.
    """

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    start: Mapped[datetime] = mapped_column(UtcTime)
    end: Mapped[datetime] = mapped_column(UtcTime)
    live: Mapped[bool] = mapped_column(default=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("booking_place.id"))
    walk_in_id: Mapped[str | None] = mapped_column(ForeignKey("walk_in.id"))

    __table_args__ = (Index(None, "desk_id", "end"), Index(None, "place_id"))


no_overlap(Claim.__table__)


class CommandDone(Base):
    """A PATCH that has been carried out: the same command again changes nothing."""

    __tablename__ = "command_done"

    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    command: Mapped[str] = mapped_column(String(36), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcTime)


class ManifestName(Base):
    """A visitor's name for the reception of the day, and nothing else; it is deleted after ``purge_after``."""

    __tablename__ = "manifest_name"

    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    visitor_id: Mapped[int] = mapped_column(ForeignKey("visitor.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    section: Mapped[str] = mapped_column(String(300), default="")
    purge_after: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "purge_after"),)
