"""有効期間 of an agreement, as its form has it: a 年度, two dates of one's own, or no end."""

import calendar
from datetime import date

from federation.language import printed_day
from federation.web.tongue import say, zone
from federation.wording import phrase
from node.models.agreements import Agreement
from node.views import town
from node.views.filled import Filled


def read(filled: Filled) -> tuple[date | None, date | None]:
    """Read 年度, two dates of one's own, or no end at all."""
    chosen = filled.choice("years", [value for value, _ in choices()])
    if chosen.startswith("fy"):
        year = int(chosen[2:]) if "years" not in filled.errors else 2000
        return date(year, 4, 1), date(year + 1, 3, 31)
    if chosen != "dates":
        return None, None
    starts_on, ends_on = filled.day("starts_on"), filled.day("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        filled.wrong("ends_on", phrase("終了日は開始日以降にしてください。"))
    return starts_on, ends_on


def choices() -> list[tuple[str, str]]:
    """Return what may be chosen: this 年度 and the next, dates of one's own, no end."""
    today = town().clock().astimezone(zone()).date()
    this = today.year if today.month >= 4 else today.year - 1
    years = [(f"fy{year}", _year_words(year)) for year in (this, this + 1)]
    return [*years, ("dates", say(phrase("日付を指定"))), ("open", say(phrase("期限なし")))]


def _year_words(year: int) -> str:
    """Write 令和8年度（2026年4月1日〜2027年3月31日）."""
    era = printed_day(date(year, 4, 1)).partition("年")[0]
    last = calendar.monthrange(year + 1, 3)[1]
    words = phrase("%(era)s年度（%(year)s年4月1日〜%(next)s年3月%(last)s日）")
    return say(words, era=era, year=year, next=year + 1, last=last)


def is_year(found: Agreement, value: str) -> bool:
    """Say whether an agreement holds for exactly the 年度 that ``value`` names."""
    if not value.startswith("fy"):
        return False
    year = int(value[2:])
    return (found.starts_on, found.ends_on) == (date(year, 4, 1), date(year + 1, 3, 31))
