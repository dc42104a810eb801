"""Entries that come just in time, from a source outside of the directory."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.audit import AuditEntry
from federation.errors import EntryRefused
from federation.storage import Storage
from node.models.staff import Staff
from node.people import staff as directory
from node.people.entries import Said, enter, entering
from tests.node.people.conftest import NOW

SAID = Said("https://idp.example", "f81d4fae", "012345", "立寄 太郎", section="企画課", roles=frozenset({"manager"}))


def entered(storage: Storage, said: Said = SAID, *, link_numbers: bool = False) -> Staff:
    with storage.transaction(write=True) as db:
        return enter(db, said, link_numbers=link_numbers, now=NOW)


def added(storage: Storage, left_on: date | None = None) -> Staff:
    with storage.transaction(write=True) as db:
        staff = directory.add(db, number="012345", name="同じ 番号", now=NOW)
        staff.left_on = left_on
        return staff


def test_who_comes_for_the_first_time_is_entered_with_what_the_source_says(storage: Storage) -> None:
    staff = entered(storage)
    assert (staff.number, staff.name, staff.section) == ("012345", "立寄 太郎", "企画課")
    assert staff.role_names == {"staff", "manager"}


def test_who_comes_again_is_the_same_person_under_a_new_name_and_number(storage: Storage) -> None:
    first = entered(storage)
    again = entered(storage, replace(SAID, number="999999", name="立寄 花子", section=None))
    assert (again.id, again.number, again.name, again.section) == (first.id, "999999", "立寄 花子", "企画課")


def test_a_role_disappears_with_its_group_and_leaves_a_line(storage: Storage) -> None:
    entered(storage)
    assert entered(storage, replace(SAID, roles=frozenset())).role_names == {"staff"}
    with storage.transaction() as db:
        lines = [line.reason for line in db.scalars(select(AuditEntry).where(AuditEntry.event == "roles"))]
    assert lines == ["manager staff", "staff"]


def test_a_source_that_says_nothing_of_roles_leaves_them(storage: Storage) -> None:
    entered(storage)
    assert entered(storage, replace(SAID, roles=None)).role_names == {"staff", "manager"}


def test_a_number_somebody_has_is_not_taken_over_unless_allowed(storage: Storage) -> None:
    known = added(storage)
    with pytest.raises(EntryRefused):
        entered(storage)
    assert entered(storage, link_numbers=True).id == known.id


def test_a_second_subject_never_takes_over_the_same_row(storage: Storage) -> None:
    entered(storage)
    with pytest.raises(EntryRefused):
        entered(storage, replace(SAID, subject="another"), link_numbers=True)


def test_the_same_subject_at_another_source_is_somebody_else(storage: Storage) -> None:
    first = entered(storage)
    assert entered(storage, replace(SAID, source="https://other.example", number="2")).id != first.id


def test_nobody_takes_the_number_of_another_by_a_change(storage: Storage) -> None:
    entered(storage, replace(SAID, number="2"))
    added(storage)
    with pytest.raises(EntryRefused):
        entered(storage, link_numbers=True)


@pytest.mark.parametrize("linked", [True, False])
def test_a_leaver_stays_outside_whatever_the_source_says(storage: Storage, linked: bool) -> None:
    if linked:
        entered(storage)
        with storage.transaction(write=True) as db:
            (directory.find(db, "012345") or Staff()).left_on = date(2026, 11, 24)
    else:
        added(storage, date(2026, 11, 24))
    with pytest.raises(EntryRefused):
        entered(storage, link_numbers=True)


@pytest.mark.parametrize(
    "change",
    [
        {"number": ""},
        {"name": " "},
        {"subject": ""},
        {"subject": "x" * 256},
        {"name": "見え\u202eない"},
        {"section": "長" * 101},
    ],
)
def test_what_no_directory_can_hold_is_refused(storage: Storage, change: dict[str, Any]) -> None:
    with pytest.raises(EntryRefused):
        entered(storage, replace(SAID, **change))
    with storage.transaction() as db:
        assert db.scalars(select(Staff)).all() == []


def test_somebody_who_comes_in_four_times_at_once_is_entered_once(storage: Storage) -> None:
    together = Barrier(4)

    def enters(db: Session) -> int:
        return enter(db, SAID, link_numbers=False, now=NOW).id

    def comes(_tab: int) -> int:
        together.wait(10)
        return entering(storage, enters)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(comes, range(4)))) == 1
