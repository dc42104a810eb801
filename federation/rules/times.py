"""Conditions of time: not over, not too far ahead, asked early enough, within open hours, in whole units."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from federation.rules.verdict import Answer, No, Wish, Yes
from federation.wording import phrase

NOT_WHOLE = "not-whole-slots"
"""The code of a wish that is no whole number of the desk's units."""


@dataclass(frozen=True)
class NotPast:
    """The time has not ended; one that has begun may still be booked for what is left of it."""

    now: datetime

    def judge(self, wish: Wish) -> Answer:
        """Compare the end with now."""
        if wish.end > self.now:
            return Yes()
        return No("past", phrase("終わった日時は予約できません。"), change=phrase("これからの日時なら予約できます。"))


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
            phrase("まだ受け付けていない日です。"),
            {"last": last.date().isoformat()},
            phrase("%(last)sまでの日なら、いま予約できます。"),
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
            phrase("%(hours)s時間以上先の日時なら予約できます。"),
        )


_OPEN = phrase("開庁日の利用時間内なら予約できます。施設のページで確認できます。")


@dataclass(frozen=True)
class WithinOpenHours:
    """Some open stretch of the desk contains the whole time."""

    open_ranges: Collection[tuple[datetime, datetime]]

    def judge(self, wish: Wish) -> Answer:
        """Look for one open stretch that holds the wish; two that touch have been joined by the caller."""
        if any(start <= wish.start and wish.end <= end for start, end in self.open_ranges):
            return Yes()
        return No("closed", phrase("この座席を利用できる時間ではありません。"), change=_OPEN)


_UNITS: Mapping[str, str] = {
    "half_day": phrase("この座席は、午前・午後の単位で予約します。"),
    "day": phrase("この座席は、1日の単位で予約します。"),
    "30": phrase("この座席は、30分の単位で予約します。"),
    "60": phrase("この座席は、60分の単位で予約します。"),
}
_FITS = phrase("%(start)sから%(end)sまでなら、ご希望の時間が含まれます。")


@dataclass(frozen=True)
class WholeSlots:
    """The time is made of whole units of the desk; ``fitting`` is the shortest stretch of them that holds it, if any."""

    slots: str
    fitting: tuple[datetime, datetime] | None

    def judge(self, wish: Wish) -> Answer:
        """Compare the wish with what would fit it."""
        if self.fitting is None:
            return No(
                NOT_WHOLE,
                _UNITS.get(self.slots, _UNITS["half_day"]),
                change=phrase("この単位に合う時間なら予約できます。"),
            )
        start, end = self.fitting
        if (wish.start, wish.end) == (start, end):
            return Yes()
        facts = {"start": _clock(start, wish.zone), "end": _clock(end, wish.zone, ends=True)}
        return No(NOT_WHOLE, _UNITS.get(self.slots, _UNITS["half_day"]), facts, _FITS)


def _clock(at: datetime, zone: ZoneInfo, *, ends: bool = False) -> str:
    text = at.astimezone(zone).strftime("%H:%M")
    return "24:00" if text == "00:00" and ends else text
