"""Conditions of time: not over, not too far ahead, asked early enough, within open hours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase


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
