"""利用停止 and 当人認証保証レベル: who is taken in, for how long not, and that nobody learns why of another."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from federation.errors import BadInput, BookingRefused
from federation.members import Member
from federation.messages.booking import QuoteRequest
from federation.storage import Storage
from node.host import blocks, bookings, judging
from node.host.blocks import Whom
from node.host.passes import Passes
from node.models.agreements import Agreement
from node.models.bookings import Booking
from node.people import assurance
from node.people import staff as directory
from tests.node import agreed
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, person, wish

TODAY = date(2026, 11, 24)
SECRET = "備品を壊した"


@pytest.fixture
def by(storage: Storage, desks: Desks) -> int:
    with storage.transaction(write=True) as db:
        return directory.add(db, number="1", name="施設 花子", now=NOW).id


def _block(storage: Storage, whom: Whom, by: int, days: int = 7) -> int:
    with storage.transaction(write=True) as db:
        return blocks.block(db, whom, TODAY, TODAY + timedelta(days=days), SECRET, by=by, now=NOW).id


def test_a_blocked_person_is_refused_until_the_day_and_never_told_why(
    storage: Storage, put: Put, desks: Desks, by: int
) -> None:
    number = _block(storage, Whom(SAITAMA.code, person(0)), by)
    with pytest.raises(BookingRefused) as no:
        put(wish(desks.first))
    said = str(no.value.reasons)
    assert "2026-12-01" in said
    assert SECRET not in said
    assert put(wish(desks.first, first=1)).state == "confirmed"
    week = timedelta(days=8)
    assert put(wish(desks.second, start=TEN + week, end=NOON + week)).state == "confirmed"
    with storage.transaction(write=True) as db:
        blocks.lift(db, number, by=by, now=NOW)
    assert put(wish(desks.second)).state == "confirmed"


def test_a_blocked_town_is_refused_in_the_quote_and_the_booking_alike(
    storage: Storage, put: Put, desks: Desks, by: int
) -> None:
    _block(storage, Whom(SAITAMA.code), by)
    asked = wish(desks.first)
    with storage.transaction() as db:
        quote = judging.quote(db, SAITAMA, QuoteRequest(places=asked.places), NOW)
    assert [reason.code for reason in quote.reasons] == ["blocked"]
    with pytest.raises(BookingRefused):
        put(asked)


def test_what_they_have_booked_is_cancelled_where_it_is_wished(
    storage: Storage, put: Put, desks: Desks, by: int
) -> None:
    with storage.transaction(write=True) as db:
        times = dict.fromkeys(("issued", "configured", "expires", "seen_at"), NOW)
        named = {"entity_id": SAITAMA.entity_id, "code": SAITAMA.code, "name": "埼玉県"}
        db.add(Member(id=SAITAMA.id, statement="", configuration="", status_index=1, **named, **times))
    put(wish(desks.first))
    put(wish(desks.second, first=1))
    with storage.transaction(write=True) as db:
        whom = Whom(SAITAMA.code, person(0))
        assert blocks.call_off(db, whom, TODAY, TODAY, now=NOW) == 1
        assert blocks.call_off(db, whom, TODAY, TODAY, now=NOW) == 0
    with storage.transaction() as db:
        assert sorted(one.state for one in db.scalars(select(Booking))) == ["cancelled", "confirmed"]


@pytest.mark.parametrize("until", [TODAY - timedelta(days=1), TODAY + timedelta(days=5 * 366)])
def test_days_that_are_none_are_refused(storage: Storage, by: int, until: date) -> None:
    with storage.transaction(write=True) as db, pytest.raises(BadInput):
        blocks.block(db, Whom(SAITAMA.code), TODAY, until, SECRET, by=by, now=NOW)


@pytest.mark.parametrize(
    ("acr", "level", "allowed"),
    [
        (assurance.ONE_FACTOR, 1, True),
        (assurance.ONE_FACTOR, 2, False),
        (assurance.TWO_FACTORS, 2, True),
        (assurance.TWO_FACTORS, 3, False),
        (assurance.HARDWARE_FACTORS, 3, True),
        ("", 2, False),
        ("urn:tachiyori:aal:9", 2, False),
    ],
)
def test_an_agreement_asks_for_a_level_and_says_how_to_get_it(
    storage: Storage, passes: Passes, desks: Desks, acr: str, level: int, *, allowed: bool
) -> None:
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"assurance": level})
    uuid = "5a3c9f58-7c1e-4c58-9d0e-0a5a7a1c0009"
    refused = []
    with storage.transaction(write=True) as db:
        try:
            bookings.decide(db, passes, SAITAMA, uuid, wish(desks.first), acr=acr, now=NOW)
        except BookingRefused as no:
            refused = [(reason.code, bool(reason.change_ja)) for reason in no.reasons]  # type: ignore[attr-defined]  # Reasons of the wire.
    assert refused == ([] if allowed else [("assurance-too-low", True)])
