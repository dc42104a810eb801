"""Photos of sites, rooms and desks. The pictures stand in a table of their own, so that lists of photos stay light.

They are in the database and not in files: two workers, a copy of the database and the end of a town then need no second
place to agree upon.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Photo(Base):
    """A photo of a place (a site's, room's or desk's id) in the building ``site_id``; alt text says what it shows."""

    __tablename__ = "photo"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("site.id"))
    place_id: Mapped[str] = mapped_column(String(36))
    shows: Mapped[str] = mapped_column(String(20))
    alt: Mapped[str] = mapped_column(String(200))
    alt_en: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(default=0)
    large: Mapped[str] = mapped_column(String(64))
    small: Mapped[str] = mapped_column(String(64))
    """SHA-256 of each size as it is served, in hexadecimal: the key of its ``Picture``."""
    large_width: Mapped[int]
    large_height: Mapped[int]
    small_width: Mapped[int]
    small_height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "site_id"), Index(None, "large"), Index(None, "small"))


class Picture(Base):
    """The bytes of one size of a photo, re-encoded here; two photos that look alike share them."""

    __tablename__ = "picture"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
