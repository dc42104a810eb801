"""Units in which desks are booked: what is offered, what is refused with what would fit, on either database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput, BookingRefused
from federation.feed import Feeds
from federation.messages.booking import Alternative, QuoteRequest
from federation.storage import Storage
from node.host import claims, judging, listings, slots, timetables
from node.host.ruling import moment
from node.host.spans import Span, joined
from node.models.sites import Desk, Room, Site
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, page, wish

TOKYO = ZoneInfo("Asia/Tokyo")
TODAY = NOW.astimezone(TOKYO).date()
MORNING = Span(moment(TODAY, 510, TOKYO), moment(TODAY, 720, TOKYO))
AFTERNOON = Span(moment(TODAY, 780, TOKYO), moment(TODAY, 1035, TOKYO))
EARLY = MORNING.start - timedelta(hours=3)
WHOLE = Span(MORNING.start, AFTERNOON.end)


def a_desk(units: str | None, zone: str = "Asia/Tokyo") -> Desk:
    site = Site(id="site", zone=zone, morning_start="08:30", noon_end="12:00", noon_start="13:00", evening_end="17:15")
    return Desk(id="desk", room=Room(id="room", site=site, slots=units))


quarters = st.integers(0, 4 * 24 * 3).map(lambda number: moment(TODAY, 0, TOKYO) + timedelta(minutes=15 * number))
stretches = st.tuples(quarters, st.integers(1, 60)).map(
    lambda one: Span(one[0], one[0] + timedelta(minutes=15 * one[1]))
)
several = st.lists(stretches, max_size=5).map(joined)
DAYS = Span(moment(TODAY, 0, TOKYO), moment(TODAY + timedelta(days=4), 0, TOKYO))


@given(several, several, st.sampled_from([*timetables.SLOTS, None]))
def test_what_is_offered_is_open_and_free(open_: tuple[Span, ...], taken: tuple[Span, ...], units: str | None) -> None:
    at = DAYS.start
    offered = slots.free(a_desk(units), open_, taken, DAYS)
    while at < DAYS.end:
        if any(span.start <= at < span.end for span in offered):
            assert any(span.start <= at < span.end for span in open_)
            assert not any(span.start <= at < span.end for span in taken)
        at += timedelta(minutes=15)


@given(several, several, st.sampled_from(timetables.SLOTS))
def test_whatever_is_offered_may_be_booked_as_it_is(
    open_: tuple[Span, ...], taken: tuple[Span, ...], units: str
) -> None:
    desk = a_desk(units)
    for span in slots.free(desk, open_, taken, DAYS):
        if span.start.astimezone(TOKYO).date() == (span.end - timedelta(minutes=1)).astimezone(TOKYO).date():
            assert slots.fitted(desk, open_, span, now=DAYS.start) == span


@given(several, stretches, st.sampled_from(timetables.SLOTS))
def test_what_fits_holds_the_wish_as_far_as_it_is_open(open_: tuple[Span, ...], one: Span, units: str) -> None:
    desk = a_desk(units)
    best = slots.fitted(desk, open_, one, now=DAYS.start)
    if best is not None:
        assert slots.fitted(desk, open_, best, now=DAYS.start) == best


def test_half_days_are_joined_over_a_noon_that_is_open_and_free() -> None:
    desk, day = a_desk("half_day"), Span(MORNING.start, AFTERNOON.end)
    assert slots.free(desk, [day], [], DAYS) == (WHOLE,)
    assert slots.free(desk, [day], [Span(MORNING.end, AFTERNOON.start)], DAYS) == (MORNING, AFTERNOON)
    assert slots.free(desk, [day], [Span(TEN, NOON)], DAYS) == (AFTERNOON,)


def test_a_short_opening_is_a_half_day_of_its_own() -> None:
    nine_to_noon = Span(MORNING.start + timedelta(minutes=30), MORNING.end)
    assert slots.free(a_desk("half_day"), [nine_to_noon], [], DAYS) == (nine_to_noon,)


def test_the_rest_of_a_half_day_that_has_begun_is_offered() -> None:
    now = MORNING.start + timedelta(minutes=50)
    assert slots.free(a_desk("half_day"), [MORNING], [], Span(now, DAYS.end)) == (
        Span(MORNING.start + timedelta(hours=1), MORNING.end),
    )


def test_a_grid_is_the_clock_of_the_site() -> None:
    desk = a_desk("60", "Asia/Kolkata")
    kolkata = ZoneInfo("Asia/Kolkata")
    spans = slots.free(desk, [Span(moment(TODAY, 510, kolkata), moment(TODAY, 1035, kolkata))], [], DAYS)
    assert [(span.start.astimezone(kolkata).hour, span.end.astimezone(kolkata).hour) for span in spans] == [(9, 17)]
    assert {span.start.astimezone(kolkata).minute for span in spans} == {0}


@pytest.fixture
def halves(desks: Desks, storage: Storage) -> Desks:
    """The site's desks in half days, those of the second room by the hour."""
    with storage.transaction(write=True) as db:
        timetables.choose_slots(db, db.get_one(Site, desks.site), "half_day")
        timetables.choose_slots(db, db.get_one(Desk, desks.booth).room, "60")
    return desks


def test_a_half_day_desk_says_so_and_offers_whole_half_days(halves: Desks, storage: Storage, feeds: Feeds) -> None:
    listed = {item.id: item.data for item in page(storage, feeds, "listings") if item.kind == "desk"}
    assert {listed[id_]["slots"] for id_ in (halves.first, halves.second)} == {"half_day"}
    assert listed[halves.booth]["slots"] == "60"
    with storage.transaction() as db:
        free = listings.free_times(db, [db.get_one(Desk, halves.first)], EARLY)[halves.first].ranges
    assert (free[0].start, free[0].end) == WHOLE


def test_a_wish_within_a_half_day_is_refused_with_what_would_fit(halves: Desks, put: Put) -> None:
    with pytest.raises(BookingRefused) as refused:
        put(wish(halves.first, start=TEN + timedelta(minutes=15)), now=EARLY)
    (reason,) = (one.wire() for one in refused.value.reasons)  # type: ignore[attr-defined]
    assert reason["code"] == "not-whole-slots"
    assert "08:30から12:00まで" in reason["change_ja"]
    assert "half days" in reason["en"]
    first = refused.value.alternatives[0]
    assert first == Alternative(
        desk=halves.first, desk_name="A", site_name="本庁舎", start=MORNING.start, end=MORNING.end
    )
    assert put(wish(halves.first, start=MORNING.start, end=MORNING.end), now=EARLY).state == "confirmed"


def test_a_wish_over_noon_is_the_whole_day(halves: Desks, storage: Storage) -> None:
    with storage.transaction() as db:
        desk = db.get_one(Desk, halves.first)
        assert slots.fitted(desk, [WHOLE], Span(MORNING.end, AFTERNOON.start), EARLY) == WHOLE
        asked = QuoteRequest(places=wish(halves.first, start=NOON, end=NOON + timedelta(hours=2)).places)
        assert judging.quote(db, SAITAMA, asked, EARLY).alternatives[0].end == AFTERNOON.end


def test_the_rest_of_the_hour_may_be_booked_by_who_stands_there(halves: Desks, put: Put) -> None:
    late = NOW + timedelta(minutes=15)
    assert put(wish(halves.booth, start=late, end=NOON), now=NOW + timedelta(minutes=10)).state == "confirmed"
    with pytest.raises(BookingRefused):
        put(wish(halves.booth, start=NOON + timedelta(minutes=15), end=NOON + timedelta(hours=1), first=1))


def test_a_taken_half_day_leaves_the_other(halves: Desks, put: Put, storage: Storage) -> None:
    put(wish(halves.first, start=AFTERNOON.start, end=AFTERNOON.end), now=EARLY)
    with storage.transaction() as db:
        free = claims.availability(db, SAITAMA, halves.first, *DAYS, now=EARLY).free
    assert (free[0].start, free[0].end) == MORNING


def test_units_are_those_we_know(desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db, pytest.raises(BadInput):
        timetables.choose_slots(db, db.get_one(Site, desks.site), "20")  # type: ignore[arg-type]


def test_now_is_in_the_morning() -> None:
    assert MORNING.start < datetime(2026, 11, 24, 0, 0, tzinfo=UTC) == NOW < MORNING.end
