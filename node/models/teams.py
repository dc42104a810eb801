"""Desks that somebody asked for to sit together with colleagues: all of them, or none."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base
from node.models.staff import Staff
from node.models.trips import Trip


class Team(Base):
    """One wish to sit together. The page that asks makes ``id``, so that a second press is none.

    ``state`` is gathering (each desk is asked to be held), confirming (all are held, each is taken), confirmed (all are
    taken), or released (one could not be had, or it was given up: all were given back).
    """

    __tablename__ = "team"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime] = mapped_column(UtcTime)

    by: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)
    seats: Mapped[list["TeamSeat"]] = relationship(order_by="TeamSeat.position", lazy="selectin")

    __table_args__ = (
        CheckConstraint("state IN ('gathering', 'confirming', 'confirmed', 'released')", name="state"),
        Index(None, "by_id", "made_at"),
        Index(None, "state", "made_at"),
    )


class TeamSeat(Base):
    """One of the team at one desk: a trip of that person's own. The first is of who asked."""

    __tablename__ = "team_seat"

    team_id: Mapped[str] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trip_id: Mapped[str] = mapped_column(ForeignKey("trip.id"))

    trip: Mapped[Trip] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index(None, "trip_id", unique=True),)
