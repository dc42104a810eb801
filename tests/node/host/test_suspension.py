"""What becomes of bookings when their home is suspended, or their agreement is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation.errors import DeskTaken, MemberSuspended
from federation.feed import Feeds
from federation.members import Member
from federation.storage import Storage
from node.host import agreements, rollcall, visits, walk_ins
from node.host.suspension import follow_suspensions
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.sites import Desk
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, page, wish


@pytest.fixture
def saitama(storage: Storage) -> None:
    """The home as the registry has made it known."""
    words = {"statement": "", "configuration": "", "status_index": 1, "issued": NOW, "configured": NOW}
    with storage.transaction(write=True) as db:
        db.add(
            Member(
                id=SAITAMA.member_id,
                entity_id=SAITAMA.entity_id,
                code=SAITAMA.code,
                name="埼玉県",
                expires=NOW + timedelta(days=1),
                seen_at=NOW,
                **words,
            )
        )


def say(storage: Storage, status: str) -> None:
    with storage.transaction(write=True) as db:
        db.execute(update(Member).values(status=status))


def follow(storage: Storage, now: object) -> int:
    with storage.transaction(write=True) as db:
        return follow_suspensions(db, now)  # type: ignore[arg-type]


def state_of(storage: Storage, booking_id: str) -> str:
    with storage.transaction() as db:
        return db.get_one(Booking, booking_id).state


@pytest.mark.usefixtures("saitama")
def test_a_suspended_homes_booking_keeps_its_desk_and_opens_for_nobody(
    put: Put, desks: Desks, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    say(storage, "suspended")
    assert (follow(storage, NOW), follow(storage, NOW)) == (1, 0)
    with pytest.raises(DeskTaken):
        put(wish(desks.first, first=1))
    with pytest.raises(MemberSuspended), storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking.id).places[0], TEN)


@pytest.mark.usefixtures("saitama")
def test_it_is_restored_when_the_word_is_taken_back(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    say(storage, "suspended")
    follow(storage, NOW)
    say(storage, "valid")
    assert follow(storage, NOW) == 1
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking.id).places[0], TEN)
    assert state_of(storage, booking.id) == "checked_in"


@pytest.mark.usefixtures("saitama")
def test_it_ends_after_a_day(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    later = timedelta(days=2)
    booking = put(wish(desks.first, start=TEN + later, end=NOON + later))
    say(storage, "suspended")
    follow(storage, NOW)
    assert follow(storage, NOW + timedelta(hours=23)) == 0
    assert follow(storage, NOW + timedelta(hours=24)) == 1
    (item,) = page(storage, feeds, "visits:17")
    assert (item.id, item.data["state"], item.data["cause"]) == (booking.id, "cancelled", "home-suspended")


@pytest.mark.usefixtures("saitama")
def test_an_unknown_status_suspends_nobody(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    say(storage, "unknown")
    assert follow(storage, NOW) == 0


def test_a_suspended_agreement_honours_its_notice_and_cancels_the_rest(
    put: Put, desks: Desks, storage: Storage
) -> None:
    later = timedelta(days=10)
    near, far = put(wish(desks.first)), put(wish(desks.first, start=TEN + later, end=NOON + later))
    with storage.transaction(write=True) as db:
        agreement = db.scalars(select(Agreement)).one()
        agreement.notice_days = 7
        assert agreements.suspend(db, agreement, NOW) == (far.id,)
    assert [state_of(storage, one.id) for one in (near, far)] == ["confirmed", "cancelled"]


@pytest.mark.usefixtures("saitama")
def test_who_is_on_site_stays_in_the_roll_call_and_the_visit_is_settled(
    put: Put, desks: Desks, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking.id).places[0], TEN)
    say(storage, "suspended")
    assert follow(storage, TEN + timedelta(minutes=5)) == 0
    with storage.transaction(write=True) as db:
        roll = rollcall.present(db, TEN + timedelta(minutes=5), by="staff:1")
    assert [one.guest.booking_id for one in roll.people] == [booking.id]
    with storage.transaction(write=True) as db:
        visits.leave(db, db.get_one(Booking, booking.id).places[0], NOON - timedelta(minutes=5))
    assert state_of(storage, booking.id) == "completed"


@pytest.mark.usefixtures("saitama")
def test_a_visit_of_the_past_stays_what_it_was(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        visits.arrive(db, db.get_one(Booking, booking.id).places[0], TEN)
        visits.leave(db, db.get_one(Booking, booking.id).places[0], NOON - timedelta(minutes=5))
    say(storage, "suspended")
    follow(storage, NOON + timedelta(days=2))
    assert state_of(storage, booking.id) == "completed"


@pytest.mark.usefixtures("saitama")
def test_whom_the_suspension_kept_out_is_no_no_show(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    put(wish(desks.first))
    say(storage, "suspended")
    follow(storage, NOW)
    with storage.transaction(write=True) as db:
        assert visits.close_ended(db, NOON + timedelta(minutes=1)) == 1
    (item,) = page(storage, feeds, "visits:17")
    assert (item.data["state"], item.data["cause"]) == ("cancelled", "home-suspended")


@pytest.mark.usefixtures("saitama")
def test_nobody_of_a_suspended_home_walks_in(desks: Desks, storage: Storage) -> None:
    say(storage, "suspended")
    with storage.transaction() as db:
        desk = db.get_one(Desk, desks.first)
    with pytest.raises(MemberSuspended), storage.transaction(write=True) as db:
        walk_ins.record(db, desk, home_code=SAITAMA.code, name="立寄 太郎", until=NOON, now=TEN)
