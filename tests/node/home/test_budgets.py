"""予算: money counts from the moment it is asked for, never twice, and in the 年度 of the site's own calendar."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from federation.errors import BookingRefused
from federation.messages.booking import Booking, PlaceNow
from federation.storage import Storage
from node.home import budgets, conditions, trips
from node.models.trips import Trip
from node.people import staff as directory
from node.people.signin import SignedIn
from tests.contention import at_once
from tests.node.fakehost import DESK, SITE
from tests.node.home.conftest import NOW

Make = Callable[..., trips.Wish]
SECTION = "企画課"


@pytest.fixture
def may_spend(storage: Storage, person: SignedIn) -> Callable[[int | None], None]:
    def give(yen: int | None, year: int = 2026) -> None:
        with storage.transaction(write=True) as db:
            budgets.set_yen(db, SECTION, year, yen, by=person.staff_id, now=NOW)

    return give


def _asks(storage: Storage, wish: trips.Wish) -> str:
    with storage.transaction(write=True) as db:
        return trips.ask(db, wish, now=NOW).id


def test_what_is_asked_for_is_spent_and_a_no_says_what_is_left(
    storage: Storage, wish: Make, may_spend: Callable[[int | None], None]
) -> None:
    may_spend(1000)
    _asks(storage, replace(wish(), price_yen=700))
    with pytest.raises(BookingRefused) as no:
        _asks(storage, replace(wish(hours=3), price_yen=301))
    reason = no.value.reasons[0]
    assert "2026年度の予算の残りは300円" in reason.ja  # type: ignore[attr-defined]  # A reason of the wire.
    assert "取り消すか" in reason.change_ja  # type: ignore[attr-defined]  # A reason of the wire.
    _asks(storage, replace(wish(hours=3), price_yen=300))
    _asks(storage, replace(wish(hours=6), price_yen=0))


def test_what_is_taken_back_and_acknowledged_is_there_again(
    storage: Storage, wish: Make, may_spend: Callable[[int | None], None]
) -> None:
    may_spend(700)
    trip_id = _asks(storage, replace(wish(), price_yen=700))
    for state, used in (("cancelling", 700), ("cancelled", 0), ("no_show", 700), ("refused", 0), ("confirmed", 700)):
        with storage.transaction(write=True) as db:
            db.get_one(Trip, trip_id).state = state
        with storage.transaction() as db:
            assert [one.used for one in budgets.of_year(db, 2026)] == [used]


def test_a_price_that_the_host_names_later_counts_and_nothing_more_is_paid(
    storage: Storage, wish: Make, may_spend: Callable[[int | None], None]
) -> None:
    may_spend(1000)
    trip_id = _asks(storage, replace(wish(), price_yen=700))
    with storage.transaction(write=True) as db:
        trip = db.get_one(Trip, trip_id)
        place = PlaceNow(
            desk=trip.desk_id, desk_name="A-1", site=SITE.id, site_name=SITE.name,
            start=trip.start, end=trip.end, sub=trip.sub,
        )  # fmt: skip
        word = Booking(id=trip_id, state="confirmed", version=1, places=(place,), price_yen=1400, changed_at=NOW)
        trips.follow(db, trip, word, now=NOW, unasked=True)
    with storage.transaction() as db:
        assert [(one.used, one.left, one.is_over) for one in budgets.of_year(db, 2026)] == [(1400, -400, True)]
    with pytest.raises(BookingRefused) as no:
        _asks(storage, replace(wish(hours=3), price_yen=1))
    assert "残りは0円" in no.value.reasons[0].ja  # type: ignore[attr-defined]  # A reason of the wire.


def test_colleagues_at_one_instant_spend_it_once(
    storage: Storage, wish: Make, may_spend: Callable[[int | None], None]
) -> None:
    may_spend(1000)
    with storage.transaction(write=True) as db:
        ids = [directory.add(db, number=f"7{n}", name="名", section=SECTION, now=NOW).id for n in range(5)]
    lost = at_once(5, lambda n: _asks(storage, replace(wish(staff_id=ids[n]), price_yen=400)))
    assert [type(error) for error in lost] == [BookingRefused] * 3


def test_the_year_turns_on_the_first_of_april_at_the_site(
    storage: Storage, wish: Make, may_spend: Callable[..., None]
) -> None:
    may_spend(500, 2026)
    midnight = datetime(2027, 3, 31, 15, 0, tzinfo=UTC)
    evening = replace(wish(), start=midnight - timedelta(hours=2), end=midnight, price_yen=500)
    _asks(storage, evening)
    early = replace(wish(), start=midnight, end=midnight + timedelta(hours=1), price_yen=900)
    _asks(storage, early)
    with storage.transaction() as db:
        assert [one.used for one in budgets.of_year(db, 2026)] == [500]
    may_spend(1000, 2027)
    with pytest.raises(BookingRefused, match="over budget"):
        _asks(storage, replace(early, start=early.end, end=early.end + timedelta(hours=1), price_yen=101))


def test_search_and_booking_say_the_same(
    storage: Storage, wish: Make, person: SignedIn, may_spend: Callable[[int | None], None]
) -> None:
    may_spend(100)
    with storage.transaction() as db:
        judge = conditions.judge_for(db, directory.get(db, person.staff_id), "112089", now=NOW)
        made = wish()
        no = judge.reasons(SITE, DESK, made.start, made.end, price_yen=101)
        yes = judge.reasons(SITE, DESK, made.start, made.end, price_yen=100)
    assert ([one.code for one in no], yes) == (["over-budget"], ())


def test_without_a_budget_nothing_is_bounded(
    storage: Storage, wish: Make, may_spend: Callable[[int | None], None]
) -> None:
    may_spend(0)
    may_spend(None)
    _asks(storage, replace(wish(), price_yen=9000))
