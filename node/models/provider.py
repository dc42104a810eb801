"""What the town keeps as OpenID Provider: pushed requests, codes, and what each person agreed to. Secrets are digests."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class PushedRequest(Base):
    """What a town asked by PAR (RFC 9126) and nobody has decided yet."""

    __tablename__ = "pushed_request"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A digest of the reference in ``request_uri``."""
    client_id: Mapped[str] = mapped_column(String(255))
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    browser: Mapped[str] = mapped_column(String(64), default="")
    """A digest of the one browser that opened it; empty before."""
    led_away: Mapped[bool] = mapped_column(default=False)
    """Whether the person was sent to a form of ours since, such as the sign-in."""
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime, index=True)


class SignInCode(Base):
    """An authorization code; it stays as long as what was issued from it lives, to be recognised when it comes again."""

    __tablename__ = "sign_in_code"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255))
    asked: Mapped[dict[str, Any]] = mapped_column(Json)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    sub: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int]
    session: Mapped[str] = mapped_column(String(64))
    acr: Mapped[str] = mapped_column(String(64))
    auth_time: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime, index=True)
    token: Mapped[str] = mapped_column(String(64), default="")
    """The jti of the access token it was redeemed for; empty before."""


class Consent(Base):
    """What one person agreed that one town may learn whenever they sign in there."""

    __tablename__ = "consent"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    scope: Mapped[str] = mapped_column(String(255))
    given_at: Mapped[datetime] = mapped_column(UtcTime)
    last_used: Mapped[datetime] = mapped_column(UtcTime)
