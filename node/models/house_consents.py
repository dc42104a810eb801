"""Which version of which host's 利用上の注意 each of our people has confirmed, and when."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class HouseRulesConsent(Base):
    """「確認しました」, once per person, host and version."""

    __tablename__ = "house_rules_consent"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The host's entity id."""
    version: Mapped[str] = mapped_column(String(300), primary_key=True)
    host_name: Mapped[str] = mapped_column(String(100))
    confirmed_at: Mapped[datetime] = mapped_column(UtcTime)
