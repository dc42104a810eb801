"""One desk, one person, one time: what a PUT, a retry and a DELETE do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from federation.errors import (
    BadInput,
    BookingExists,
    BookingGone,
    BookingLapsed,
    BookingRefused,
    DeskTaken,
    PersonElsewhere,
)
from federation.feed import Feeds
from federation.messages.booking import Place
from federation.storage import Storage
from node.host import alternatives, bookings, codes
from node.host.passes import Passes
from node.models.bookings import Booking, Claim
from tests.contention import at_once
from tests.node.host.conftest import CHIBA, NOON, NOW, SAITAMA, TEN, Desks, Put, page, person, wish


def test_a_wish_becomes_a_confirmed_booking(put: Put, desks: Desks) -> None:
    booking = put(wish(desks.first))
    assert (booking.state, booking.version, booking.places[0].site_name) == ("confirmed", 1, "本庁舎")
    assert len(booking.short_code) == 7


def test_a_confirmed_booking_has_a_pass_that_verifies(put: Put, desks: Desks, passes: Passes) -> None:
    booking = put(wish(desks.first))
    claims = passes.verify(booking.visit_pass, TEN)
    assert (claims["booking"], claims["version"], claims["desk"]) == (booking.id, 1, desks.first)


def test_a_short_code_that_is_taken_leads_to_another(put: Put, desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["ABCDEF", "ABCDEF", "GHJKMN"])
    monkeypatch.setattr(codes, "new", lambda: next(drawn))
    put(wish(desks.first))
    assert put(wish(desks.second, first=1)).short_code == codes.shown("HJKMNE")


def test_a_desk_is_not_booked_twice(put: Put, desks: Desks) -> None:
    put(wish(desks.first))
    with pytest.raises(DeskTaken) as refusal:
        put(wish(desks.first, first=1))
    assert [one.desk for one in refusal.value.alternatives][:2] == [desks.second, desks.booth]  # type: ignore[attr-defined]
    assert refusal.value.alternatives[-1].desk == desks.first  # type: ignore[attr-defined]


def test_the_others_are_looked_at_when_the_nearest_desks_are_taken(
    put: Put, desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alternatives, "NEAREST", 1)
    put(wish(desks.first))
    put(wish(desks.second, first=1))
    with pytest.raises(DeskTaken) as refusal:
        put(wish(desks.first, first=2))
    assert refusal.value.alternatives[0].desk == desks.booth  # type: ignore[attr-defined]  # What ``DeskTaken`` carries.


def test_touching_times_do_not_clash(put: Put, desks: Desks) -> None:
    put(wish(desks.first))
    assert put(wish(desks.first, start=NOON, end=NOON + timedelta(hours=1))).state == "confirmed"


def test_of_sixteen_contenders_one_gets_the_desk(put: Put, desks: Desks, storage: Storage) -> None:
    raised = at_once(16, lambda number: put(wish(desks.first, first=number)))
    assert {type(error) for error in raised} == {DeskTaken}
    assert len(raised) == 15
    assert all(error.alternatives for error in raised)  # type: ignore[attr-defined]
    with storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Claim).where(Claim.live)) == 1


def test_contenders_for_crossing_desks_do_not_deadlock(put: Put, desks: Desks) -> None:
    pairs = ((desks.first, desks.second), (desks.second, desks.first))
    raised = at_once(8, lambda number: put(wish(*pairs[number % 2], first=number * 2)))
    assert [type(error) for error in raised] == [DeskTaken] * 7


def test_the_same_put_ten_times_at_once_is_one_booking(put: Put, desks: Desks, storage: Storage) -> None:
    uuid, request = str(uuid4()), wish(desks.first)
    assert at_once(10, lambda _number: put(request, uuid=uuid)) == []
    with storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Booking)) == 1


def test_a_retry_is_not_judged_again(put: Put, desks: Desks) -> None:
    uuid, request = str(uuid4()), wish(desks.first)
    first = put(request, uuid=uuid)
    again = put(request, uuid=uuid, now=NOW + timedelta(days=3))
    assert again.model_copy(update={"visit_pass": ""}) == first.model_copy(update={"visit_pass": ""})


def test_the_order_of_places_does_not_matter_to_a_retry(put: Put, desks: Desks) -> None:
    uuid, request = str(uuid4()), wish(desks.first, desks.second)
    put(request, uuid=uuid)
    assert put(request.model_copy(update={"places": request.places[::-1]}), uuid=uuid).version == 1


def test_other_places_under_the_same_uuid_are_refused(put: Put, desks: Desks) -> None:
    uuid = str(uuid4())
    put(wish(desks.first), uuid=uuid)
    with pytest.raises(BookingExists):
        put(wish(desks.second), uuid=uuid)


def test_another_home_cannot_use_or_see_a_uuid(put: Put, desks: Desks, storage: Storage, passes: Passes) -> None:
    uuid = str(uuid4())
    put(wish(desks.first), uuid=uuid)
    with pytest.raises(BookingExists):
        put(wish(desks.first), uuid=uuid, home=CHIBA)
    with storage.transaction(write=True) as db:
        assert bookings.cancel(db, passes, CHIBA, uuid, now=NOW) is None
        assert bookings.show(db, passes, SAITAMA, uuid, now=NOW).state == "confirmed"


def test_a_put_after_a_delete_is_gone(put: Put, desks: Desks, storage: Storage, passes: Passes) -> None:
    uuid = str(uuid4())
    put(wish(desks.first), uuid=uuid)
    with storage.transaction(write=True) as db:
        cancelled = bookings.cancel(db, passes, SAITAMA, uuid, now=NOW)
    assert cancelled is not None
    assert (cancelled.state, cancelled.cause, cancelled.version) == ("cancelled", "home", 2)
    with pytest.raises(BookingGone):
        put(wish(desks.first), uuid=uuid)


def test_a_delete_twice_changes_nothing_more(put: Put, desks: Desks, storage: Storage, passes: Passes) -> None:
    uuid = put(wish(desks.first)).id
    with storage.transaction(write=True) as db:
        bookings.cancel(db, passes, SAITAMA, uuid, now=NOW)
        again = bookings.cancel(db, passes, SAITAMA, uuid, now=TEN)
    assert again is not None
    assert again.version == 2


def test_a_delete_frees_the_desk(put: Put, desks: Desks, storage: Storage, passes: Passes) -> None:
    uuid = put(wish(desks.first)).id
    with storage.transaction(write=True) as db:
        bookings.cancel(db, passes, SAITAMA, uuid, now=NOW)
    assert put(wish(desks.first, first=1)).state == "confirmed"


def test_a_delete_that_overtakes_its_put_leaves_a_tombstone(
    put: Put, desks: Desks, storage: Storage, passes: Passes
) -> None:
    uuid = str(uuid4())
    with storage.transaction(write=True) as db:
        assert bookings.cancel(db, passes, SAITAMA, uuid, now=NOW) is None
    with pytest.raises(BookingGone):
        put(wish(desks.first), uuid=uuid)


def test_puts_and_deletes_at_once_end_cancelled(put: Put, desks: Desks, storage: Storage, passes: Passes) -> None:
    uuid, request = str(uuid4()), wish(desks.first)

    def act(number: int) -> None:
        if number % 2:
            put(request, uuid=uuid)
            return
        with storage.transaction(write=True) as db:
            bookings.cancel(db, passes, SAITAMA, uuid, now=NOW)

    assert {type(error) for error in at_once(8, act)} <= {BookingGone}
    with storage.transaction() as db:
        assert db.get_one(Booking, uuid).state == "cancelled"


def test_a_wish_lapses(put: Put, desks: Desks) -> None:
    with pytest.raises(BookingLapsed):
        put(wish(desks.first), now=NOW + timedelta(hours=2))


def test_a_person_is_not_at_two_desks(put: Put, desks: Desks) -> None:
    put(wish(desks.first))
    with pytest.raises(PersonElsewhere) as refusal:
        put(wish(desks.second))
    assert refusal.value.facts == {"where": "本庁舎"}


def test_one_booking_cannot_name_a_desk_or_person_twice(put: Put, desks: Desks) -> None:
    with pytest.raises(BadInput) as refusal:
        put(wish(desks.first, desks.first))
    assert refusal.value.field == "places.1"


def test_a_foreign_desk_is_named_by_its_path(put: Put, desks: Desks) -> None:
    with pytest.raises(BadInput) as refusal:
        put(wish(desks.first, str(uuid4())))
    assert refusal.value.field == "places.1.desk"


def test_all_places_or_none(put: Put, desks: Desks, storage: Storage) -> None:
    put(wish(desks.first))
    with pytest.raises(DeskTaken):
        put(wish(desks.second, desks.first, first=5))
    with storage.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Booking)) == 1


def test_without_an_agreement_the_reason_is_told_in_both_languages(put: Put, desks: Desks) -> None:
    with pytest.raises(BookingRefused) as refusal:
        put(wish(desks.first), home=CHIBA)
    reason = refusal.value.reasons[0]
    assert (reason.code, reason.side) == ("no-agreement", "host")  # type: ignore[attr-defined]
    assert reason.ja  # type: ignore[attr-defined]
    assert reason.en  # type: ignore[attr-defined]


def test_the_visits_feed_tells_home_of_every_booking(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    booking = put(wish(desks.first))
    (item,) = page(storage, feeds, "visits:17")
    assert (item.kind, item.id, item.data["state"]) == ("booking", booking.id, "confirmed")
    assert page(storage, feeds, "visits:18") == ()


def test_the_offer_shrinks_by_what_is_booked(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    put(wish(desks.first))
    data = next(item.data for item in page(storage, feeds, "offers") if item.id == desks.first)
    assert data["ranges"][:2] == [
        {"start": "2026-11-24T00:00:00Z", "end": "2026-11-24T01:00:00Z"},
        {"start": "2026-11-24T03:00:00Z", "end": "2026-11-24T08:15:00Z"},
    ]


def test_a_place_holds_what_was_asked(desks: Desks) -> None:
    assert Place(desk=desks.first, start=TEN, end=NOON, sub=person()) in wish(desks.first).places
