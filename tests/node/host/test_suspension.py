"""What becomes of bookings when their home is suspended, or their agreement is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation.errors import DeskTaken, MemberSuspended
from federation.feed import Feeds
from federation.members import Member
from federation.storage import Storage
from node.host import agreements, visits
from node.host.suspension import follow_suspensions
from node.models.agreements import Agreement
from node.models.bookings import Booking
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
