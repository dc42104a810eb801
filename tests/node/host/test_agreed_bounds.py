"""How much of an agreement may be used, at what hours and for how long: weeks, persons, and many who ask together."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from federation import rules
from federation.errors import BadInput, BookingRefused, DeskTaken
from federation.messages.booking import Alternative, BookingChange, BookingRequest, Place, QuoteRequest
from federation.storage import Storage
from node.host import changes, claims, coverage, judging, months, partners
from node.host.passes import Passes
from node.host.spans import Span
from node.models.agreements import Agreement
from node.models.bookings import BookingPlace
from node.models.sites import Site
from tests.contention import at_once
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOON, NOW, SAITAMA, TEN, Desks, Put, person, wish

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
Amend = Callable[..., None]


@pytest.fixture
def amend(desks: Desks, storage: Storage) -> Amend:
    """Change the one agreement there is."""

    def amend(**facts: Any) -> None:
        with storage.transaction(write=True) as db:
            agreed.amend(db, db.scalars(select(Agreement)).one(), facts)

    return amend


def refused(act: Callable[..., object], *args: Any, **kwargs: Any) -> list[str]:
    """The codes of the reasons why it is refused."""
    with pytest.raises(BookingRefused) as refusal:
        act(*args, **kwargs)
    return [reason.code for reason in refusal.value.reasons]  # type: ignore[attr-defined]  # What ``BookingRefused`` carries.


def on(day: int, desk: str, first: int = 0, hours: int = 2) -> BookingRequest:
    """A wish for one desk so many days after Tuesday."""
    start = TEN + day * DAY
    return wish(desk, start=start, end=start + hours * HOUR, first=first)


def test_the_seats_of_a_week_end_with_its_sunday(put: Put, desks: Desks, amend: Amend) -> None:
    amend(seats_a_week=2)
    put(on(0, desks.first))
    put(on(1, desks.first))
    assert refused(put, on(3, desks.first)) == ["week-seats-used-up"]
    assert put(on(6, desks.first)).state == "confirmed"


def test_a_person_comes_so_often_a_day_and_a_week(put: Put, desks: Desks, amend: Amend) -> None:
    amend(uses_a_day=1, uses_a_week=2)
    put(on(0, desks.first))
    assert refused(put, wish(desks.second, start=NOON, end=NOON + HOUR)) == ["uses-a-day"]
    put(on(1, desks.first))
    assert refused(put, on(2, desks.first)) == ["uses-a-week"]
    assert put(on(2, desks.first, first=1)).state == "confirmed"


def test_a_series_is_counted_place_by_place(put: Put, desks: Desks, amend: Amend) -> None:
    amend(uses_a_week=2)
    days = tuple(Place(desk=desks.first, start=TEN + day * DAY, end=NOON + day * DAY, sub=person()) for day in range(3))
    request = BookingRequest(places=days, not_after=NOW + HOUR)
    assert refused(put, request) == ["uses-a-week"]
    assert put(BookingRequest(places=days[:2], not_after=NOW + HOUR)).state == "confirmed"


def test_a_move_is_judged_like_a_booking_and_not_against_itself(
    put: Put, desks: Desks, amend: Amend, storage: Storage, passes: Passes
) -> None:
    amend(seats_a_week=1, longest_minutes=120)
    made = put(on(0, desks.first), uuid=(uuid := str(uuid4())))

    def move(hours: int) -> object:
        places = on(1, desks.second, hours=hours).places
        change = BookingChange(command=str(uuid4()), action="move", places=places)
        with storage.transaction(write=True) as db:
            return changes.change(db, passes, SAITAMA, uuid, change, version=made.version, now=NOW)

    assert refused(move, 3) == ["too-long"]
    assert move(2)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"opens": 660}, "hours-not-covered"),
        ({"closes": 660}, "hours-not-covered"),
        ({"shortest_minutes": 180}, "too-short"),
        ({"longest_minutes": 60}, "too-long"),
        ({"work_kinds": ["between_trips"]}, "work-not-covered"),
    ],
)
def test_hours_length_and_work_are_as_agreed(
    put: Put, desks: Desks, amend: Amend, facts: dict[str, Any], code: str
) -> None:
    amend(**facts)
    assert refused(put, wish(desks.first)) == [code]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"uses_a_week": 0}, "uses_a_week"),
        ({"opens": 600, "closes": 600}, "closes"),
        ({"shortest_minutes": 60, "longest_minutes": 30}, "longest_minutes"),
    ],
)
def test_bounds_that_allow_nothing_are_refused(desks: Desks, amend: Amend, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        amend(**facts)
    assert refusal.value.field == field


def test_two_towns_asking_together_never_take_more_than_the_weeks_seats(
    put: Put, desks: Desks, amend: Amend, storage: Storage
) -> None:
    amend(home_code=None, seats_a_week=3)
    three = (desks.first, desks.second, desks.booth)

    def ask(number: int) -> None:
        put(on(number // 3 % 4, three[number % 3], first=number), home=(SAITAMA, CHIBA)[number % 2])

    raised = at_once(16, ask)
    assert all(isinstance(error, BookingRefused | DeskTaken) for error in raised)
    with storage.transaction() as db:
        seats = {(row.desk_id, row.start.date()) for row in db.scalars(select(BookingPlace))}
    assert len(seats) == 3


ZONE = ZoneInfo("Asia/Tokyo")
BOUNDS: dict[str, st.SearchStrategy[Any]] = {
    "seats_a_day": st.integers(1, 4),
    "seats_a_week": st.integers(1, 9),
    "uses_a_day": st.integers(1, 3),
    "uses_a_week": st.integers(1, 5),
    "opens": st.integers(0, 1000),
    "closes": st.integers(400, 1440),
    "shortest_minutes": st.integers(1, 300),
    "longest_minutes": st.integers(1, 600),
    "work_kinds": st.lists(st.sampled_from(["satellite", "between_trips"]), min_size=1, unique=True),
    "weekdays": st.lists(st.integers(0, 6), min_size=1, unique=True),
    "site_ids": st.lists(st.sampled_from(["here", "there"]), min_size=1, unique=True),
    "starts_on": st.dates(date(2026, 11, 1), date(2026, 12, 31)),
    "ends_on": st.dates(date(2026, 11, 1), date(2026, 12, 31)),
}
COUNTS = st.dictionaries(st.dates(date(2026, 11, 16), date(2026, 12, 7)), st.integers(0, 5))


@given(
    st.fixed_dictionaries({}, optional=BOUNDS),
    st.sampled_from(sorted(BOUNDS)).flatmap(lambda name: st.tuples(st.just(name), BOUNDS[name])),
    st.integers(0, 20 * 1440),
    st.integers(15, 900),
    COUNTS,
    COUNTS,
)
def test_one_restriction_more_never_turns_a_no_into_a_yes(
    bounds: dict[str, Any],
    further: tuple[str, Any],
    start: int,
    minutes: int,
    seats: dict[date, int],
    uses: dict[date, int],
) -> None:
    name, value = further
    looser = {key: bound for key, bound in bounds.items() if key != name}
    begins = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=start)
    asked = rules.Wish("110001", "130001", "here", begins, begins + timedelta(minutes=minutes), ZONE, "open")

    def allowed(facts: dict[str, Any]) -> bool:
        unbounded: dict[str, Any] = {"home_codes": [], "site_ids": [], "room_ids": [], "weekdays": [], "work_kinds": []}
        one = Agreement(**unbounded | facts)
        return bool(rules.judge((coverage.covered(one), *coverage.shares(one, seats, uses)), asked))

    assert allowed(looser) or not allowed({**looser, name: value})


def proposed(storage: Storage, request: BookingRequest) -> list[Alternative]:
    with storage.transaction() as db:
        asked = QuoteRequest(places=request.places, work_kind=request.work_kind)
        return list(judging.quote(db, SAITAMA, asked, NOW).alternatives)


@pytest.mark.parametrize(
    "facts",
    [
        {"opens": 11 * 60, "closes": 12 * 60},
        {"longest_minutes": 60},
        {"shortest_minutes": 180, "closes": 15 * 60},
        {"lead_minutes": 240},
        {"weekdays": [1], "closes": 11 * 60},
        {"uses_a_day": 2, "longest_minutes": 30},
    ],
)
def test_what_is_proposed_instead_would_be_given(
    put: Put, desks: Desks, amend: Amend, storage: Storage, facts: dict[str, Any]
) -> None:
    amend(**facts)
    found = proposed(storage, wish(desks.first))
    assert found
    for one in found:
        with storage.transaction() as db:
            places = (Place(desk=one.desk, start=one.start, end=one.end, sub=person()),)
            assert judging.quote(db, SAITAMA, QuoteRequest(places=places), NOW).allowed


def test_nothing_is_proposed_once_the_seats_of_the_day_are_used_up(
    put: Put, desks: Desks, amend: Amend, storage: Storage
) -> None:
    amend(seats_a_day=1)
    put(wish(desks.first))
    assert proposed(storage, wish(desks.second, first=1)) == []


def test_a_host_s_word_on_a_desk_keeps_to_what_was_agreed(desks: Desks, amend: Amend, storage: Storage) -> None:
    amend(opens=11 * 60, closes=12 * 60, weekdays=[1])
    with storage.transaction() as db:
        told = claims.availability(db, SAITAMA, desks.first, NOW, NOW + 2 * DAY, now=NOW)
    assert [(free.start, free.end) for free in told.free] == [(NOW + 2 * HOUR, NOW + 3 * HOUR)]


def test_a_month_shows_a_partner_no_more_than_is_left(put: Put, desks: Desks, amend: Amend, storage: Storage) -> None:
    amend(seats_a_day=2, seats_a_week=3, closes=13 * 60)
    put(wish(desks.first))

    def left(day: int) -> list[tuple[str, int]]:
        with storage.transaction() as db:
            site, window = db.get_one(Site, desks.site), Span(NOW, NOW + 30 * DAY)
            seen_by = partners.partner(db, SAITAMA.code, site, window)
            month = months.month_of(db, site, date(2026, 11, 1), NOW, partner=seen_by)
        shown = next(one for week in month.weeks for one in week if one and one.day == date(2026, 11, day))
        return [(half.mark, half.free) for half in (shown.morning, shown.afternoon)]

    assert left(24) == [("free", 1), ("outside", 1)]
    assert left(25)[0] == ("free", 2)
    put(on(1, desks.first))
    assert left(26)[0][1] == 1
    assert left(30)[0][1] == 2
    amend(closes=None, longest_minutes=60)
    assert [mark for mark, _ in left(30)] == ["length", "length"]
