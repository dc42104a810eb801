"""Leaving: what ends at home, what the hosts hear, and what they do on hearing it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from federation import events
from federation.audit import AuditEntry
from federation.errors import NotSignedIn, PeerRefused, TachiyoriError
from federation.events import ACCOUNT_DISABLED, SESSION_REVOKED, STATUS_CHANGED, SecurityEvent
from federation.host import Person
from federation.messages.booking import BookingRequest, Place
from federation.tokens import EVENT
from node import entity, jobs, leaving
from node.home import asking, trips
from node.models.bookings import Booking
from node.models.endings import Ending
from node.models.staff import PairwiseSubject
from node.models.trips import Trip
from node.people import announcements, assurance, sessions, stafflist
from node.people import staff as directory
from tests.federation.world import REGISTRY
from tests.node.pair import HOME, HOST, Pair

START, END = datetime(2026, 11, 24, 4, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)


def booked(towns: Pair) -> str:
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    wish = trips.Wish(towns.person.staff_id, HOST, "千代田区", site, desk, START, END, "satellite", "2", "3")
    return asking.submit(towns.home, wish, towns.person, now=towns.clock())


def leave(towns: Pair, on: date = TODAY) -> leaving.Ending:
    with towns.home.storage.transaction(write=True) as db:
        return leaving.end(db, towns.person.staff_id, on=on, by="staff:9", now=towns.clock())


def known_as(towns: Pair) -> str:
    with towns.home.storage.transaction() as db:
        return db.scalars(select(PairwiseSubject.sub).where(PairwiseSubject.audience == HOST)).one()


def lines(towns: Pair, event: str) -> list[tuple[str, str, str]]:
    with towns.host.storage.transaction() as db:
        found = db.scalars(select(AuditEntry).where(AuditEntry.event == event).order_by(AuditEntry.number))
        return [(line.actor, line.subject, line.verdict) for line in found]


def is_ended(towns: Pair, sub: str) -> bool:
    with towns.host.storage.transaction() as db:
        return db.get(Ending, (HOME, sub)) is not None


# --- At home --------------------------------------------------------------------------------------------------


def test_who_leaves_today_is_signed_out_and_the_host_hears_of_it(towns: Pair) -> None:
    trip_id = booked(towns)
    ended = leave(towns)
    assert (ended.hosts, [trip.id for trip in ended.trips]) == (1, [trip_id])
    with towns.home.storage.transaction() as db, pytest.raises(NotSignedIn):
        sessions.still(db, towns.person, now=towns.clock())
    assert jobs.deliver(towns.home).done == 2
    assert is_ended(towns, known_as(towns))
    with towns.host.storage.transaction() as db:
        assert db.get_one(Booking, trip_id).state == "cancelled"
    with towns.home.storage.transaction() as db:
        assert db.get_one(Trip, trip_id).state == "cancelled"


def test_a_later_last_day_ends_nothing_until_it_comes(towns: Pair) -> None:
    trip_id = booked(towns)
    assert leave(towns, TOMORROW) == leaving.Ending(0, ())
    assert jobs.follow_departures(towns.home) == 0
    towns.clock.pass_by(hours=12, minutes=1)
    assert (jobs.follow_departures(towns.home), jobs.follow_departures(towns.home)) == (1, 0)
    with towns.home.storage.transaction() as db:
        assert (db.get_one(Trip, trip_id).state, db.get_one(Trip, trip_id).cause) == ("cancelling", "left")


def test_who_comes_back_and_leaves_again_is_told_of_again(towns: Pair) -> None:
    booked(towns)
    leave(towns)
    with towns.home.storage.transaction(write=True) as db:
        directory.get(db, towns.person.staff_id).left_on = None
    assert jobs.follow_departures(towns.home) == 0
    assert leave(towns).hosts == 1


def test_a_new_list_lets_go_whoever_is_not_on_it(towns: Pair) -> None:
    trip_id = booked(towns)
    with towns.home.storage.transaction(write=True) as db:
        listed = stafflist.read("職員番号,氏名,所属\n777777,新任 花子,総務課\n".encode())
        directory.take_over(db, listed, effective=TODAY, by=None, now=towns.clock())
    assert jobs.follow_departures(towns.home) == 1
    with towns.home.storage.transaction() as db:
        assert db.get_one(Trip, trip_id).state == "cancelling"


def test_a_change_of_section_ends_nothing(towns: Pair) -> None:
    trip_id = booked(towns)
    with towns.home.storage.transaction(write=True) as db:
        listed = stafflist.read("職員番号,氏名,所属\n012345,立寄 太郎,税務課\n".encode())
        directory.take_over(db, listed, effective=TODAY, by=None, now=towns.clock())
    assert jobs.follow_departures(towns.home) == 0
    with towns.home.storage.transaction() as db:
        assert db.get_one(Trip, trip_id).state == "confirmed"
        assert sessions.still(db, towns.person, now=towns.clock()).section == "税務課"


def test_the_visit_somebody_is_on_is_left_to_the_hosts_roll_call(towns: Pair) -> None:
    trip_id = booked(towns)
    with towns.home.storage.transaction(write=True) as db:
        db.get_one(Trip, trip_id).state = "checked_in"
    assert not leave(towns).trips


def test_a_host_that_is_down_is_told_when_it_is_back(towns: Pair) -> None:
    booked(towns)
    towns.wire.down = {HOST}
    leave(towns)
    assert jobs.deliver(towns.home).done == 0
    towns.wire.down = set()
    towns.clock.pass_by(minutes=6)
    assert jobs.deliver(towns.home).failed == 0
    assert is_ended(towns, known_as(towns))


# --- At the host ----------------------------------------------------------------------------------------------


def person(towns: Pair) -> Person:
    """The person as home vouches for them, by the sign-in of this test."""
    return Person(known_as(towns), assurance.ONE_FACTOR, towns.person.auth_time)


def wish(towns: Pair, sub: str) -> BookingRequest:
    later = timedelta(days=1)
    place = Place(desk=towns.desk, start=START + later, end=END + later, sub=sub)
    return BookingRequest(places=(place,), not_after=START, consent_version="3")


def push(towns: Pair, event: SecurityEvent, **signing: Any) -> None:
    given = {"audience": HOST, "txn": "t", "now": towns.clock(), **signing}
    key = given.pop("key", towns.home.keys.protocol.current)
    events.push(towns.home.peer, f"{HOST}/api/v1/events", events.sign(key, event, **given))


def disabled(towns: Pair, **changes: Any) -> SecurityEvent:
    return SecurityEvent(**{"kind": ACCOUNT_DISABLED, "issuer": HOME, "subject": "s", "at": towns.clock(), **changes})


def end_sessions(towns: Pair) -> None:
    with towns.home.storage.transaction(write=True) as db:
        leaving.end_sessions(db, towns.person.staff_id, by="staff:9", initiator="admin", now=towns.clock())
    assert jobs.deliver(towns.home).done == 1


def test_a_token_that_is_out_already_is_dead(towns: Pair) -> None:
    booked(towns)
    token = towns.home.hosts(HOST)._person_token(person(towns))  # type: ignore[attr-defined]
    end_sessions(towns)
    url = f"{HOST}/api/v1/bookings/{uuid4()}"
    answer = towns.home.peer.request("PUT", url, audience=HOST, token=token, body=wish(towns, known_as(towns)).text())
    assert answer.status == 401
    assert lines(towns, "token-use") == [(HOME, known_as(towns), "refused")]


def test_an_ended_sign_in_is_vouched_for_in_vain_and_a_new_one_books(towns: Pair) -> None:
    booked(towns)
    end_sessions(towns)
    with pytest.raises(TachiyoriError):
        towns.home.hosts(HOST).put_booking(str(uuid4()), wish(towns, known_as(towns)), person(towns))
    anew = Person(known_as(towns), assurance.ONE_FACTOR, towns.clock.pass_by(seconds=1))
    assert towns.home.hosts(HOST).put_booking(str(uuid4()), wish(towns, anew.sub), anew).state == "confirmed"


def test_a_changed_password_is_told_to_the_hosts(towns: Pair) -> None:
    booked(towns)
    with towns.home.storage.transaction(write=True) as db:
        staff_id = towns.person.staff_id
        announcements.credential_changed(db, staff_id, "password", "update", by="user", now=towns.clock())
    assert jobs.deliver(towns.home).done == 1
    assert is_ended(towns, known_as(towns))


def test_each_event_leaves_one_line_at_the_host(towns: Pair) -> None:
    push(towns, disabled(towns))
    assert lines(towns, "security-event") == [(HOME, "s", "allowed")]


def test_the_same_token_counts_once(towns: Pair) -> None:
    token = events.sign(towns.home.keys.protocol.current, disabled(towns), audience=HOST, txn="t", now=towns.clock())
    events.push(towns.home.peer, f"{HOST}/api/v1/events", token)
    with pytest.raises(PeerRefused):
        events.push(towns.home.peer, f"{HOST}/api/v1/events", token)
    assert lines(towns, "security-event") == [(HOME, "s", "allowed"), ("stranger", f"'{HOME}'", "refused")]


def test_town_a_ends_nobody_of_town_b(towns: Pair) -> None:
    foreign = {"format": "iss_sub", "iss": HOST, "sub": "s"}
    claims = {"iss": HOME, "aud": HOST, "sub_id": foreign, "events": {ACCOUNT_DISABLED: {}}}
    token = EVENT.sign(towns.home.keys.protocol.current, claims, now=towns.clock())
    with pytest.raises(PeerRefused) as refusal:
        events.push(towns.home.peer, f"{HOST}/api/v1/events", token)
    assert b'"access_denied"' in refusal.value.body
    with towns.host.storage.transaction() as db:
        assert db.scalars(select(Ending)).all() == []


def test_no_town_speaks_for_the_registry(towns: Pair) -> None:
    hint = SecurityEvent(STATUS_CHANGED, HOME, f"{HOME}/federation/status-list", towns.clock())
    with pytest.raises(PeerRefused):
        push(towns, hint)


@pytest.mark.parametrize("key", ["federation", "passes"])
def test_another_key_than_the_protocols_is_refused(towns: Pair, key: str) -> None:
    with pytest.raises(PeerRefused) as refusal:
        push(towns, disabled(towns), key=getattr(towns.home.keys, key).current)
    assert b'"invalid_request"' in refusal.value.body


def test_who_is_no_member_is_an_invalid_issuer(towns: Pair) -> None:
    with pytest.raises(PeerRefused) as refusal:
        push(towns, disabled(towns, issuer="https://node.other.example"))
    assert b'"invalid_issuer"' in refusal.value.body


def test_an_event_for_another_recipient_is_refused(towns: Pair) -> None:
    with pytest.raises(PeerRefused):
        push(towns, disabled(towns), audience=REGISTRY)


def test_another_media_type_is_refused(towns: Pair) -> None:
    answer = towns.wire.apps[HOST].test_client().post("/api/v1/events", data="{}", content_type="application/json")
    assert answer.status_code == 400
    assert b'"invalid_request"' in answer.data


def test_an_oversized_event_is_not_read(towns: Pair) -> None:
    answer = towns.wire.apps[HOST].test_client().post("/api/v1/events", data="x" * 9000, content_type=events.MEDIA_TYPE)
    assert answer.status_code == 413


def test_a_suspended_member_is_not_heard_until_it_is_lifted(towns: Pair) -> None:
    towns.registry.statuses[0] = "suspended"
    towns.registry.later(seconds=30)
    towns.host.members.refresh_status(towns.registry.now)
    with pytest.raises(PeerRefused):
        push(towns, disabled(towns, kind=SESSION_REVOKED))


def test_a_token_is_dead_after_five_minutes_though_every_push_is_lost(towns: Pair) -> None:
    booked(towns)
    token = towns.home.hosts(HOST)._person_token(person(towns))  # type: ignore[attr-defined]
    url = f"{HOST}/api/v1/bookings/{uuid4()}"
    for passed, status in ((timedelta(minutes=4, seconds=59), 400), (timedelta(seconds=11), 401)):
        towns.clock.now += passed
        answer = towns.home.peer.request("PUT", url, audience=HOST, token=token, body="{}")
        assert answer.status == status


def test_how_events_are_told_is_published(towns: Pair) -> None:
    said = towns.wire.apps[HOST].test_client().get("/.well-known/ssf-configuration").get_json()
    assert (said["issuer"], said["delivery_methods_supported"]) == (HOST, ["urn:ietf:rfc:8935"])
    exchange = entity.metadata(towns.host.config, towns.host.keys.protocol)["desk_exchange"]
    assert exchange["events_endpoint"] == f"{HOST}/api/v1/events"
