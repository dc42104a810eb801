"""利用停止 on the pages of 施設担当者: a town by its code, a person from a booking, both with what was typed kept."""

import re

import pytest
from sqlalchemy import select

from node.models.blocks import Block
from node.models.bookings import Booking
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import Offered, books, offer

GIVEN = {"home_code": "131016", "from_on": "2026-11-24", "until_on": "2026-12-31", "reason": "備品の破損"}


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


@pytest.mark.usefixtures("offered")
def test_a_town_is_blocked_listed_and_let_in_again(site_admin: Person) -> None:
    assert site_admin.sends("/admin/blocks", GIVEN).status_code == 303
    page = site_admin.opens("/admin/blocks")
    assert "131016" in plain(page)
    assert "備品の破損" in plain(page)
    (lift,) = re.findall(r'action="(/admin/blocks/\d+/lift)"', page.text)
    assert site_admin.sends(lift).status_code == 303
    assert "利用停止はありません" in plain(site_admin.opens("/admin/blocks"))
    assert site_admin.sends("/admin/blocks/999999/lift").status_code == 404


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize("wrong", [
    {"home_code": "131017"}, {"home_code": "112089"}, {"until_on": "2026-11-01"}, {"until_on": ""}, {"reason": ""},
    {"from_on": "2026-02-30"},
])  # fmt: skip
def test_what_cannot_be_is_said_and_kept(site_admin: Person, wrong: dict[str, str]) -> None:
    answer = site_admin.sends("/admin/blocks", {**GIVEN, **wrong})
    assert answer.status_code == 400
    assert ("備品の破損" in answer.text) is ("reason" not in wrong)
    assert "利用停止はありません" in plain(answer)


def test_a_person_is_blocked_from_their_booking_without_a_name(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    books(host_town, offered)
    with host_town.storage.transaction() as db:
        booking = db.scalars(select(Booking)).one()
    page = site_admin.opens(f"/admin/bookings/{booking.id}")
    assert page.status_code == 200
    assert f"/admin/bookings/{booking.id}" in site_admin.opens("/admin").text
    answer = site_admin.sends(f"/admin/bookings/{booking.id}/block", {**GIVEN, "place": "0", "cancel": "1"})
    assert answer.status_code == 303
    with host_town.storage.transaction() as db:
        row = db.scalars(select(Block)).one()
        assert (row.sub != "", db.scalars(select(Booking.state)).one()) == (True, "cancelled")


@pytest.mark.usefixtures("offered")
def test_a_booking_nobody_has_is_not_there(site_admin: Person) -> None:
    assert site_admin.opens("/admin/bookings/5a3c9f58-7c1e-4c58-9d0e-0a5a7a1cffff").status_code == 404
