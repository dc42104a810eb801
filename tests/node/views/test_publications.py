"""掲載 and 掲載をやめる: asked first where somebody is booked, and the last of it taken back by one press."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from node.host import publications, sites
from node.models.bookings import Booking
from node.models.sites import Desk, Room
from node.town import Town
from tests.node.views.conftest import Person, plain
from tests.node.views.desks import Offered, books, offer


@pytest.fixture
def offered(host_town: Town) -> Offered:
    return offer(host_town)


def published(town: Town, desk: str) -> bool:
    with town.storage.transaction() as db:
        return db.get_one(Desk, desk).published


def undo_number(person: Person, path: str) -> str:
    found = re.search(r"/admin/publications/(\d+)/undo", person.opens(path).text)
    return found[1] if found else ""


def test_withdrawing_what_is_booked_asks_first(site_admin: Person, host_town: Town, offered: Offered) -> None:
    booking = books(host_town, offered)
    desk = offered.desks[0]
    asked = site_admin.sends(f"/admin/places/{desk}/withdraw")
    assert (asked.status_code, published(host_town, desk)) == (409, True)
    assert "これからの予約が1件あります" in plain(asked)
    assert f"/admin/closures/new?place={desk}" in asked.text
    seen = re.search(r'name="seen" value="([^"]+)"', asked.text)
    assert seen is not None
    assert site_admin.sends(f"/admin/places/{desk}/withdraw", {"seen": seen[1]}).status_code == 303
    assert not published(host_town, desk)
    with host_town.storage.transaction() as db:
        assert [row.state for row in db.scalars(select(Booking))] == ["confirmed"], booking


def test_a_booking_that_was_not_shown_is_shown(site_admin: Person, host_town: Town, offered: Offered) -> None:
    books(host_town, offered)
    answer = site_admin.sends(f"/admin/places/{offered.site}/withdraw", {"seen": "0" * 32})
    assert answer.status_code == 409


def test_what_nobody_booked_is_withdrawn_at_once(site_admin: Person, host_town: Town, offered: Offered) -> None:
    assert site_admin.sends(f"/admin/places/{offered.desks[0]}/withdraw").status_code == 303
    assert not published(host_town, offered.desks[0])


def test_the_last_is_taken_back_by_one_press(site_admin: Person, host_town: Town, offered: Offered) -> None:
    desk, page = offered.desks[0], f"/admin/rooms/{offered.room}"
    assert undo_number(site_admin, page) == ""
    site_admin.sends(f"/admin/places/{desk}/withdraw")
    number = undo_number(site_admin, page)
    assert site_admin.sends(f"/admin/publications/{number}/undo").status_code == 303
    assert published(host_town, desk)
    assert undo_number(site_admin, page) == ""
    with host_town.storage.transaction() as db:
        events = db.scalars(select(AuditEntry.event).order_by(AuditEntry.number)).all()
    assert [event for event in events if event.startswith(("withdrawn", "publication"))] == [
        "withdrawn",
        "publication-undone",
    ]


def test_everything_inside_is_taken_back_and_nothing_else(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    first, second = offered.desks[:2]
    site_admin.sends(f"/admin/places/{first}/withdraw")
    site_admin.sends(f"/admin/places/{offered.room}/publish", {"all": "1"})
    assert published(host_town, first)
    site_admin.sends(f"/admin/publications/{undo_number(site_admin, f'/admin/rooms/{offered.room}')}/undo")
    assert (published(host_town, first), published(host_town, second)) == (False, True)
    with host_town.storage.transaction() as db:
        assert db.get_one(Room, offered.room).published


def test_nothing_is_taken_back_after_somebody_else_changed_it(
    site_admin: Person, host_town: Town, offered: Offered
) -> None:
    desk = offered.desks[0]
    site_admin.sends(f"/admin/places/{desk}/withdraw")
    number = undo_number(site_admin, f"/admin/rooms/{offered.room}")
    with host_town.storage.transaction(write=True) as db:
        for step in (True, False):
            place = sites.get_place(db, desk)
            if step:
                publications.publish(db, place, everything=False, by="staff:99", now=host_town.clock())
            else:
                publications.withdraw(db, place, by="staff:99", now=host_town.clock())
    assert undo_number(site_admin, f"/admin/rooms/{offered.room}") == ""
    site_admin.sends(f"/admin/publications/{number}/undo")
    assert not published(host_town, desk)


def test_nobody_takes_back_what_another_did(site_admin: Person, host_town: Town, offered: Offered) -> None:
    with host_town.storage.transaction(write=True) as db:
        place = sites.get_place(db, offered.desks[0])
        number = publications.withdraw(db, place, by="staff:99", now=host_town.clock()).id
    for asked in (number, 0, 99_999_999_999_999):
        assert site_admin.sends(f"/admin/publications/{asked}/undo").status_code == 404
    assert not published(host_town, offered.desks[0])


def test_after_a_day_it_stays(host_town: Town, offered: Offered) -> None:
    now = host_town.clock()
    with host_town.storage.transaction(write=True) as db:
        publications.withdraw(db, sites.get_place(db, offered.desks[0]), by="staff:1", now=now)
        assert publications.last_of(db, "staff:1", now + timedelta(hours=23)) is not None
        assert publications.last_of(db, "staff:1", now + timedelta(hours=25)) is None
