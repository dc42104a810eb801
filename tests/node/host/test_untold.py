"""Free times are told after the booking that changed them, and before anybody reads of them."""

from threading import Thread

import pytest
from sqlalchemy import func, select

from federation.feed import FeedEntry, Feeds
from federation.storage import Storage
from node.host import bookings, untold
from node.host.listings import OFFERS
from node.host.passes import Passes
from node.models.untold import Untold
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, page, wish


def waiting(storage: Storage) -> int:
    with storage.transaction() as db:
        return db.scalar(select(func.count()).select_from(Untold)) or 0


def begins(storage: Storage, desk: str) -> str:
    """Where the second free range of a desk begins, as the feed stands."""
    with storage.transaction() as db:
        said = select(FeedEntry.data).where(FeedEntry.feed == OFFERS, FeedEntry.id == desk)
        return str(db.scalars(said).one()["ranges"][1]["start"])


def test_a_booking_and_its_note_are_one_transaction(storage: Storage, passes: Passes, desks: Desks) -> None:
    def book_and_fail() -> None:
        with storage.transaction(write=True) as db:
            bookings.decide(db, passes, SAITAMA, "4f3c7c5e-3a25-4c53-8f4e-2f7a2c6d1a11", wish(desks.first), now=NOW)
            assert db.scalars(select(Untold.desk_id)).all() == [desks.first]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        book_and_fail()
    assert waiting(storage) == 0


def test_a_note_outlives_who_wrote_it_and_is_told_once(put: Put, storage: Storage, feeds: Feeds, desks: Desks) -> None:
    before = begins(storage, desks.first)
    put(wish(desks.first))
    assert (waiting(storage), begins(storage, desks.first)) == (1, before)
    assert untold.tell(storage) == 1
    assert (waiting(storage), begins(storage, desks.first)) == (0, "2026-11-24T03:00:00Z")
    assert untold.tell(storage) == 0


def test_many_bookings_of_a_desk_are_told_as_one(put: Put, storage: Storage, feeds: Feeds, desks: Desks) -> None:
    number = max(item.modified for item in page(storage, feeds, OFFERS))
    for hour in range(3):
        put(wish(desks.first, start=TEN + hour * (NOON - TEN), end=NOON + hour * (NOON - TEN), first=hour))
    assert untold.tell(storage) == 3
    assert max(item.modified for item in page(storage, feeds, OFFERS)) == number + 1


def test_eight_who_tell_at_once_leave_nothing_untold(put: Put, storage: Storage, feeds: Feeds, desks: Desks) -> None:
    for number, desk in enumerate((desks.first, desks.second, desks.booth)):
        put(wish(desk, first=number))
    tellers = [Thread(target=untold.tell, args=(storage,)) for _ in range(8)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert waiting(storage) == 0
    assert begins(storage, desks.second) == "2026-11-24T03:00:00Z"
