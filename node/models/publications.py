"""What was published and withdrawn by hand, so that the last of it can be taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class PublicationChange(Base):
    """One press of 掲載する or 掲載をやめる at one place, by one person.

    ``changed`` are the ids of the places that read otherwise afterwards: with everything inside, several.
    """

    __tablename__ = "publication_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[str] = mapped_column(String(36), index=True)
    published: Mapped[bool]
    changed: Mapped[list[Any]] = mapped_column(Json, default=list)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "changed_by", "changed_at"),)
