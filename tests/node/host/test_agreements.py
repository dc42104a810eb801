"""Who may come, how many a day, how early, and at what price."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from federation.errors import BadCheckDigit, BadInput, BookingRefused
from federation.feed import Feeds
from federation.messages.booking import QuoteRequest
from federation.storage import Storage
from node.host import agreements, judging, sites
from node.host.homes import Home
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.sites import Desk
from tests.contention import at_once
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOON, NOW, SAITAMA, TEN, Desks, Put, page, wish

OWN = Home(None, "https://node.tokyo.example", "130001")
Amend = Callable[..., None]


@pytest.fixture
def amend(desks: Desks, storage: Storage) -> Amend:
    """Change the one agreement there is."""

    def amend(**facts: Any) -> None:
        with storage.transaction(write=True) as db:
            agreed.amend(db, db.scalars(select(Agreement)).one(), facts)

    return amend


def refused(put: Put, *args: Any, **kwargs: Any) -> list[str]:
    """The codes of the reasons why a PUT is refused."""
    with pytest.raises(BookingRefused) as refusal:
        put(*args, **kwargs)
    return [reason.code for reason in refusal.value.reasons]  # type: ignore[attr-defined]


def test_seats_a_day_are_counted_in_desks(put: Put, desks: Desks, amend: Amend) -> None:
    amend(seats_a_day=1)
    put(wish(desks.first))
    assert put(wish(desks.first, start=NOON, end=NOON + timedelta(hours=1), first=1)).state == "confirmed"
    assert refused(put, wish(desks.second, first=2)) == ["seats-used-up"]


def test_a_cancelled_seat_may_be_used_again(put: Put, desks: Desks, amend: Amend, storage: Storage) -> None:
    amend(seats_a_day=2)
    assert refused(put, wish(desks.first, desks.second, desks.booth)) == ["seats-used-up"]
    assert put(wish(desks.first, desks.second)).state == "confirmed"


def test_the_last_seat_goes_to_one_of_many(put: Put, desks: Desks, amend: Amend) -> None:
    amend(seats_a_day=1)
    three = (desks.first, desks.second, desks.booth)
    raised = at_once(9, lambda number: put(wish(three[number % 3], first=number)))
    assert len(raised) == 8


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"weekdays": [0, 2]}, "weekday-not-covered"),
        ({"site_ids": ["6f9619ff-8b86-4d01-b42d-00c04fc964ff"]}, "site-not-covered"),
        ({"starts_on": date(2026, 12, 1)}, "agreement-not-in-force"),
        ({"ends_on": date(2026, 11, 23)}, "agreement-not-in-force"),
        ({"lead_minutes": 120}, "too-late"),
    ],
)
def test_what_an_agreement_does_not_cover_is_said(
    put: Put, desks: Desks, amend: Amend, facts: dict[str, Any], code: str
) -> None:
    amend(**facts)
    assert refused(put, wish(desks.first)) == [code]


def test_an_agreement_may_open_fewer_days_ahead(put: Put, desks: Desks, amend: Amend) -> None:
    amend(horizon_days=2)
    later = timedelta(days=3)
    assert refused(put, wish(desks.first, start=TEN + later, end=NOON + later)) == ["beyond-horizon"]


def test_a_suspended_agreement_covers_nothing(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        agreements.suspend(db, db.scalars(select(Agreement)).one(), NOW)
    assert refused(put, wish(desks.first)) == ["no-agreement"]
    with storage.transaction(write=True) as db:
        agreements.resume(db, db.scalars(select(Agreement)).one(), NOW)
    assert put(wish(desks.first)).state == "confirmed"


def test_an_offer_to_everyone_covers_a_town_without_its_own(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "どなたでも", "price_yen": 300, "price_basis": "庁舎使用料条例"})
    assert put(wish(desks.first), home=CHIBA).price_yen == 300
    assert put(wish(desks.second, first=1), home=SAITAMA).price_yen == 0


def test_the_cheapest_agreement_that_allows_it_is_the_one_that_counts(
    put: Put, desks: Desks, amend: Amend, storage: Storage
) -> None:
    amend(price_yen=500, price_basis="庁舎使用料条例")
    with storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "どなたでも", "price_yen": 100, "per": "hour", "price_basis": "庁舎使用料条例"})
    assert put(wish(desks.first)).price_yen == 200
    assert put(wish(desks.second, first=1, end=NOON + timedelta(hours=4))).price_yen == 500


def test_a_price_by_the_hour_counts_begun_hours(put: Put, desks: Desks, amend: Amend) -> None:
    amend(price_yen=100, per="hour", price_basis="庁舎使用料条例")
    assert put(wish(desks.first, end=NOON + timedelta(minutes=15))).price_yen == 300


def test_several_towns_share_the_seats_of_one_agreement(put: Put, desks: Desks, amend: Amend) -> None:
    amend(home_code=None, home_codes=[SAITAMA.code, CHIBA.code], seats_a_day=1)
    put(wish(desks.first), home=CHIBA)
    assert refused(put, wish(desks.second)) == ["seats-used-up"]


def test_a_prefecture_is_all_its_bodies_and_no_others(put: Put, desks: Desks, amend: Amend) -> None:
    amend(home_code=None, home_codes=["12"])
    assert put(wish(desks.first), home=CHIBA).state == "confirmed"
    assert refused(put, wish(desks.second)) == ["no-agreement"]


def test_certain_rooms_alone_may_be_covered(put: Put, desks: Desks, amend: Amend) -> None:
    amend(room_ids=[desks.room])
    assert put(wish(desks.first)).state == "confirmed"
    assert refused(put, wish(desks.booth)) == ["room-not-covered"]


def test_what_one_agreement_refuses_another_may_allow(put: Put, desks: Desks, amend: Amend, storage: Storage) -> None:
    amend(closes=600, seats_a_day=1)
    assert refused(put, wish(desks.first)) == ["hours-not-covered"]
    with storage.transaction(write=True) as db:
        open_to_all = agreed.conclude(db, {"name": "開放", "closes": 1020}).id
    assert put(wish(desks.first)).state == "confirmed"
    with storage.transaction() as db:
        assert db.scalars(select(Booking.agreement_id)).one() == open_to_all


def test_our_own_staff_need_no_agreement(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        sites.edit(db, None, db.get_one(Desk, desks.second), {"pool": "own"})  # type: ignore[arg-type]
    assert put(wish(desks.second), home=OWN).state == "confirmed"
    assert refused(put, wish(desks.second, start=NOON, end=NOON + timedelta(hours=1))) == ["not-offered"]


def test_all_reasons_are_told_at_once(desks: Desks, storage: Storage) -> None:
    sunday = timedelta(days=5)
    asked = QuoteRequest(places=wish(desks.first, start=TEN + sunday, end=NOON + sunday).places)
    with storage.transaction() as db:
        quote = judging.quote(db, CHIBA, asked, NOW)
    assert {reason.code for reason in quote.reasons} == {"closed", "no-agreement"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"price_yen": 100}, "price_basis"),
        ({"starts_on": date(2026, 12, 1), "ends_on": date(2026, 11, 1)}, "ends_on"),
        ({"seats": 3}, "seats"),
    ],
)
def test_an_agreement_makes_sense(desks: Desks, amend: Amend, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        amend(**facts)
    assert refusal.value.field == field


def test_the_partner_is_named_by_a_valid_code(storage: Storage) -> None:
    with pytest.raises(BadCheckDigit), storage.transaction(write=True) as db:
        agreed.conclude(db, {"name": "協定", "home_code": "110000"})


def test_the_registry_learns_who_may_come_and_for_how_much(desks: Desks, storage: Storage, feeds: Feeds) -> None:
    (item,) = [item for item in page(storage, feeds, "offers") if item.kind == "agreement"]
    assert (item.data["homes"], item.data["name"], item.data["price_yen"]) == (["110001"], "相互利用協定", 0)


def test_the_registry_learns_the_bounds_and_a_reader_of_sites_alone_no_more_of_them(
    desks: Desks, storage: Storage, feeds: Feeds, amend: Amend
) -> None:
    amend(home_code=None, home_codes=["12", "110001"], room_ids=[desks.room], opens=540, weekdays=[1], lead_minutes=60)
    told = [item for item in page(storage, feeds, "offers") if item.kind == "agreement"][-1].data
    assert (told["homes"], told["prefectures"], told.get("everyone", False)) == (["110001"], ["12"], False)
    assert (told["site_ids"], told["room_ids"]) == ([desks.site], [desks.room])
    assert (told["opens"], told["weekdays"], told["lead_minutes"]) == (540, [1], 60)
