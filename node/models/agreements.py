"""The terms on which other towns may come: 協定."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base

PREFECTURE = 2
"""So many digits name a whole prefecture."""
CONFIRMATION_STATES = ("awaited", "confirmed", "objected")


class Agreement(Base):
    """A numbered agreement with one town (``home_code``), with several (``home_codes``), or an offer to every member.

    ``home_codes`` are 団体コード, or the two digits with which the codes of a whole prefecture begin. Empty ``site_ids``,
    ``room_ids``, ``weekdays`` and ``work_kinds`` mean all; days, weeks (Monday to Sunday) and hours are the site's
    own. None is no limit: ``seats_a_day`` and ``seats_a_week`` bound all its towns together (seats of a week are seat and
    day), ``uses_a_day`` and ``uses_a_week`` each person. ``opens`` and ``closes`` are minutes after midnight.
    ``lead_minutes`` is how long before the start one must ask; ``horizon_days`` None leaves the town's own horizon.
    ``lock_version`` is what a writer locks before it counts the seats of a day.

    These columns are the terms in force, of the version ``version``; at 0 none is yet, and they are what was proposed first.
    ``confirmed_by`` are the towns that have signed that version, without whose word nobody of theirs may come;
    ``suspended_by`` says of each town that has stopped its own people when and why. ``revision`` counts what the other
    towns are told of it.
    """

    __tablename__ = "agreement"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(100), default="")
    name: Mapped[str] = mapped_column(String(100))
    home_code: Mapped[str | None] = mapped_column(String(6))
    home_codes: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    site_ids: Mapped[list[Any]] = mapped_column(Json, default=list)
    room_ids: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    weekdays: Mapped[list[Any]] = mapped_column(Json, default=list)
    seats_a_day: Mapped[int | None]
    seats_a_week: Mapped[int | None]
    uses_a_day: Mapped[int | None]
    uses_a_week: Mapped[int | None]
    opens: Mapped[int | None]
    closes: Mapped[int | None]
    shortest_minutes: Mapped[int | None]
    longest_minutes: Mapped[int | None]
    work_kinds: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    authorities: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """任命権者 whose staff may come; none named means all, and then nobody is asked for theirs."""
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    lead_minutes: Mapped[int] = mapped_column(default=0)
    horizon_days: Mapped[int | None]
    price_yen: Mapped[int] = mapped_column(default=0)
    per: Mapped[Literal["use", "hour"]] = mapped_column(String(4), default="use")
    price_basis: Mapped[str] = mapped_column(String(300), default="")
    """The 条例 that the price rests on; needed where there is one."""
    host_approves: Mapped[bool] = mapped_column(default=False)
    """Whether the 施設担当者 says yes to each booking before it stands."""
    named_manifest: Mapped[bool] = mapped_column(default=True)
    notice_days: Mapped[int] = mapped_column(default=30)
    assurance: Mapped[int] = mapped_column(default=1, server_default="1")
    """当人認証保証レベル, 1 to 3, that the sign-in of whoever books under it has at least."""
    suspended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """The moment by which all use under it ends: it is the offer of a 災害時臨時開放, and comes before all others."""
    lock_version: Mapped[int] = mapped_column(default=0)
    concluded_on: Mapped[date | None] = mapped_column(Date)
    """締結日 of the 協定書, which the terms repeat and never replace."""
    decision_number: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """決裁番号 of this town's own decision; no business of the other's, so it is none of the terms."""
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    confirmed_by: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    suspended_by: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    suspended_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        CheckConstraint("per IN ('use', 'hour')", name="per"),
        CheckConstraint("price_yen >= 0", name="price"),
        CheckConstraint("seats_a_day IS NULL OR seats_a_day > 0", name="seats"),
        Index(None, "home_code"),
    )

    @property
    def counts_seats(self) -> bool:
        """Whether seats are shared among all who come under it, so that a writer locks it before counting."""
        return self.seats_a_day is not None or self.seats_a_week is not None

    @property
    def counts_uses(self) -> bool:
        """Whether each person may come so often only."""
        return self.uses_a_day is not None or self.uses_a_week is not None

    @property
    def everyone(self) -> bool:
        """Whether it is an offer to every member."""
        return self.home_code is None and not self.home_codes

    @property
    def homes(self) -> tuple[str, ...]:
        """The towns it is with, by their codes, or by the two digits of a prefecture; none where it is for everyone."""
        return tuple(self.home_codes) if self.home_code is None else (self.home_code,)

    def admits(self, code: str) -> bool:
        """Say whether it is open to a town."""
        return self.everyone or code.startswith(self.homes)

    @property
    def named(self) -> tuple[str, ...]:
        """The codes of the towns it names, each of which confirms it for itself; a whole prefecture need not."""
        return tuple(code for code in self.homes if len(code) > PREFECTURE)

    @property
    def signed_off(self) -> bool:
        """Whether a version of it is in force: an offer to every member at once, any other by its towns' word."""
        return self.version > 0

    def stands_for(self, home_code: str) -> bool:
        """Say whether a town may book under it: it has confirmed the terms, and nobody has suspended them."""
        if not self.signed_off or self.suspended_at is not None or home_code in self.suspended_by:
            return False
        return home_code in self.confirmed_by if home_code in self.named else self.admits(home_code)


class AgreementDocument(Base):
    """The 協定書 as it was signed on paper, scanned; its bytes are read only when somebody asks for them."""

    __tablename__ = "agreement_document"

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bytes, in hexadecimal."""
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime] = mapped_column(UtcTime)
    added_by: Mapped[str] = mapped_column(String(64))


class AgreementVersion(Base):
    """The terms as they were entered once. ``terms`` is empty where they were entered before confirmations existed."""

    __tablename__ = "agreement_version"

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    terms: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    digest: Mapped[str] = mapped_column(String(64), default="")
    entered_at: Mapped[datetime | None] = mapped_column(UtcTime)
    entered_by: Mapped[str] = mapped_column(String(64), default="")
    in_force_at: Mapped[datetime | None] = mapped_column(UtcTime)
    earlier: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it was entered before confirmations existed, and is in force without one."""


class Confirmation(Base):
    """What one town says of one version: nothing yet, yes with its signature, or no with what does not match.

    ``offer`` is our signature of the terms for that town; each signature is kept with its signer's chain as of signing.
    """

    __tablename__ = "agreement_confirmation"

    agreement_id: Mapped[str] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    home_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="awaited")
    offer: Mapped[str] = mapped_column(Text, default="")
    offer_chain: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    said_at: Mapped[datetime | None] = mapped_column(UtcTime)
    said: Mapped[str] = mapped_column(String(1000), default="")
    acceptance: Mapped[str] = mapped_column(Text, default="")
    acceptance_chain: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    heard: Mapped[int] = mapped_column(default=0)
    """The number of that town's newest word; an older one that arrives later changes nothing."""

    __table_args__ = (CheckConstraint(f"state IN {CONFIRMATION_STATES}", name="state"),)
