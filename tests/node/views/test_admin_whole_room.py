"""この部屋をまとめて貸す, on the room's form."""

import pytest
from sqlalchemy import select

from node.models.bookings import Booking
from node.models.sites import Desk
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import Offered, books, offer

ROOM = {"name": "1階 執務室", "privacy": "open", "talking": "quiet"}


def whole_of(town: Town, room: str) -> Desk | None:
    with town.storage.transaction() as db:
        return db.scalar(select(Desk).where(Desk.room_id == room, Desk.kind == "whole_room"))


def test_a_room_is_lent_as_a_whole_and_withdrawn_with_its_booking_kept(site_admin: Person, host_town: Town) -> None:
    offered = offer(host_town)
    address = f"/admin/rooms/{offered.room}/edit"
    assert "部屋全体の予約を受け付ける" in site_admin.reads(address)
    page = site_admin.sends(address, {**ROOM, "lend": "1", "capacity": "8"}).headers["Location"]
    assert "定員8名" in site_admin.reads(page)
    whole = whole_of(host_town, offered.room)
    assert whole is not None
    came = books(host_town, Offered(offered.site, offered.room, (whole.id,), offered.home))
    assert 'name="lend" value="1" checked' in site_admin.opens(address).text
    site_admin.sends(address, ROOM)
    withdrawn = whole_of(host_town, offered.room)
    with host_town.storage.transaction() as db:
        assert db.get_one(Booking, came.id).state == "confirmed"
    assert withdrawn is not None
    assert not withdrawn.published


@pytest.mark.parametrize("capacity", ["", "0", "-3", "1001", "八"])
def test_without_a_number_of_people_it_is_not_lent(site_admin: Person, host_town: Town, capacity: str) -> None:
    offered = offer(host_town)
    answer = site_admin.sends(f"/admin/rooms/{offered.room}/edit", {**ROOM, "lend": "1", "capacity": capacity})
    assert answer.status_code == 400
    assert "部屋全体の定員" in plain(answer)
    assert whole_of(host_town, offered.room) is None
