"""What a town offers: buildings, their rooms, and the desks in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.messages.listing import Privacy
from federation.storage import Json, UtcTime
from node.models.base import Base


class Site(Base):
    """A building that takes guests in. Half days and opening hours are local times of ``zone``, written HH:MM."""

    __tablename__ = "site"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_kana: Mapped[str] = mapped_column(String(300), default="")
    name_en: Mapped[str] = mapped_column(String(300), default="")
    facility_number: Mapped[str] = mapped_column(String(100), default="")
    """The building's ID in the town's own 公共施設一覧, so that a second import finds it again."""
    address: Mapped[str] = mapped_column(String(300))
    lat: Mapped[float]
    lon: Mapped[float]
    zone: Mapped[str] = mapped_column(String(64), default="Asia/Tokyo")
    stations: Mapped[list[Any]] = mapped_column(Json, default=list)
    """As ``federation.messages.listing.NearStation`` writes them."""
    morning_start: Mapped[str] = mapped_column(String(5), default="08:30")
    noon_end: Mapped[str] = mapped_column(String(5), default="12:00")
    noon_start: Mapped[str] = mapped_column(String(5), default="13:00")
    evening_end: Mapped[str] = mapped_column(String(5), default="17:15")
    opens_on_holidays: Mapped[bool] = mapped_column(default=False)
    """Whether 祝日 and 12/29-1/3 are days like any other here."""
    entrance: Mapped[str] = mapped_column(String(300), default="")
    reception: Mapped[str] = mapped_column(String(300), default="")
    extension: Mapped[str] = mapped_column(String(300), default="")
    bring: Mapped[str] = mapped_column(String(300), default="")
    lunch: Mapped[str] = mapped_column(String(300), default="")
    welcome: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    published: Mapped[bool] = mapped_column(default=False)

    rooms: Mapped[list["Room"]] = relationship(back_populates="site", order_by="Room.name")


class Room(Base):
    """A room with one privacy level; its セキュリティ確認表 is dated and asked for again after a year."""

    __tablename__ = "room"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(100))
    privacy: Mapped[Privacy] = mapped_column(String(20))
    talking: Mapped[str] = mapped_column(String(20), default="quiet")
    """``quiet`` or ``fine``: whether one may talk."""
    usual_staff: Mapped[int] = mapped_column(default=0)
    """How many of the town's own staff usually work here."""
    security: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    security_checked_on: Mapped[date | None] = mapped_column(Date)
    published: Mapped[bool] = mapped_column(default=False)

    site: Mapped[Site] = relationship(back_populates="rooms", lazy="joined", innerjoin=True)
    desks: Mapped[list["Desk"]] = relationship(back_populates="room", order_by="Desk.name")

    __table_args__ = (Index(None, "site_id"),)


class Desk(Base):
    """A bookable desk or booth. ``lock_version`` is what the one writer of its calendar locks; nothing reads it.

    ``code`` is the one printed on it; ``pool`` says for whom it is kept: ``guests``, ``own`` or ``walk_in``.
    """

    __tablename__ = "desk"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("room.id"))
    name: Mapped[str] = mapped_column(String(100))
    code: Mapped[str] = mapped_column(String(6), unique=True)
    features: Mapped[list[Any]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(String(300), default="")
    pool: Mapped[str] = mapped_column(String(10), default="guests")
    plan_x: Mapped[float | None]
    plan_y: Mapped[float | None]
    """Where it stands on the room's floor plan, as parts of its width and height (0 to 1)."""
    published: Mapped[bool] = mapped_column(default=False)
    lock_version: Mapped[int] = mapped_column(default=0)

    room: Mapped[Room] = relationship(back_populates="desks", lazy="joined", innerjoin=True)

    __table_args__ = (Index(None, "room_id"),)

    @property
    def offered(self) -> bool:
        """Whether desk, room and site are all published."""
        return self.published and self.room.published and self.room.site.published


class HouseRulesEdition(Base):
    """One version of the town's 利用上の注意; the newest whose time has come is in force."""

    __tablename__ = "house_rules"

    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    ja: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime] = mapped_column(UtcTime)
