"""災害時臨時開放 and 臨時閉鎖: what they offer and to whom, how they end, and what is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.errors import BadInput, BookingRefused, Conflict, DeskTaken
from federation.feed import Feeds
from federation.storage import Storage
from node.host import emergencies
from node.host.emergencies import Plan
from node.host.extra_desks import Extra
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.emergencies import Emergency, EmergencyKind
from node.models.sites import Desk, Site
from tests.node import agreed
from tests.node.host.conftest import CHIBA, NOON, NOW, TEN, Clock, Desks, Put, page, wish

DAY = timedelta(days=1)
UNTIL = NOW + timedelta(hours=10)
Declare = Callable[..., str]


@pytest.fixture
def declare(storage: Storage, desks: Desks) -> Declare:
    def declare(kind: EmergencyKind = "opening", until: object = UNTIL, **given: object) -> str:
        with storage.transaction(write=True) as db:
            plan = Plan(db.get_one(Site, desks.site), kind, until, "地震のため", **given)  # type: ignore[arg-type]
            return emergencies.declare(db, plan, by="staff:1", now=NOW).id

    return declare


def act(storage: Storage, emergency_id: str, do: Callable[[Session, Emergency], object]) -> None:
    with storage.transaction(write=True) as db:
        do(db, emergencies.get(db, emergency_id))


def keep_from_guests(storage: Storage, desk_id: str, *, published: bool = True, pool: str = "own") -> None:
    with storage.transaction(write=True) as db:
        desk = db.get_one(Desk, desk_id)
        desk.published, desk.pool = published, pool


def state(storage: Storage, desk_id: str) -> tuple[bool, str]:
    with storage.transaction() as db:
        desk = db.get_one(Desk, desk_id)
        return desk.published, desk.pool


def test_every_member_may_book_while_a_site_is_opened(put: Put, desks: Desks, declare: Declare) -> None:
    with pytest.raises(BookingRefused):
        put(wish(desks.first), home=CHIBA)
    declare()
    assert put(wish(desks.first), home=CHIBA).state == "confirmed"


def test_a_partner_needs_no_lead_time_and_has_no_limit_of_seats(
    put: Put, desks: Desks, declare: Declare, storage: Storage
) -> None:
    with storage.transaction(write=True) as db:
        (own,) = db.scalars(select(Agreement)).all()
        agreed.amend(db, own, {"lead_minutes": 2880, "seats_a_day": 1})
    with pytest.raises(BookingRefused):
        put(wish(desks.first))
    declare()
    assert put(wish(desks.first, desks.second)).state == "confirmed"


def test_nothing_is_booked_past_the_end_under_it(put: Put, desks: Desks, declare: Declare) -> None:
    declare(until=NOON)
    with pytest.raises(BookingRefused):
        put(wish(desks.first, start=TEN, end=NOON + timedelta(hours=1)), home=CHIBA)
    assert put(wish(desks.first, start=TEN, end=NOON), home=CHIBA).state == "confirmed"


def test_the_partners_own_terms_hold_beyond_the_end(put: Put, desks: Desks, declare: Declare) -> None:
    declare(until=NOON)
    assert put(wish(desks.first, start=TEN, end=NOON + timedelta(hours=1))).state == "confirmed"


def test_extra_desks_are_given_and_become_what_they_were(
    put: Put, desks: Desks, declare: Declare, storage: Storage
) -> None:
    keep_from_guests(storage, desks.first)
    keep_from_guests(storage, desks.second, published=False, pool="guests")
    made = declare(extra=Extra((desks.first, desks.second)))
    assert put(wish(desks.first, desks.second), home=CHIBA).state == "confirmed"
    assert (state(storage, desks.first), state(storage, desks.second)) == ((True, "guests"), (True, "guests"))
    act(storage, made, lambda db, one: emergencies.end(db, one, by="staff:2", now=NOW))
    assert (state(storage, desks.first), state(storage, desks.second)) == ((True, "own"), (False, "guests"))


def test_what_somebody_changed_meanwhile_is_left(desks: Desks, declare: Declare, storage: Storage) -> None:
    keep_from_guests(storage, desks.first)
    made = declare(extra=Extra((desks.first,)))
    keep_from_guests(storage, desks.first, pool="walk_in")
    act(storage, made, lambda db, one: emergencies.end(db, one, by="staff:2", now=NOW))
    assert state(storage, desks.first) == (True, "walk_in")


def test_desks_put_up_for_the_time_are_withdrawn_afterwards(desks: Desks, declare: Declare, storage: Storage) -> None:
    made = declare(extra=Extra(room_id=desks.room, temporary=3))
    with storage.transaction() as db:
        names = [desk.name for desk in db.scalars(select(Desk).order_by(Desk.name)) if desk.offered]
    assert names == ["A", "B", "C", "臨時-01", "臨時-02", "臨時-03"]
    act(storage, made, lambda db, one: emergencies.end(db, one, by="", now=UNTIL))
    with storage.transaction() as db:
        assert [desk.name for desk in db.scalars(select(Desk).order_by(Desk.name)) if desk.offered] == ["A", "B", "C"]


def test_a_site_that_is_shut_at_night_opens_around_the_clock(put: Put, desks: Desks, declare: Declare) -> None:
    night = NOW + timedelta(hours=12)
    with pytest.raises(BookingRefused):
        put(wish(desks.first, start=night, end=night + timedelta(hours=1)))
    declare(until=NOW + DAY, around_the_clock=True)
    assert put(wish(desks.first, start=night, end=night + timedelta(hours=1))).state == "confirmed"


def test_it_ends_by_itself_and_what_was_booked_stands(
    put: Put, desks: Desks, declare: Declare, storage: Storage, feeds: Feeds, clock: Clock
) -> None:
    made = declare()
    booking = put(wish(desks.first), home=CHIBA)
    clock.now = UNTIL
    with storage.transaction(write=True) as db:
        assert (emergencies.end_due(db, UNTIL), emergencies.end_due(db, UNTIL)) == (1, 0)
    with storage.transaction() as db:
        assert (db.get_one(Emergency, made).ended_by, db.get_one(Booking, booking.id).state) == ("", "confirmed")
    with pytest.raises(BookingRefused):
        put(wish(desks.second, start=NOW + DAY, end=NOW + DAY + timedelta(hours=1)), home=CHIBA)
    assert [item.state for item in page(storage, feeds, "offers") if item.kind == "emergency"] == ["deleted"]


def test_who_ends_it_early_may_cancel_and_tell(
    put: Put, desks: Desks, declare: Declare, storage: Storage, feeds: Feeds
) -> None:
    made = declare()
    booking = put(wish(desks.first), home=CHIBA)
    act(storage, made, lambda db, one: emergencies.end(db, one, by="staff:2", now=NOW, cancel=True))
    (item,) = page(storage, feeds, "visits:18")
    assert (item.id, item.data["state"], item.data["cause"]) == (booking.id, "cancelled", "agreement-ended")


def test_the_registry_reads_of_it(desks: Desks, declare: Declare, storage: Storage, feeds: Feeds) -> None:
    keep_from_guests(storage, desks.first)
    declare(extra=Extra((desks.first,)))
    (item,) = [item for item in page(storage, feeds, "offers") if item.kind == "emergency"]
    assert (item.id, item.data["kind"], item.data["extra_desks"]) == (desks.site, "opening", 1)
    (offer,) = [item for item in page(storage, feeds, "offers") if item.kind == "agreement" and item.data["everyone"]]
    assert offer.data["site_ids"] == [desks.site]


def test_a_closing_ends_bookings_and_is_lifted_with_it(
    put: Put, desks: Desks, declare: Declare, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    with storage.transaction() as db:
        plan = Plan(db.get_one(Site, desks.site), "closing", UNTIL, "災害対策本部のため")
        assert [hit.booking_id for hit in emergencies.hits(db, plan, NOW)] == [booking.id]
    made = declare("closing")
    with pytest.raises(DeskTaken):
        put(wish(desks.second))
    act(storage, made, lambda db, one: emergencies.end(db, one, by="staff:1", now=NOW))
    assert put(wish(desks.second)).state == "confirmed"


def test_a_closing_takes_the_place_of_an_opening(put: Put, desks: Desks, declare: Declare, storage: Storage) -> None:
    keep_from_guests(storage, desks.first)
    declare(extra=Extra((desks.first,)))
    declare("closing")
    with storage.transaction() as db:
        assert [one.kind for one in emergencies.standing(db, NOW)] == ["closing"]
    assert state(storage, desks.first) == (True, "own")


def test_it_is_prolonged_with_what_it_offers(put: Put, desks: Desks, declare: Declare, storage: Storage) -> None:
    made = declare(until=NOON)
    act(storage, made, lambda db, one: emergencies.prolong(db, one, UNTIL, by="staff:1", now=NOW))
    assert put(wish(desks.first, start=TEN, end=NOON + timedelta(hours=1)), home=CHIBA).state == "confirmed"


def test_a_closing_is_prolonged_by_a_closure_of_the_time_between(
    put: Put, desks: Desks, declare: Declare, storage: Storage
) -> None:
    made = declare("closing", until=TEN)
    put(wish(desks.first))
    act(storage, made, lambda db, one: emergencies.prolong(db, one, NOON, by="staff:1", now=NOW))
    with pytest.raises(DeskTaken):
        put(wish(desks.second))


@pytest.mark.parametrize("until", [NOW, NOW + timedelta(days=7, seconds=1)])
def test_it_must_end_within_a_week(declare: Declare, until: object) -> None:
    with pytest.raises(BadInput):
        declare(until=until)


def test_prolonging_adds_up_to_no_more_than_a_week_from_now(declare: Declare, storage: Storage) -> None:
    made = declare()
    with pytest.raises(BadInput):
        act(storage, made, lambda db, one: emergencies.prolong(db, one, NOW + 8 * DAY, by="staff:1", now=NOW))


def test_what_is_over_is_neither_ended_nor_prolonged(declare: Declare, storage: Storage) -> None:
    made = declare()
    act(storage, made, lambda db, one: emergencies.end(db, one, by="staff:1", now=NOW))
    for again in (
        lambda db, one: emergencies.end(db, one, by="staff:1", now=NOW),
        lambda db, one: emergencies.prolong(db, one, UNTIL + DAY, by="staff:1", now=NOW),
    ):
        with pytest.raises(Conflict):
            act(storage, made, again)


def test_desks_of_another_site_are_refused(declare: Declare) -> None:
    with pytest.raises(BadInput):
        declare(extra=Extra(("00000000-0000-4000-8000-000000000000",)))


def test_each_step_is_a_line(declare: Declare, storage: Storage) -> None:
    made = declare()
    act(storage, made, lambda db, one: emergencies.prolong(db, one, UNTIL + DAY, by="staff:2", now=NOW))
    act(storage, made, lambda db, one: emergencies.end(db, one, by="staff:3", now=NOW))
    with storage.transaction() as db:
        lines = db.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    assert [(line.event, line.actor) for line in lines] == [
        ("emergency-declared", "staff:1"),
        ("emergency-prolonged", "staff:2"),
        ("emergency-ended", "staff:3"),
    ]
