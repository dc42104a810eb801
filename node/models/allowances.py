"""What may be done only so often in a minute."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class Allowance(Base):
    """How often something was done by somebody (``mark``) in the minute that ends at ``until``."""

    __tablename__ = "allowance"

    mark: Mapped[str] = mapped_column(String(300), primary_key=True)
    used: Mapped[int]
    until: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (Index(None, "until"),)
