"""Conditions of an agreement on how much of it is used, at what hours and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase


@dataclass(frozen=True)
class SeatsAWeek:
    """The agreement's seats of that week are not used up; ``used`` counts seats by day, a week is Monday to Sunday."""

    limit: int | None
    used: Mapping[date, int]

    def judge(self, wish: Wish) -> Answer:
        """Add up the days of the wish's ISO week, at the site's own clock."""
        if self.limit is None or _in_week(self.used, wish.day) < self.limit:
            return Yes()
        return No(
            "week-seats-used-up",
            phrase("協定の1週間延べ%(limit)s席は、この週はすべて予約済みです。"),
            {"limit": self.limit},
            phrase("別の週なら予約できます。この週も、取消しがあれば予約できます。"),
        )


@dataclass(frozen=True)
class UsesADay:
    """One person comes at most so often on one day; ``used`` counts that person's uses by day."""

    limit: int | None
    used: Mapping[date, int]

    def judge(self, wish: Wish) -> Answer:
        """Look at the wish's day, at the site's own clock."""
        if self.limit is None or self.used.get(wish.day, 0) < self.limit:
            return Yes()
        return No(
            "uses-a-day",
            phrase("協定により、1人が利用できるのは1日%(limit)s回までです。"),
            {"limit": self.limit},
            phrase("別の日なら予約できます。"),
        )


@dataclass(frozen=True)
class UsesAWeek:
    """One person comes at most so often in one week, Monday to Sunday; ``used`` counts that person's uses by day."""

    limit: int | None
    used: Mapping[date, int]

    def judge(self, wish: Wish) -> Answer:
        """Add up the days of the wish's ISO week, at the site's own clock."""
        if self.limit is None or _in_week(self.used, wish.day) < self.limit:
            return Yes()
        return No(
            "uses-a-week",
            phrase("協定により、1人が利用できるのは1週間%(limit)s回までです。"),
            {"limit": self.limit},
            phrase("別の週なら予約できます。"),
        )


@dataclass(frozen=True)
class HoursAgreed:
    """The whole time lies within agreed hours of one day, in minutes after the site's midnight; None is no bound."""

    first: int | None
    last: int | None

    def judge(self, wish: Wish) -> Answer:
        """Compare the site's own clock at start and end; a time over midnight lies in no hours but those without bounds."""
        if self.first is None and self.last is None:
            return Yes()
        start, end = wish.start.astimezone(wish.zone), wish.end.astimezone(wish.zone)
        begins = start.hour * 60 + start.minute
        over = (end.date() - start.date()).days
        ends = over * 1440 + end.hour * 60 + end.minute + (1 if end.second or end.microsecond else 0)
        if begins >= (self.first or 0) and ends <= (1440 if self.last is None else self.last):
            return Yes()
        return No(
            "hours-not-covered",
            phrase("協定で利用できる時間は、%(first)sから%(last)sまでです。"),
            {"first": _clock(self.first or 0), "last": _clock(1440 if self.last is None else self.last)},
            phrase("1日のうち、この時間に収まる利用なら予約できます。"),
        )


@dataclass(frozen=True)
class LengthAgreed:
    """One use is neither shorter nor longer than agreed, in minutes; None is no bound."""

    shortest: int | None
    longest: int | None

    def judge(self, wish: Wish) -> Answer:
        """Compare the length."""
        length = wish.end - wish.start
        if self.shortest is not None and length < timedelta(minutes=self.shortest):
            words = phrase("協定により、1回の利用は%(minutes)s分以上です。")
            return No(
                "too-short", words, {"minutes": self.shortest}, phrase("%(minutes)s分以上の時間なら予約できます。")
            )
        if self.longest is not None and length > timedelta(minutes=self.longest):
            words = phrase("協定により、1回の利用は%(minutes)s分までです。")
            return No("too-long", words, {"minutes": self.longest}, phrase("%(minutes)s分以内の時間なら予約できます。"))
        return Yes()


@dataclass(frozen=True)
class WorkAgreed:
    """Only for these 勤務区分 (``kinds``); none named means any."""

    kinds: tuple[str, ...] = ()

    def judge(self, wish: Wish) -> Answer:
        """Compare the declared kind of work."""
        if not self.kinds or wish.work_kind in self.kinds:
            return Yes()
        words = phrase("この勤務区分は、協定の対象に含まれていません。")
        return No("work-not-covered", words, change=phrase("協定の対象の勤務区分なら予約できます。"))


def _in_week(used: Mapping[date, int], day: date) -> int:
    week = day.isocalendar()[:2]
    return sum(count for one, count in used.items() if one.isocalendar()[:2] == week)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
