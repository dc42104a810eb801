"""Days over many years: 祝日 by the law's own words, the turn of the year, a town's own anniversary, and midnights."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from node.host.ruling import Chain, Dated, PlaceRules, Week, holiday_name, is_holiday, moment, open_spans, plan
from node.host.spans import Span

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = timedelta(days=1)
NAMED = {
    (1, 1): "元日",
    (2, 11): "建国記念の日",
    (2, 23): "天皇誕生日",
    (4, 29): "昭和の日",
    (5, 3): "憲法記念日",
    (5, 4): "みどりの日",
    (5, 5): "こどもの日",
    (8, 11): "山の日",
    (11, 3): "文化の日",
    (11, 23): "勤労感謝の日",
}
MONDAYS = {(1, 2): "成人の日", (7, 3): "海の日", (9, 3): "敬老の日", (10, 2): "スポーツの日"}
days = st.dates(date(2022, 1, 1), date(2045, 12, 31))


def of_itself(day: date) -> bool:
    """Say whether a day is 祝日 by its date or Monday (国民の祝日に関する法律, 2条); the equinoxes are taken as known."""
    third = (day.month, (day.day + 6) // 7)
    monday = day.weekday() == 0 and third in MONDAYS
    return (day.month, day.day) in NAMED or monday or holiday_name(day) in {"春分の日", "秋分の日"}


def by_law(day: date) -> bool:
    """Say whether a day is 祝日, 振替休日 or 国民の休日 (3条1項から3項まで)."""
    if of_itself(day):
        return True
    before = day - DAY
    while of_itself(before):
        if before.weekday() == 6:
            return True
        before -= DAY
    return of_itself(day - DAY) and of_itself(day + DAY)


@given(days)
def test_holidays_and_what_stands_for_them_are_those_of_the_law(day: date) -> None:
    turn = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    assert is_holiday(day) == (turn or by_law(day))


def test_each_year_has_one_equinox_in_spring_and_one_in_autumn() -> None:
    for year in range(2022, 2046):
        every = [holiday_name(date(year, 1, 1) + number * DAY) for number in range(365)]
        assert (every.count("春分の日"), every.count("秋分の日")) == (1, 1)


def test_a_sunday_s_holiday_is_made_up_for_and_a_day_between_two_is_one() -> None:
    assert holiday_name(date(2024, 5, 6)) == "振替休日"
    assert holiday_name(date(2026, 5, 6)) == "振替休日"
    assert holiday_name(date(2026, 9, 22)) == "国民の休日"


@given(st.integers(2022, 2045), st.booleans())
def test_a_town_s_anniversary_is_closed_each_year_and_no_other_day(year: int, opens: bool) -> None:
    anniversary = Dated(1, "closed", date(2022, 10, 1), date(2022, 10, 1), words="都民の日", yearly=True)
    chain: Chain = (PlaceRules("site", (), (anniversary,), opens, tuple((day, 510, 1035) for day in range(7))),)
    before, there, after = (plan(chain, date(year, 10, 1) + number * DAY) for number in (-1, 0, 1))
    assert (there.open, there.rule.words) == ((), "都民の日")
    assert before.open == after.open == ((510, 1035),)


@given(days, st.integers(0, 1440))
def test_a_minute_in_japan_is_nine_hours_before_in_utc_on_every_day(day: date, minute: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=9)
    assert moment(day, minute, TOKYO) == midnight + timedelta(minutes=minute)


@given(days, st.integers(0, 95), st.integers(1, 96))
def test_a_night_is_one_stretch_over_midnight(day: date, opens: int, closes: int) -> None:
    """Hours end at 24:00; who stays open into the morning says so on the next day, and there is no gap between them."""
    evening, morning = (day.weekday(), opens * 15, 1440), ((day + DAY).weekday(), 0, closes * 15)
    chain: Chain = (PlaceRules("site", (Week((evening, morning)),), (), True),)
    window = Span(moment(day, 0, TOKYO), moment(day + DAY, 1440, TOKYO))
    assert open_spans(chain, TOKYO, window) == (
        Span(moment(day, opens * 15, TOKYO), moment(day + DAY, closes * 15, TOKYO)),
    )
