"""稼働率: weeks, their edges, and that nothing is counted twice or lost."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.storage import Storage
from node.host import closures, lending, sites, utilisation, visits
from node.host.spans import Span, joined
from node.host.utilisation import Use, Week
from node.models.bookings import Booking
from node.models.sites import Desk, Room
from tests.node.host.conftest import NOON, NOW, TEN, Desks, Put, wish

JAPAN = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)
MOMENTS = st.integers(0, 60 * 24 * 12).map(
    lambda fives: datetime(2026, 3, 1, tzinfo=UTC) + fives * timedelta(minutes=5)
)
SPANS = st.builds(lambda start, hours: Span(start, start + hours * HOUR), MOMENTS, st.integers(1, 400))
USES = st.builds(Use, SPANS, st.booleans(), st.integers(0, 3), st.integers(0, 3), st.integers(1, 5))
WEEKS = utilisation.mondays(date(2026, 3, 1), date(2026, 5, 31))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_weeks_follow_each_other_and_hold_every_day(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    weeks = utilisation.mondays(first, last)
    assert {monday.weekday() for monday in weeks} == {0}
    assert weeks[0] <= first < weeks[0] + timedelta(weeks=1)
    assert weeks[-1] <= last < weeks[-1] + timedelta(weeks=1)
    assert all(later - earlier == timedelta(weeks=1) for earlier, later in pairwise(weeks))


@pytest.mark.parametrize("zone", [JAPAN, BERLIN])
def test_weeks_touch_where_the_clocks_change_too(zone: ZoneInfo) -> None:
    spans = [utilisation.span_of(monday, zone) for monday in WEEKS]
    assert all(earlier.end == later.start for earlier, later in pairwise(spans))


@given(st.lists(USES, max_size=8), st.sampled_from([JAPAN, BERLIN]))
def test_nothing_is_lost_or_counted_twice_at_a_weeks_edge(uses: list[Use], zone: ZoneInfo) -> None:
    weeks = utilisation.tally(WEEKS, zone, {}, uses)
    whole = sum(((use.span.end - use.span.start) * use.count for use in uses), timedelta(0))
    assert sum((week.guests + week.own for week in weeks), timedelta(0)) == whole
    assert sum(week.bookings for week in weeks) == sum(use.count for use in uses)
    assert sum(week.no_shows for week in weeks) == sum(use.no_shows for use in uses)


@given(st.lists(SPANS, max_size=8), st.integers(1, 9))
def test_open_time_is_that_of_every_desk(spans: list[Span], desks: int) -> None:
    once = joined(spans)
    weeks = utilisation.tally(WEEKS, JAPAN, {once: desks}, ())
    assert sum((week.open for week in weeks), timedelta(0)) == desks * sum(
        (s.end - s.start for s in once), timedelta(0)
    )


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_share_is_a_share(open_: int, guests: int, own: int) -> None:
    minute = timedelta(minutes=1)
    week = Week(MONDAY, open_ * minute, guests * minute, own * minute)
    assert 0 <= week.percent_guests <= week.percent <= 100
    assert week.percent == pytest.approx(week.percent_guests + week.percent_own)


def week_of(storage: Storage) -> Week:
    with storage.transaction() as db:
        (week,) = utilisation.by_week(db, [MONDAY], JAPAN)
    return week


def test_guests_own_staff_arrivals_and_no_shows_are_told_apart(storage: Storage, put: Put, desks: Desks) -> None:
    came, missed = put(wish(desks.first)), put(wish(desks.second, first=1))
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, str(came.id)).places[0], TEN)
        db.get_one(Booking, str(missed.id)).state = "no_show"
        own = db.get_one(Booking, str(missed.id))
        own.home_id = 0
    week = week_of(storage)
    assert (week.guests, week.own) == (2 * HOUR, 2 * HOUR)
    assert (week.bookings, week.arrivals, week.no_shows) == (2, 1, 1)


def test_a_holiday_and_a_closure_are_not_open(storage: Storage, put: Put, desks: Desks) -> None:
    # Monday the 23rd is 勤労感謝の日; four days of 8:30 to 17:15 are left for each of three desks.
    before = week_of(storage).open
    assert before == 3 * 4 * timedelta(hours=8, minutes=45)
    with storage.transaction(write=True) as db:
        closures.close(db, sites.get_place(db, desks.first), TEN, NOON, template="other", now=NOW)
    assert week_of(storage).open == before - 2 * HOUR


def test_a_desk_that_was_used_and_is_withdrawn_counts(storage: Storage, put: Put, desks: Desks) -> None:
    put(wish(desks.first))
    before = week_of(storage).open
    with storage.transaction(write=True) as db:
        sites.withdraw(db, db.get_one(Desk, desks.first))
    assert week_of(storage).open == before


def test_without_weeks_nothing_is_asked(storage: Storage) -> None:
    with storage.transaction() as db:
        assert utilisation.by_week(db, [], JAPAN) == []


def test_a_room_that_is_booked_as_a_whole_holds_all_its_desks(storage: Storage, put: Put, desks: Desks) -> None:
    before = week_of(storage).open
    with storage.transaction(write=True) as db:
        whole = lending.offer(db, db.get_one(Room, desks.room), capacity=8).id
    put(wish(whole))
    week = week_of(storage)
    assert (week.guests, week.bookings, week.open) == (2 * 2 * HOUR, 1, before)
