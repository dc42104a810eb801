"""Desks whose free times the offers feed has yet to tell: written by the transaction that changed them."""

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from node.models.base import Base


class Untold(Base):
    """One change of one desk's free times; ``node.host.untold`` takes the rows away as it tells them.

    A row of its own for each change: none waits for another, and none is taken for one that was told before.
    """

    __tablename__ = "untold"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(36))
