"""What a town offers: buildings, their rooms, and the desks in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.messages.listing import Privacy, Slots
from federation.storage import Json, UtcTime
from node.models.base import Base
from node.models.photos import Photo
from node.models.planpictures import PlanPicture

_EMPTY, _NOTHING = text("''"), text("'{}'")
"""What a place has that was there before the column was."""


class Site(Base):
    """A building that takes guests in. Half days and opening hours are local times of ``zone``, written HH:MM."""

    __tablename__ = "site"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
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
    slots: Mapped[Slots | None] = mapped_column(String(10))
    """In which units it is booked; None is the grid of fifteen minutes."""
    entrance: Mapped[str] = mapped_column(String(300), default="")
    reception: Mapped[str] = mapped_column(String(300), default="")
    extension: Mapped[str] = mapped_column(String(300), default="")
    bring: Mapped[str] = mapped_column(String(300), default="")
    lunch: Mapped[str] = mapped_column(String(300), default="")
    welcome: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    night_entrance: Mapped[str] = mapped_column(String(300), default="", server_default=_EMPTY)
    """The door outside the hours of the reception, and how to have it opened."""
    reception_opens: Mapped[str] = mapped_column(String(5), default="08:30", server_default=text("'08:30'"))
    reception_closes: Mapped[str] = mapped_column(String(5), default="17:15", server_default=text("'17:15'"))
    """From when to when somebody sits at the reception on working days, local times as HH:MM."""
    wifi: Mapped[str] = mapped_column(String(300), default="", server_default=_EMPTY)
    facility_type: Mapped[str] = mapped_column(String(20), default="", server_default=_EMPTY)
    contact: Mapped[str] = mapped_column(String(300), default="", server_default=_EMPTY)
    phone: Mapped[str] = mapped_column(String(300), default="", server_default=_EMPTY)
    access: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=_NOTHING)
    """As ``federation.messages.space.Access`` writes it; what is missing is unknown."""
    published: Mapped[bool] = mapped_column(default=False)

    rooms: Mapped[list["Room"]] = relationship(back_populates="site", order_by="Room.name")
    photos: Mapped[list[Photo]] = relationship(order_by=(Photo.position, Photo.added_at, Photo.id))
    """Its own and those of what is in it."""


class Room(Base):
    """A room with one privacy level; its セキュリティ確認表 is dated and asked for again after a year."""

    __tablename__ = "room"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(200))
    privacy: Mapped[Privacy] = mapped_column(String(20))
    talking: Mapped[str] = mapped_column(String(20), default="quiet")
    """``quiet``, ``low`` or ``fine``: whether one may talk."""
    usual_staff: Mapped[int] = mapped_column(default=0)
    """How many of the town's own staff usually work here."""
    features: Mapped[list[Any]] = mapped_column(Json, default=list, server_default=text("'[]'"))
    """What every desk in the room has; a desk's own come on top."""
    web_meeting: Mapped[str] = mapped_column(String(20), default="", server_default=_EMPTY)
    screen: Mapped[str] = mapped_column(String(20), default="", server_default=_EMPTY)
    eating: Mapped[str] = mapped_column(String(20), default="", server_default=_EMPTY)
    """Each a word of ``federation.messages.space``, or nothing where it is not known."""
    mobile: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=_NOTHING)
    """Signals by carrier, as ``federation.messages.space.MobileReception`` writes them."""
    mobile_measured_on: Mapped[date | None] = mapped_column(Date)
    access: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=_NOTHING)
    security: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    security_checked_on: Mapped[date | None] = mapped_column(Date)
    opens_on_holidays: Mapped[bool | None]
    """As of a site; None follows it."""
    slots: Mapped[Slots | None] = mapped_column(String(10))
    """As of a site; None follows it."""
    sheet: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=_NOTHING)
    """The newest signed セキュリティ確認表 as it is published; ``security`` keeps what was noted before there were sheets."""
    feedback: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=_NOTHING)
    """What visitors say, as ``federation.messages.feedback.FeedbackFacts`` is published; empty while too few have."""
    feedback_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When that was last put together."""
    published: Mapped[bool] = mapped_column(default=False)

    site: Mapped[Site] = relationship(back_populates="rooms", lazy="joined", innerjoin=True)
    desks: Mapped[list["Desk"]] = relationship(back_populates="room", order_by="Desk.name")
    plan_picture: Mapped[PlanPicture | None] = relationship(viewonly=True)

    __table_args__ = (Index(None, "site_id"),)


class Desk(Base):
    """A bookable desk or booth. ``lock_version`` is what the one writer of its calendar locks; nothing reads it.

    ``code`` is the one printed on it; ``pool`` says for whom it is kept: ``guests``, ``own`` or ``walk_in``. ``kind`` is
    ``desk``, or ``whole_room`` for the one row by which a room is booked with all its desks, for ``capacity`` people.
    """

    __tablename__ = "desk"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("room.id"))
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(6), unique=True)
    features: Mapped[list[Any]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(String(300), default="")
    pool: Mapped[str] = mapped_column(String(10), default="guests")
    plan_x: Mapped[float | None]
    plan_y: Mapped[float | None]
    """Where it stands on the room's floor plan, as parts of its width and height (0 to 1)."""
    opens_on_holidays: Mapped[bool | None]
    """As of a site; None follows the room."""
    published: Mapped[bool] = mapped_column(default=False)
    lock_version: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str] = mapped_column(String(20), default="desk", server_default="desk")
    capacity: Mapped[int | None]

    room: Mapped[Room] = relationship(back_populates="desks", lazy="joined", innerjoin=True)

    __table_args__ = (
        Index(None, "room_id"),
        Index(
            "ix_desk_whole_room",
            "room_id",
            unique=True,
            sqlite_where=text("kind = 'whole_room'"),
            postgresql_where=text("kind = 'whole_room'"),
        ),
    )

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
