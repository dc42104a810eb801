"""Conditions of what a host offers: published, covered by an agreement, seats left of the day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

_PUBLISHED = phrase("掲載されている別の座席なら予約できます。")
_CONCLUDE = phrase("所属団体の人事担当に、この団体との協定を希望していることを伝えてください。")
_OTHER_SITE = phrase("協定の対象の施設なら予約できます。")
_OTHER_ROOM = phrase("協定の対象の部屋なら予約できます。")
_OTHER_DAY = phrase("協定の対象の曜日なら予約できます。")
_BETWEEN = phrase("%(first)sから%(last)sまでの日なら予約できます。")
_FROM = phrase("%(first)s以降の日なら予約できます。")
_UNTIL = phrase("%(last)sまでの日なら予約できます。")


@dataclass(frozen=True)
class Published:
    """The host offers the desk: desk, room and site are all published."""

    published: bool

    def judge(self, wish: Wish) -> Answer:
        """Answer as the host's books say."""
        if self.published:
            return Yes()
        return No("not-offered", phrase("この座席は現在、掲載されていません。"), change=_PUBLISHED)


@dataclass(frozen=True)
class Covered:
    """An agreement in force covers this town, site, room and day. Empty ``site_ids``, ``room_ids`` or ``weekdays`` mean all.

    ``homes`` are 団体コード, or the two digits with which those of a whole prefecture begin.
    """

    everyone: bool
    homes: tuple[str, ...] = ()
    site_ids: Collection[str] = ()
    room_ids: Collection[str] = ()
    weekdays: Collection[int] = ()
    starts_on: date | None = None
    ends_on: date | None = None

    def judge(self, wish: Wish) -> Answer:
        """Check town, then site and room, then day: the first that fails is the reason worth reading."""
        if not self.everyone and not wish.home_code.startswith(self.homes):
            return No("no-agreement", phrase("この団体との協定がないため、予約できません。"), change=_CONCLUDE)
        if self.site_ids and wish.site_id not in self.site_ids:
            return No("site-not-covered", phrase("この施設は、協定の対象に含まれていません。"), change=_OTHER_SITE)
        if self.room_ids and wish.room_id not in self.room_ids:
            return No("room-not-covered", phrase("この部屋は、協定の対象に含まれていません。"), change=_OTHER_ROOM)
        if self.weekdays and wish.day.weekday() not in self.weekdays:
            return No("weekday-not-covered", phrase("この曜日は、協定の対象に含まれていません。"), change=_OTHER_DAY)
        if (self.starts_on and wish.day < self.starts_on) or (self.ends_on and wish.day > self.ends_on):
            return self._not_in_force()
        return Yes()

    def _not_in_force(self) -> Answer:
        """Say on which days it is in force."""
        days = {"first": self.starts_on, "last": self.ends_on}
        change = _BETWEEN if self.starts_on and self.ends_on else _FROM if self.starts_on else _UNTIL
        facts = {name: day.isoformat() for name, day in days.items() if day is not None}
        return No("agreement-not-in-force", phrase("この日は、協定の有効期間に含まれていません。"), facts, change)


@dataclass(frozen=True)
class InPool:
    """The desk may be had by whoever asks for the whole time; ``spans`` is when, in order and not touching."""

    spans: Collection[tuple[datetime, datetime]]

    def judge(self, wish: Wish) -> Answer:
        """Look for a stretch that holds the wish."""
        if any(start <= wish.start and wish.end <= end for start, end in self.spans):
            return Yes()
        return No(
            "kept-for-others",
            phrase("この座席は、この時間帯はほかの利用者のために取り置かれています。"),
            change=phrase("別の座席か、取り置かれていない時間なら予約できます。"),
        )


@dataclass(frozen=True)
class SeatsLeft:
    """The agreement's seats of that day are not used up; ``limit`` None means that none were agreed."""

    limit: int | None
    used: Mapping[date, int]

    def judge(self, wish: Wish) -> Answer:
        """Compare what is used on the wish's day with the limit."""
        if self.limit is None or self.used.get(wish.day, 0) < self.limit:
            return Yes()
        return No(
            "seats-used-up",
            phrase("協定の1日%(limit)s席は、この日はすべて予約済みです。"),
            {"limit": self.limit},
            phrase("別の日なら予約できます。この日も、取消しがあれば予約できます。"),
        )
