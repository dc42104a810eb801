"""Our own staff, as the town's directory names them, and what they may do at this node."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from federation.storage import UtcTime
from node.models.base import Base

ROLES = ("staff", "site_admin", "manager", "personnel", "reception")
"""利用職員, 施設担当者, 所属長 (and those who approve or read attendance for them), 人事担当, 受付・守衛."""


class Staff(Base):
    """One person in the directory. A leaver's row stays for past attendance; ``left_on`` closes every door."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    """職員番号, always text."""
    name: Mapped[str] = mapped_column(String(100))
    name_kana: Mapped[str] = mapped_column(String(100), default="")
    section: Mapped[str] = mapped_column(String(100), default="")
    authority: Mapped[str] = mapped_column(String(40), default="")
    """任命権者: 町長部局, 教育委員会 and so on."""
    employment: Mapped[str] = mapped_column(String(40), default="")
    """任用区分: 常勤, 会計年度任用 and so on."""
    approver: Mapped[str] = mapped_column(String(32), default="", server_default="")
    """職員番号 of who approves this person's bookings; empty for the 所属長 of their 所属."""
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    """Argon2id; empty where the person cannot sign in with the built-in directory."""
    session_epoch: Mapped[int] = mapped_column(default=1)
    """Every session carries it; raising it ends them all."""
    left_on: Mapped[date | None]
    home_station: Mapped[str] = mapped_column(String(100), default="")
    """自宅最寄り駅: for this person's own searches, never sent with a name."""
    work_station: Mapped[str] = mapped_column(String(100), default="")
    station_lines: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """The lines that stop at these stations, by the station's name as it was typed; without a name, nobody has asked."""
    lock_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    roles: Mapped[list["StaffRole"]] = relationship(
        back_populates="staff", cascade="all, delete-orphan", lazy="selectin"
    )

    __table_args__ = (Index("ix_staff_section", "section"),)

    @property
    def role_names(self) -> frozenset[str]:
        """The roles as plain words out of ``ROLES``."""
        return frozenset(role.role for role in self.roles)


class StaffRole(Base):
    """One thing a person may do here."""

    __tablename__ = "staff_role"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)

    staff: Mapped[Staff] = relationship(back_populates="roles")

    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="known_role"),)


class OutsideAccount(Base):
    """Somebody of the directory as a source outside of it knows them: an issuer and subject, a directory's URL and key.

    At one source a person has one account, so that no second one takes over the same row.
    """

    __tablename__ = "outside_account"

    source: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (UniqueConstraint("source", "staff_id"),)


class SignInAttempts(Base):
    """Wrong passwords in a row for one 職員番号 as it was typed, whether or not anybody has it."""

    __tablename__ = "sign_in_attempts"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A keyed digest of what was typed."""
    failures: Mapped[int]
    locked_until: Mapped[datetime | None] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime, index=True)


class PairwiseSubject(Base):
    """The name under which one host knows one of our staff: random, so that two hosts cannot compare notes.

    Kept as a row and not computed, so that it can be replaced for a person without changing everybody's.
    """

    __tablename__ = "pairwise_subject"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    audience: Mapped[str] = mapped_column(String(255))
    """The host's entity id."""
    sub: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

    __table_args__ = (UniqueConstraint("staff_id", "audience"),)
