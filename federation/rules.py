"""Conditions of use: each a small class that answers yes, or no with a reason. A verdict is all of them.

Home and host judge with the same classes on the facts each of them has; the host decides again when it is asked. A
condition never fetches and never reads the clock. The words are Japanese message ids with ``%(name)s`` places.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from federation.wording import phrase

MY_NUMBER = "my_number"
"""The work of マイナンバー利用事務: never done in another town's building, whatever anybody's conditions say."""


@dataclass(frozen=True)
class Wish:
    """What is asked for: one desk for one person and one half-open UTC time, and what is known of both.

    ``zone`` is the site's; days and weekdays are counted there.
    """

    home_code: str
    host_code: str
    site_id: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    privacy: str
    work_kind: str = "satellite"
    confidentiality: str = "2"
    price_yen: int = 0

    @property
    def day(self) -> date:
        """The site's own calendar day on which the time begins."""
        return self.start.astimezone(self.zone).date()


@dataclass(frozen=True)
class Yes:
    """The condition is met."""

    def __bool__(self) -> Literal[True]:
        """A yes is true."""
        return True


@dataclass(frozen=True)
class No:
    """The condition is not met: a stable ``code`` for programs, ``words`` and ``facts`` for people."""

    code: str
    words: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def __bool__(self) -> Literal[False]:
        """A no is false."""
        return False


Answer = Yes | No


class Condition(Protocol):
    """One condition of home or host."""

    def judge(self, wish: Wish) -> Answer:
        """Say yes, or no with a reason."""


@dataclass(frozen=True)
class Verdict:
    """What all conditions together say; true when none of them says no."""

    refusals: tuple[No, ...] = ()

    def __bool__(self) -> bool:
        """A verdict without refusals is true."""
        return not self.refusals


def judge(conditions: Iterable[Condition], wish: Wish) -> Verdict:
    """Ask every condition, so that a person reads all the reasons at once and not one after another."""
    answers = (condition.judge(wish) for condition in conditions)
    return Verdict(tuple(answer for answer in answers if isinstance(answer, No)))


# --- Time -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotPast:
    """The time has not ended; one that has begun may still be booked for what is left of it."""

    now: datetime

    def judge(self, wish: Wish) -> Answer:
        """Compare the end with now."""
        if wish.end > self.now:
            return Yes()
        return No("past", phrase("終わった日時は予約できません。これからの日時をお選びください。"))


@dataclass(frozen=True)
class WithinHorizon:
    """The time ends before the moment up to which desks are offered."""

    until: datetime

    def judge(self, wish: Wish) -> Answer:
        """Compare the end with the horizon."""
        if wish.end <= self.until:
            return Yes()
        last = self.until.astimezone(wish.zone) - timedelta(microseconds=1)
        return No(
            "beyond-horizon",
            phrase("まだ受け付けていない日です。予約できるのは%(last)sまでです。"),
            {"last": last.date().isoformat()},
        )


@dataclass(frozen=True)
class BeforeDeadline:
    """The wish is made early enough: ``lead`` before the start."""

    now: datetime
    lead: timedelta

    def judge(self, wish: Wish) -> Answer:
        """Compare the start with now and the lead time."""
        if not self.lead or wish.start - self.now >= self.lead:
            return Yes()
        hours = int(self.lead.total_seconds() // 3600)
        return No(
            "too-late",
            phrase("受付期限を過ぎました。開始の%(hours)s時間前までにお申し込みください。"),
            {"hours": hours},
        )


@dataclass(frozen=True)
class WithinOpenHours:
    """Some open stretch of the desk contains the whole time."""

    open_ranges: Collection[tuple[datetime, datetime]]

    def judge(self, wish: Wish) -> Answer:
        """Look for one open stretch that holds the wish; two that touch have been joined by the caller."""
        if any(start <= wish.start and wish.end <= end for start, end in self.open_ranges):
            return Yes()
        return No("closed", phrase("この座席を利用できる時間ではありません。開庁日と利用時間を確認してください。"))


# --- The host's own -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """The host offers the desk: desk, room and site are all published."""

    published: bool

    def judge(self, wish: Wish) -> Answer:  # noqa: ARG002 - Every condition is asked in the same way.
        """Answer as the host's books say."""
        if self.published:
            return Yes()
        return No("not-offered", phrase("この座席は現在、掲載されていません。"))


@dataclass(frozen=True)
class Covered:
    """An agreement in force covers this town, site and day. Empty ``site_ids`` or ``weekdays`` mean all of them."""

    everyone: bool
    homes: Collection[str] = ()
    site_ids: Collection[str] = ()
    weekdays: Collection[int] = ()
    starts_on: date | None = None
    ends_on: date | None = None

    def judge(self, wish: Wish) -> Answer:
        """Check town, then site, then day: the first that fails is the reason worth reading."""
        if not self.everyone and wish.home_code not in self.homes:
            return No("no-agreement", phrase("この団体との協定がないため、予約できません。"))
        if self.site_ids and wish.site_id not in self.site_ids:
            return No("site-not-covered", phrase("この施設は、協定の対象に含まれていません。"))
        if self.weekdays and wish.day.weekday() not in self.weekdays:
            return No("weekday-not-covered", phrase("この曜日は、協定の対象に含まれていません。"))
        if (self.starts_on and wish.day < self.starts_on) or (self.ends_on and wish.day > self.ends_on):
            return No("agreement-not-in-force", phrase("この日は、協定の有効期間に含まれていません。"))
        return Yes()


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
            "seats-used-up", phrase("協定の1日%(limit)s席は、この日はすべて予約済みです。"), {"limit": self.limit}
        )


# --- Either side's --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotMyNumber:
    """マイナンバー利用事務 is refused always and everywhere."""

    def judge(self, wish: Wish) -> Answer:
        """Refuse the one kind of work that never leaves its own building."""
        if wish.confidentiality != MY_NUMBER:
            return Yes()
        return No("my-number", phrase("マイナンバー利用事務は、他団体の施設では行えません。"))


@dataclass(frozen=True)
class PrivacyFits:
    """The room is private enough for the work. What the table does not name may be done in any room."""

    allowed: Mapping[str, Collection[str]]

    def judge(self, wish: Wish) -> Answer:
        """Look the declared confidentiality up."""
        if wish.privacy in self.allowed.get(wish.confidentiality, (wish.privacy,)):
            return Yes()
        return No(
            "not-private-enough",
            phrase("機密性%(level)sの業務は、この部屋では行えません。個室をお選びください。"),
            {"level": wish.confidentiality},
        )


@dataclass(frozen=True)
class RoomsAllowed:
    """The town lets its staff use only these kinds of rooms; an empty set means any."""

    privacy: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the room's privacy level."""
        if not self.privacy or wish.privacy in self.privacy:
            return Yes()
        return No("room-not-allowed", phrase("所属団体の利用条件により、この種類の部屋は利用できません。"))


@dataclass(frozen=True)
class WorkKindsAllowed:
    """Only these 勤務区分; an empty set means any."""

    kinds: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the declared kind of work."""
        if not self.kinds or wish.work_kind in self.kinds:
            return Yes()
        return No("work-kind-not-allowed", phrase("この勤務区分では利用できません。"))


@dataclass(frozen=True)
class HostsAllowed:
    """Only these towns; an empty set means any."""

    codes: Collection[str]

    def judge(self, wish: Wish) -> Answer:
        """Compare the host's 団体コード."""
        if not self.codes or wish.host_code in self.codes:
            return Yes()
        return No("host-not-allowed", phrase("所属団体の利用条件により、この団体の施設は利用できません。"))


@dataclass(frozen=True)
class DaysAWeek:
    """At most so many days in one ISO week; ``used`` holds the days already booked elsewhere."""

    limit: int
    used: Collection[date]

    def judge(self, wish: Wish) -> Answer:
        """Count the distinct days of the wish's week, the wished one included."""
        week = wish.day.isocalendar()[:2]
        days = {day for day in (*self.used, wish.day) if day.isocalendar()[:2] == week}
        if len(days) <= self.limit:
            return Yes()
        return No("days-a-week", phrase("利用できるのは週%(limit)s日までです。"), {"limit": self.limit})


@dataclass(frozen=True)
class CostCeiling:
    """One use costs no more than this many yen."""

    limit_yen: int

    def judge(self, wish: Wish) -> Answer:
        """Compare the host's price."""
        if wish.price_yen <= self.limit_yen:
            return Yes()
        return No("too-dear", phrase("利用料が上限の%(limit)s円を超えます。"), {"limit": self.limit_yen})
