"""What shows who somebody is besides the password: an app, a printed sheet, passkeys; and the way back for who lost all."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import UtcTime
from node.models.base import Base


class AuthenticatorApp(Base):
    """A secret shared with one person's authenticator app (TOTP, RFC 6238)."""

    __tablename__ = "authenticator_app"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(200))
    """The secret under the town's seal, whose key is not in the database."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When the app showed the right code; before that it opens nothing."""
    last_step: Mapped[int] = mapped_column(default=0)
    """The time step whose code was used last; neither it nor an earlier one is taken again (RFC 6238, 5.2)."""


class SheetCode(Base):
    """One line of a printed sheet of one-time codes."""

    __tablename__ = "sheet_code"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its number on the sheet."""
    digest: Mapped[str] = mapped_column(String(200))
    """Argon2id."""
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Passkey(Base):
    """A credential of one person's device or password store (WebAuthn Level 3)."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """base64url of at most 1,023 bytes."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    user_handle: Mapped[str] = mapped_column(String(64))
    """The same for all of a person's passkeys, and random: it says nothing of who it is."""
    name: Mapped[str] = mapped_column(String(60))
    synced: Mapped[bool]
    """Whether the credential may be copied to other devices."""
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ResetCode(Base):
    """A code with which somebody who was given it on paper sets a password of their own, once."""

    __tablename__ = "reset_code"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(200))
    """Argon2id."""
    expires: Mapped[datetime] = mapped_column(UtcTime, index=True)
