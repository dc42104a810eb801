"""The terms on which other towns may come: 協定."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from federation.storage import Json, UtcTime
from node.models.base import Base


class Agreement(Base):
    """A numbered agreement with one town (``home_code``), with several (``home_codes``), or an offer to every member.

    ``home_codes`` are 団体コード, or the two digits with which the codes of a whole prefecture begin. Empty ``site_ids``,
    ``room_ids``, ``weekdays`` and ``work_kinds`` mean all; days, weeks (Monday to Sunday) and hours are the site's
    own. None is no limit: ``seats_a_day`` and ``seats_a_week`` bound all its towns together (seats of a week are seat and
    day), ``uses_a_day`` and ``uses_a_week`` each person. ``opens`` and ``closes`` are minutes after midnight.
    ``lead_minutes`` is how long before the start one must ask; ``horizon_days`` None leaves the town's own horizon.
    ``lock_version`` is what a writer locks before it counts the seats of a day.
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
