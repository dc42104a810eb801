"""Which rule decides on a day, against a reference that looks at one minute at a time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.host.ruling import (
    Chain,
    Dated,
    DayPlan,
    PlaceRules,
    Ruled,
    Stretch,
    Week,
    holiday_name,
    is_holiday,
    moment,
    open_spans,
    plan,
    why,
)
from node.host.spans import Span

TOKYO = ZoneInfo("Asia/Tokyo")
WEEKDAYS = tuple((weekday, 510, 1035) for weekday in range(5))
SATURDAY = date(2026, 11, 28)
MONDAY = date(2026, 11, 30)
HOLIDAY = date(2026, 11, 23)
zones = st.sampled_from(["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"]).map(ZoneInfo)
around = st.sampled_from(
    [date(2026, 12, 30), date(2028, 2, 28), date(2026, 3, 7), date(2026, 10, 31), date(2026, 5, 4)]
)
days = st.tuples(around, st.integers(-8, 8)).map(lambda one: one[0] + timedelta(days=one[1]))
stretches = st.tuples(st.integers(0, 23), st.integers(1, 24)).map(lambda one: (one[0] * 60, min(1440, sum(one) * 60)))
weeks = st.builds(
    lambda hours, first, length: Week(tuple((day, *stretch) for day, stretch in hours), *_range(first, length)),
    st.lists(st.tuples(st.integers(0, 6), stretches), max_size=5),
    st.none() | days,
    st.none() | st.integers(0, 12),
)


def _range(first: date | None, length: int | None) -> tuple[date, date]:
    if first is None:
        return date.min, date.max
    return first, date.max if length is None else first + timedelta(days=length)


@st.composite
def exceptions(draw: st.DrawFn, number: int) -> Dated:
    first, length = draw(days), draw(st.integers(0, 12))
    return Dated(
        id=number,
        kind=draw(st.sampled_from(["closed", "hours", "usual", "extra"])),
        first=first,
        last=first + timedelta(days=length),
        stretches=tuple(draw(st.lists(stretches, min_size=1, max_size=2))),
        weekdays=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        yearly=draw(st.booleans()),
    )


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    return tuple(
        PlaceRules(
            place,
            tuple(draw(st.lists(weeks, max_size=2, unique_by=lambda one: (one.first, one.last)))),
            tuple(draw(exceptions(number)) for number in range(draw(st.integers(0, 3)))),
            draw(st.none() | st.booleans()) if place != "site" else draw(st.booleans()),
            WEEKDAYS if place == "site" else (),
        )
        for place in ("desk", "room", "site")
    )


def is_day_of(rule: Dated, day: date) -> bool:
    """Walk every year's range instead of comparing month and day."""
    if rule.weekdays and day.weekday() not in rule.weekdays:
        return False
    length = (rule.last - rule.first).days
    if not rule.yearly:
        return day in {rule.first + timedelta(days=number) for number in range(length + 1)}
    named = {(one.month, one.day) for one in (rule.first + timedelta(days=number) for number in range(length + 1))}
    leap = (rule.first.month, rule.first.day) <= (2, 29) <= (rule.last.month, rule.last.day)
    if rule.first.year != rule.last.year:
        leap = (rule.first.month, rule.first.day) <= (2, 29) or (rule.last.month, rule.last.day) >= (2, 29)
    if leap:
        named.add((2, 29))
    return day >= rule.first and (day.month, day.day) in named


def naive(chain: Chain, day: date, minute: int) -> bool:
    """Say whether a local minute is open, by the words of the rule and nothing else."""
    deciding = None
    reach = len(chain)
    for number, place in enumerate(chain):
        mine = [one for one in place.dated if one.kind != "extra" and is_day_of(one, day)]
        if mine:
            shortest = min((one.last - one.first) for one in mine)
            deciding = max((one for one in mine if one.last - one.first == shortest), key=lambda one: one.id)
            reach = number + 1
            break
    for place in chain[:reach]:
        for one in place.dated:
            if one.kind == "extra" and is_day_of(one, day) and covers(one.stretches, minute):
                return True
    if deciding is not None and deciding.kind != "usual":
        return deciding.kind == "hours" and covers(deciding.stretches, minute)
    if deciding is None and is_holiday(day):
        says = [place.opens_on_holidays for place in chain if place.opens_on_holidays is not None]
        if not says[0]:
            return False
    return covers(list(naive_week(chain, day)), minute)


def naive_week(chain: Chain, day: date) -> Iterator[Stretch]:
    for place in chain:
        mine = [week for week in place.weeks if week.first <= day <= week.last]
        if mine:
            mine.sort(key=lambda week: week.first, reverse=True)
            mine.sort(key=lambda week: week.last - week.first)
            return ((opens, closes) for weekday, opens, closes in mine[0].hours if weekday == day.weekday())
    return ((opens, closes) for weekday, opens, closes in WEEKDAYS if weekday == day.weekday())


def covers(some: tuple[Stretch, ...] | list[Stretch], minute: int) -> bool:
    return any(opens <= minute < closes for opens, closes in some)


@given(chains(), days, zones)
def test_every_quarter_of_an_hour_is_open_as_the_rules_say(chain: Chain, day: date, zone: ZoneInfo) -> None:
    window = Span(moment(day, 0, zone), moment(day + timedelta(days=2), 0, zone))
    found = open_spans(chain, zone, window)
    at = window.start
    while at < window.end:
        local = at.astimezone(zone)
        expected = naive(chain, local.date(), local.hour * 60 + local.minute)
        assert any(span.start <= at < span.end for span in found) == expected, at
        at += timedelta(minutes=15)


@given(chains(), days, st.integers(0, 1439), zones)
def test_why_names_the_rule_that_is_open_at_the_moment(chain: Chain, day: date, minute: int, zone: ZoneInfo) -> None:
    at = moment(day, minute, zone)
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    rule, today = why(chain, zone, at), plan(chain, local.date())
    if rule.kind == "extra":
        assert any(one == rule and covers([stretch], minute) for stretch, one in today.extras)
    else:
        assert rule == today.rule
        assert covers(today.open, minute) == covers(today.stretches, minute)


@given(chains(), days, zones, st.integers(0, 2879), st.integers(0, 2879))
def test_windows_that_touch_share_no_moment(chain: Chain, day: date, zone: ZoneInfo, one: int, two: int) -> None:
    begin = moment(day, 0, zone)
    cut, end = (begin + timedelta(minutes=minutes) for minutes in sorted((one, two)))
    whole = open_spans(chain, zone, Span(begin, end))
    parts = (*open_spans(chain, zone, Span(begin, cut)), *open_spans(chain, zone, Span(cut, end)))
    assert sum((span.end - span.start for span in parts), timedelta()) == sum(
        (span.end - span.start for span in whole), timedelta()
    )


def a_site(*dated: Dated, weeks: tuple[Week, ...] = (), place: PlaceRules | None = None, **facts: bool) -> Chain:
    site = PlaceRules("site", weeks, dated, facts.get("opens_on_holidays", False), WEEKDAYS)
    return (site,) if place is None else (place, site)


def on(day: date, kind: str, *open_: Stretch, last: date | None = None, number: int = 1, yearly: bool = False) -> Dated:
    return Dated(number, kind, day, last or day, open_, f"words {number}", yearly=yearly)  # type: ignore[arg-type]


def test_a_one_off_saturday_opens_and_says_why() -> None:
    chain = a_site(on(SATURDAY, "extra", (540, 720)))
    assert plan(chain, SATURDAY).open == ((540, 720),)
    assert why(chain, TOKYO, datetime(2026, 11, 28, 1, tzinfo=UTC)) == Ruled("extra", "site", "words 1", 1)
    assert why(chain, TOKYO, datetime(2026, 11, 28, 3, tzinfo=UTC)) == Ruled("default", "site")


def test_a_shorter_exception_beats_a_longer_one_and_the_later_an_equal_one() -> None:
    long, short = on(MONDAY, "closed", last=MONDAY + timedelta(days=9)), on(MONDAY, "hours", (600, 660), number=2)
    assert plan(a_site(long, short), MONDAY).rule.exception_id == 2
    assert plan(a_site(short, on(MONDAY, "closed", number=3)), MONDAY).rule.exception_id == 3


def test_an_exception_of_the_site_beats_the_week_of_a_room_and_a_nearer_one_beats_both() -> None:
    room = PlaceRules("room", (Week(((0, 0, 1440),)),))
    assert plan(a_site(on(MONDAY, "closed"), place=room), MONDAY).open == ()
    nearer = PlaceRules("room", (), (on(MONDAY, "hours", (600, 660)),))
    assert plan(a_site(on(MONDAY, "closed"), place=nearer), MONDAY).open == ((600, 660),)


def test_a_room_that_is_closed_does_not_open_with_its_site() -> None:
    room = PlaceRules("room", (), (on(SATURDAY, "closed"),))
    assert plan(a_site(on(SATURDAY, "extra", (540, 720)), place=room), SATURDAY).open == ()


def test_a_holiday_opens_by_choice_or_by_an_exception() -> None:
    assert plan(a_site(), HOLIDAY) == DayPlan(HOLIDAY, Ruled("holiday", "site", "勤労感謝の日"), ())
    assert plan(a_site(opens_on_holidays=True), HOLIDAY).open == ((510, 1035),)
    assert plan(a_site(on(HOLIDAY, "usual")), HOLIDAY).open == ((510, 1035),)
    assert plan(a_site(place=PlaceRules("room", opens_on_holidays=True)), HOLIDAY).open == ((510, 1035),)
    assert plan(a_site(opens_on_holidays=True, place=PlaceRules("room", opens_on_holidays=False)), HOLIDAY).open == ()


def test_summer_hours_hold_for_the_summer_and_april_is_prepared_in_march() -> None:
    summer = Week(((0, 480, 960),), date(2026, 7, 1), date(2026, 8, 31))
    april = Week(((0, 540, 1020),), date(2027, 4, 1))
    chain = a_site(weeks=(Week(WEEKDAYS), summer, april))
    mondays = (date(2026, 6, 29), date(2026, 7, 6), date(2026, 9, 7), date(2027, 3, 29), date(2027, 4, 5))
    assert [plan(chain, day).open[0][0] for day in mondays] == [510, 480, 510, 510, 540]


@pytest.mark.parametrize(("day", "held"), [("2028-02-29", True), ("2029-02-28", False), ("2029-03-01", False)])
def test_a_yearly_leap_day_is_a_day_of_leap_years(day: str, held: bool) -> None:
    assert on(date(2028, 2, 29), "closed", yearly=True).holds(date.fromisoformat(day)) is held


@pytest.mark.parametrize(("day", "held"), [("2026-12-31", True), ("2028-01-02", True), ("2028-01-03", False)])
def test_a_yearly_range_crosses_the_end_of_the_year(day: str, held: bool) -> None:
    turn = on(date(2026, 12, 30), "closed", last=date(2027, 1, 2), yearly=True)
    assert turn.holds(date.fromisoformat(day)) is held
    assert not turn.holds(date(2026, 1, 1))


def test_holidays_have_their_names() -> None:
    assert [holiday_name(date(2026, 5, day)) for day in (5, 6, 7)] == ["こどもの日", "振替休日", ""]
