"""利用枠: for whom the desks of a room are kept on which weekday, and from when on they are anybody's."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from node.models.base import Base


class PoolRule(Base):
    """One weekday (Monday is 0) of one room: so many desks are kept for own staff and for walk-ins, the rest for guests.

    ``release_hours`` before a half day begins, what is kept and not taken is anybody's; None keeps it to the end. A room
    without any rule keeps its desks for guests.
    """

    __tablename__ = "pool_rule"

    room_id: Mapped[str] = mapped_column(ForeignKey("room.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    own: Mapped[int] = mapped_column(default=0)
    walk_in: Mapped[int] = mapped_column(default=0)
    release_hours: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("own >= 0 AND walk_in >= 0", name="counts"),
        CheckConstraint("release_hours BETWEEN 0 AND 336", name="release"),
    )
