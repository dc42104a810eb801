"""Opening hours as arithmetic: weekly hours, holidays, zones and what is left when things are cut out."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.storage import Storage
from node.host import opening, ruling, sites
from node.host.opening import is_holiday
from node.host.ruling import Hours, PlaceRules, Week
from node.host.spans import SLOT, Span, joined, snapped, within, without
from node.models.sites import Desk, Site
from tests.node.host.conftest import NOW, Desks

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 60 * 24 * 30).map(lambda minutes: START + timedelta(minutes=minutes))
spans = st.tuples(moments, st.integers(1, 3000)).map(lambda one: Span(one[0], one[0] + timedelta(minutes=one[1])))
several = st.lists(spans, max_size=8)
weekly = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 600)).map(
        lambda one: (one[0], one[1], min(1440, one[1] + one[2]))
    ),
    max_size=6,
)
zones = st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]).map(ZoneInfo)


def holds(some: tuple[Span, ...] | list[Span], moment: datetime) -> bool:
    return any(span.start <= moment < span.end for span in some)


def is_in_order(some: tuple[Span, ...]) -> bool:
    return all(span.start < span.end for span in some) and all(one.end < other.start for one, other in pairwise(some))


def open_spans(hours: list[Hours], zone: ZoneInfo, window: Span, *, opens_on_holidays: bool) -> tuple[Span, ...]:
    """What one week of a site opens."""
    site = PlaceRules("site", (Week(tuple(hours)),), opens_on_holidays=opens_on_holidays)
    return ruling.open_spans((site,), zone, window)


@given(several, moments)
def test_joining_changes_the_writing_and_not_the_time(some: list[Span], moment: datetime) -> None:
    assert holds(joined(some), moment) == holds(some, moment)
    assert is_in_order(joined(some))


@given(several, several, moments)
def test_what_is_cut_out_is_gone_and_nothing_else(some: list[Span], taken: list[Span], moment: datetime) -> None:
    left = without(some, taken)
    assert holds(left, moment) == (holds(some, moment) and not holds(taken, moment))


@given(several, spans, moments)
def test_a_window_keeps_what_lies_in_it(some: list[Span], window: Span, moment: datetime) -> None:
    assert holds(within(some, window), moment) == (holds(some, moment) and holds([window], moment))


@given(several)
def test_snapping_shrinks_to_whole_slots(some: list[Span]) -> None:
    for span in snapped(joined(some)):
        assert (span.start - START) % SLOT == (span.end - START) % SLOT == timedelta(0)
        assert any(whole.contains(span) for whole in joined(some))


@given(weekly, zones, spans, moments)
def test_a_moment_is_open_when_its_local_weekday_and_minute_say_so(
    hours: list[tuple[int, int, int]], zone: ZoneInfo, window: Span, moment: datetime
) -> None:
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    expected = holds([window], moment) and any(
        weekday == local.weekday() and opens <= minute < closes for weekday, opens, closes in hours
    )
    assert holds(open_spans(hours, zone, window, opens_on_holidays=True), moment) == expected


@given(weekly, zones, spans)
def test_open_spans_are_in_order_and_do_not_touch(
    hours: list[tuple[int, int, int]], zone: ZoneInfo, window: Span
) -> None:
    assert is_in_order(open_spans(hours, zone, window, opens_on_holidays=False))


@pytest.mark.parametrize("moment", ["2026-03-08T14:30", "2026-03-29T12:00", "2026-10-25T12:00"])
def test_a_day_whose_clocks_change_opens_and_closes_by_the_clock(moment: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    local = datetime.fromisoformat(moment).replace(tzinfo=zone)
    window = Span(local.astimezone(UTC) - timedelta(days=1), local.astimezone(UTC) + timedelta(days=1))
    everyday = [(weekday, 540, 1020) for weekday in range(7)]
    closing = [span.end.astimezone(zone).hour for span in open_spans(everyday, zone, window, opens_on_holidays=True)]
    assert 17 in closing


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        ("2026-12-28", False),
        ("2026-12-29", True),
        ("2026-12-31", True),
        ("2027-01-03", True),
        ("2027-01-04", False),
        ("2026-11-23", True),  # 勤労感謝の日
        ("2026-05-06", True),  # 振替休日
        ("2026-09-22", True),  # 国民の休日
        ("2026-11-24", False),
    ],
)
def test_holidays_are_those_of_the_public_offices(day: str, closed: bool) -> None:
    assert is_holiday(date.fromisoformat(day)) is closed


def test_a_holiday_is_closed_unless_the_site_says_otherwise() -> None:
    holiday = Span(datetime(2026, 11, 22, 15, tzinfo=UTC), datetime(2026, 11, 23, 15, tzinfo=UTC))
    mondays = [(0, 540, 1020)]
    assert open_spans(mondays, TOKYO, holiday, opens_on_holidays=False) == ()
    assert len(open_spans(mondays, TOKYO, holiday, opens_on_holidays=True)) == 1


def test_the_horizon_is_the_end_of_a_local_day() -> None:
    assert opening.horizon(NOW, TOKYO) == datetime(2027, 1, 20, 0, 0, tzinfo=TOKYO)


def test_the_nearest_hours_decide(desks: Desks, storage: Storage) -> None:
    window = Span(NOW, NOW + timedelta(hours=15))
    with storage.transaction(write=True) as db:
        three = [db.get_one(Desk, id_) for id_ in (desks.first, desks.second, desks.booth)]
        opening.set_hours(db, desks.site, [(1, 600, 900)])
        opening.set_hours(db, desks.room, [(1, 660, 900)])
        opening.set_hours(db, desks.first, [(1, 720, 900)])
        spans = opening.open_of(db, three, window)
    begins = [spans[desk.id][0].start.astimezone(TOKYO).hour for desk in three]
    assert begins == [12, 11, 10]


def test_hours_make_sense(desks: Desks, storage: Storage) -> None:
    for wrong in ([(7, 0, 60)], [(0, 60, 60)], [(0, 0, 1441)], [(0, 540, 720), (0, 700, 900)]):
        with pytest.raises(BadInput), storage.transaction(write=True) as db:
            opening.set_hours(db, desks.site, wrong)


def test_the_next_working_day_skips_weekend_and_holidays() -> None:
    site = Site(zone="Asia/Tokyo", evening_end="17:15")
    last_friday_of_the_year = datetime(2026, 12, 28, 0, 0, tzinfo=UTC)
    expected = datetime(2027, 1, 4, 17, 15, tzinfo=TOKYO)
    assert opening.end_of_next_working_day(site, last_friday_of_the_year) == expected


@pytest.mark.parametrize("text", ["8", "08:60", "24:01", "a:00", "08:5", ""])
def test_a_time_of_day_is_read_strictly(text: str) -> None:
    with pytest.raises(BadInput):
        opening.minutes(text)


def test_every_place_is_found_by_its_id(desks: Desks, storage: Storage) -> None:
    with storage.transaction() as db:
        for id_ in (desks.site, desks.room, desks.first):
            assert sites.site_of(sites.get_place(db, id_)).id == desks.site
