"""What members publish, as far as it was found right. Keys begin with the member: nobody can speak of another's desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class Site(Base):
    """A building, from its host's listings feed; ``data`` is the message as it was read."""

    __tablename__ = "site"
    __table_args__ = (Index("ix_site_place", "lat", "lon", "x", "y", "z", "member_id", "id"),)
    # The nearest sites are found in this index alone: a row is several pages long.

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    lat: Mapped[float]
    lon: Mapped[float]
    x: Mapped[float] = mapped_column(default=0.0, server_default="0")
    """Where it lies on a sphere of radius one, so that a database orders by distance with nothing but products."""
    y: Mapped[float] = mapped_column(default=0.0, server_default="0")
    z: Mapped[float] = mapped_column(default=0.0, server_default="0")
    zone: Mapped[str]
    names: Mapped[str] = mapped_column(default="", server_default="")
    """Its names as they are searched, a line each."""
    lines: Mapped[str] = mapped_column(default="", server_default="")
    """The railway lines of its stations as they are compared, a line each."""
    accessible: Mapped[int] = mapped_column(default=0, server_default="0")
    """Viewpoints to which the building says yes, a bit each."""
    told: Mapped[str] = mapped_column(default="", server_default="")
    """The message as an answer to a search has it, as text: with one photo at most."""
    data: Mapped[dict[str, Any]]


class Desk(Base):
    """A desk. Its site may be read later than itself, so ``site_id`` is no foreign key; until then nobody finds it."""

    __tablename__ = "desk"
    __table_args__ = (
        Index("ix_desk_site", "member_id", "site_id", "privacy", "features", "assured", "assured_until", "id"),
    )
    # What a search asks of a desk is answered by this index alone.

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(36))
    privacy: Mapped[str] = mapped_column(String(16))
    features: Mapped[int]
    assured: Mapped[int] = mapped_column(default=0, server_default="0")
    """What its room's セキュリティ確認表 says plainly, a bit each; counts up to and including ``assured_until`` (ISO)."""
    assured_until: Mapped[str] = mapped_column(String(10), default="", server_default="")
    names: Mapped[str] = mapped_column(default="", server_default="")
    """The names of its room and its own as they are searched, a line each."""
    accessible: Mapped[int] = mapped_column(default=0, server_default="0")
    """Viewpoints to which the room says yes, a bit each; and those to which it says no."""
    inaccessible: Mapped[int] = mapped_column(default=0, server_default="0")
    room_id: Mapped[str] = mapped_column(String(36), default="", server_default="")
    beside: Mapped[str] = mapped_column(default="", server_default="")
    """The ids of the desks beside it, a blank between them."""
    told: Mapped[str] = mapped_column(default="", server_default="")
    """The message as an answer to a search has it, as text: with one photo at most."""
    data: Mapped[dict[str, Any]]


class Freedom(Base):
    """When a desk was last said to be free, and whether the newest word about it could not be read."""

    __tablename__ = "freedom"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    desk_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    as_of: Mapped[datetime]
    doubtful: Mapped[bool] = mapped_column(default=False)


class FreeRange(Base):
    """One half-open stretch [start, end) in which a desk is free."""

    __tablename__ = "free_range"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    desk_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    end: Mapped[datetime]


class Offer(Base):
    """An agreement's visible part: which towns may see which sites of the member, from and until when (ISO dates).

    What is not bounded stands as ``registry.offered.EVER``, so that everything is compared and nothing asked twice.
    """

    __tablename__ = "offer"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    everyone: Mapped[bool]
    every_site: Mapped[bool]
    starts_on: Mapped[str] = mapped_column(String(10))
    ends_on: Mapped[str] = mapped_column(String(10))
    price_yen: Mapped[int]
    per_hour: Mapped[bool]
    name: Mapped[str]
    every_room: Mapped[bool] = mapped_column(default=True, server_default=true())
    weekdays: Mapped[int] = mapped_column(default=127, server_default="127")
    """On which a use may begin, a bit each; Monday is the lowest."""
    opens: Mapped[int] = mapped_column(default=0, server_default="0")
    """In minutes after the site's midnight, as ``closes``."""
    closes: Mapped[int] = mapped_column(default=1_000_000, server_default="1000000")
    shortest_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    longest_minutes: Mapped[int] = mapped_column(default=1_000_000, server_default="1000000")
    lead_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    horizon_days: Mapped[int] = mapped_column(default=1_000_000, server_default="1000000")
    closes_at: Mapped[datetime | None]
    work_kinds: Mapped[str] = mapped_column(default="", server_default="")
    """With a blank before and after each; empty for any."""


class OfferHome(Base):
    """A town, by its code, that an offer names; or a prefecture, by the two digits with which its codes begin."""

    __tablename__ = "offer_home"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    code: Mapped[str] = mapped_column(String(6), primary_key=True, index=True)


class OfferSite(Base):
    """A site that an offer names."""

    __tablename__ = "offer_site"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class OfferRoom(Base):
    """A room that an offer names."""

    __tablename__ = "offer_room"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offer_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    room_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class Emergency(Base):
    """災害時臨時開放 or 臨時閉鎖, as a host declared it; ``data`` is the message as it was read."""

    __tablename__ = "emergency"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    data: Mapped[dict[str, Any]]


class FeedFault(Base):
    """An item of a member's feed that could not be taken, kept for the operator until a right one comes."""

    __tablename__ = "feed_fault"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    feed: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(100), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    detail: Mapped[str]
    seen_at: Mapped[datetime]


class FeedReading(Base):
    """How the reading of one member's feed goes: when it last came to the end, and what went wrong since."""

    __tablename__ = "feed_reading"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    feed: Mapped[str] = mapped_column(String(16), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    pinged: Mapped[bool] = mapped_column(default=False)
    tried_at: Mapped[datetime | None]
    complete_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    clock_offset_seconds: Mapped[float | None]
