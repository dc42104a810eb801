"""Who runs the registry: the only people it knows by name."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base


class Operator(Base):
    """連携基盤の運営者, with an Argon2id hash of the password. ``session_version`` ends sessions when it moves."""

    __tablename__ = "operator"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    session_version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
