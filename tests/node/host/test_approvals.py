"""What the host's own administrator decides about a booking."""

import pytest
from sqlalchemy import update

from federation.errors import Conflict, DeskTaken, NotFound
from federation.feed import Feeds
from federation.storage import Storage
from node.host import approvals
from node.models.agreements import Agreement
from tests.node.host.conftest import NOW, Desks, Put, page, wish


@pytest.fixture
def asks(desks: Desks, storage: Storage) -> None:
    """The host says yes to each booking itself."""
    with storage.transaction(write=True) as db:
        db.execute(update(Agreement).values(host_approves=True))


@pytest.mark.usefixtures("asks")
def test_a_request_keeps_its_desk_while_it_waits(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with pytest.raises(DeskTaken):
        put(wish(desks.first, first=1))
    with storage.transaction() as db:
        assert [one.booking_id for one in approvals.waiting(db, NOW)] == [booking.id]


@pytest.mark.usefixtures("asks")
def test_a_yes_confirms_and_tells_home(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        approvals.approve(db, booking.id, NOW)
    (item,) = page(storage, feeds, "visits:17")
    assert (item.data["state"], bool(item.data["visit_pass"])) == ("confirmed", True)


@pytest.mark.usefixtures("asks")
def test_a_no_frees_the_desk_and_says_what_would_do(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        approvals.refuse(db, booking.id, NOW)
    (item,) = page(storage, feeds, "visits:17")
    assert (item.data["state"], item.data["cause"]) == ("refused", "host")
    assert [one["desk"] for one in item.data["alternatives"]] == [desks.second, desks.booth]


def test_only_what_waits_can_be_approved(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with pytest.raises(Conflict), storage.transaction(write=True) as db:
        approvals.approve(db, booking.id, NOW)


def test_a_confirmed_booking_can_be_called_off_once(put: Put, desks: Desks, storage: Storage) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        assert approvals.call_off(db, booking.id, NOW).cause == "host"
        with pytest.raises(Conflict):
            approvals.call_off(db, booking.id, NOW)


def test_what_nobody_booked_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound), storage.transaction(write=True) as db:
        approvals.approve(db, "nothing", NOW)
