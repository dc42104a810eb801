"""Words, dates, times and figures in the reader's language, with no web framework around.

A message id is the Japanese sentence itself (``federation.wording.phrase``), so a sentence without a translation is still
right for most readers. English stands in ``federation/locale/en/LC_MESSAGES/messages.po``, for all three packages, and is
compiled by ``python -m federation.locale.catalogue``. Sentences avoid plurals by putting the figure last or in brackets.
"""

import gettext
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Literal

from federation.wording import phrase

Locale = Literal["ja", "en"]

LOCALES: tuple[Locale, ...] = ("ja", "en")
NAMES: Mapping[Locale, str] = {"ja": "日本語", "en": "English"}
FOLDER = Path(__file__).parent / "locale"
UNKNOWN = "―"

_log = logging.getLogger(__name__)
_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# 元号 with the day each began (元号を改める政令); only those a document of this product can bear.
_ERAS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"))


class Facts(dict[str, object]):
    """Places of a sentence; one that nobody filled becomes a dash, since half a sentence is better than an error page."""

    def __missing__(self, name: str) -> str:
        _log.warning("A sentence was shown without its fact %r", name)
        return UNKNOWN


@cache
def _catalogue(locale: Locale) -> gettext.NullTranslations:
    """Load the compiled catalogue once; without one the Japanese sentences stand, and the log says why."""
    if locale == "ja":
        return gettext.NullTranslations()
    try:
        return gettext.translation("messages", FOLDER, languages=[locale])
    except FileNotFoundError:
        _log.error("The %s catalogue is not compiled: run python -m federation.locale.catalogue", locale)
        return gettext.NullTranslations()


def lookup(words: str, locale: Locale) -> str:
    """Return the sentence in ``locale`` with its ``%(name)s`` places still open."""
    return _catalogue(locale).gettext(words) if words else ""


def translate(words: str, locale: Locale, /, **facts: object) -> str:
    """Return a sentence marked with ``phrase`` in ``locale``, its places filled from ``facts``.

    A percent sign that means itself is written ``%%``, with or without facts.
    """
    return lookup(words, locale) % Facts(facts)


def recognise(tag: str) -> Locale | None:
    """Return the locale of a language tag such as ``en-GB`` (RFC 5646), or None where we do not speak it."""
    primary = tag.strip().lower().partition("-")[0]
    return next((locale for locale in LOCALES if locale == primary), None)


def negotiate(tags: Iterable[str]) -> Locale:
    """Return the first locale we speak among ``tags``, best first, or Japanese."""
    return next((locale for tag in tags if (locale := recognise(tag))), "ja")


def day(when: date, locale: Locale) -> str:
    """Write a civil date: ``2026年11月24日(火)`` or ``Tue, 24 Nov 2026``. The caller has chosen the zone."""
    weekday = _WEEKDAYS[locale][when.weekday()]
    if locale == "ja":
        return f"{when.year}年{when.month}月{when.day}日({weekday})"
    return f"{weekday}, {when.day} {_MONTHS[when.month - 1]} {when.year}"


def short_day(when: date, locale: Locale) -> str:
    """Write a date without its year, for calendars and lists: ``11/24(火)`` or ``Tue 24 Nov``."""
    weekday = _WEEKDAYS[locale][when.weekday()]
    if locale == "ja":
        return f"{when.month}/{when.day}({weekday})"
    return f"{weekday} {when.day} {_MONTHS[when.month - 1]}"


def month(when: date, locale: Locale) -> str:
    """Write a month: ``2026年11月`` or ``Nov 2026``."""
    return f"{when.year}年{when.month}月" if locale == "ja" else f"{_MONTHS[when.month - 1]} {when.year}"


def printed_day(when: date) -> str:
    """Write a date as official papers do: ``令和8年11月24日(火)``. Raises ``ValueError`` before 平成."""
    for first, era in _ERAS:
        if when >= first:
            year = when.year - first.year + 1
            return f"{era}{'元' if year == 1 else year}年{when.month}月{when.day}日({_WEEKDAYS['ja'][when.weekday()]})"
    raise ValueError(f"no era for {when}")


def clock(when: datetime, zone: tzinfo) -> str:
    """Write an aware time as a 24-hour clock reads in the site's ``zone``: ``09:05``."""
    return when.astimezone(zone).strftime("%H:%M")


def moment(when: datetime, zone: tzinfo, locale: Locale) -> str:
    """Write an aware time with its day, both in the site's ``zone``."""
    return f"{day(when.astimezone(zone).date(), locale)} {clock(when, zone)}"


def period(start: datetime, end: datetime, zone: tzinfo, locale: Locale) -> str:
    """Write [start, end) in the site's ``zone``; an end at midnight reads 24:00, since the day is the one that began."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    dash = "〜" if locale == "ja" else "–"
    ends = clock(end, zone)
    if last.date() != first.date():
        midnight = ends == "00:00" and last.date() == first.date() + timedelta(days=1)
        ends = "24:00" if midnight else f"{day(last.date(), locale)} {ends}"
    return f"{day(first.date(), locale)} {clock(start, zone)}{dash}{ends}"


def duration(span: timedelta, locale: Locale) -> str:
    """Write a length of time in hours and minutes: ``2時間30分`` or ``2 h 30 min``. Seconds are dropped."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    units = ("時間", "分", "") if locale == "ja" else (" h", " min", " ")
    parts = [f"{hours}{units[0]}"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes}{units[1]}")
    return units[2].join(parts)


def number(value: int | float) -> str:
    """Write a figure with commas between thousands, as both languages do."""
    return f"{value:,}"


def yen(value: int, locale: Locale) -> str:
    """Write an amount of money: ``1,200円`` or ``¥1,200``; nothing to pay reads 無料."""
    if not value:
        return translate(phrase("無料"), locale)
    return f"{value:,}円" if locale == "ja" else f"¥{value:,}"


def size(value: int) -> str:
    """Write a number of bytes as people do: ``64 KB``, ``5 MB`` (units of 1024)."""
    if value >= 1 << 20:
        return f"{value / (1 << 20):.3g} MB"
    return f"{value / (1 << 10):.3g} KB"
