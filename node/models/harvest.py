"""What the registry has said of the way it reads our feeds, and of what was searched near our sites."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class HarvestHeard(Base):
    """The newest report, as ``federation.messages.harvest.HarvestReport`` writes it; one row at most."""

    __tablename__ = "harvest_heard"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    report: Mapped[str] = mapped_column(Text)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)


class DemandHeard(Base):
    """The newest report, as ``federation.messages.demand.DemandReport`` writes it; one row at most."""

    __tablename__ = "demand_heard"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    report: Mapped[str] = mapped_column(Text)
    heard_at: Mapped[datetime] = mapped_column(UtcTime)
