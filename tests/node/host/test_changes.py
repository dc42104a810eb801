"""What home may command of a booking: confirm, move, extend, arrive, leave."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from federation import cards
from federation.errors import (
    BadDeskCode,
    BadInput,
    BookingLapsed,
    BookingRefused,
    Conflict,
    DeskTaken,
    NotNow,
    PreconditionFailed,
)
from federation.feed import Feeds
from federation.messages.booking import Booking, BookingChange, Visitor
from federation.rules import UNAPPROVED
from federation.storage import Storage
from node.host import changes, codes, visitors
from node.host.passes import Passes
from node.models.agreements import Agreement
from node.models.bookings import ManifestName
from node.models.sites import Desk
from tests.contention import at_once
from tests.node import agreed
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, page, person, wish

Patch = Callable[..., Booking]


@pytest.fixture
def patch(storage: Storage, passes: Passes) -> Patch:
    """PATCH a booking as it was last seen, with a new command unless one is given."""

    def patch(seen: Booking, action: str, *, command: str = "", now: datetime = NOW, **members: Any) -> Booking:
        text = {"command": command or str(uuid4()), "action": action, **members}
        with storage.transaction(write=True) as db:
            change = BookingChange.model_validate(text)
            return changes.change(db, passes, SAITAMA, seen.id, change, version=seen.version, now=now)

    return patch


def code_of(storage: Storage, desk: str) -> str:
    """The code printed on a desk."""
    with storage.transaction() as db:
        return codes.shown(db.get_one(Desk, desk).code)


def approve_at_the_host(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        db.execute(update(Agreement).values(host_approves=True))


def test_a_hold_waits_for_the_evening_of_the_next_working_day(put: Put, desks: Desks) -> None:
    start = NOW + timedelta(days=3)
    booking = put(wish(desks.first, start=start, end=start + timedelta(hours=1), hold=True))
    assert (booking.state, booking.visit_pass) == ("held", "")
    assert booking.hold_until == datetime.fromisoformat("2026-11-25T17:15+09:00")


def test_a_hold_is_never_kept_past_its_start(put: Put, desks: Desks) -> None:
    assert put(wish(desks.first, hold=True)).hold_until == TEN


def test_home_confirms_what_is_held(put: Put, patch: Patch, desks: Desks) -> None:
    booking = patch(put(wish(desks.first, hold=True)), "confirm")
    assert (booking.state, booking.version, booking.hold_until) == ("confirmed", 2, None)
    assert booking.visit_pass


def test_a_hold_that_ran_out_cannot_be_confirmed(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first, hold=True))
    with pytest.raises(BookingLapsed):
        patch(booking, "confirm", now=TEN)


def test_a_hold_that_ran_out_gives_way(put: Put, desks: Desks, storage: Storage, feeds: Feeds) -> None:
    start = NOW + timedelta(days=3)
    late = wish(desks.first, start=start, end=start + timedelta(hours=1), hold=True)
    held = put(late)
    later = late.model_copy(update={"not_after": start, "hold": False})
    assert put(later, now=NOW + timedelta(days=2)).state == "confirmed"
    states = {item.id: item.data["state"] for item in page(storage, feeds, "visits:17")}
    assert states[held.id] == "lapsed"


def test_the_host_may_have_to_say_yes_too(put: Put, patch: Patch, desks: Desks, storage: Storage) -> None:
    approve_at_the_host(storage)
    assert put(wish(desks.second, first=3)).state == "requested"
    assert patch(put(wish(desks.first, hold=True)), "confirm").state == "requested"


def test_a_move_takes_the_new_desk_and_frees_the_old(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first))
    moved = patch(booking, "move", places=wish(desks.second).places)
    assert (moved.state, moved.version, moved.places[0].desk) == ("confirmed", 2, desks.second)
    assert put(wish(desks.first, first=1)).state == "confirmed"


def test_a_name_stays_until_after_the_visit_wherever_it_is_moved(
    put: Put, patch: Patch, desks: Desks, storage: Storage
) -> None:
    booking = put(wish(desks.first, visitors=(Visitor(sub=person(), name="埼玉 花子"),)))
    later = wish(desks.first, start=TEN + timedelta(days=14), end=NOON + timedelta(days=14))
    patch(booking, "move", places=later.places)
    with storage.transaction(write=True) as db:
        visitors.purge_names(db, NOON + timedelta(days=14))
        assert db.scalars(select(ManifestName.name)).all() == ["埼玉 花子"]
        visitors.purge_names(db, NOON + timedelta(days=22))
        assert db.scalars(select(ManifestName.name)).all() == []


def test_a_card_stays_with_its_visitor_when_the_booking_is_moved(
    put: Put, patch: Patch, desks: Desks, storage: Storage, passes: Passes
) -> None:
    with storage.transaction(write=True) as db:
        db.execute(update(Agreement).values(named_manifest=False))
    card = cards.digest(cards.salt(), "埼玉 花子", "S1001")
    booking = put(wish(desks.first, visitors=(Visitor(sub=person(), name="-", card=card),)))
    moved = patch(booking, "move", places=wish(desks.second).places)
    assert passes.verify(moved.visit_pass, TEN)["card"] == card


def test_a_move_within_its_own_time_does_not_clash_with_itself(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first))
    later = wish(desks.first, start=TEN + timedelta(hours=1), end=NOON + timedelta(hours=1))
    assert patch(booking, "move", places=later.places).places[0].start == TEN + timedelta(hours=1)


def test_a_move_onto_somebody_is_refused_and_changes_nothing(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first))
    put(wish(desks.second, first=1))
    with pytest.raises(DeskTaken):
        patch(booking, "move", places=wish(desks.second).places)
    assert put(wish(desks.first), uuid=booking.id).version == 1


def test_a_move_can_give_up_a_place(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first, desks.second))
    moved = patch(booking, "move", places=wish(desks.first).places)
    assert [place.desk for place in moved.places] == [desks.first]
    assert put(wish(desks.second, first=4)).state == "confirmed"


def test_two_who_swap_to_one_desk_at_once_do_not_both_get_it(put: Put, patch: Patch, desks: Desks) -> None:
    seen = [put(wish(desks.first)), put(wish(desks.second, first=1))]
    wishes = [wish(desks.booth), wish(desks.booth, first=1)]
    raised = at_once(2, lambda number: patch(seen[number], "move", places=wishes[number].places))
    assert [type(error) for error in raised] == [DeskTaken]


def test_an_extension_only_moves_the_end(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first))
    longer = wish(desks.first, end=NOON + timedelta(hours=1)).places
    assert patch(booking, "extend", places=longer, now=TEN).places[0].end == NOON + timedelta(hours=1)
    with pytest.raises(BadInput) as refusal:
        patch(booking, "extend", places=wish(desks.second).places)
    assert refusal.value.field == "places.0"


def test_an_extension_keeps_the_arrival(put: Put, patch: Patch, desks: Desks, storage: Storage) -> None:
    booking = patch(put(wish(desks.first)), "arrive", desk_code=code_of(storage, desks.first), now=TEN)
    longer = wish(desks.first, end=NOON + timedelta(hours=1)).places
    extended = patch(booking, "extend", places=longer, now=NOON - timedelta(minutes=5))
    assert (extended.state, extended.places[0].arrived_at) == ("checked_in", TEN)


def refused_for_a_yes(act: Callable[[], object]) -> bool:
    with pytest.raises(BookingRefused) as refusal:
        act()
    return [one.code for one in refusal.value.reasons] == [UNAPPROVED]  # type: ignore[attr-defined]  # What ``BookingRefused`` carries.


def test_an_extension_needs_another_yes_where_the_host_approves(
    put: Put, patch: Patch, desks: Desks, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    approve_at_the_host(storage)
    longer = wish(desks.first, end=NOON + timedelta(hours=1)).places
    assert refused_for_a_yes(lambda: patch(booking, "extend", places=longer, now=TEN))


def test_what_waits_for_the_host_may_ask_for_longer(put: Put, patch: Patch, desks: Desks, storage: Storage) -> None:
    approve_at_the_host(storage)
    booking = put(wish(desks.first))
    longer = wish(desks.first, end=NOON + timedelta(hours=1)).places
    assert patch(booking, "extend", places=longer).state == "requested"


def test_an_extension_does_not_slip_under_an_agreement_that_wants_a_yes(
    put: Put, patch: Patch, desks: Desks, storage: Storage
) -> None:
    booking = put(wish(desks.first))
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"longest_minutes": 120})
        agreed.conclude(db, {"name": "長時間", "home_code": SAITAMA.code, "host_approves": True})
    longer = wish(desks.first, end=NOON + timedelta(hours=1)).places
    with pytest.raises(BookingRefused):
        patch(booking, "extend", places=longer, now=TEN)


def test_the_wrong_version_is_refused(put: Put, patch: Patch, desks: Desks) -> None:
    booking = put(wish(desks.first))
    patch(booking, "move", places=wish(desks.second).places)
    with pytest.raises(PreconditionFailed):
        patch(booking, "move", places=wish(desks.booth).places)


def test_the_same_command_again_changes_nothing(put: Put, patch: Patch, desks: Desks) -> None:
    booking, command = put(wish(desks.first)), str(uuid4())
    for _ in range(3):
        moved = patch(booking, "move", command=command, places=wish(desks.second).places)
    assert moved.version == 2


def test_the_same_command_ten_times_at_once_is_done_once(put: Put, patch: Patch, desks: Desks) -> None:
    booking, command = put(wish(desks.first)), str(uuid4())
    places = wish(desks.second).places
    assert at_once(10, lambda _number: patch(booking, "move", command=command, places=places)) == []
    assert put(wish(desks.second), uuid=booking.id).version == 2


def test_a_visitor_arrives_by_the_desks_code_and_leaves(put: Put, patch: Patch, desks: Desks, storage: Storage) -> None:
    typed = code_of(storage, desks.first).lower().replace("-", " ")
    here = patch(put(wish(desks.first)), "arrive", desk_code=typed, now=TEN - timedelta(minutes=30))
    assert here.state == "checked_in"
    gone = patch(here, "leave", now=TEN + timedelta(hours=1))
    assert (gone.state, gone.places[0].left_at) == ("completed", TEN + timedelta(hours=1))
    assert put(wish(desks.first, start=TEN + timedelta(hours=1), first=1)).state == "confirmed"


@pytest.mark.parametrize("moment", [TEN - timedelta(minutes=31), NOON])
def test_nobody_arrives_too_early_or_too_late(
    put: Put, patch: Patch, desks: Desks, storage: Storage, moment: datetime
) -> None:
    with pytest.raises(NotNow) as refusal:
        patch(put(wish(desks.first)), "arrive", desk_code=code_of(storage, desks.first), now=moment)
    assert refusal.value.facts == {"window": "09:30–12:00"}


def test_another_desks_code_does_not_check_in(put: Put, patch: Patch, desks: Desks, storage: Storage) -> None:
    with pytest.raises(BadDeskCode):
        patch(put(wish(desks.first)), "arrive", desk_code=code_of(storage, desks.second), now=TEN)


def test_what_is_held_does_not_open_the_door(put: Put, patch: Patch, desks: Desks, storage: Storage) -> None:
    with pytest.raises(Conflict):
        patch(put(wish(desks.first, hold=True)), "arrive", desk_code=code_of(storage, desks.first), now=TEN)
