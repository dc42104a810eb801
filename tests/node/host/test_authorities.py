"""An agreement for the staff of some 任命権者: who comes under it, and that nobody is asked where it does not matter."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.errors import BadInput, BookingRefused
from federation.messages.booking import BookingChange, BookingRequest, Place, QuoteRequest, Reason, Visitor
from federation.storage import Storage
from node.host import changes, judging, versions
from node.host.passes import Passes
from node.models.agreements import Agreement
from tests.node import agreed
from tests.node.host.conftest import NOON, NOW, SAITAMA, TEN, Desks, Put, person, wish


@pytest.fixture(autouse=True)
def only_schools(storage: Storage, desks: Desks) -> None:
    """Let the one agreement be for the staff of the 教育委員会."""
    with storage.transaction(write=True) as db:
        agreed.amend(db, db.scalars(select(Agreement)).one(), {"authorities": ["教育委員会"]})


def serving(authority: str | None, desks: Desks) -> BookingRequest:
    """A wish of somebody whose home names this 任命権者."""
    return wish(desks.first, visitors=(Visitor(sub=person(0), name="学", authority=authority),))


def refused(act: Callable[[], object]) -> list[str]:
    """The codes of the reasons why it is refused."""
    with pytest.raises(BookingRefused) as refusal:
        act()
    reasons: Sequence[Reason] = refusal.value.reasons  # type: ignore[assignment]  # What ``BookingRefused`` carries.
    assert all(reason.side == "host" and reason.change_ja and "教育委員会" in reason.ja for reason in reasons)
    return [reason.code for reason in reasons]


def test_whom_the_agreement_is_for_comes(put: Put, desks: Desks) -> None:
    assert put(serving("教育委員会", desks)).state == "confirmed"


@pytest.mark.parametrize("authority", ["知事部局", "", None])
def test_others_and_whose_home_says_nothing_do_not(put: Put, desks: Desks, authority: str | None) -> None:
    assert refused(lambda: put(serving(authority, desks))) == ["authority-not-agreed"]


def test_each_visitor_is_judged_for_themselves(put: Put, desks: Desks) -> None:
    visitors = tuple(
        Visitor(sub=person(number), name="学", authority=name) for number, name in enumerate(["教育委員会", "知事部局"])
    )
    assert refused(lambda: put(wish(desks.first, desks.second, visitors=visitors))) == ["authority-not-agreed"]


@pytest.mark.parametrize(("authority", "allowed"), [("教育委員会", True), ("知事部局", False), (None, True)])
def test_a_quote_says_so_beforehand_where_the_home_names_it(
    storage: Storage, desks: Desks, authority: str | None, *, allowed: bool
) -> None:
    place = Place(desk=desks.first, start=TEN, end=NOON, sub=person(0))
    with storage.transaction() as db:
        quote = judging.quote(db, SAITAMA, QuoteRequest(places=(place,), authority=authority), NOW)
    assert quote.allowed is allowed


def move(storage: Storage, passes: Passes, uuid: str, desk: str) -> None:
    place = Place(desk=desk, start=TEN, end=NOON + timedelta(hours=1), sub=person(0))
    wanted = BookingChange(command="7d1b43a4-7b7e-4c58-9d0e-0a5a7a1c0001", action="move", places=(place,))
    with storage.transaction(write=True) as db:
        changes.change(db, passes, SAITAMA, uuid, wanted, version=1, now=NOW)


def test_a_booking_under_it_moves_without_being_asked_again(
    put: Put, storage: Storage, passes: Passes, desks: Desks
) -> None:
    move(storage, passes, put(serving("教育委員会", desks)).id, desks.first)


def test_a_booking_under_another_does_not_slip_in_by_moving(
    put: Put, storage: Storage, passes: Passes, desks: Desks
) -> None:
    with storage.transaction(write=True) as db:
        brief = agreed.conclude(db, {"name": "短時間", "home_code": SAITAMA.code, "longest_minutes": 120})
    booking = put(serving("知事部局", desks))
    assert booking.state == "confirmed"
    assert brief.name == "短時間"
    assert refused_by_any(lambda: move(storage, passes, booking.id, desks.first))


def refused_by_any(act: Callable[[], object]) -> bool:
    """Say whether it is refused, by whichever agreement."""
    with pytest.raises(BookingRefused):
        act()
    return True


@pytest.mark.parametrize("homes", [{"home_code": None}, {"home_code": None, "home_codes": ["11"]}])
def test_only_towns_that_confirm_it_can_be_asked(storage: Storage, homes: dict[str, object]) -> None:
    with storage.transaction(write=True) as db, pytest.raises(BadInput) as error:
        agreed.conclude(db, {"name": "みんな", "authorities": ["教育委員会"], **homes})
    assert error.value.field == "authorities"


def test_terms_without_the_bound_read_as_they_always_did(storage: Storage) -> None:
    with storage.transaction(write=True) as db:
        agreement = db.scalars(select(Agreement)).one()
        assert versions.terms_of(db, agreement)["authorities"] == ["教育委員会"]
        agreed.amend(db, agreement, {"authorities": []})
        assert (agreement.authorities, "authorities" in versions.terms_of(db, agreement)) == ([], False)
