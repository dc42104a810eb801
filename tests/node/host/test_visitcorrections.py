"""訂正: the times of a visit put right at the host."""

from datetime import datetime, timedelta

import pytest

from federation.errors import BadInput, Conflict, DeskTaken
from federation.feed import Feeds
from federation.storage import Storage
from node.host import claims, noshows, rounds, visitcorrections, visits
from node.models.bookings import Booking
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, page, wish

HALF_PAST = TEN + timedelta(minutes=30)
AFTER = NOON + timedelta(hours=1)


def correct(
    storage: Storage, booking_id: str, came: datetime | None, left: datetime | None, now: datetime, reason: str = "誤り"
) -> None:
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking_id).places[0]
        visitcorrections.correct(db, place, (came, left), reason, by="staff:1", now=now)


def record(storage: Storage, booking_id: str, came: datetime, left: datetime | None = None) -> None:
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking_id).places[0]
        visits.arrive(db, place, came)
        if left is not None:
            visits.leave(db, place, left)


def told(storage: Storage, feeds: Feeds) -> tuple[str, str | None, str | None]:
    (item,) = page(storage, feeds, "visits:17")
    place = item.data["places"][0]
    return item.data["state"], place.get("arrived_at"), place.get("left_at")


def test_home_learns_of_the_right_times(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN, NOON)
    correct(storage, booking.id, HALF_PAST, NOON - timedelta(minutes=30), AFTER)
    assert told(storage, feeds) == ("completed", "2026-11-24T01:30:00Z", "2026-11-24T02:30:00Z")


def test_who_was_not_seen_coming_came(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        rounds.close_visits(db, AFTER)
    assert told(storage, feeds)[0] == "no_show"
    correct(storage, booking.id, TEN, NOON, AFTER)
    assert told(storage, feeds)[0] == "completed"


def test_who_was_checked_in_for_somebody_else_did_not_come(
    put: Put, desks: Desks, storage: Storage, feeds: Feeds
) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN)
    correct(storage, booking.id, None, None, HALF_PAST)
    assert told(storage, feeds) == ("confirmed", None, None)
    record(storage, booking.id, HALF_PAST)
    assert told(storage, feeds)[0] == "checked_in"


def test_who_was_checked_out_in_error_has_the_desk_again(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN, HALF_PAST)
    correct(storage, booking.id, TEN, None, HALF_PAST)
    with storage.transaction() as db:
        assert db.get_one(Booking, booking.id).state == "checked_in"
        assert claims.availability(db, SAITAMA, desks.first, HALF_PAST, NOON, now=HALF_PAST).free == ()


def test_whose_desk_was_given_away_and_who_was_there_has_it_again(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        noshows.lay_down(db, desks.site, grace_minutes=20, most=None)
        noshows.release_absent(db, HALF_PAST)
    correct(storage, booking.id, TEN, None, HALF_PAST)
    with storage.transaction() as db:
        assert db.get_one(Booking, booking.id).state == "checked_in"
        assert claims.availability(db, SAITAMA, desks.first, HALF_PAST, NOON, now=HALF_PAST).free == ()


def test_unless_somebody_else_has_it_since(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN, HALF_PAST)
    put(wish(desks.first, first=1, start=HALF_PAST, end=NOON))
    with pytest.raises(DeskTaken):
        correct(storage, booking.id, TEN, None, HALF_PAST)
    with storage.transaction() as db:
        assert db.get_one(Booking, booking.id).places[0].left_at == HALF_PAST


def test_what_stood_before_stays_beside_it(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN, NOON)
    correct(storage, booking.id, HALF_PAST, NOON, AFTER, "押し間違い")
    with storage.transaction() as db:
        (made,) = visitcorrections.of_place(db, db.get_one(Booking, booking.id).places[0])
    assert (made.was_arrived_at, made.arrived_at, made.reason, made.by) == (TEN, HALF_PAST, "押し間違い", "staff:1")


@pytest.mark.parametrize(
    ("came", "left", "reason", "field"),
    [
        (NOW, NOON, "誤り", "arrived"),
        (NOON, None, "誤り", "arrived"),
        (None, NOON, "誤り", "arrived"),
        (HALF_PAST, TEN, "誤り", "left"),
        (TEN, AFTER + timedelta(minutes=1), "誤り", "left"),
        (TEN, NOON, "誤り", "arrived"),
        (HALF_PAST, NOON, " ", "reason"),
    ],
)
def test_times_that_cannot_be_change_nothing(
    put: Put, desks: Desks, storage: Storage, came: datetime, left: datetime, reason: str, field: str
) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN, NOON)
    with pytest.raises(BadInput) as refusal:
        correct(storage, booking.id, came, left, AFTER, reason)
    assert refusal.value.field == field


def test_what_was_long_ago_is_settled(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    record(storage, booking.id, TEN, NOON)
    with pytest.raises(Conflict):
        correct(storage, booking.id, HALF_PAST, NOON, NOON + timedelta(days=93))
