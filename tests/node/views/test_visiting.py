"""What a visitor who signed in at the host may do there: with their own bookings of today, and nothing else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation.audit import AuditEntry
from federation.messages.booking import BookingRequest, Place
from node.app import app_of
from node.home import asking, trips
from node.host import bookings, problems, sites
from node.host.homes import Home
from node.host.passes import Passes
from node.models.bookings import Booking, BookingPlace
from node.models.sites import Desk
from node.people import subjects
from node.town import Town
from tests.node.pair import DESK_CODE, HOME, HOST, Pair
from tests.node.provider import Provider
from tests.node.views.visiting import Phone

START = timedelta(minutes=15)


@pytest.fixture
def trip(towns: Pair) -> str:
    """A booking of the home's person at the host's desk, from a quarter past."""
    with towns.host.storage.transaction(write=True) as db:
        # The tests' day is 勤労感謝の日.
        sites.edit(db, towns.host.config, db.get_one(Desk, towns.desk).room.site, {"opens_on_holidays": True})
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    start = towns.clock() + START
    facts: dict[str, Any] = {
        "start": start,
        "end": start + timedelta(hours=2),
        "work_kind": "satellite",
        "confidentiality": "2",
    }
    wish = trips.Wish(towns.person.staff_id, HOST, "千代田区", site, desk, consent_version="3", **facts)
    return asking.submit(towns.home, wish, towns.person, now=towns.clock())


@pytest.fixture
def phone(towns: Pair, trip: str) -> Phone:
    """The phone of that person, signed in at the host before the desk."""
    with towns.home.storage.transaction(write=True) as db:
        sub = subjects.subject_for(db, towns.person.staff_id, HOST, now=towns.clock())
    provider = Provider(towns, sub=sub)
    provider.open()
    made = Phone(towns, provider, app_of(towns.host).test_client())
    made.signs_in()
    return made


def trip_state(towns: Pair, trip: str) -> str:
    """Return the booking's state at the host."""
    with towns.host.storage.transaction() as db:
        return db.get_one(Booking, trip).state


def place_of(towns: Pair, trip: str) -> BookingPlace:
    with towns.host.storage.transaction() as db:
        return db.scalars(select(BookingPlace).where(BookingPlace.booking_id == trip)).one()


def presses(phone: Phone, trip: str, action: str, **form: str) -> int:
    """Press a button beside the booking and return the status of the answer."""
    path = f"/visit/{place_of(phone.towns, trip).id}/{action}"
    return phone.sends(path, form, shown_on="/visit").status_code


def audited(towns: Pair) -> list[tuple[str, str, str]]:
    steps = select(AuditEntry).where(AuditEntry.event.startswith("visit.")).order_by(AuditEntry.number)
    with towns.host.storage.transaction() as db:
        return [(row.event, row.verdict, row.reason) for row in db.scalars(steps)]


@pytest.mark.parametrize(
    ("form", "status", "count"),
    [
        ({"kind": "broken", "words": "画面がつきません"}, 303, 1),
        ({"kind": "network"}, 303, 1),
        ({"kind": "ghost"}, 400, 0),
        ({"kind": "other", "words": "長" * 301}, 400, 0),
    ],
)
def test_what_is_wrong_with_the_desk_reaches_the_host_without_a_name(
    phone: Phone, towns: Pair, trip: str, form: dict[str, str], status: int, count: int
) -> None:
    assert [presses(phone, trip, "problem", **form) for _twice in range(2)] == [status] * 2
    with towns.host.storage.transaction() as db:
        found = problems.open_ones(db)
        assert [one.told_by for one, _desk in found] == [HOME] * count


def test_nobody_reports_without_end(phone: Phone, trip: str) -> None:
    statuses = [presses(phone, trip, "problem", kind="other", words=str(number)) for number in range(6)]
    assert statuses == [303, 303, 303, 303, 303, 429]


def somebody_else(towns: Pair, sub: str = "a-colleague-at-the-same-home") -> str:
    """Let a colleague of the same home book the same desk afterwards; return the booking's id."""
    start = towns.clock() + START + timedelta(hours=2)
    place = Place(desk=towns.desk, start=start, end=start + timedelta(hours=1), sub=sub)
    uuid = str(uuid4())
    with towns.host.storage.transaction(write=True) as db:
        row = towns.host.members.row(db, towns.home.config.entity_id)
        home, wish = Home(row.id, row.entity_id, row.code), BookingRequest(places=(place,), not_after=start)
        bookings.decide(db, passes(towns.host), home, uuid, wish, now=towns.clock())
    return uuid


def passes(town: Town) -> Passes:
    return Passes(town.config.entity_id, town.keys.passes)


def test_the_page_shows_one_s_own_bookings_of_today(phone: Phone, towns: Pair) -> None:
    somebody_else(towns)
    page = phone.reads("/visit")
    assert "千代田合同庁舎4階 共用執務室 A-1" in page
    assert ("12:15" in page, "15:15" in page) == (True, False)
    assert "いまいる座席" in page


def test_one_press_checks_in_at_the_label_one_came_from(phone: Phone, towns: Pair, trip: str) -> None:
    assert presses(phone, trip, "arrive") == 303
    assert trip_state(towns, trip) == "checked_in"
    assert "入室を記録しました" in phone.reads("/visit")
    assert audited(towns) == [("visit.arrive", "allowed", "")]


def test_elsewhere_the_code_of_the_desk_is_typed(phone: Phone, towns: Pair, trip: str) -> None:
    phone.opens(phone.provider.answer_to(phone.led_to(desk="")))
    assert presses(phone, trip, "arrive") == 400
    assert presses(phone, trip, "arrive", code="000-000") == 400
    assert trip_state(towns, trip) == "confirmed"
    assert presses(phone, trip, "arrive", code=f"{DESK_CODE[:3]}-{DESK_CODE[3:]}".lower()) == 303
    assert trip_state(towns, trip) == "checked_in"


def test_too_early_is_said_with_the_time(phone: Phone, towns: Pair, trip: str) -> None:
    with towns.host.storage.transaction(write=True) as db:
        place = db.scalars(select(BookingPlace).where(BookingPlace.booking_id == trip)).one()
        place.start, place.end = place.start + timedelta(hours=1), place.end + timedelta(hours=1)
    assert "から、この画面で入室できます" in phone.reads("/visit")
    assert presses(phone, trip, "arrive") == 409
    assert audited(towns) == [("visit.arrive", "refused", "not-now")]


def test_a_visitor_extends_and_leaves(phone: Phone, towns: Pair, trip: str) -> None:
    presses(phone, trip, "arrive")
    before = place_of(towns, trip).end
    assert presses(phone, trip, "extend", minutes="30", version=str(version(towns, trip))) == 303
    assert place_of(towns, trip).end == before + timedelta(minutes=30)
    towns.clock.pass_by(minutes=20)
    assert presses(phone, trip, "leave") == 303
    assert trip_state(towns, trip) == "completed"
    assert [row[:2] for row in audited(towns)] == [
        ("visit.arrive", "allowed"),
        ("visit.extend", "allowed"),
        ("visit.leave", "allowed"),
    ]


def version(towns: Pair, trip: str) -> int:
    with towns.host.storage.transaction() as db:
        return db.get_one(Booking, trip).version


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"minutes": "30", "version": "99"}, 412),
        ({"minutes": "31", "version": "1"}, 400),
        ({}, 400),
        ({"minutes": "x"}, 400),
    ],
    ids=str,
)
def test_an_extension_is_of_what_was_shown(phone: Phone, trip: str, form: dict[str, str], status: int) -> None:
    assert presses(phone, trip, "extend", **form) == status


def test_whose_home_approves_stays_asks_for_longer_there(phone: Phone, towns: Pair, trip: str) -> None:
    with towns.host.storage.transaction(write=True) as db:
        db.get_one(Booking, trip).home_approves = True
    assert "承認の依頼は、所属する自治体" in phone.reads("/visit")
    before = place_of(towns, trip).end
    assert presses(phone, trip, "extend", minutes="30", version=str(version(towns, trip))) == 409
    assert place_of(towns, trip).end == before
    assert audited(towns) == [("visit.extend", "refused", "ask-at-home")]


def test_nobody_extends_into_somebody_else_s_time(phone: Phone, towns: Pair, trip: str) -> None:
    somebody_else(towns)
    assert presses(phone, trip, "extend", minutes="30", version=str(version(towns, trip))) == 409
    assert audited(towns) == [("visit.extend", "refused", "desk-taken")]


def test_only_what_would_be_accepted_is_offered(phone: Phone, towns: Pair, trip: str) -> None:
    assert "30分（14:45まで）" in phone.reads("/visit")
    somebody_else(towns)
    page = phone.reads("/visit")
    assert "延長できません" in page
    assert "30分（" not in page


@pytest.mark.parametrize("action", ["arrive", "leave", "extend"])
def test_a_colleague_s_booking_is_as_unknown_as_none(phone: Phone, towns: Pair, trip: str, action: str) -> None:
    other = somebody_else(towns)
    assert presses(phone, other, action, minutes="30", version="1") == 404
    assert phone.sends(f"/visit/999999/{action}", shown_on="/visit").status_code == 404
    assert trip_state(towns, other) == "confirmed"


def test_the_same_subject_of_another_home_is_another_person(phone: Phone, towns: Pair) -> None:
    with towns.host.storage.transaction(write=True) as db:
        for row in db.scalars(select(Booking)):
            row.home_id = 99
    assert "ご自身の予約はありません" in phone.reads("/visit")


def test_a_visitor_makes_no_booking_and_opens_no_page_of_this_town(phone: Phone) -> None:
    for path in ("/", "/search", "/bookings", "/me", "/reception", "/admin/sites", f"/book?desk={HOST}/desks/x"):
        answer = phone.opens(path)
        assert (answer.status_code, str(answer.location).startswith("/signin")) == (303, True)
    assert phone.client.put(f"/api/v1/bookings/{uuid4()}", base_url=HOST).status_code == 401


def test_without_a_booking_the_page_says_what_to_do(phone: Phone, towns: Pair, trip: str) -> None:
    asking.cancel(towns.home, trip, towns.person.staff_id, now=towns.clock())
    page = phone.opens("/visit").text
    assert "ご自身の予約はありません" in page
    assert f'href="/desks/{towns.desk}/home/112089"' in page


def test_a_frozen_booking_opens_for_nobody(phone: Phone, towns: Pair, trip: str) -> None:
    with towns.host.storage.transaction(write=True) as db:
        db.get_one(Booking, trip).frozen_at = towns.clock()
    assert presses(phone, trip, "arrive") == 403


def test_the_page_speaks_english_too(phone: Phone) -> None:
    page = phone.reads("/visit?lang=en")
    assert "Your bookings today" in page
    assert "Check in" in page
