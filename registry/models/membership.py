"""How a town becomes a member, and what the registry has decided about it since."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.models.base import Base

EnrolmentState = Literal["pending", "admitted", "declined"]


class Invitation(Base):
    """One town, named by its 団体コード, may enrol once with a secret that only its hash is kept of.

    What is said of the town here is what its statement will say: the town itself has no word in it.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code: Mapped[str] = mapped_column(String(6))
    name: Mapped[str]
    name_kana: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(String(16), default="city")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    replaces: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """The entity id whose place this town takes, where it moves to another domain."""


class Enrolment(Base):
    """A town that has proved its key and waits for the operator, or was decided upon."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index("uq_enrolment_pending", "entity_id", unique=True, sqlite_where=text("state = 'pending'"),
              postgresql_where=text("state = 'pending'")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(index=True)
    entity_id: Mapped[str]
    configuration: Mapped[str]
    thumbprint: Mapped[str] = mapped_column(String(43))
    state: Mapped[str] = mapped_column(String(16), default="pending")
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")


class Admission(Base):
    """What the registry attests of a member: its keys as of the last statement, and when that was signed.

    ``keyed_at`` is when the member's keys last became others. ``member_id`` is the id in federation's table of members; the statement itself stands there.
    """

    __tablename__ = "admission"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    thumbprint: Mapped[str] = mapped_column(String(43))
    jwks: Mapped[str]
    admitted_at: Mapped[datetime]
    admitted_by: Mapped[str]
    signed_at: Mapped[datetime]
    signed_with: Mapped[str] = mapped_column(String(43))
    configured_at: Mapped[datetime]
    keyed_at: Mapped[datetime | None]
    replaces: Mapped[str] = mapped_column(default="[]", server_default="[]")
    """Whose place the member has taken, as ``federation.replaced`` writes it, in JSON."""


class Suspension(Base):
    """A decision to stop a member: asked with a reason, in force once a second operator confirms, or at once.

    An emergency is in force from the moment it is asked and waits for its confirmation afterwards.
    """

    __tablename__ = "suspension"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(index=True)
    reason: Mapped[str]
    emergency: Mapped[bool]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(default="")
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str] = mapped_column(default="")
    lift_reason: Mapped[str] = mapped_column(default="")

    @property
    def in_force(self) -> bool:
        """Say whether the member is stopped by this decision now."""
        return self.lifted_at is None and (self.emergency or self.confirmed_at is not None)


class Signed(Base):
    """A document signed once for all workers, such as the status list; ``name`` says which."""

    __tablename__ = "signed"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
