"""異動・退職の名簿: what a list does on its day, to whom, and to nobody else. On both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from federation.errors import BadInput, NotFound, TooMany
from federation.outbox import Promise
from federation.storage import Storage
from node import notices, yearlists
from node.home import asking, conditions, trips
from node.models.staff import Staff
from node.models.stafflists import PlannedList
from node.models.trips import Trip
from node.people import staff as directory
from node.people import stafflist
from node.people.signin import SignedIn
from node.town import Town
from tests.node.home.conftest import NOW, Clock, clock, host, metadatas, person, town, wish

__all__ = ["clock", "host", "metadatas", "person", "town", "wish"]
HEADING = "職員番号,氏名,所属,権限"
STAYS = """000001,同僚 花子,財政課,
000200,人事 二郎,人事課,人事担当
000300,財政 課長,財政課,所属長
"""
MOVED = f"{HEADING}\n{STAYS}012345,立寄 太郎,財政課,\n000777,新人 一郎,企画課,\n"
DAY = date(2026, 11, 26)
Make = Callable[..., trips.Wish]


@pytest.fixture
def personnel(town: Town, person: SignedIn) -> Staff:
    with town.storage.transaction(write=True) as db:
        directory.add(db, number="000300", name="財政 課長", section="財政課", roles=("staff", "manager"), now=NOW)
        directory.add(db, number="000100", name="課長 一郎", section="企画課", roles=("staff", "manager"), now=NOW)
        return directory.add(
            db, number="000200", name="人事 二郎", section="人事課", roles=("staff", "personnel"), now=NOW
        )


@pytest.fixture
def planned(town: Town, personnel: Staff) -> Callable[..., str]:
    def plan(text: str = MOVED, effective: date = DAY) -> str:
        content = text.encode()
        with town.storage.transaction(write=True) as db:
            listed = stafflist.read(content)
            return yearlists.plan(db, content, listed, effective=effective, by=personnel.id, now=NOW).id

    return plan


def _person(storage: Storage, number: str) -> Staff | None:
    with storage.transaction() as db:
        return directory.find(db, number)


def test_before_its_day_a_list_changes_nothing(town: Town, planned: Callable[..., str], clock: Clock) -> None:
    planned()
    clock.pass_by(days=1)
    assert yearlists.carry_out(town.storage, now=clock()) == 0
    assert _person(town.storage, "000777") is None
    before = _person(town.storage, "012345")
    assert before is not None
    assert before.section == "企画課"


def test_on_its_day_it_is_taken_over_once_and_forgotten(
    town: Town, planned: Callable[..., str], personnel: Staff, clock: Clock
) -> None:
    list_id = planned()
    clock.pass_by(days=1, hours=15)  # Midnight in Japan.
    assert yearlists.carry_out(town.storage, now=clock()) == 1
    assert yearlists.carry_out(town.storage, now=clock()) == 0
    moved, joined, left = (_person(town.storage, number) for number in ("012345", "000777", "000100"))
    assert moved is not None
    assert joined is not None
    assert left is not None
    assert (moved.section, joined.name, left.left_on) == ("財政課", "新人 一郎", DAY)
    with town.storage.transaction() as db:
        row = db.get_one(PlannedList, list_id)
        assert (row.state, row.content) == ("done", b"")
        told = notices.latest(db, personnel.id)[0]
        assert (told.facts["moving"], told.facts["leaving"]) == ("1", "1")


def test_what_is_booked_moves_along_and_the_new_superior_is_asked(
    town: Town, planned: Callable[..., str], personnel: Staff, person: SignedIn, wish: Make, clock: Clock
) -> None:
    with town.storage.transaction(write=True) as db:
        nothing: dict[str, Any] = {"privacy": (), "work_kinds": (), "host_codes": (), "employments_barred": ()}
        conditions.lay_down(
            db, **nothing, days_a_week=None, limit_yen=None, approval=conditions.Approving("superior"), by=personnel.id,
            now=NOW,
        )  # fmt: skip
    planned()
    far = timedelta(days=7)
    later = replace(wish(), start=wish().start + far, end=wish().end + far)
    trip_id = asking.submit(town, later, person, now=clock())
    clock.pass_by(days=2)
    yearlists.carry_out(town.storage, now=clock())
    chief = _person(town.storage, "000300")
    assert chief is not None
    with town.storage.transaction() as db:
        assert db.get_one(Trip, trip_id).section == "財政課"
        assert any("人事異動により" in one.words for one in notices.latest(db, chief.id))


def test_a_leaver_s_bookings_end_and_their_host_is_told(
    town: Town, planned: Callable[..., str], person: SignedIn, wish: Make, clock: Clock
) -> None:
    planned(f"{HEADING}\n{STAYS}000100,課長 一郎,企画課,所属長\n")
    far = timedelta(days=7)
    trip_id = asking.submit(town, replace(wish(), start=wish().start + far, end=wish().end + far), person, now=clock())
    clock.pass_by(days=2)
    yearlists.carry_out(town.storage, now=clock())
    with town.storage.transaction() as db:
        assert db.get_one(Trip, trip_id).state == "cancelling"
        assert trips.CANCEL in db.scalars(select(Promise.kind)).all()
        assert db.get_one(Staff, person.staff_id).session_epoch == 2


def test_who_was_added_since_does_not_leave_by_it(town: Town, planned: Callable[..., str], clock: Clock) -> None:
    planned()
    with town.storage.transaction(write=True) as db:
        directory.add(db, number="000888", name="途中 採用", now=clock.pass_by(hours=1))
    clock.pass_by(days=2)
    yearlists.carry_out(town.storage, now=clock())
    added = _person(town.storage, "000888")
    assert added is not None
    assert added.left_on is None


def test_a_list_that_is_withdrawn_comes_to_nothing(
    town: Town, planned: Callable[..., str], personnel: Staff, clock: Clock
) -> None:
    list_id = planned()
    with town.storage.transaction(write=True) as db:
        yearlists.withdraw(db, list_id, by=personnel.id, now=NOW)
    clock.pass_by(days=3)
    assert yearlists.carry_out(town.storage, now=clock()) == 0
    with town.storage.transaction(write=True) as db, pytest.raises(NotFound):
        yearlists.withdraw(db, list_id, by=personnel.id, now=NOW)


def test_what_cannot_be_taken_over_is_told_and_changes_nothing(
    town: Town, planned: Callable[..., str], personnel: Staff, clock: Clock
) -> None:
    planned()
    with town.storage.transaction(write=True) as db:
        own = directory.get(db, personnel.id)
        directory.give_roles(own, ["staff", "personnel", "manager"])
    clock.pass_by(days=2)
    assert yearlists.carry_out(town.storage, now=clock()) == 1
    assert _person(town.storage, "000777") is None
    with town.storage.transaction() as db:
        assert db.scalars(select(PlannedList.state)).all() == ["failed"]
        assert "取り込めませんでした" in notices.latest(db, personnel.id)[0].words


@pytest.mark.parametrize("effective", [NOW.date(), date(2026, 1, 1), date(2028, 4, 1)])
def test_a_day_that_is_none_is_refused(planned: Callable[..., str], effective: date) -> None:
    with pytest.raises(BadInput):
        planned(effective=effective)


def test_only_so_many_lists_wait(planned: Callable[..., str]) -> None:
    for _ in range(yearlists.MOST):
        planned()
    with pytest.raises(TooMany):
        planned()
