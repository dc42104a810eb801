"""Sites and desks that our people have marked with ☆, to find them again by one press."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Favourite(Base):
    """One site or desk of any town, for one person; ``url`` is its own address at its host."""

    __tablename__ = "favourite"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(String(510), primary_key=True)
    host_name: Mapped[str] = mapped_column(String(100))
    site_name: Mapped[str] = mapped_column(String(200))
    desk_name: Mapped[str] = mapped_column(String(200), default="")
    """Empty for a site."""
    marked_at: Mapped[datetime] = mapped_column(UtcTime)
