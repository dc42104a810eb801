"""When somebody wants to sit somewhere: a form's words, read as a half-open UTC time."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from federation.errors import BadWish
from federation.messages.listing import HalfDays
from federation.wording import phrase

JAPAN = ZoneInfo("Asia/Tokyo")
HORIZON = timedelta(days=56)
"""Hosts offer their desks for eight weeks."""
SLOTS = ("morning", "afternoon", "day", "hours")
_STEP = 15
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})")


@dataclass(frozen=True)
class When:
    """A wished time as it was put, and what it means: [start, end) in UTC."""

    day: date
    slot: str
    start: datetime
    end: datetime

    @property
    def from_clock(self) -> str:
        """The start as a Japanese clock reads it, HH:MM."""
        return self.start.astimezone(JAPAN).strftime("%H:%M")

    @property
    def to_clock(self) -> str:
        """The end as a Japanese clock reads it, HH:MM; midnight reads 24:00."""
        text = self.end.astimezone(JAPAN).strftime("%H:%M")
        return "24:00" if text == "00:00" else text


def read(form: Mapping[str, str], *, now: datetime, half_days: HalfDays | None = None) -> When:
    """Read ``day``, ``slot`` (one of ``SLOTS``) and, for hours, ``from`` and ``to``; raise ``BadWish`` with the field.

    ``half_days`` are the site's own 午前 and 午後 where a site is known.
    """
    day = read_day(form.get("day", ""), now=now)
    slot = form.get("slot") or "hours"
    if slot not in SLOTS:
        raise BadWish(f"slot {slot[:20]!r}", field="slot", facts={"what": phrase("時間帯を選んでください")})
    start, end = _clocks(form, slot, half_days or HalfDays())
    when = When(day, slot, _at(day, start), _at(day, end))
    if when.end <= now:
        raise BadWish("past", field="day", facts={"what": phrase("終わった日時は選べません")})
    return when


def read_day(text: str, *, now: datetime) -> date:
    """Read a date as people write it (2026-11-24, 2026/11/24, 2026年11月24日); raise ``BadWish``."""
    match = _DATE.fullmatch(_folded(text))
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise BadWish(
            f"day {text[:30]!r}", field="day", facts={"what": phrase("日付は「2026-11-24」のように入力してください")}
        )
    today = now.astimezone(JAPAN).date()
    if day < today:
        raise BadWish("past day", field="day", facts={"what": phrase("過ぎた日付は選べません")})
    if day > today + HORIZON:
        raise BadWish("beyond the horizon", field="day", facts={"what": phrase("予約できるのは8週間先までです")})
    return day


def around(start: datetime, end: datetime) -> When:
    """Describe a time that is known already, such as an alternative a host proposes."""
    return When(start.astimezone(JAPAN).date(), "hours", start, end)


def evening(now: datetime, half_days: HalfDays) -> datetime:
    """Return when the usual working day ends on the day of ``now`` at a site, aware UTC."""
    return _at(now.astimezone(JAPAN).date(), _minutes(_clock(half_days.evening_end, "to")))


def usual(now: datetime) -> When:
    """Return what is wished most often at ``now``: this afternoon until noon, then the rest of today, else tomorrow."""
    local = now.astimezone(JAPAN)
    half_days = HalfDays()
    if local.time() < _clock(half_days.noon_start, "from"):
        return _whole(local.date(), "afternoon", half_days)
    rest = local + timedelta(minutes=_STEP - local.minute % _STEP)
    ends = _at(local.date(), _minutes(_clock(half_days.evening_end, "to")))
    if rest + timedelta(hours=1) <= ends:
        start = rest.replace(second=0, microsecond=0)
        return When(local.date(), "hours", start.astimezone(now.tzinfo), ends)
    return _whole(_next_weekday(local.date()), "day", half_days)


def midnight(day: date) -> datetime:
    """Return when a day begins in Japan, aware UTC."""
    return _at(day, 0)


def from_now(now: datetime, minutes: int) -> When:
    """Return the time from the next quarter of an hour on, for so many ``minutes`` or until midnight (JST)."""
    start = now + (datetime.min.replace(tzinfo=now.tzinfo) - now) % timedelta(minutes=_STEP)
    return around(start, min(start + timedelta(minutes=minutes), end_of_day(start)))


def end_of_day(moment: datetime) -> datetime:
    """Return the midnight that ends the day of an aware moment in Japan."""
    return _at(moment.astimezone(JAPAN).date(), 24 * 60)


def _whole(day: date, slot: str, half_days: HalfDays) -> When:
    start, end = _clocks({}, slot, half_days)
    return When(day, slot, _at(day, start), _at(day, end))


def _next_weekday(day: date) -> date:
    ahead = {4: 3, 5: 2}.get(day.weekday(), 1)
    return day + timedelta(days=ahead)


def _clocks(form: Mapping[str, str], slot: str, half_days: HalfDays) -> tuple[int, int]:
    """Return start and end in minutes of the day."""
    named = {
        "morning": (half_days.morning_start, half_days.noon_end),
        "afternoon": (half_days.noon_start, half_days.evening_end),
        "day": (half_days.morning_start, half_days.evening_end),
    }
    begins, ends = named.get(slot, (form.get("from", ""), form.get("to", "")))
    start, end = _read_minutes(begins, "from"), _read_minutes(ends, "to")
    if end <= start:
        raise BadWish(
            "ends before it starts", field="to", facts={"what": phrase("終了は開始より後の時刻にしてください")}
        )
    return start, end


def _read_minutes(text: str, field: str) -> int:
    folded = _folded(text)
    if folded == "24:00" and field == "to":
        return 24 * 60
    return _minutes(_clock(folded, field))


def _clock(text: str, field: str) -> time:
    match = _CLOCK.fullmatch(text)
    hour, minute = map(int, match.groups()) if match else (24, 0)
    if hour > 23 or minute > 59:
        raise BadWish(
            f"{field} {text[:20]!r}",
            field=field,
            facts={"what": phrase("時刻は00:00から24:00までの間で「13:30」のように入力してください")},
        )
    if minute % _STEP:
        raise BadWish(f"{field} {text[:20]!r}", field=field, facts={"what": phrase("時刻は15分単位で入力してください")})
    return time(hour, minute)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _at(day: date, minutes: int) -> datetime:
    midnight = datetime.combine(day, time(), tzinfo=JAPAN)
    return (midnight + timedelta(minutes=minutes)).astimezone(ZoneInfo("UTC"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "").strip()
