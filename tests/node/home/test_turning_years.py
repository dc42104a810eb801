"""The calendar's corners: the 年度 on 1 April, leap days, 29 February repeated, all by the site's own clock."""

from calendar import isleap
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import rules
from node.home import attendance, trips, weeks

JAPAN = ZoneInfo("Asia/Tokyo")
LEAP = date(2028, 2, 29)
Make = Callable[..., trips.Wish]


def _wish(day: date, hour: int = 10) -> rules.Wish:
    start = datetime(day.year, day.month, day.day, hour, tzinfo=JAPAN).astimezone(UTC)
    return rules.Wish(
        home_code="", host_code="", site_id="", start=start, end=start + timedelta(hours=2), zone=JAPAN, privacy="open",
        price_yen=100,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2028, 3, 31), 2027),
        (date(2028, 4, 1), 2028),
        (LEAP, 2027),
        (date(2027, 12, 31), 2027),
        (date(2028, 1, 1), 2027),
    ],
)
def test_the_year_begins_in_april(day: date, year: int) -> None:
    assert rules.fiscal_year(day) == year
    assert attendance.fiscal_year(day) == (date(year, 4, 1), date(year + 1, 4, 1))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_lies_in_the_year_it_is_said_to(day: date) -> None:
    first, after = attendance.fiscal_year(day)
    assert first <= day < after
    assert (after - first).days == (366 if isleap(first.year + 1) else 365)


@pytest.mark.parametrize(("left", "allowed"), [({2027: 0, 2028: 100}, True), ({2027: 100, 2028: 99}, False)])
def test_the_first_minute_of_april_is_paid_from_the_new_budget(left: dict[int, int], *, allowed: bool) -> None:
    midnight = _wish(date(2028, 4, 1), hour=0)
    assert midnight.start.date() == date(2028, 3, 31)
    assert bool(rules.WithinBudget("企画課", left).judge(midnight)) is allowed


def test_a_leap_day_counts_in_february_and_its_own_week() -> None:
    used = [date(2028, 2, 1), date(2028, 2, 28)]
    assert not rules.DaysAMonth(2, used).judge(_wish(LEAP))
    assert rules.DaysAMonth(3, used).judge(_wish(LEAP))
    assert rules.DaysAMonth(1, [LEAP]).judge(_wish(date(2028, 3, 1)))
    assert not rules.DaysAWeek(1, [LEAP]).judge(_wish(date(2028, 3, 1)))
    assert rules.DaysAWeek(1, [LEAP]).judge(_wish(date(2028, 3, 6)))


def test_the_last_days_of_a_year_share_a_week_with_the_next() -> None:
    assert not rules.DaysAWeek(1, [date(2027, 12, 31)]).judge(_wish(date(2028, 1, 2)))
    assert rules.DaysAMonth(1, [date(2027, 12, 31)]).judge(_wish(date(2028, 1, 2)))
    assert rules.DaysAMonth(1, [date(2027, 2, 28)]).judge(_wish(date(2028, 2, 28)))


def test_a_series_from_a_leap_day_goes_on_by_weeks(wish: Make) -> None:
    start = datetime(2028, 2, 29, 1, 0, tzinfo=UTC)
    made = weeks.repeated(replace(wish(), start=start, end=start + timedelta(hours=2)), 6, now=start)
    days = [one.start.astimezone(JAPAN).date() for one in made]
    assert days == [LEAP + timedelta(days=7 * number) for number in range(6)]
    assert {one.start.astimezone(JAPAN).hour for one in made} == {10}
    assert [rules.fiscal_year(day) for day in days] == [2027] * 5 + [2028]
