"""A visit between two whole towns, over the real protocol: grants, tokens, proofs, bookings, feeds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, select

from federation import outbox
from federation.errors import BadInput, BookingRefused, DeskTaken, NotFound, PeerRefused, TachiyoriError
from federation.host import Person
from federation.messages.booking import BookingRequest, Place, QuoteRequest
from federation.tokens import VISIT_GRANT
from node import notices
from node.home import asking, behalf, conditions, extensions, following, moves, trips
from node.host import closures
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.models.sites import Desk
from node.models.tables import METADATAS
from node.models.trips import Trip
from node.people import assurance
from node.people import staff as people
from tests.databases import Databases
from tests.node import agreed
from tests.node.pair import DESK_CODE, HOME, HOST, Pair, admit, offered, pair

START, END = datetime(2026, 11, 24, 4, 0, tzinfo=UTC), datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def metadatas() -> tuple[MetaData, ...]:
    return METADATAS


@pytest.fixture
def towns(databases: Databases, metadatas: tuple[MetaData, ...], tmp_path: Path) -> Iterator[Pair]:
    """Two towns; what each database does is tested elsewhere, so one kind is enough."""
    urls = []
    for name in ("home", "host"):
        (tmp_path / name).mkdir()
        urls.append(databases.sqlite(metadatas, tmp_path / name))
    made = pair(tmp_path, *urls)
    yield made
    for town in (made.home, made.host):
        town.storage.close()
        town.proofs.close()


def wish(towns: Pair, **changes: Any) -> trips.Wish:
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    facts = {"start": START, "end": END, "work_kind": "satellite", "confidentiality": "2", "consent_version": "3"}
    return trips.Wish(towns.person.staff_id, HOST, "千代田区", site, desk, **{**facts, **changes})


def booked(towns: Pair) -> str:
    return asking.submit(towns.home, wish(towns), towns.person, now=towns.clock())


def trip(towns: Pair, trip_id: str) -> Trip:
    with towns.home.storage.transaction() as db:
        return db.get_one(Trip, trip_id)


def test_a_listing_is_what_the_host_publishes(towns: Pair) -> None:
    site, desk = towns.home.hosts(HOST).listing(towns.desk)
    assert (site.name, desk.name, desk.url) == ("千代田合同庁舎", "A-1", f"{HOST}/desks/{towns.desk}")


def test_a_person_is_vouched_for_and_books(towns: Pair) -> None:
    found = trip(towns, booked(towns))
    assert (found.state, len(found.short_code), len(found.visit_pass)) == ("confirmed", 7, 210)
    assert ("POST", "/oauth/token", 200) in towns.wire.passed


def test_a_retry_by_the_home_itself_finds_the_same_booking(towns: Pair) -> None:
    towns.wire.lose_answers = True
    trip_id = booked(towns)
    assert trip(towns, trip_id).state == "asking"
    towns.wire.lose_answers = False
    outbox.deliver(towns.home.storage, asking.carriers(towns.home), now=towns.clock.pass_by(minutes=1))
    assert trip(towns, trip_id).state == "confirmed"


def test_the_hosts_reasons_come_back_in_both_languages(towns: Pair) -> None:
    sunday = {"start": datetime(2026, 11, 29, 4, tzinfo=UTC), "end": datetime(2026, 11, 29, 6, tzinfo=UTC)}
    with pytest.raises(BookingRefused) as refusal:
        asking.submit(towns.home, wish(towns, **sunday), towns.person, now=towns.clock())
    (reason,) = refusal.value.__dict__["reasons"]
    assert (reason.code, reason.side) == ("closed", "host")
    assert reason.ja != reason.en


def test_a_taken_desk_comes_back_as_taken(towns: Pair) -> None:
    booked(towns)
    sub = "somebody-else-of-this-home"
    with pytest.raises(DeskTaken):
        towns.home.hosts(HOST).put_booking(
            "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009",
            request_for(towns, sub),
            Person(sub, assurance.ONE_FACTOR, towns.clock()),
        )


def request_for(towns: Pair, sub: str) -> BookingRequest:
    place = Place(desk=towns.desk, start=START, end=END, sub=sub)
    return BookingRequest(places=(place,), not_after=START, consent_version="3")


def test_a_cancellation_frees_the_desk_at_the_host(towns: Pair) -> None:
    asking.cancel(towns.home, trip_id := booked(towns), towns.person.staff_id, now=towns.clock())
    assert trip(towns, trip_id).state == "cancelled"
    free = towns.home.hosts(HOST).availability(towns.desk, START, END).free
    assert any(span.start <= START and span.end >= END for span in free)


def test_where_a_rooms_desks_stand_is_told_alike_over_the_wire_and_at_home(towns: Pair) -> None:
    told = towns.home.hosts(HOST).plan(towns.desk)
    assert told == towns.host.hosts(HOST).plan(towns.desk)
    assert (told.columns, told.rows) == (16, 10)


def test_one_checks_in_from_home_and_the_visits_feed_agrees(towns: Pair) -> None:
    trip_id = booked(towns)
    towns.clock.now = START
    towns.registry.later(days=1, hours=1)
    renew(towns)
    asking.arrive(towns.home, trip_id, towns.person.staff_id, DESK_CODE, now=START)
    assert trip(towns, trip_id).state == "checked_in"
    assert following.follow_all(towns.home, following.sources(towns.home), now=START) == {}
    assert trip(towns, trip_id).state == "checked_in"


def test_a_closure_at_the_host_reaches_the_person_at_home(towns: Pair) -> None:
    trip_id = booked(towns)
    with towns.host.storage.transaction(write=True) as db:
        closures.close(db, db.get_one(Desk, towns.desk), START, END, template="assembly", now=towns.clock())
    following.follow_all(towns.home, following.sources(towns.home), now=towns.clock())
    assert (trip(towns, trip_id).state, trip(towns, trip_id).cause) == ("cancelled", "closure")
    with towns.home.storage.transaction() as db:
        assert notices.unread(db, towns.person.staff_id) == 1


def test_a_visit_is_extended_over_the_wire(towns: Pair) -> None:
    trip_id = booked(towns)
    asking.extend(towns.home, trip_id, towns.person.staff_id, 30, now=towns.clock())
    assert trip(towns, trip_id).end == END + timedelta(minutes=30)


def test_a_longer_stay_is_asked_of_a_host_that_approves_beside_the_one_that_stands(towns: Pair) -> None:
    trip_id = booked(towns)
    with towns.host.storage.transaction(write=True) as db:
        db.scalars(select(Agreement)).one().host_approves = True
    longer = extensions.stay_longer(towns.home, trip_id, 30, towns.person, now=towns.clock())
    assert (trip(towns, trip_id).state, trip(towns, longer).state) == ("confirmed", "requested")
    assert trip(towns, longer).start == trip(towns, trip_id).end


@pytest.mark.parametrize("approving", ["", "superior"])
def test_the_host_is_told_whether_home_approves_stays(towns: Pair, approving: str) -> None:
    no_bounds: dict[str, Any] = {"privacy": (), "work_kinds": (), "host_codes": (), "employments_barred": ()}
    with towns.home.storage.transaction(write=True) as db:
        approval = conditions.Approving(approving)
        bounds = {**no_bounds, "days_a_week": None, "limit_yen": None, "approval": approval}
        conditions.lay_down(db, **bounds, by=towns.person.staff_id, now=towns.clock())
    trip_id = booked(towns)
    with towns.host.storage.transaction() as db:
        assert db.get_one(Booking, trip_id).home_approves is bool(approving)


def test_our_own_desks_are_booked_on_the_same_path(towns: Pair) -> None:
    desk = offered(towns.home)
    site, listing = towns.home.hosts(HOME).listing(desk)
    own = trips.Wish(towns.person.staff_id, HOME, "所沢市", site, listing, START, END, "satellite", "2", "3")
    trip_id = asking.submit(towns.home, own, towns.person, now=towns.clock())
    assert trip(towns, trip_id).state == "confirmed"
    with towns.home.storage.transaction(write=True) as db:
        closures.close(db, db.get_one(Desk, desk), START, END, template="assembly", now=towns.clock())
    assert following.follow_all(towns.home, following.sources(towns.home), now=towns.clock()) == {}
    assert trip(towns, trip_id).state == "cancelled"


def renew(towns: Pair) -> None:
    """Statements live for a day; let both towns be attested anew."""
    for index, town in enumerate((towns.home, towns.host)):
        admit(towns.registry, town.config, town, index)
    for town in (towns.home, towns.host):
        town.members.refresh(towns.registry.now)


def test_an_unknown_booking_is_not_found(towns: Pair) -> None:
    with pytest.raises(NotFound):
        towns.home.hosts(HOST).get_booking("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009")


# --- Grants that must not hold --------------------------------------------------------------------------------


def redeem(towns: Pair, *, key: Any = None, life: Any = None, **claims: Any) -> str:
    peer, now = towns.home.peer, towns.clock()
    made = {
        "iss": HOME,
        "client_id": HOME,
        "aud": HOST,
        "sub": "a-pairwise-subject",
        "acr": assurance.ONE_FACTOR,
        "auth_time": now,
        "cnf": {"jkt": peer.jkt},
        **claims,
    }
    grant = VISIT_GRANT.sign(key or towns.home.keys.protocol.current, made, now=now, life=life)
    return peer.person_token(HOST, f"{HOST}/oauth/token", grant)


def test_a_good_grant_is_redeemed_once(towns: Pair) -> None:
    assert redeem(towns, jti="once")
    with pytest.raises(PeerRefused):
        redeem(towns, jti="once")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://node.other.example", "client_id": "https://node.other.example"},
        {"aud": "https://node.other.example"},
        {"aud": f"{HOST}:8443"},
        {"cnf": {"jkt": "A" * 43}},
        {"acr": "urn:tachiyori:aal:0"},
        {"acr": "https://refeds.org/profile/mfa"},
        {"auth_time": datetime(2026, 11, 22, 3, 0, tzinfo=UTC)},
        {"auth_time": datetime(2026, 11, 23, 4, 0, tzinfo=UTC)},
    ],
    ids=str,
)
def test_a_grant_that_does_not_fit_is_refused(towns: Pair, claims: dict[str, Any]) -> None:
    with pytest.raises(TachiyoriError):
        redeem(towns, **claims)


def test_a_grant_signed_with_the_federation_key_is_refused(towns: Pair) -> None:
    with pytest.raises(PeerRefused):
        redeem(towns, key=towns.home.keys.federation.current)


def test_a_suspended_members_word_is_refused(towns: Pair) -> None:
    towns.registry.statuses[0] = "suspended"
    towns.registry.later(seconds=30)
    towns.host.members.refresh_status(towns.registry.now)
    with pytest.raises(PeerRefused):
        redeem(towns)


def test_a_refused_grant_leaves_no_booking(towns: Pair) -> None:
    person = Person("a-pairwise-subject", "urn:nobody", towns.clock())
    with pytest.raises(TachiyoriError):
        towns.home.hosts(HOST).put_booking(
            "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009", request_for(towns, "a-pairwise-subject"), person
        )
    with pytest.raises(NotFound):
        towns.home.hosts(HOST).get_booking("5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009")


def test_a_booking_moves_to_another_time_and_stands_in_its_own_way_nowhere(towns: Pair) -> None:
    trip_id, half_an_hour = booked(towns), timedelta(minutes=30)
    later = wish(towns, start=START + half_an_hour, end=END + half_an_hour)
    assert moves.foresee(towns.home, trip(towns, trip_id), later).outcome == "free"
    moves.move(towns.home, trip_id, later, str(uuid4()), version=1, now=towns.clock())
    with towns.host.storage.transaction() as db:
        (place,) = db.get_one(Booking, trip_id).places
        assert (place.start, place.end) == (later.start, later.end)
    found = trip(towns, trip_id)
    assert (found.start, found.state, found.version) == (later.start, "confirmed", 2)


def test_a_quote_besides_a_booking_of_another_home_is_refused(towns: Pair) -> None:
    place = Place(desk=towns.desk, start=START, end=END, sub="s" * 20)
    asked = QuoteRequest(places=(place,), besides=str(uuid4()))
    with pytest.raises(BadInput) as refused:
        towns.home.hosts(HOST).quote(asked)
    assert refused.value.field == "besides"


@pytest.mark.parametrize(("acr", "state"), [(assurance.TWO_FACTORS, "confirmed"), (assurance.ONE_FACTOR, "refused")])
def test_a_retry_is_as_sure_as_who_asked_was(towns: Pair, acr: str, state: str) -> None:
    with towns.host.storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"assurance": 2})
    wanted = wish(towns)
    towns.wire.down.add(HOST)
    trip_id = asking.submit(towns.home, wanted, replace(towns.person, acr=acr), now=towns.clock())
    towns.wire.down.clear()
    towns.clock.pass_by(minutes=1)
    outbox.deliver(towns.home.storage, asking.carriers(towns.home), now=towns.clock())
    assert trip(towns, trip_id).state == state


def test_a_colleagues_booking_is_as_sure_as_who_books(towns: Pair) -> None:
    with towns.host.storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"assurance": 2})
    with towns.home.storage.transaction(write=True) as db:
        by = people.add(db, number="000777", name="同僚 花子", section="企画課", now=towns.clock())
    with pytest.raises(BookingRefused):
        behalf.submit(towns.home, wish(towns), by, now=towns.clock())
    surely = replace(wish(towns), acr=assurance.TWO_FACTORS)
    assert trip(towns, behalf.submit(towns.home, surely, by, now=towns.clock())).state == "confirmed"
