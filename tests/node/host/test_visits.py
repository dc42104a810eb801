"""The day itself: coming, going, who is on today's list, and what a pass is worth."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from federation import keys
from federation.audit import AuditEntry
from federation.errors import Conflict, NotNow
from federation.feed import Feeds
from federation.messages.booking import Visitor
from federation.storage import Storage
from node.host import reception, rounds, visits
from node.host.passes import Passes
from node.models.bookings import Booking, BookingPlace, ManifestName
from tests.contention import at_once
from tests.node.host.conftest import NOON, NOW, TEN, Desks, Put, page, person, wish

NAMED = (Visitor(sub=person(), name="埼玉 花子", section="デジタル政策課"),)


def place_of(storage: Storage, booking_id: str) -> int:
    with storage.transaction() as db:
        return db.get_one(Booking, booking_id).places[0].id


def arrive(storage: Storage, booking_id: str, now: object = TEN, at: object = None) -> None:
    with storage.transaction(write=True) as db:
        place = db.get_one(Booking, booking_id).places[0]
        visits.arrive(db, place, now, at=at)  # type: ignore[arg-type]


def leave(storage: Storage, booking_id: str, now: object) -> None:
    with storage.transaction(write=True) as db:
        visits.leave(db, db.get_one(Booking, booking_id).places[0], now)  # type: ignore[arg-type]


def state_of(storage: Storage, booking_id: str) -> str:
    with storage.transaction() as db:
        return db.get_one(Booking, booking_id).state


def test_home_learns_of_arrival_and_leaving(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    arrive(storage, booking.id)
    leave(storage, booking.id, NOON)
    (item,) = page(storage, feeds, "visits:17")
    place = item.data["places"][0]
    assert (item.data["state"], place["arrived_at"], place["left_at"]) == (
        "completed",
        "2026-11-24T01:00:00Z",
        "2026-11-24T03:00:00Z",
    )


def test_arriving_twice_keeps_the_first_time(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    arrive(storage, booking.id)
    arrive(storage, booking.id, NOON - timedelta(hours=1))
    with storage.transaction() as db:
        assert db.get_one(Booking, booking.id).places[0].arrived_at == TEN


def test_who_left_does_not_come_back_on_the_same_booking(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    arrive(storage, booking.id)
    leave(storage, booking.id, TEN + timedelta(minutes=5))
    with pytest.raises(Conflict):
        arrive(storage, booking.id, TEN + timedelta(minutes=9))


def test_nobody_leaves_before_coming(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with pytest.raises(NotNow):
        leave(storage, booking.id, NOON)


def test_arrivals_may_be_typed_in_later_with_their_true_time(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        rounds.close_visits(db, NOON)
    assert state_of(storage, booking.id) == "no_show"
    arrive(storage, booking.id, NOON + timedelta(hours=1), TEN)
    assert state_of(storage, booking.id) == "completed"


def test_visits_close_by_themselves(put: Put, desks: Desks, storage: Storage) -> None:
    came, absent = put(wish(desks.first)), put(wish(desks.second, first=1))
    arrive(storage, came.id)
    with storage.transaction(write=True) as db:
        assert rounds.close_visits(db, NOON) == 2
        assert rounds.close_visits(db, NOON) == 0
    assert [state_of(storage, one.id) for one in (came, absent)] == ["completed", "no_show"]


def test_a_team_is_there_until_the_last_has_gone(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first, desks.second))
    with storage.transaction(write=True) as db:
        row = db.get_one(Booking, booking.id)
        for place in row.places:
            visits.arrive(db, place, TEN)
        states = []
        for place in row.places:
            visits.leave(db, place, TEN + timedelta(minutes=30))
            states.append(row.state)
    assert states == ["checked_in", "completed"]


def test_holds_lapse_by_themselves(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first, hold=True))
    with storage.transaction(write=True) as db:
        assert rounds.lapse_holds(db, NOW) == 0
        assert rounds.lapse_holds(db, TEN) == 1
    assert state_of(storage, booking.id) == "lapsed"


def test_todays_list_has_names_and_the_look_is_logged(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first, visitors=NAMED))
    with storage.transaction(write=True) as db:
        (guest,) = reception.today(db, TEN, by="staff:7")
    assert (guest.name, guest.section, guest.desk_name, guest.is_here) == ("埼玉 花子", "デジタル政策課", "A", False)
    with storage.transaction() as db:
        looks = db.scalars(select(AuditEntry)).all()
    assert [(look.event, look.actor, look.subject) for look in looks] == [("manifest.viewed", "staff:7", booking.id)]


def test_names_are_not_on_another_days_list(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first, visitors=NAMED))
    with storage.transaction(write=True) as db:
        assert reception.today(db, NOW - timedelta(days=1), by="staff:7") == ()
        assert reception.today(db, NOW + timedelta(days=1), by="staff:7") == ()


def test_names_are_deleted_a_week_after(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first, visitors=NAMED))
    with storage.transaction(write=True) as db:
        assert rounds.purge_names(db, NOON + timedelta(days=6)) == 0
        assert rounds.purge_names(db, NOON + timedelta(days=7)) == 1
        assert db.scalars(select(ManifestName)).all() == []


def test_no_name_ever_enters_a_feed(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    put(wish(desks.first, visitors=NAMED))
    for feed in ("listings", "offers", "visits:17"):
        assert "花子" not in str(page(storage, feeds, feed))


def test_a_pass_is_on_todays_list(put: Put, desks: Desks, storage: Storage, passes: Passes) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        checked = reception.check_pass(db, passes, booking.visit_pass, TEN, by="staff:7")
    assert (checked.verdict, [one.booking_id for one in checked.guests]) == ("on_list", [booking.id])


def test_a_genuine_pass_of_another_day_is_not_on_the_list(
    put: Put, desks: Desks, storage: Storage, passes: Passes
) -> None:
    later = wish(desks.first, start=TEN + timedelta(days=1), end=NOON + timedelta(days=1))
    booking = put(later)
    with storage.transaction(write=True) as db:
        checked = reception.check_pass(db, passes, booking.visit_pass, TEN, by="staff:7")
    assert (checked.verdict, checked.as_of, checked.guests) == ("not_on_list", TEN, ())


def test_a_pass_of_a_booking_this_database_lost_is_still_genuine(
    desks: Desks, storage: Storage, passes: Passes, put: Put
) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        db.get_one(Booking, booking.id).state = "cancelled"
    with storage.transaction(write=True) as db:
        assert reception.check_pass(db, passes, booking.visit_pass, TEN, by="staff:7").verdict == "not_on_list"


@pytest.mark.parametrize("token", ["", "abc", "a.b.c"])
def test_what_is_no_pass_is_false(storage: Storage, passes: Passes, token: str) -> None:
    with storage.transaction(write=True) as db:
        assert reception.check_pass(db, passes, token, TEN, by="staff:7").verdict == "false"


def test_a_pass_of_another_house_is_false(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    other = Passes("https://node.tokyo.example", keys.ring_of(keys.make()))
    with storage.transaction(write=True) as db:
        assert reception.check_pass(db, other, booking.visit_pass, TEN, by="staff:7").verdict == "false"


def test_a_code_is_read_as_people_type_it(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    typed = booking.short_code.lower().replace("-", "").replace("0", "o").replace("1", "l")
    with storage.transaction(write=True) as db:
        assert reception.check_code(db, typed, TEN, by="staff:7").verdict == "on_list"
        assert reception.check_code(db, "??????", TEN, by="staff:7").verdict == "false"


def test_the_horizon_rolls_once_a_day(put: Put, desks: Desks, storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        assert rounds.roll_horizon(db, NOW + timedelta(hours=12)) == 0
        assert rounds.roll_horizon(db, NOW + timedelta(hours=24)) == 3
        assert rounds.roll_horizon(db, NOW + timedelta(hours=24), limit=2) == 2
        assert len(db.scalars(select(BookingPlace)).all()) == 0


def test_reception_and_home_at_once_count_every_change(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first, desks.second, desks.booth))

    def come(number: int) -> None:
        with storage.transaction(write=True) as db:
            visits.arrive(db, db.get_one(Booking, booking.id).places[number % 3], TEN)

    assert at_once(6, come) == []
    with storage.transaction() as db:
        row = db.get_one(Booking, booking.id)
        assert (row.state, row.version, [place.arrived_at for place in row.places]) == ("checked_in", 4, [TEN] * 3)
